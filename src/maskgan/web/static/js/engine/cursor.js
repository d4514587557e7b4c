/**
 * The brush's outline where the pointer is, in its true size, visible on any ground.
 */

import { channels } from "./overlay.js";

/** @typedef {import("./viewport.js").Viewport} Viewport */

/**
 * @typedef {object} Cursor
 * @property {number} x in image coordinates
 * @property {number} y
 * @property {number} r radius in picture pixels
 * @property {string} color "#rrggbb" of what it paints
 * @property {number | null} [mirror] x of its mirror image
 */

/** Circles smaller than this on the screen get a cross to be found by. */
const SMALL = 4;

/**
 * @param {CanvasRenderingContext2D} context in CSS pixels of the pane
 * @param {Cursor} cursor
 * @param {Viewport} viewport
 */
export function drawCursor(context, cursor, viewport) {
  const [red, green, blue] = channels(cursor.color);
  const bright = (299 * red + 587 * green + 114 * blue) / 1000 > 128;
  const halo = bright ? "rgba(0, 0, 0, 0.75)" : "rgba(255, 255, 255, 0.9)";
  const r = Math.max(cursor.r, 0.5) * viewport.scale;
  const path = new Path2D();
  for (const x of cursor.mirror === null || cursor.mirror === undefined
    ? [cursor.x]
    : [cursor.x, cursor.mirror]) {
    const at = viewport.toScreen(x, cursor.y);
    path.moveTo(at.x + r, at.y);
    path.arc(at.x, at.y, r, 0, 2 * Math.PI);
    if (r < SMALL) cross(path, at.x, at.y, r);
  }
  context.save();
  context.lineWidth = 3.5;
  context.strokeStyle = halo;
  context.stroke(path);
  context.lineWidth = 1.5;
  context.strokeStyle = cursor.color;
  context.stroke(path);
  context.restore();
}

/**
 * @param {Path2D} path
 * @param {number} x
 * @param {number} y
 * @param {number} r
 */
function cross(path, x, y, r) {
  for (const [dx, dy] of [
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ]) {
    path.moveTo(x + dx * (r + 3), y + dy * (r + 3));
    path.lineTo(x + dx * (r + 8), y + dy * (r + 8));
  }
}
