/**
 * Making elements: `element("button", {class: "button"}, icon("undo"), "Undo")`.
 * Sets attributes, listeners and custom properties through the DOM, never through HTML text, so
 * that the page runs under a strict content security policy.
 */

const SPRITE = new URL("../../icons/icons.svg", import.meta.url).pathname;
/** Before the names of icons as ids of the document. */
const ICON = "icon-";
const SVG = "http://www.w3.org/2000/svg";

/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** @typedef {string | number | boolean | null | undefined | EventListener} Value */
/** @typedef {Node | string | null | undefined | false} Child */

/**
 * An element. A key of `attributes` that begins with "on" is a listener, one that begins with "--"
 * a custom property, true is an attribute without a value; false, null and undefined are left out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key.startsWith("--")) made.style.setProperty(key, String(value));
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) made.append(child);
  }
  return made;
}

/**
 * Takes the icons into the document, so that they are there when the server is not.
 */
export async function loadIcons() {
  const text = await (await fetch(SPRITE)).text();
  const sprite = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  for (const symbol of sprite.children) symbol.id = `${ICON}${symbol.id}`;
  sprite.setAttribute("class", "sprite");
  sprite.setAttribute("aria-hidden", "true");
  document.body.append(document.adoptNode(sprite));
}

/**
 * An icon of the sprite, hidden from screen readers.
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#${ICON}${name}`);
  svg.append(use);
  return svg;
}

/**
 * Changes the icon inside a button.
 * @param {Element} holder
 * @param {string} name
 */
export function changeIcon(holder, name) {
  holder.querySelector("use")?.setAttribute("href", `#${ICON}${name}`);
}

/**
 * A button with an icon, a text, or both. `title` is its accessible name, also where the text is
 * hidden for want of room, so it has to contain the text.
 * @param {{icon?: string, text?: string, title: string, hint?: string, class?: string,
 *   testid?: string, press: (event: Event) => void, attributes?: Record<string, any>}} options
 * @returns {HTMLButtonElement}
 */
export function button(options) {
  const { text, title, hint } = options;
  return element(
    "button",
    {
      type: "button",
      class: `button ${options.class ?? ""}${text ? "" : " square"}`,
      "aria-label": title,
      "data-tip": text && text === title && !hint ? null : title,
      "data-hint": hint,
      "data-testid": options.testid,
      onclick: options.press,
      ...options.attributes,
    },
    options.icon ? icon(options.icon) : null,
    text ? element("span", {}, text) : null,
  );
}

/**
 * The element of an id that index.html has.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element #${id}`);
  return found;
}

/**
 * Puts the fill of a range between `origin` and its value.
 * @param {HTMLInputElement} range
 * @param {number} [origin]
 */
export function fillRange(range, origin = Number(range.min)) {
  const [low, high] = [Number(range.min), Number(range.max)];
  const percent = (/** @type {number} */ value) => `${((value - low) / (high - low)) * 100}%`;
  range.style.setProperty("--at", percent(Number(range.value)));
  range.style.setProperty("--from", percent(origin));
}

/**
 * Lets the arrow keys walk through the controls of a group, of which one is in the tab order.
 * @param {HTMLElement} group
 * @param {string} selector which controls belong to the group
 */
export function rovingFocus(group, selector = "button") {
  const controls = () =>
    /** @type {HTMLElement[]} */ ([...group.querySelectorAll(selector)]).filter(
      (control) => !control.hasAttribute("disabled") && control.offsetParent !== null,
    );
  const choose = (/** @type {HTMLElement} */ chosen) => {
    for (const control of group.querySelectorAll(selector)) {
      control.setAttribute("tabindex", control === chosen ? "0" : "-1");
    }
  };
  group.addEventListener("focusin", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.matches(selector)) choose(target);
  });
  group.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const all = controls();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (at < 0) return;
    let next = step ? (at + step + all.length) % all.length : -1;
    if (event.key === "Home") next = 0;
    if (event.key === "End") next = all.length - 1;
    if (next < 0) return;
    event.preventDefault();
    event.stopPropagation();
    all[next].focus();
    if (all[next].matches("[role=radio], [role=tab]")) all[next].click();
  });
  const checked = group.querySelector(`${selector}[aria-checked="true"]`);
  const first = /** @type {HTMLElement | null} */ (checked ?? group.querySelector(selector));
  if (first) choose(first);
}
