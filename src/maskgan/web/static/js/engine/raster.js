/**
 * Discs, strokes, polygons and pieces as masks, and painting through a mask.
 *
 * The rules are those of `maskgan.editing.shapes`, pixel for pixel: centres have whole coordinates,
 * a pixel belongs to a shape when its centre does, coordinates and radii are rounded to 1/256 px
 * and the rest is integer arithmetic. A stroke whose radius changes along the way (a pen's
 * pressure) is the hull of its discs, two by two; that too is the same on every machine.
 * Knows no page.
 */

import { evenCapsule, taperedCapsule } from "./capsule.js";
import { LabelMap, intersect } from "./labels.js";
import { MAX_COORDINATE, SUBPIXELS, ceilOfQuotient, subpixels } from "./subpixels.js";

/** @typedef {import("./labels.js").Rect} Rect */

/**
 * @typedef {object} Mask pixels of a rectangle, one byte each, 1 = in the shape
 * @property {Rect} rect
 * @property {Uint8Array} bits
 */

/**
 * @typedef {object} StrokePoint
 * @property {number} x
 * @property {number} y
 * @property {number} r radius in pixels
 */

/** @typedef {import("./capsule.js").Disc} Disc in subpixels */

/**
 * @typedef {object} Over
 * @property {Iterable<number> | null} [only] the classes that may be covered, null = all
 * @property {Iterable<number>} [locked] the classes that never are
 */

/** Radius of the thinnest brush, half a pixel's diagonal: no click paints nothing. */
const MIN_RADIUS = 0.71;

/**
 * Pixels at most `r` from a point.
 * @param {number} size side of the map
 * @param {number} cx
 * @param {number} cy
 * @param {number} r
 * @returns {Mask}
 */
export function disc(size, cx, cy, r) {
  return stroke(size, [{ x: cx, y: cy, r }]);
}

/**
 * Pixels at most the radius from the line through the points; round caps and joints.
 * @param {number} size
 * @param {readonly StrokePoint[]} points at least one
 * @returns {Mask}
 */
export function stroke(size, points) {
  if (!points.length) throw new RangeError("The stroke has no points; expected at least one.");
  const discs = points.map((p) => ({
    x: subpixels(p.x),
    y: subpixels(p.y),
    r: subpixels(Math.max(p.r, MIN_RADIUS)),
  }));
  const rect = bounds(size, discs, (p) => p.r);
  const mask = { rect, bits: new Uint8Array(rect.w * rect.h) };
  if (discs.length === 1) addCapsule(mask, discs[0], discs[0]);
  for (let at = 1; at < discs.length; at += 1) addCapsule(mask, discs[at - 1], discs[at]);
  return mask;
}

/**
 * Pixels inside the closed polygon by the nonzero rule; of centres on an edge those on its right
 * or below it, so that neighbours share no pixel and leave none.
 * @param {number} size
 * @param {readonly {x: number, y: number}[]} points at least three
 * @returns {Mask}
 */
export function polygon(size, points) {
  if (points.length < 3) {
    throw new RangeError(`The polygon has ${points.length} points; expected at least 3.`);
  }
  const corners = points.map((p) => ({ x: subpixels(p.x), y: subpixels(p.y), r: 0 }));
  const rect = bounds(size, corners, () => SUBPIXELS);
  // Each edge adds its direction where it crosses a row; the sum from the left is the winding.
  const turns = new Int32Array((rect.w + 1) * rect.h);
  corners.forEach((corner, at) => addEdge(turns, rect, corner, corners[(at + 1) % corners.length]));
  const bits = new Uint8Array(rect.w * rect.h);
  for (let row = 0; row < rect.h; row += 1) {
    let winding = 0;
    for (let column = 0; column < rect.w; column += 1) {
      winding += turns[row * (rect.w + 1) + column];
      if (winding) bits[row * rect.w + column] = 1;
    }
  }
  return { rect, bits };
}

/**
 * The 4-connected piece of one class under a point; empty outside the map.
 * @param {LabelMap} labels
 * @param {number} x
 * @param {number} y
 * @returns {Mask}
 */
export function floodRegion(labels, x, y) {
  const { size, data } = labels;
  const cls = labels.at(x, y);
  if (cls === null) return { rect: { x: 0, y: 0, w: 0, h: 0 }, bits: new Uint8Array(0) };
  const seen = new Uint8Array(size * size);
  const start = Math.floor(y + 0.5) * size + Math.floor(x + 0.5);
  const open = [start];
  seen[start] = 1;
  const visit = (/** @type {number} */ index) => {
    if (seen[index] || data[index] !== cls) return;
    seen[index] = 1;
    open.push(index);
  };
  while (open.length) {
    const index = /** @type {number} */ (open.pop());
    const column = index % size;
    if (column > 0) visit(index - 1);
    if (column < size - 1) visit(index + 1);
    if (index >= size) visit(index - size);
    if (index < size * (size - 1)) visit(index + size);
  }
  return tighten({ rect: { x: 0, y: 0, w: size, h: size }, bits: seen });
}

/**
 * The same mask on the smallest rectangle.
 * @param {Mask} mask
 * @returns {Mask}
 */
export function tighten({ rect, bits }) {
  let [left, right, top, bottom] = [rect.w, -1, -1, -1];
  for (let row = 0; row < rect.h; row += 1) {
    const line = bits.subarray(row * rect.w, (row + 1) * rect.w);
    const first = line.indexOf(1);
    if (first < 0) continue;
    if (top < 0) top = row;
    bottom = row;
    left = Math.min(left, first);
    right = Math.max(right, line.lastIndexOf(1));
  }
  if (top < 0) return { rect: { x: rect.x, y: rect.y, w: 0, h: 0 }, bits: new Uint8Array(0) };
  const tight = { x: rect.x + left, y: rect.y + top, w: right + 1 - left, h: bottom + 1 - top };
  return { rect: tight, bits: cut({ rect, bits }, tight) };
}

/**
 * The bits of a mask inside a rectangle that lies within its own.
 * @param {Mask} mask
 * @param {Rect} part
 * @returns {Uint8Array}
 */
export function cut({ rect, bits }, part) {
  const result = new Uint8Array(part.w * part.h);
  for (let row = 0; row < part.h; row += 1) {
    const start = (part.y - rect.y + row) * rect.w + part.x - rect.x;
    result.set(bits.subarray(start, start + part.w), row * part.w);
  }
  return result;
}

/**
 * A table of 256: 1 for each class that may be covered.
 * @param {Over} over
 * @returns {Uint8Array}
 */
export function openTo({ only = null, locked = [] }) {
  const open = new Uint8Array(256);
  if (only === null) open.fill(1);
  else for (const label of only) open[label] = 1;
  for (const label of locked) open[label] = 0;
  return open;
}

/**
 * Gives the mask's pixels a class, where `over` allows it.
 * @param {LabelMap} labels
 * @param {Mask} mask
 * @param {number} cls
 * @param {Over} [over]
 * @returns {Rect | null} the smallest rectangle around the pixels that changed
 */
export function paint(labels, mask, cls, over = {}) {
  const { size, data } = labels;
  const part = intersect(mask.rect, { x: 0, y: 0, w: size, h: size });
  if (!part) return null;
  const open = openTo(over);
  let [left, right, top, bottom] = [size, -1, size, -1];
  for (let y = part.y; y < part.y + part.h; y += 1) {
    const from = (y - mask.rect.y) * mask.rect.w - mask.rect.x;
    const end = part.x + part.w;
    for (let x = /** @type {number} */ (part.x); x < end; x += 1) {
      if (!mask.bits[from + x]) continue;
      const index = y * size + x;
      if (data[index] === cls || !open[data[index]]) continue;
      data[index] = cls;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  return bottom < 0 ? null : { x: left, y: top, w: right + 1 - left, h: bottom + 1 - top };
}

/**
 * Where a shape of discs can have pixels, cut at the map.
 * @param {number} size
 * @param {readonly Disc[]} discs
 * @param {(disc: Disc) => number} reach
 * @returns {Rect}
 */
function bounds(size, discs, reach) {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const point of discs) {
    const r = reach(point);
    left = Math.min(left, point.x - r);
    right = Math.max(right, point.x + r);
    top = Math.min(top, point.y - r);
    bottom = Math.max(bottom, point.y + r);
  }
  const x = Math.min(Math.max(Math.ceil(left / SUBPIXELS), 0), size);
  const y = Math.min(Math.max(Math.ceil(top / SUBPIXELS), 0), size);
  const w = Math.max(Math.min(Math.floor(right / SUBPIXELS) + 1, size) - x, 0);
  const h = Math.max(Math.min(Math.floor(bottom / SUBPIXELS) + 1, size) - y, 0);
  return w && h ? { x, y, w, h } : { x, y, w: 0, h: 0 };
}

/**
 * Sets the pixels of the hull of two discs. It is convex: each row has one span.
 * @param {Mask} mask
 * @param {Disc} a
 * @param {Disc} b
 */
function addCapsule(mask, a, b) {
  const box = bounds(MAX_COORDINATE, [a, b], (p) => p.r);
  const part = intersect(box, mask.rect);
  if (!part) return;
  const covers = a.r === b.r ? evenCapsule(a, b) : taperedCapsule(a, b);
  for (let y = part.y; y < part.y + part.h; y += 1) {
    const row = (y - mask.rect.y) * mask.rect.w - mask.rect.x;
    const down = y * SUBPIXELS;
    let [first, last] = [part.x, part.x + part.w - 1];
    while (first <= last && !covers(first * SUBPIXELS, down)) first += 1;
    while (last > first && !covers(last * SUBPIXELS, down)) last -= 1;
    if (first <= last) mask.bits.fill(1, row + first, row + last + 1);
  }
}

/**
 * Adds an edge's direction to the first pixel on its right in every row it crosses.
 * @param {Int32Array} turns
 * @param {Rect} rect
 * @param {{x: number, y: number}} from
 * @param {{x: number, y: number}} to
 */
function addEdge(turns, rect, from, to) {
  if (from.y === to.y) return;
  const [upper, lower, direction] = to.y > from.y ? [from, to, 1] : [to, from, -1];
  const top = Math.max(Math.ceil(upper.y / SUBPIXELS), rect.y);
  const bottom = Math.min(Math.ceil(lower.y / SUBPIXELS), rect.y + rect.h);
  const height = lower.y - upper.y;
  for (let row = top; row < bottom; row += 1) {
    const across = upper.x * height + (row * SUBPIXELS - upper.y) * (lower.x - upper.x);
    const column = ceilOfQuotient(across, height * SUBPIXELS) - rect.x;
    turns[(row - rect.y) * (rect.w + 1) + Math.min(Math.max(column, 0), rect.w)] += direction;
  }
}
