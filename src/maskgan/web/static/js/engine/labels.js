/**
 * Label maps: one byte per pixel, its class, and rectangles of pixels.
 *
 * A rectangle covers columns x to x + w - 1 and rows y to y + h - 1. Pixel centres have whole
 * coordinates. Knows no page.
 */

/**
 * @typedef {object} Rect
 * @property {number} x
 * @property {number} y
 * @property {number} w
 * @property {number} h
 */

/** @type {readonly number[]} The class of the same part on the face's other side, by class. */
export const MIRROR = Object.freeze([0, 1, 2, 3, 5, 4, 7, 6, 9, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18]);

/** Number of classes. */
export const NUM_CLASSES = MIRROR.length;

/** The face's midline as a share of the crop's side: where crops of found faces have it. */
const MIDLINE = 253.9 / 512;
const LEFT_EYE = 4;
const RIGHT_EYE = 5;

/**
 * @param {Rect | null | undefined} rect
 * @returns {boolean}
 */
export function isEmpty(rect) {
  return !rect || rect.w <= 0 || rect.h <= 0;
}

/**
 * The smallest rectangle around both; an empty one counts as none.
 * @param {Rect | null} a
 * @param {Rect | null} b
 * @returns {Rect | null}
 */
export function unite(a, b) {
  if (isEmpty(a)) return isEmpty(b) ? null : b;
  if (isEmpty(b)) return a;
  const [first, second] = [/** @type {Rect} */ (a), /** @type {Rect} */ (b)];
  const x = Math.min(first.x, second.x);
  const y = Math.min(first.y, second.y);
  return {
    x,
    y,
    w: Math.max(first.x + first.w, second.x + second.w) - x,
    h: Math.max(first.y + first.h, second.y + second.h) - y,
  };
}

/**
 * What two rectangles share, null if nothing.
 * @param {Rect | null} a
 * @param {Rect | null} b
 * @returns {Rect | null}
 */
export function intersect(a, b) {
  if (!a || !b) return null;
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const w = Math.min(a.x + a.w, b.x + b.w) - x;
  const h = Math.min(a.y + a.h, b.y + b.h) - y;
  return w > 0 && h > 0 ? { x, y, w, h } : null;
}

/**
 * A rectangle wider by `margin` on each side, cut at a square of side `size`.
 * @param {Rect} rect
 * @param {number} margin
 * @param {number} size
 * @returns {Rect | null}
 */
export function grow(rect, margin, size) {
  const wider = {
    x: rect.x - margin,
    y: rect.y - margin,
    w: rect.w + 2 * margin,
    h: rect.h + 2 * margin,
  };
  return intersect(wider, { x: 0, y: 0, w: size, h: size });
}

/** A square label map. */
export class LabelMap {
  /**
   * @param {number} size side in pixels
   * @param {Uint8Array} [data] size * size classes in reading order, kept and not copied
   */
  constructor(size, data) {
    if (!Number.isInteger(size) || size < 1) {
      throw new RangeError(`The side is ${size}; expected a whole number of pixels.`);
    }
    if (data && data.length !== size * size) {
      throw new RangeError(`There are ${data.length} labels; expected ${size} times ${size}.`);
    }
    this.size = size;
    this.data = data ?? new Uint8Array(size * size);
  }

  /** @returns {LabelMap} */
  clone() {
    return new LabelMap(this.size, this.data.slice());
  }

  /**
   * The class of a pixel, null outside.
   * @param {number} x
   * @param {number} y
   * @returns {number | null}
   */
  at(x, y) {
    const column = Math.floor(x + 0.5);
    const row = Math.floor(y + 0.5);
    const inside = column >= 0 && row >= 0 && column < this.size && row < this.size;
    return inside ? this.data[row * this.size + column] : null;
  }

  /**
   * The smallest rectangle around the pixels that differ.
   * @param {LabelMap} other of the same size
   * @returns {Rect | null}
   */
  diff(other) {
    if (other.size !== this.size) {
      throw new RangeError(`The sides are ${this.size} and ${other.size}; expected the same.`);
    }
    const { data, size } = this;
    let [left, right, top, bottom] = [size, -1, -1, -1];
    for (let y = 0; y < size; y += 1) {
      const start = y * size;
      let first = 0;
      while (first < size && data[start + first] === other.data[start + first]) first += 1;
      if (first === size) continue;
      let last = size - 1;
      while (data[start + last] === other.data[start + last]) last -= 1;
      if (top < 0) top = y;
      bottom = y;
      left = Math.min(left, first);
      right = Math.max(right, last);
    }
    return top < 0 ? null : { x: left, y: top, w: right + 1 - left, h: bottom + 1 - top };
  }

  /**
   * A copy of the labels inside a rectangle that lies within the map.
   * @param {Rect} rect
   * @returns {Uint8Array<ArrayBuffer>}
   */
  crop(rect) {
    this.#check(rect);
    const part = new Uint8Array(rect.w * rect.h);
    for (let row = 0; row < rect.h; row += 1) {
      const start = (rect.y + row) * this.size + rect.x;
      part.set(this.data.subarray(start, start + rect.w), row * rect.w);
    }
    return part;
  }

  /**
   * Replaces the labels inside a rectangle that lies within the map.
   * @param {Rect} rect
   * @param {Uint8Array} bytes rect.w * rect.h classes in reading order
   */
  put(rect, bytes) {
    this.#check(rect);
    if (bytes.length !== rect.w * rect.h) {
      throw new RangeError(`There are ${bytes.length} labels for ${rect.w} times ${rect.h} pixels.`);
    }
    for (let row = 0; row < rect.h; row += 1) {
      const part = bytes.subarray(row * rect.w, (row + 1) * rect.w);
      this.data.set(part, (rect.y + row) * this.size + rect.x);
    }
  }

  /** @returns {Set<number>} the classes that occur */
  present() {
    const seen = new Uint8Array(256);
    for (const label of this.data) seen[label] = 1;
    return new Set([...seen.keys()].filter((label) => seen[label]));
  }

  /** @param {Rect} rect */
  #check({ x, y, w, h }) {
    const whole = [x, y, w, h].every(Number.isInteger);
    if (!whole || x < 0 || y < 0 || w < 0 || h < 0 || x + w > this.size || y + h > this.size) {
      throw new RangeError(`The rectangle ${x},${y} ${w}x${h} is not inside ${this.size} pixels.`);
    }
  }
}

/**
 * The x of the face's midline: midway between the eyes where both are labelled, to half a pixel so
 * that pixels mirror onto pixels; else where crops of found faces have it.
 * @param {LabelMap} labels
 * @returns {number}
 */
export function midline(labels) {
  const sums = [0, 0];
  const counts = [0, 0];
  const { data, size } = labels;
  for (let index = 0; index < data.length; index += 1) {
    const side = data[index] - LEFT_EYE;
    if (side !== 0 && side !== RIGHT_EYE - LEFT_EYE) continue;
    sums[side] += index % size;
    counts[side] += 1;
  }
  const fitted = counts[0] > 0 && counts[1] > 0;
  const twice = fitted ? sums[0] / counts[0] + sums[1] / counts[1] : 2 * MIDLINE * size;
  return Math.round(twice) / 2;
}
