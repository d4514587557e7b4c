/**
 * Tooltips: one element for the page, shown for whatever carries `data-tip` (and `data-hint`, its
 * key) under the mouse or under the keyboard's focus. What they say is also the accessible name or
 * description, so they are hidden from screen readers.
 */

import { element } from "./element.js";

const PAUSE = 350;

/** @param {HTMLElement} root */
export function installTooltips(root) {
  const tip = element("div", { class: "tooltip", "aria-hidden": "true", hidden: true });
  root.append(tip);
  /** @type {number | undefined} */
  let timer;

  const hide = () => {
    window.clearTimeout(timer);
    tip.hidden = true;
  };
  const show = (/** @type {HTMLElement} */ target) => {
    const { tip: text = "", hint } = target.dataset;
    tip.replaceChildren(element("span", {}, text), hint ? element("kbd", {}, hint) : "");
    tip.hidden = false;
    const [box, own] = [target.getBoundingClientRect(), tip.getBoundingClientRect()];
    const beside = target.closest("[aria-orientation=vertical]") !== null;
    let x = beside ? box.right + 8 : box.left + box.width / 2 - own.width / 2;
    let y = beside ? box.top + box.height / 2 - own.height / 2 : box.bottom + 8;
    if (!beside && y + own.height > innerHeight - 4) y = box.top - own.height - 8;
    x = Math.max(6, Math.min(x, innerWidth - own.width - 6));
    y = Math.max(6, Math.min(y, innerHeight - own.height - 6));
    tip.style.setProperty("transform", `translate(${Math.round(x)}px, ${Math.round(y)}px)`);
  };
  const owner = (/** @type {Event} */ event) =>
    event.target instanceof Element
      ? /** @type {HTMLElement | null} */ (event.target.closest("[data-tip]"))
      : null;

  root.addEventListener("pointerover", (event) => {
    hide();
    const target = owner(event);
    if (target && event.pointerType === "mouse") {
      timer = window.setTimeout(() => show(target), PAUSE);
    }
  });
  root.addEventListener("pointerdown", hide);
  root.addEventListener("focusin", (event) => {
    hide();
    const target = owner(event);
    if (target?.matches(":focus-visible")) show(target);
  });
  root.addEventListener("focusout", hide);
  root.addEventListener("keydown", (event) => event.key === "Escape" && hide());
}
