/**
 * Boundaries between classes as straight runs along pixel edges, each between the same two classes,
 * kept in tiles so that a stroke renews only what it touched. Corners have whole coordinates 0..size. Knows no page.
 */

import { intersect } from "./labels.js";

/** @typedef {import("./labels.js").LabelMap} LabelMap */
/** @typedef {import("./labels.js").Rect} Rect */

/** Side of a tile in pixels. */
const TILE = 32;

/**
 * @callback Visit
 * @param {number} x0
 * @param {number} y0
 * @param {number} x1 equal to x0 for a run downwards
 * @param {number} y1 equal to y0 for a run across
 * @returns {void}
 */

export class EdgeTiles {
  /** @param {number} size side of the label map */
  constructor(size) {
    this.size = size;
    this.columns = Math.ceil(size / TILE);
    /** @type {Int16Array[]} runs of each tile, x0 y0 x1 y1 after each other */
    this.tiles = Array.from({ length: this.columns * this.columns }, () => new Int16Array(0));
  }

  /**
   * Labels inside a rectangle have changed.
   * @param {LabelMap} labels
   * @param {Rect} rect
   */
  update(labels, rect) {
    // A pixel's edges are those on its left and above it; the neighbours' lie one further.
    const wider = { x: rect.x, y: rect.y, w: rect.w + 1, h: rect.h + 1 };
    this.#each(wider, (tile, area) => {
      this.tiles[tile] = runs(labels, area);
    });
  }

  /**
   * Calls `visit` for each run of the tiles that a rectangle touches.
   * @param {Rect} rect
   * @param {Visit} visit
   */
  forEach(rect, visit) {
    this.#each(rect, (tile) => {
      const list = this.tiles[tile];
      for (let at = 0; at < list.length; at += 4) {
        visit(list[at], list[at + 1], list[at + 2], list[at + 3]);
      }
    });
  }

  /**
   * @param {Rect} rect
   * @param {(tile: number, area: Rect) => void} visit
   */
  #each(rect, visit) {
    const part = intersect(rect, { x: 0, y: 0, w: this.size, h: this.size });
    if (!part) return;
    const right = Math.floor((part.x + part.w - 1) / TILE);
    const bottom = Math.floor((part.y + part.h - 1) / TILE);
    for (let row = Math.floor(part.y / TILE); row <= bottom; row += 1) {
      for (let column = Math.floor(part.x / TILE); column <= right; column += 1) {
        const area = {
          x: column * TILE,
          y: row * TILE,
          w: Math.min(TILE, this.size - column * TILE),
          h: Math.min(TILE, this.size - row * TILE),
        };
        visit(row * this.columns + column, area);
      }
    }
  }
}

/**
 * The runs along the upper and left edges of an area's pixels.
 * @param {LabelMap} labels
 * @param {Rect} area
 * @returns {Int16Array}
 */
function runs({ data, size }, { x, y, w, h }) {
  /** @type {number[]} */
  const found = [];
  for (let row = Math.max(y, 1); row < y + h; row += 1) {
    along(data, row * size + x, w, { step: 1, across: size }, (from, to) => {
      found.push(x + from, row, x + to, row);
    });
  }
  for (let column = Math.max(x, 1); column < x + w; column += 1) {
    along(data, y * size + column, h, { step: size, across: 1 }, (from, to) => {
      found.push(column, y + from, column, y + to);
    });
  }
  return Int16Array.from(found);
}

/**
 * The runs between a line of pixels and the line before it.
 * @param {Uint8Array} data
 * @param {number} start index of the line's first pixel
 * @param {number} count
 * @param {{step: number, across: number}} way to the next pixel, and from the line before
 * @param {(from: number, to: number) => void} found
 */
function along(data, start, count, { step, across }, found) {
  let [from, here, there] = [-1, 0, 0];
  for (let place = 0; place < count; place += 1) {
    const at = start + place * step;
    const [a, b] = [data[at], data[at - across]];
    if (from >= 0 && (a !== here || b !== there)) {
      found(from, place);
      from = -1;
    }
    if (from < 0 && a !== b) [from, here, there] = [place, a, b];
  }
  if (from >= 0) found(from, count);
}
