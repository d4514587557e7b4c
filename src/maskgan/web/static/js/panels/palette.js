/**
 * The palette: 19 classes in groups. A click chooses what is painted; the lock keeps a class from
 * being painted over; "Paint only over" limits painting to chosen classes.
 */

import { button, changeIcon, element } from "../app/element.js";

const GROUPS = [
  ["face", "Face"],
  ["eyes", "Eyes and brows"],
  ["mouth", "Mouth"],
  ["hair", "Hair and hat"],
  ["other", "Other"],
];

/** @typedef {import("../net/api.js").ClassInfo} ClassInfo */

/**
 * @param {import("../app/page.js").Page} page
 * @returns {HTMLElement}
 */
export function palettePanel(page) {
  const { state, info } = page;
  /** @type {Map<number, {choose: HTMLElement, lock: HTMLButtonElement, over: HTMLButtonElement}>} */
  const rows = new Map();

  const row = (/** @type {ClassInfo} */ cls) => {
    const choose = element(
      "button",
      {
        type: "button",
        class: "swatch-button",
        role: "radio",
        "aria-checked": "false",
        "data-testid": `class-${cls.name}`,
        "data-hint": cls.id < 10 ? String(cls.id) : null,
        onclick: () => state.chooseClass(cls.id),
        onpointerenter: () => page.highlight(cls.id),
        onpointerleave: () => page.highlight(null),
      },
      element("span", { class: "swatch", "--swatch": cls.color }),
      element("span", { class: "swatch-name" }, cls.title),
      element("kbd", { "aria-hidden": "true" }, cls.id < 10 ? String(cls.id) : `\u21e7${cls.id - 10}`),
    );
    const lock = button({
      icon: "unlock",
      title: `Lock ${lower(cls.title)}`,
      hint: "nothing paints over it",
      class: "quiet small row-lock",
      testid: `lock-${cls.name}`,
      attributes: { "aria-pressed": "false" },
      press: () => state.toggleClass("locked", cls.id),
    });
    const over = button({
      icon: "over",
      title: `Paint over ${lower(cls.title)}`,
      class: "quiet small row-over",
      testid: `over-${cls.name}`,
      attributes: { "aria-pressed": "false" },
      press: () => state.toggleClass("only", cls.id),
    });
    rows.set(cls.id, { choose, lock, over });
    return element("div", { class: "palette-row", role: "presentation" }, choose, over, lock);
  };

  const groups = GROUPS.map(([id, title]) => {
    const members = info.classes.filter((cls) => cls.group === id);
    if (!members.length) return null;
    return element(
      "div",
      { class: "palette-group", role: "presentation" },
      element("p", { class: "palette-title", "aria-hidden": "true" }, title),
      ...members.map(row),
    );
  });
  const list = element(
    "div",
    { class: "palette-list", role: "radiogroup", "aria-label": "Class to paint" },
    ...groups,
  );
  // The arrow keys walk through the classes as through radio buttons.
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const target = /** @type {HTMLElement} */ (event.target);
    if (!step || !target.matches("[role=radio]")) return;
    event.preventDefault();
    event.stopPropagation();
    const all = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[role=radio]")]);
    const next = all[(all.indexOf(target) + step + all.length) % all.length];
    next.focus();
    next.click();
  });

  const restrict = element("input", {
    type: "checkbox",
    "data-testid": "only-switch",
    onchange: () => {
      panel.classList.toggle("choosing-only", restrict.checked);
      if (!restrict.checked) state.update({ only: [] });
    },
  });
  const clear = button({
    text: "Unlock all",
    title: "Unlock all",
    class: "quiet small",
    press: () => state.update({ locked: [] }),
  });
  const current = element("output", { class: "palette-current", "data-testid": "current-class" });
  const swap = button({
    icon: "swap",
    title: "Swap with the previous class",
    hint: "X",
    class: "quiet small",
    testid: "swap-class",
    press: () => page.actions.swap(),
  });

  const panel = element(
    "div",
    { class: "palette", "data-testid": "palette" },
    element("div", { class: "palette-head" }, current, swap),
    list,
    element(
      "div",
      { class: "palette-foot" },
      element("label", { class: "check" }, restrict, "Paint only over ..."),
      clear,
    ),
  );

  state.on(["cls", "previous", "locked", "only"], (values) => {
    for (const [id, { choose, lock, over }] of rows) {
      const chosen = id === values.cls;
      const locked = values.locked.includes(id);
      choose.setAttribute("aria-checked", String(chosen));
      choose.tabIndex = chosen ? 0 : -1;
      lock.setAttribute("aria-pressed", String(locked));
      changeIcon(lock, locked ? "lock" : "unlock");
      over.setAttribute("aria-pressed", String(values.only.includes(id)));
    }
    if (values.only.length && !restrict.checked) {
      restrict.checked = true;
      panel.classList.add("choosing-only");
    }
    clear.hidden = !values.locked.length;
    const [now, before] = [page.classOf(values.cls), page.classOf(values.previous)];
    current.replaceChildren(
      element(
        "span",
        { class: "pair", "aria-hidden": "true" },
        element("span", { class: "swatch back", "--swatch": before.color }),
        element("span", { class: "swatch front", "--swatch": now.color }),
      ),
      element(
        "span",
        { class: "pair-text" },
        element("small", {}, "Painting"),
        element("strong", {}, now.title),
      ),
    );
  });
  return panel;
}

/** A small swatch and the name of a class. @param {ClassInfo} cls */
export function classLabel(cls) {
  return element(
    "span",
    { class: "class-label" },
    element("span", { class: "swatch", "--swatch": cls.color }),
    cls.title,
  );
}

/** @param {string} title @returns {string} */
export const lower = (title) => title.charAt(0).toLowerCase() + title.slice(1);

