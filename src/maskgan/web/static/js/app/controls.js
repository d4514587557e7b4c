/**
 * The bars around the picture: tools, brush and view options, undo and redo, what opens and saves.
 */

import { hintOf, isMac } from "../keys.js";
import { button, byId, changeIcon, element, fillRange, rovingFocus } from "./element.js";
import { MAX_RADIUS, MIN_RADIUS } from "./state.js";

/** @typedef {import("./page.js").Page} Page */

/** @param {Page} page @param {{id: string, title: string}[]} tools */
export function installToolbar(page, tools) {
  const bar = byId("toolbar");
  const { state, actions } = page;
  const vertical = window.matchMedia("(min-width: 861px)");
  const orient = () => bar.setAttribute("aria-orientation", vertical.matches ? "vertical" : "horizontal");
  vertical.addEventListener("change", orient);
  orient();
  /** @type {Map<string, HTMLElement>} */
  const made = new Map();
  for (const { id, title } of tools) {
    const tool = button({
      icon: id,
      title,
      hint: hintOf(id, isMac()),
      class: "quiet tool",
      testid: `tool-${id}`,
      attributes: { "aria-pressed": "false" },
      press: () => page.chooseTool(id),
    });
    made.set(id, tool);
    bar.append(tool);
  }
  const mirror = button({
    icon: "mirror",
    title: "Paint both sides of the face",
    hint: hintOf("mirror", isMac()),
    class: "quiet tool",
    testid: "mirror",
    attributes: { "aria-pressed": "false" },
    press: () => actions.mirror(),
  });
  bar.append(element("hr", { "aria-hidden": "true" }), mirror);
  state.on(["tool", "mirror"], (values) => {
    for (const [id, tool] of made) tool.setAttribute("aria-pressed", String(id === values.tool));
    mirror.setAttribute("aria-pressed", String(values.mirror));
  });
  rovingFocus(bar);
}

/** The size of the brush as people read it. @param {number} radius */
export const sizeText = (radius) => `${Math.max(1, Math.round(radius * 2))} px`;

/** @param {Page} page */
export function installOptions(page) {
  const { state, actions } = page;
  const mac = isMac();

  // The range is logarithmic: small brushes are chosen as finely as large ones.
  const output = element("output", { class: "number brush-size", "data-testid": "brush-size" });
  const size = element("input", {
    type: "range",
    min: Math.log2(MIN_RADIUS),
    max: Math.log2(MAX_RADIUS),
    step: 0.05,
    "aria-label": "Brush size",
    "data-testid": "brush-range",
    "data-tip": "Brush size",
    "data-hint": "[  ]",
    oninput: () => state.update({ radius: Math.round(2 ** Number(size.value) * 2) / 2 }),
  });
  state.on(["radius"], ({ radius }) => {
    size.value = String(Math.log2(radius));
    size.setAttribute("aria-valuetext", sizeText(radius));
    output.textContent = sizeText(radius);
    fillRange(size);
  });

  const overlay = button({
    icon: "labels",
    text: "Labels",
    title: "Show labels",
    hint: hintOf("overlay", mac),
    class: "quiet",
    testid: "overlay",
    attributes: { "aria-pressed": "false" },
    press: () => actions.overlay(),
  });
  const opacity = element("input", {
    type: "range",
    min: 0.1,
    max: 1,
    step: 0.05,
    class: "short",
    "aria-label": "Strength of the labels",
    "data-tip": "Strength of the labels",
    "data-hint": hintOf("opacity", mac),
    "data-testid": "opacity",
    oninput: () => state.update({ opacity: Number(opacity.value), overlay: true }),
  });
  state.on(["overlay", "opacity"], (values) => {
    overlay.setAttribute("aria-pressed", String(values.overlay));
    opacity.value = String(values.opacity);
    fillRange(opacity);
  });

  /** @type {[import("./state.js").View, string, string, string, string][]} */
  const kinds = [
    ["result", "result", "Result", "Result", ""],
    ["slider", "compare", "Compare", "Compare with a slider", hintOf("compare", mac)],
    ["side", "side", "Both", "Both side by side", hintOf("side", mac)],
    ["original", "original", "Original", "Original", "hold Tab"],
  ];
  const views = element("div", { class: "segment", role: "radiogroup", "aria-label": "View" });
  for (const [view, image, word, title, hint] of kinds) {
    const choice = button({
      icon: image,
      text: word,
      title,
      hint,
      testid: `view-${view}`,
      attributes: { role: "radio", "aria-checked": "false" },
      press: () => state.update({ view }),
    });
    views.append(choice);
    state.on(["view"], (values) => {
      choice.setAttribute("aria-checked", String(values.view === view));
      choice.tabIndex = values.view === view ? 0 : -1;
    });
  }
  rovingFocus(views);

  byId("options").append(
    element("div", { class: "brush-option" }, element("span", { class: "muted" }, "Brush"), size, output),
    element("span", { class: "spacer" }),
    element("div", { class: "overlay-option" }, overlay, opacity),
    views,
  );
}

/** @param {Page} page */
export function installTop(page) {
  const { state, actions, drawing } = page;
  const mac = isMac();
  const simple = (
    /** @type {string} */ id,
    /** @type {string} */ title,
    /** @type {string} */ image = id,
  ) =>
    button({
      icon: image,
      title,
      hint: hintOf(id, mac),
      class: "quiet",
      testid: id,
      press: () => actions[id](),
    });
  byId("top-open").append(
    button({
      icon: "photo",
      text: "Open photo",
      title: "Open photo",
      hint: hintOf("open", mac),
      testid: "open-photo",
      press: () => actions.open(),
    }),
  );
  const [undo, redo] = [simple("undo", "Undo"), simple("redo", "Redo")];
  byId("top-history").append(undo, redo);
  const refresh = () => {
    undo.disabled = !drawing.history.canUndo;
    redo.disabled = !drawing.history.canRedo;
  };
  drawing.on({ steps: refresh, begun: refresh });
  refresh();

  const themes = /** @type {const} */ (["auto", "light", "dark"]);
  const images = { auto: "auto", light: "sun", dark: "moon" };
  const theme = button({
    icon: "auto",
    title: "Colours",
    class: "quiet",
    testid: "theme",
    press: () => {
      const next = themes[(themes.indexOf(state.values.theme) + 1) % themes.length];
      state.update({ theme: next });
    },
  });
  state.on(["theme"], (values) => {
    document.documentElement.dataset.theme = values.theme;
    const words = { auto: "as the system", light: "light", dark: "dark" }[values.theme];
    changeIcon(theme, images[values.theme]);
    theme.setAttribute("aria-label", `Colours: ${words}`);
    theme.dataset.tip = `Colours: ${words}`;
  });
  byId("top-actions").append(
    theme,
    simple("help", "Keys", "keyboard"),
    simple("about", "About", "info"),
    button({
      icon: "save",
      text: "Save",
      title: "Save",
      class: "primary",
      testid: "save",
      press: () => page.showTab("export"),
    }),
  );
}

/** The row of sample faces. @param {Page} page */
export function installStrip(page) {
  const strip = byId("strip");
  const drop = element(
    "button",
    {
      type: "button",
      class: "strip-open",
      "data-testid": "strip-open",
      onclick: () => page.actions.open(),
    },
    element("strong", {}, "Your own photo"),
    element("span", {}, "click, drop or paste"),
  );
  strip.append(
    element("span", { class: "strip-title", "aria-hidden": "true" }, "Faces to try"),
    ...page.info.samples.map((sample) =>
      element(
        "button",
        {
          type: "button",
          class: "thumb",
          "aria-label": `Open ${sample.title}`,
          "data-tip": sample.title,
          "data-testid": `sample-${sample.name}`,
          onclick: () => page.files.openSample(sample),
        },
        element("img", { src: sample.url.replace(/^\//, ""), alt: "" }),
      ),
    ),
    drop,
  );
}
