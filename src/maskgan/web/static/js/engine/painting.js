/**
 * A step in the making: masks are added while the pointer moves, the labels follow at once, and at
 * the end stands one step with the rectangle that truly changed.
 *
 * What may be covered is decided by the labels from before the step. With an axis each mask is
 * painted mirrored too, with left and right exchanged; where both would paint, the pointer's own
 * side wins, so the two regions never overlap and can be replayed in any order.
 */

import { LabelMap, MIRROR, intersect, unite } from "./labels.js";
import { Region } from "./operation.js";
import { openTo } from "./raster.js";

/** @typedef {import("./labels.js").Rect} Rect */
/** @typedef {import("./raster.js").Mask} Mask */
/** @typedef {import("./history.js").StepParts} StepParts */

/**
 * @typedef {object} Brushwork
 * @property {number} cls what is painted
 * @property {ReadonlySet<number> | null} only
 * @property {ReadonlySet<number>} locked
 * @property {number | null} axis x to mirror at, a whole or half number; null = no mirror
 */

const OWN = 1;
const MIRRORED = 2;

/** Which pixels a step has touched, on the pointer's side and mirrored. */
export class Marks {
  /**
   * @param {number} size
   * @param {number | null} axis
   */
  constructor(size, axis) {
    this.size = size;
    this.axis = axis;
    this.flags = new Uint8Array(size * size);
    /** @type {Rect | null} */
    this.rect = null;
  }

  /**
   * Calls `mark` with the index of each pixel that is newly marked, the mirrored ones last.
   * @param {Mask} mask
   * @param {(index: number, mirrored: boolean) => void} mark
   */
  add(mask, mark) {
    const { size, axis, flags } = this;
    const whole = { x: 0, y: 0, w: size, h: size };
    const part = intersect(mask.rect, whole);
    if (!part) return;
    this.rect = unite(this.rect, part);
    this.#each(mask, part, (index) => {
      if (flags[index] === OWN) return;
      flags[index] = OWN;
      mark(index, false);
    });
    if (axis === null) return;
    const across = { ...part, x: 2 * axis - part.x - part.w + 1 };
    this.rect = unite(this.rect, intersect(across, whole));
    this.#each(mask, part, (index) => {
      const column = index % size;
      const other = 2 * axis - column;
      if (other < 0 || other >= size) return;
      const there = index - column + other;
      if (flags[there]) return;
      flags[there] = MIRRORED;
      mark(there, true);
    });
  }

  /**
   * The marked pixels of one side, or of both.
   * @param {boolean} [mirrored]
   * @returns {Mask}
   */
  mask(mirrored) {
    const rect = this.rect ?? { x: 0, y: 0, w: 0, h: 0 };
    const bits = new LabelMap(this.size, this.flags).crop(rect);
    const wanted = mirrored === undefined ? [OWN, MIRRORED] : [mirrored ? MIRRORED : OWN];
    for (let at = 0; at < bits.length; at += 1) bits[at] = wanted.includes(bits[at]) ? 1 : 0;
    return { rect, bits };
  }

  /**
   * @param {Mask} mask
   * @param {Rect} part
   * @param {(index: number) => void} visit
   */
  #each({ rect, bits }, part, visit) {
    for (let y = part.y; y < part.y + part.h; y += 1) {
      const from = (y - rect.y) * rect.w - rect.x;
      for (let x = part.x; x < part.x + part.w; x += 1) {
        if (bits[from + x]) visit(y * this.size + x);
      }
    }
  }
}

export class Painting {
  /**
   * @param {LabelMap} labels painted on
   * @param {Brushwork} work
   */
  constructor(labels, { cls, only, locked, axis }) {
    this.labels = labels;
    this.cls = cls;
    this.only = only;
    this.locked = locked;
    this.base = labels.clone();
    this.open = openTo({ only, locked });
    this.marks = new Marks(labels.size, axis);
  }

  /**
   * @param {Mask} mask
   * @returns {Rect | null} the smallest rectangle around the labels that changed now
   */
  add(mask) {
    const { base, open } = this;
    const { data, size } = this.labels;
    let [left, right, top, bottom] = [size, -1, size, -1];
    this.marks.add(mask, (index, mirrored) => {
      const cls = mirrored ? MIRROR[this.cls] : this.cls;
      if (!open[base.data[index]] || data[index] === cls) return;
      data[index] = cls;
      const x = index % size;
      const y = (index - x) / size;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    });
    return bottom < 0 ? null : { x: left, y: top, w: right + 1 - left, h: bottom + 1 - top };
  }

  /**
   * @param {string} title
   * @returns {StepParts | null} null when nothing has changed
   */
  finish(title) {
    const rect = this.labels.diff(this.base);
    if (!rect) return null;
    const [before, after] = [this.base.crop(rect), this.labels.crop(rect)];
    return { title, kind: "paint", op: this.#op(), rect, before, after };
  }

  /** Takes everything back. @returns {Rect | null} the labels that changed */
  cancel() {
    const rect = this.labels.diff(this.base);
    if (rect) this.labels.put(rect, this.base.crop(rect));
    return rect;
  }

  #op() {
    const over = limits(this.only, this.locked);
    const op = (/** @type {number} */ cls, /** @type {Mask} */ mask) => {
      return { op: "paint", class: cls, region: new Region(mask), ...over };
    };
    const other = MIRROR[this.cls];
    if (this.marks.axis === null || other === this.cls) return op(this.cls, this.marks.mask());
    const mirrored = op(other, this.marks.mask(true));
    const own = op(this.cls, this.marks.mask(false));
    return mirrored.region.rect.w ? [own, mirrored] : own;
  }
}

/**
 * `only` and `locked` as operations hold them.
 * @param {ReadonlySet<number> | null} only
 * @param {ReadonlySet<number>} locked
 * @returns {{only?: number[], locked?: number[]}}
 */
export function limits(only, locked) {
  return {
    ...(only ? { only: [...only].sort((a, b) => a - b) } : {}),
    ...(locked.size ? { locked: [...locked].sort((a, b) => a - b) } : {}),
  };
}
