/**
 * Moving, scaling and turning about a point as matrices, and the handles of a box that do it.
 * Knows no page.
 */

/** @typedef {import("./selection.js").Matrix} Matrix */
/** @typedef {{x: number, y: number}} Point */
/** @typedef {import("./labels.js").Rect} Rect */

/** @type {Matrix} */
export const IDENTITY = [1, 0, 0, 0, 1, 0];

/** Smallest factor a box is scaled by; it never turns inside out. */
const LEAST = 0.05;
/** With Shift turns are multiples of this many degrees. */
const STEP_DEGREES = 15;

/**
 * @param {Matrix} matrix
 * @param {Point} point
 * @returns {Point}
 */
export function apply([a, b, c, d, e, f], { x, y }) {
  return { x: a * x + b * y + c, y: d * x + e * y + f };
}

/**
 * First `inner`, then `outer`.
 * @param {Matrix} outer
 * @param {Matrix} inner
 * @returns {Matrix}
 */
export function compose([a, b, c, d, e, f], [p, q, r, s, t, u]) {
  return [
    a * p + b * s,
    a * q + b * t,
    a * r + b * u + c,
    d * p + e * s,
    d * q + e * t,
    d * r + e * u + f,
  ];
}

/** @param {number} dx @param {number} dy @returns {Matrix} */
export const shift = (dx, dy) => [1, 0, dx, 0, 1, dy];

/**
 * @param {number} sx
 * @param {number} sy
 * @param {Point} about
 * @returns {Matrix}
 */
export const scale = (sx, sy, { x, y }) => [sx, 0, x - sx * x, 0, sy, y - sy * y];

/**
 * @param {number} angle in radians, clockwise on the screen
 * @param {Point} about
 * @returns {Matrix}
 */
export function turn(angle, { x, y }) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y];
}

/** @param {Matrix} matrix */
export const isIdentity = (matrix) => matrix.every((value, at) => value === IDENTITY[at]);

/**
 * The corners of the pixels of a rectangle, in image coordinates, clockwise from the upper left.
 * @param {Rect} rect
 * @returns {Point[]}
 */
export function corners({ x, y, w, h }) {
  const [left, top, right, bottom] = [x - 0.5, y - 0.5, x + w - 0.5, y + h - 0.5];
  return [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ];
}

/**
 * The eight handles of a rectangle and the one that turns it, before any matrix.
 * @param {Rect} rect
 * @param {number} arm distance of the turning handle above the box, in picture pixels
 * @returns {(Point & {kind: string})[]}
 */
export function handles(rect, arm) {
  const [{ x: left, y: top }, , { x: right, y: bottom }] = corners(rect);
  const [across, down] = [(left + right) / 2, (top + bottom) / 2];
  return [
    { kind: "nw", x: left, y: top },
    { kind: "n", x: across, y: top },
    { kind: "ne", x: right, y: top },
    { kind: "e", x: right, y: down },
    { kind: "se", x: right, y: bottom },
    { kind: "s", x: across, y: bottom },
    { kind: "sw", x: left, y: bottom },
    { kind: "w", x: left, y: down },
    { kind: "rotate", x: across, y: top - arm },
  ];
}

/**
 * What dragging a handle from one point to another does to a box.
 * @param {string} kind of the handle, "move" for the box itself
 * @param {Rect} rect
 * @param {Point} from
 * @param {Point} to
 * @param {{even?: boolean, centered?: boolean}} [how] even: both sides alike, or turns in steps;
 *   centered: about the middle instead of the opposite side
 * @returns {Matrix}
 */
export function drag(kind, rect, from, to, { even = false, centered = false } = {}) {
  if (kind === "move") return shift(to.x - from.x, to.y - from.y);
  const [low, , high] = corners(rect);
  const middle = { x: (low.x + high.x) / 2, y: (low.y + high.y) / 2 };
  if (kind === "rotate") {
    const angle = (/** @type {Point} */ at) => Math.atan2(at.y - middle.y, at.x - middle.x);
    const by = angle(to) - angle(from);
    const step = (STEP_DEGREES * Math.PI) / 180;
    return turn(even ? Math.round(by / step) * step : by, middle);
  }
  const [west, east] = [kind.includes("w"), kind.includes("e")];
  const [north, south] = [kind.includes("n"), kind.includes("s")];
  const about = {
    x: centered || west === east ? middle.x : west ? high.x : low.x,
    y: centered || north === south ? middle.y : north ? high.y : low.y,
  };
  const factor = (/** @type {"x" | "y"} */ side) =>
    Math.max((to[side] - about[side]) / (from[side] - about[side]), LEAST);
  let [sx, sy] = [west || east ? factor("x") : 1, north || south ? factor("y") : 1];
  if (even) {
    const both = kind.length === 2 ? Math.max(sx, sy) : west || east ? sx : sy;
    [sx, sy] = [both, both];
  }
  return scale(sx, sy, about);
}
