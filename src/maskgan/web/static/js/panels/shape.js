/**
 * Shapes of another face: its mouth, eyes, brows, nose or hair in place of one's own, in one's own
 * colours. One step each; it keeps to locks and "paint only over".
 */

import { button, element } from "../app/element.js";
import { section } from "./parts.js";

/** Parts as the server names them. */
const PARTS = ["mouth", "eyes", "brows", "nose", "hair"];

/**
 * @param {import("../app/page.js").Page} page
 * @param {() => import("../app/session.js").Reference | undefined} chosen whose shape is taken
 */
export function shapeSection(page, chosen) {
  const chips = PARTS.map((part) =>
    button({
      text: page.partTitle(part),
      title: `Take the shape of its ${page.partTitle(part).toLowerCase()}`,
      class: "chip-like small",
      testid: `shape-${part}`,
      press: () => {
        const reference = chosen();
        if (!reference) return;
        const { only, locked } = page.state.values;
        const what = { style: reference.key, part, locked, ...(only.length ? { only } : {}) };
        page.runTool("take_part", what, `${page.partTitle(part)} of ${reference.name}`);
      },
    }),
  );
  const body = section(
    "Take its shape",
    element("p", { class: "note" }, "Gives your face a part of that one, in your own colours."),
    element("div", { class: "chips", role: "group", "aria-label": "Shapes" }, ...chips),
  );
  const refresh = () => {
    const reference = chosen();
    // A look that was drawn by a model without a MaskVAE is nobody's.
    body.hidden = !reference?.shapes;
  };
  return { body, refresh };
}
