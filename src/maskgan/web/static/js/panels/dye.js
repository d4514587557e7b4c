/**
 * Dye: a region and a colour for it, any there is. What it makes of them is the style panel's.
 */

import { button, element } from "../app/element.js";
import { section } from "./parts.js";

/**
 * @param {[string, string, string[]][]} regions id, title and classes of what can be dyed
 * @param {(region: string, colour: string) => void} press
 * @returns {HTMLElement}
 */
export function dyeSection(regions, press) {
  const region = element(
    "select",
    { "aria-label": "What is dyed", "data-testid": "dye-region" },
    ...regions.map(([id, title]) => element("option", { value: id }, title)),
  );
  const colour = element("input", {
    type: "color",
    value: "#8a3b2a",
    "aria-label": "Colour",
    "data-testid": "dye-colour",
  });
  const dye = button({
    text: "Dye",
    title: "Dye it in this colour",
    testid: "dye",
    press: () => press(region.value, colour.value),
  });
  return section("Dye", element("div", { class: "dye-row" }, region, colour, dye));
}
