/**
 * The panels behind tabs. On wide screens the palette stands beside the picture; on narrow ones it
 * is one more tab of the sheet below it.
 */

import { byId, element, icon, rovingFocus } from "./element.js";

/** @typedef {{id: string, title: string, icon: string, body: HTMLElement, narrow?: boolean}} Tab */

const NARROW = "(max-width: 860px)";

/**
 * @param {Tab[]} tabs the first one is the palette
 * @returns {(id: string) => void} opens a tab
 */
export function installTabs(tabs) {
  const holder = byId("panels");
  const slot = byId("palette-slot");
  const list = element("div", { class: "tabs", role: "tablist", "aria-label": "Panels" });
  /** @type {Map<string, {tab: HTMLButtonElement, panel: HTMLElement}>} */
  const made = new Map();
  let open = "";

  const show = (/** @type {string} */ id) => {
    open = id;
    for (const [name, { tab, panel }] of made) {
      tab.setAttribute("aria-selected", String(name === id));
      tab.tabIndex = name === id ? 0 : -1;
      panel.hidden = name !== id;
    }
    holder.dataset.open = id;
  };
  for (const { id, title, icon: image, body } of tabs) {
    const tab = element(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${id}`,
        class: "tab",
        "aria-controls": `panel-${id}`,
        "aria-selected": "false",
        "data-testid": `tab-${id}`,
        onclick: () => show(id),
      },
      icon(image),
      element("span", {}, title),
    );
    const panel = element(
      "div",
      { class: "panel", role: "tabpanel", id: `panel-${id}`, "aria-labelledby": `tab-${id}` },
      body,
    );
    made.set(id, { tab, panel });
    list.append(tab);
    holder.append(panel);
  }
  holder.prepend(list);
  rovingFocus(list, "[role=tab]");

  const palette = tabs[0];
  const { tab, panel } = /** @type {{tab: HTMLElement, panel: HTMLElement}} */ (
    made.get(palette.id)
  );
  const strip = byId("strip");
  const sliders = made.get("sliders")?.panel;
  const media = window.matchMedia(NARROW);
  const arrange = () => {
    tab.hidden = !media.matches;
    slot.hidden = media.matches;
    if (media.matches) {
      panel.append(palette.body);
      sliders?.append(strip);
    } else {
      byId("scene").append(strip);
      slot.append(palette.body);
      if (open === palette.id) show(tabs[1].id);
    }
  };
  media.addEventListener("change", arrange);
  show(tabs[1].id);
  arrange();
  return show;
}
