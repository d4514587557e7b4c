/**
 * Hulls of two discs, what a brush covers on its way from one point to the next, as tests of
 * points. Everything is in subpixels. Knows no pixels and no page.
 */

import { rootOfProduct } from "./subpixels.js";

/**
 * @typedef {object} Disc
 * @property {number} x
 * @property {number} y
 * @property {number} r
 */

/**
 * All points at most the radius from a segment.
 * @param {Disc} a
 * @param {Disc} b of the same radius
 * @returns {(px: number, py: number) => boolean}
 */
export function evenCapsule(a, b) {
  const [dx, dy, rr] = [b.x - a.x, b.y - a.y, a.r * a.r];
  const length = dx * dx + dy * dy;
  const side = rootOfProduct(rr, length);
  return (px, py) => {
    const [x, y] = [px - a.x, py - a.y];
    if (x * x + y * y <= rr || (x - dx) * (x - dx) + (y - dy) * (y - dy) <= rr) return true;
    const along = x * dx + y * dy;
    return along > 0 && along < length && Math.abs(x * dy - y * dx) <= side;
  };
}

/**
 * The hull of two discs of different radii. A point at t on the way is covered when |p - a - t d|^2 <= (r + t dr)^2, a parabola in t.
 * @param {Disc} a
 * @param {Disc} b
 * @returns {(px: number, py: number) => boolean}
 */
export function taperedCapsule(a, b) {
  const [dx, dy, dr] = [b.x - a.x, b.y - a.y, b.r - a.r];
  const [rr, end] = [a.r * a.r, b.r * b.r];
  const opening = dx * dx + dy * dy - dr * dr;
  return (px, py) => {
    const [x, y] = [px - a.x, py - a.y];
    const squared = x * x + y * y;
    if (squared <= rr || (x - dx) * (x - dx) + (y - dy) * (y - dy) <= end) return true;
    const along = x * dx + y * dy + a.r * dr;
    // Where one disc holds the other, the opening is not positive and nothing lies between.
    const between = along > 0 && along < opening;
    return between && (squared - rr) * opening <= along * along;
  };
}
