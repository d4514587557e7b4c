/**
 * What the page is set to: tool, class, brush, view. One object, changed by `update`, heard by
 * `on`. Labels, history and styles are the drawing's (drawing.js); this is what a person chose.
 */

/** @typedef {"result" | "slider" | "side" | "original"} View */
/**
 * @typedef {object} Settings
 * @property {string} tool id of the tool in hand
 * @property {number} cls class that is painted
 * @property {number} previous class before it
 * @property {number} radius of the brush, in crop pixels; 0.5 is one pixel
 * @property {number[]} locked classes nothing paints over
 * @property {number[]} only if not empty, the only classes that are painted over
 * @property {boolean} mirror paint both sides of the face
 * @property {boolean} overlay labels shown over the picture
 * @property {number} opacity of that overlay, 0 to 1
 * @property {View} view
 * @property {"auto" | "light" | "dark"} theme
 * @property {boolean} provenance mark saved files as edited
 * @property {boolean} live render while painting
 */

/** @type {Settings} */
export const DEFAULTS = {
  tool: "brush",
  cls: 12,
  previous: 1,
  radius: 8,
  locked: [],
  only: [],
  mirror: false,
  overlay: false,
  opacity: 0.5,
  view: "result",
  theme: "auto",
  provenance: true,
  live: true,
};

export const MIN_RADIUS = 0.5;
export const MAX_RADIUS = 64;

export class State {
  /** @param {Partial<Settings>} [initial] */
  constructor(initial = {}) {
    /** @type {Settings} */
    this.values = { ...DEFAULTS, ...initial };
    /** @type {{keys: (keyof Settings)[], heard: (values: Settings) => void}[]} */
    this.listeners = [];
  }

  /**
   * @param {(keyof Settings)[]} keys
   * @param {(values: Settings) => void} heard called now and whenever one of the keys changes
   */
  on(keys, heard) {
    this.listeners.push({ keys, heard });
    heard(this.values);
  }

  /** @param {Partial<Settings>} patch */
  update(patch) {
    const keys = /** @type {(keyof Settings)[]} */ (Object.keys(patch));
    const changed = keys.filter((key) => !same(this.values[key], patch[key]));
    if (!changed.length) return;
    Object.assign(this.values, patch);
    for (const listener of this.listeners) {
      if (listener.keys.some((key) => changed.includes(key))) listener.heard(this.values);
    }
  }

  /** Chooses the class that is painted and remembers the one before. @param {number} cls */
  chooseClass(cls) {
    if (cls !== this.values.cls) this.update({ cls, previous: this.values.cls });
  }

  /** Changes the brush by a step that grows with its size. @param {number} steps */
  resizeBrush(steps) {
    let radius = this.values.radius;
    for (let left = Math.abs(steps); left > 0; left -= 1) {
      const step = radius < 6 || (radius === 6 && steps < 0) ? 0.5 : radius < 20 ? 1 : 2;
      radius += Math.sign(steps) * step;
    }
    this.update({ radius: Math.min(MAX_RADIUS, Math.max(MIN_RADIUS, radius)) });
  }

  /** @param {"locked" | "only"} list @param {number} cls */
  toggleClass(list, cls) {
    const now = this.values[list];
    this.update({ [list]: now.includes(cls) ? now.filter((id) => id !== cls) : [...now, cls] });
  }
}

/** @param {unknown} a @param {unknown} b */
function same(a, b) {
  return a === b || (Array.isArray(a) && Array.isArray(b) && a.join() === b.join());
}
