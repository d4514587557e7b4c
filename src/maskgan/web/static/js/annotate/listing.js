/**
 * The photos of an annotation as the page knows them: states, counts, what comes next. Plain
 * values; knows neither the server nor the page.
 */

/** @typedef {"new" | "started" | "done" | "skipped" | "no-face"} ItemState */
/** @typedef {{number: number, name: string, state: ItemState}} Item */
/** @typedef {"all" | "todo" | "done" | "skipped" | "no-face"} Filter */

/** How states are called on the page. @type {Record<ItemState, string>} */
export const STATE_TITLES = {
  new: "new",
  started: "started",
  done: "done",
  skipped: "skipped",
  "no-face": "no face found",
};

/** @type {{id: Filter, title: string, states: ItemState[]}[]} */
export const FILTERS = [
  { id: "all", title: "All", states: ["new", "started", "done", "skipped", "no-face"] },
  { id: "todo", title: "To do", states: ["new", "started"] },
  { id: "done", title: "Done", states: ["done"] },
  { id: "skipped", title: "Skipped", states: ["skipped"] },
  { id: "no-face", title: "No face", states: ["no-face"] },
];

export class Listing {
  /** @param {Item[]} items in the order they are walked through */
  constructor(items) {
    this.items = items;
    /** @type {Filter} */
    this.filter = "all";
  }

  /** @param {number | null} number @returns {Item | null} */
  item(number) {
    return this.items.find((item) => item.number === number) ?? null;
  }

  /** Takes what the server says of a photo. @param {Item} changed */
  put(changed) {
    this.items = this.items.map((item) => (item.number === changed.number ? changed : item));
  }

  /** @param {Filter} filter */
  count(filter) {
    return this.items.filter((item) => passes(item, filter)).length;
  }

  /** Done, and how many can become so: skipped photos and those without a face do not count. */
  get progress() {
    const done = this.count("done");
    return { done, of: done + this.count("todo") };
  }

  /** The photos that the filter lets through. @returns {Item[]} */
  get shown() {
    return this.items.filter((item) => passes(item, this.filter));
  }

  /**
   * The next photo in a direction that the filter lets through.
   * @param {number | null} from null = from before the first, or behind the last
   * @param {1 | -1} direction
   * @param {Filter} [filter]
   * @returns {Item | null}
   */
  step(from, direction, filter = this.filter) {
    const at = this.items.findIndex((item) => item.number === from);
    const start = at < 0 && direction < 0 ? this.items.length : at;
    for (let next = start + direction; this.items[next]; next += direction) {
      if (passes(this.items[next], filter)) return this.items[next];
    }
    return null;
  }

  /** The next photo there is something to do with, from the beginning again when need be.
   * @param {number | null} from @returns {Item | null} */
  nextToDo(from) {
    const next = this.step(from, 1, "todo") ?? this.step(null, 1, "todo");
    return next && next.number !== from ? next : null;
  }

  /**
   * The part of `shown` around a photo, so that a folder of thousands stays light.
   * @param {number | null} around
   * @param {number} most
   * @returns {{items: Item[], before: number, after: number}} how many lie on either side
   */
  window(around, most) {
    const { shown } = this;
    const at = Math.max(0, shown.findIndex((item) => item.number === around));
    const first = Math.max(0, Math.min(at - Math.floor(most / 2), shown.length - most));
    const items = shown.slice(first, first + most);
    return { items, before: first, after: shown.length - first - items.length };
  }
}

/** @param {Item | null} item @param {Filter} filter */
export function passes(item, filter) {
  return FILTERS.some(({ id, states }) => id === filter && item && states.includes(item.state));
}
