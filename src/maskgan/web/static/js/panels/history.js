/**
 * The history: every step as a line; a click walks there. The steps after the present one stay
 * until something new is done.
 */

import { button, element, icon } from "../app/element.js";

/** @type {Record<string, string>} */
const ICONS = { paint: "brush", tool: "parts", sliders: "sliders", styles: "style", import: "open" };

/**
 * @param {import("../app/page.js").Page} page
 * @returns {HTMLElement}
 */
export function historyPanel(page) {
  const { drawing } = page;
  const list = element("ol", {
    class: "history",
    "aria-label": "Steps, oldest first",
    "data-testid": "history",
  });
  const over = button({
    icon: "reset",
    text: "Start over",
    title: "Start over",
    testid: "start-over",
    press: () => drawing.startOver(),
  });

  const row = (
    /** @type {number} */ index,
    /** @type {string} */ title,
    /** @type {string} */ image,
    /** @type {Node | null} */ mark,
  ) => {
    const at = drawing.history.cursor === index;
    return element(
      "li",
      {},
      element(
        "button",
        {
          type: "button",
          class: `step ${index > drawing.history.cursor ? "undone" : ""}`,
          "aria-current": at ? "step" : null,
          "data-testid": `step-${index}`,
          onclick: () => drawing.jump(index),
        },
        icon(image),
        element("span", { class: "step-title" }, title),
        mark,
      ),
    );
  };
  const refresh = () => {
    const rows = drawing.history.steps.map((step, at) => {
      const op = /** @type {any} */ (Array.isArray(step.op) ? step.op[0] : step.op);
      const cls = op?.class;
      const color = step.kind === "paint" && Number.isInteger(cls) ? page.classOf(cls).color : null;
      const mark = color ? element("span", { class: "swatch", "--swatch": color }) : null;
      return row(at + 1, step.title, ICONS[step.kind] ?? "parts", mark);
    });
    list.replaceChildren(row(0, "The photo as it was", "photo", null), ...rows);
    over.disabled = !drawing.touched;
    const present = list.querySelector("[aria-current]");
    if (list.offsetParent) present?.scrollIntoView({ block: "nearest" });
  };
  drawing.on({ steps: refresh, begun: refresh });
  refresh();
  return element("div", { class: "panel-body", "data-testid": "panel-history" }, list, over);
}
