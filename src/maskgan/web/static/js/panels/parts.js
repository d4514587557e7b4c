/**
 * Tools for a whole class: grow, shrink, smooth, mirror, clean islands. They work on the class that
 * is chosen in the palette and keep to locks and "paint only over". What is worn goes on and off.
 */

import { button, element, fillRange } from "../app/element.js";
import { classLabel, lower } from "./palette.js";

const EYES = [4, 6, 8];
const OTHER_EYES = [5, 7, 9];
/** What can be worn: its title, the part it is and the tool that puts it on. */
const WORN = [
  ["Glasses", "glasses", "spectacles"],
  ["Cap", "hat", "cap"],
  ["Earrings", "earrings", "earrings"],
  ["Necklace", "necklace", "necklace"],
];

/**
 * @param {import("../app/page.js").Page} page
 * @returns {HTMLElement}
 */
export function partsPanel(page) {
  const { state } = page;
  let amount = 4;
  const limits = () => {
    const { only, locked } = state.values;
    return only.length ? { only, locked } : { locked };
  };
  const chosen = () => page.classOf(state.values.cls);

  const output = element("output", { class: "number" }, `${amount} px`);
  const range = element("input", {
    type: "range",
    min: 1,
    max: 24,
    step: 1,
    value: amount,
    "aria-label": "Amount in pixels",
    "data-testid": "part-amount",
    oninput: () => {
      amount = Number(range.value);
      output.textContent = `${amount} px`;
      fillRange(range);
    },
  });
  fillRange(range);

  const shape = (/** @type {string} */ tool, /** @type {string} */ text) =>
    button({
      icon: tool,
      text,
      title: text,
      testid: `part-${tool}`,
      press: () =>
        page.runTool(
          tool,
          { classes: [chosen().id], radius: amount, ...limits() },
          `${text} ${lower(chosen().title)}`,
        ),
    });
  const islands = button({
    icon: "islands",
    text: "Clean islands",
    title: "Clean islands",
    testid: "part-islands",
    press: () =>
      page.runTool(
        "clean_islands",
        { classes: [chosen().id], min_pixels: amount * amount * 4, locked: state.values.locked },
        `Clean islands of ${lower(chosen().title)}`,
      ),
  });
  const islandsAll = button({
    text: "Clean islands of every class",
    title: "Clean islands of every class",
    class: "quiet",
    testid: "part-islands-all",
    press: () =>
      page.runTool(
        "clean_islands",
        { min_pixels: amount * amount * 4, locked: state.values.locked },
        "Clean islands",
      ),
  });
  const mirror = (/** @type {"left" | "right"} */ source, /** @type {string} */ text) =>
    button({
      icon: "mirror",
      text,
      title: text,
      class: source === "left" ? "" : "flip",
      testid: `part-mirror-${source}`,
      press: () => {
        const cls = chosen().id;
        const pair = [EYES, OTHER_EYES].some((side) => side.includes(cls));
        const partner = OTHER_EYES[EYES.indexOf(cls)] ?? EYES[OTHER_EYES.indexOf(cls)];
        const classes = pair ? [cls, partner] : [cls];
        const title = `Mirror ${lower(chosen().title)}`;
        page.runTool("mirror", { classes, source, locked: state.values.locked }, title);
      },
    });

  const wear = (
    /** @type {string} */ name,
    /** @type {string} */ tool,
    /** @type {string} */ text,
    /** @type {Record<string, unknown>} */ what,
  ) =>
    button({
      text,
      title: `${text} ${lower(name)}`,
      testid: `${lower(name)}-${tool}`,
      press: () => page.runTool(tool, { ...what, ...limits() }, `${text} ${lower(name)}`),
    });

  const title = element("p", { class: "part-chosen", "data-testid": "part-chosen" });
  state.on(["cls"], () => {
    title.replaceChildren(classLabel(chosen()));
  });
  const chips = Object.entries(page.info.parts).map(([name, ids]) =>
    button({
      text: page.partTitle(name),
      title: `Choose ${page.partTitle(name).toLowerCase()}`,
      class: "chip-like small",
      press: () => {
        state.chooseClass(ids[0]);
        page.chooseTool("transform");
      },
    }),
  );
  return element(
    "div",
    { class: "panel-body", "data-testid": "panel-parts" },
    section(
      "Shape of the chosen class",
      title,
      element(
        "div",
        { class: "amount" },
        element("span", { class: "muted" }, "Amount"),
        range,
        output,
      ),
      element(
        "div",
        { class: "button-grid" },
        shape("grow", "Grow"),
        shape("shrink", "Shrink"),
        shape("smooth", "Smooth"),
        islands,
      ),
      islandsAll,
    ),
    section(
      "Mirror",
      element(
        "p",
        { class: "note" },
        "Copies the shape of one side of the face to the other. Left and right are the person's own.",
      ),
      element(
        "div",
        { class: "button-grid" },
        mirror("left", "Left to right"),
        mirror("right", "Right to left"),
      ),
    ),
    section(
      "Wear",
      element(
        "div",
        { class: "wear-grid" },
        ...WORN.flatMap(([name, part, tool]) => [
          element("span", {}, name),
          wear(name, tool, "Put on", {}),
          wear(name, "erase", "Take off", { part }),
        ]),
      ),
    ),
    section(
      "Move, scale or turn",
      element("p", { class: "note" }, "Choose a part, then drag it or its handles in the picture."),
      element("div", { class: "chips" }, ...chips),
    ),
  );
}

/**
 * A headed part of a panel.
 * @param {string} title
 * @param {...(Node | null)} children
 */
export function section(title, ...children) {
  return element(
    "section",
    { class: "panel-section" },
    element("h2", {}, title),
    ...children.filter((child) => child !== null),
  );
}
