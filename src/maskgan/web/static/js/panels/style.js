/**
 * Style: colours and texture of another photo, region by region, with a strength; shapes of its
 * parts are beside it. References are photos, sample faces, rolled dice or colours; each region
 * takes its style from one of them.
 */

import { button, element, fillRange, icon } from "../app/element.js";
import { attempt } from "../app/toasts.js";
import { pickFile } from "../app/intake.js";
import { dyeSection } from "./dye.js";
import { section } from "./parts.js";
import { shapeSection } from "./shape.js";

/** @type {[string, string, string[]][]} id, title, class names */
export const REGIONS = [
  ["hair", "Hair", ["hair"]],
  ["lips", "Lips", ["u_lip", "l_lip"]],
  ["skin", "Skin", ["skin", "nose", "neck", "l_ear", "r_ear"]],
  ["brows", "Brows", ["l_brow", "r_brow"]],
  ["eyes", "Eyes", ["l_eye", "r_eye"]],
  ["cloth", "Clothes", ["cloth"]],
  ["hat", "Hat", ["hat"]],
  ["background", "Background", ["background"]],
  ["all", "All", ["all"]],
];

/** Regions that are drawn anew, which no colour says how to do. */
const DRAWN = ["background", "all"];

/**
 * Style uses per region as the server wants them: per class, with the session's own ids.
 * @param {import("../app/drawing.js").Uses} uses
 * @param {import("../app/session.js").Reference[]} references
 * @returns {import("../net/api.js").StyleUse}
 */
export function stylesForServer(uses, references) {
  /** @type {import("../net/api.js").StyleUse} */
  const result = {};
  for (const [region, , classes] of REGIONS) {
    const use = uses[region];
    const server = references.find((reference) => reference.key === use?.style)?.server;
    if (!use || !server) continue;
    for (const name of classes) result[name] = { style: server, strength: use.strength };
  }
  return result;
}

/**
 * @param {import("../app/page.js").Page} page
 * @returns {HTMLElement}
 */
export function stylePanel(page) {
  const { drawing, session } = page;
  /** @type {string | null} */
  let selected = null;

  const titleOf = (/** @type {string} */ region) =>
    REGIONS.find(([id]) => id === region)?.[1] ?? region;
  const used = (/** @type {string} */ key) =>
    Object.keys(drawing.styles).filter((region) => drawing.styles[region].style === key);

  /**
   * @param {{bytes?: Blob, sample?: string, seed?: number, colour?: string, name: string}} source
   * @param {string} [region]
   */
  const add = (source, region) =>
    page.busy(
      attempt(async () => {
        const reference = await session.addReference(source);
        selected = reference.key;
        use(region ?? "hair", reference.key, 1);
        refresh();
      }),
    );
  const use = (
    /** @type {string} */ region,
    /** @type {string} */ style,
    /** @type {number} */ strength,
  ) => {
    const uses = { ...drawing.styles, [region]: { style, strength } };
    const reference = session.references.find(({ key }) => key === style);
    const like = reference?.colour ? "in" : "like";
    drawing.useStyles(uses, `${titleOf(region)} ${like} ${reference?.name ?? "a photo"}`);
  };
  const toggle = (/** @type {string} */ region) => {
    if (!selected) return;
    if (drawing.styles[region]?.style === selected) {
      const { [region]: gone, ...rest } = drawing.styles;
      drawing.useStyles(rest, `${titleOf(region)} as it was`);
    } else {
      use(region, selected, Number(range.value));
    }
  };
  const remove = (/** @type {string} */ key) => {
    const rest = Object.fromEntries(
      Object.entries(drawing.styles).filter(([, use]) => use.style !== key),
    );
    if (used(key).length) drawing.useStyles(rest, "Style removed");
    // The reference stays with the session, so that undo finds it; only its card goes.
    hidden.add(key);
    if (selected === key) selected = null;
    refresh();
  };
  /** @type {Set<string>} */
  const hidden = new Set();

  const cards = element("div", { class: "cards", role: "group", "aria-label": "References" });
  const card = (/** @type {import("../app/session.js").Reference} */ reference) =>
    element(
      "div",
      { class: "card" },
      element(
        "button",
        {
          type: "button",
          class: "card-choose",
          "aria-pressed": String(reference.key === selected),
          "aria-label": `Style of ${reference.name}`,
          "data-testid": "style-card",
          onclick: () => {
            selected = reference.key;
            refresh();
          },
        },
        reference.thumbnail
          ? element("img", { src: reference.thumbnail, alt: "", width: 64, height: 64 })
          : icon("dice"),
        element("span", {}, reference.name),
      ),
      button({
        icon: "close",
        title: `Remove the style of ${reference.name}`,
        class: "small card-remove",
        press: () => remove(reference.key),
      }),
    );

  const chips = REGIONS.map(([region, title]) => {
    const chip = element(
      "button",
      {
        type: "button",
        class: "chip",
        "aria-pressed": "false",
        "data-testid": `style-${region}`,
        onclick: () => toggle(region),
        ondragover: (/** @type {DragEvent} */ event) => {
          event.preventDefault();
          chip.classList.add("dropping");
        },
        ondragleave: () => chip.classList.remove("dropping"),
        ondrop: (/** @type {DragEvent} */ event) => {
          event.preventDefault();
          event.stopPropagation();
          chip.classList.remove("dropping");
          page.dropEnded();
          const file = event.dataTransfer?.files[0];
          if (file) add({ bytes: file, name: file.name }, region);
        },
      },
      title,
    );
    return chip;
  });

  const output = element("output", { class: "number" }, "100 %");
  const range = element("input", {
    type: "range",
    min: 0,
    max: 1,
    step: 0.01,
    value: 1,
    "aria-label": "Strength of the style",
    "data-testid": "style-strength",
    oninput: () => {
      showStrength();
      const next = withStrength();
      if (next) page.previewStyles(next);
    },
    onchange: () => {
      const next = withStrength();
      page.previewStyles(null);
      if (next) drawing.useStyles(next, `Style strength ${Math.round(Number(range.value) * 100)} %`);
    },
  });
  const showStrength = () => {
    output.textContent = `${Math.round(Number(range.value) * 100)} %`;
    fillRange(range);
  };
  const withStrength = () => {
    const regions = selected ? used(selected) : [];
    if (!selected || !regions.length) return null;
    const uses = { ...drawing.styles };
    for (const region of regions) uses[region] = { style: selected, strength: Number(range.value) };
    return uses;
  };

  const samples = page.info.samples.map((sample) =>
    element(
      "button",
      {
        type: "button",
        class: "thumb",
        "aria-label": `Style of ${sample.title}`,
        "data-tip": `Style of ${sample.title}`,
        onclick: () => add({ sample: sample.name, name: sample.title }),
      },
      element("img", { src: sample.url.replace(/^\//, ""), alt: "", loading: "lazy" }),
    ),
  );
  const choose = button({
    icon: "photo",
    text: "Choose a photo",
    title: "Choose a photo as style",
    testid: "style-open",
    press: async () => {
      const file = await pickFile("image/*,.heic,.heif");
      if (file) add({ bytes: file, name: file.name });
    },
  });
  const dice = button({
    icon: "dice",
    text: "Roll the dice",
    title: "Roll the dice: somebody who does not exist",
    testid: "style-dice",
    press: () => {
      const seed = crypto.getRandomValues(new Uint32Array(1))[0] % 100000;
      add({ seed, name: `Dice ${seed}` }, "hair");
    },
  });

  const dyes = REGIONS.filter(([id]) => !DRAWN.includes(id));
  const dye = dyeSection(dyes, (region, colour) => {
    const known = session.references.find((reference) => reference.colour === colour);
    if (!known) return add({ colour, name: colour }, region);
    selected = known.key;
    return use(region, known.key, 1);
  });

  const regions = section(
    "Which regions take it",
    element("div", { class: "chips", role: "group", "aria-label": "Regions" }, ...chips),
    element("div", { class: "amount" }, element("span", { class: "muted" }, "Strength"), range, output),
  );
  const shape = shapeSection(page, () => session.references.find(({ key }) => key === selected));
  const empty = element(
    "div",
    { class: "drop-zone" },
    icon("style"),
    element("strong", {}, "Hair, lips or skin of another face"),
    element("p", { class: "note" }, "Drop a photo here: its colours and texture, your shape."),
  );
  const refresh = () => {
    // A colour that is in use nowhere is no reference to come back to.
    const visible = session.references.filter(
      ({ key, colour }) => used(key).length > 0 || !(colour ? key !== selected : hidden.has(key)),
    );
    if (selected && !visible.some(({ key }) => key === selected)) selected = null;
    selected ??= visible.at(-1)?.key ?? null;
    const isColour = visible.some(({ key, colour }) => key === selected && colour !== undefined);
    cards.replaceChildren(...visible.map(card));
    cards.hidden = !visible.length;
    regions.hidden = !visible.length;
    shape.refresh();
    empty.hidden = visible.length > 0;
    REGIONS.forEach(([region], at) => {
      const own = drawing.styles[region]?.style;
      chips[at].hidden = DRAWN.includes(region) && isColour;
      chips[at].setAttribute("aria-pressed", String(own !== undefined && own === selected));
      chips[at].classList.toggle("elsewhere", own !== undefined && own !== selected);
    });
    const first = selected ? used(selected)[0] : undefined;
    if (first) range.value = String(drawing.styles[first].strength);
    showStrength();
  };
  drawing.on({ steps: refresh, begun: refresh });
  page.onReferences(refresh);
  refresh();
  const body = element(
    "div",
    { class: "panel-body style-panel", "data-testid": "panel-style", "data-drop": "style" },
    empty,
    cards,
    regions,
    shape.body,
    dye,
    section(
      "Add a reference",
      element("div", { class: "button-grid" }, choose, dice),
      element("div", { class: "thumbs" }, ...samples),
    ),
  );
  page.styleDrop = (file) => add({ bytes: file, name: file.name });
  return body;
}

