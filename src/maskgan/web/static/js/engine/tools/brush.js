/**
 * The brush: capsules from point to point, as wide as the pen presses. Shift+click goes on straight
 * from where the last stroke ended. The right button erases.
 */

import { stroke } from "../raster.js";
import { surface } from "./surface.js";

/** @typedef {import("./tool.js").ToolContext} ToolContext */
/** @typedef {import("./tool.js").ToolPoint} ToolPoint */
/** @typedef {import("../raster.js").StrokePoint} StrokePoint */

export class Brush {
  id = "brush";
  title = "Brush";
  shortcut = "B";
  /** @type {"brush"} */
  cursor = "brush";
  /** Whether the left button erases. */
  erases = false;
  /** @type {import("./surface.js").Surface | null} */
  #surface = null;
  /** @type {StrokePoint | null} where the stroke is */
  #at = null;
  /** @type {StrokePoint | null} where the last stroke ended */
  #end = null;
  #erasing = false;

  get busy() {
    return this.#surface !== null;
  }

  /**
   * @param {ToolContext} context
   * @param {ToolPoint} at
   */
  down(context, at) {
    this.#erasing = this.erases || Boolean(at.erase);
    this.#surface = surface(context, this.#erasing);
    const point = brushPoint(context, at);
    this.#at = at.shift && this.#end ? { ...this.#end, r: point.r } : null;
    this.#extend(context, [point]);
  }

  /**
   * @param {ToolContext} context
   * @param {ToolPoint[]} points
   */
  move(context, points) {
    if (this.#surface) this.#extend(context, points.map((at) => brushPoint(context, at)));
  }

  /** @param {ToolContext} _context */
  up(_context) {
    const done = this.#surface;
    this.#surface = null;
    this.#end = this.#at;
    return done?.finish(this.#erasing ? "Eraser" : "Brush");
  }

  /** @param {ToolContext} _context */
  cancel(_context) {
    this.#surface?.cancel();
    this.#surface = null;
  }

  /**
   * @param {ToolContext} context
   * @param {import("./tool.js").KeyPress} event
   */
  key(context, { key }) {
    if (key !== "Escape" || !this.#surface) return false;
    this.cancel(context);
    return true;
  }

  /**
   * @param {ToolContext} context
   * @param {StrokePoint[]} points
   */
  #extend(context, points) {
    const line = this.#at ? [this.#at, ...points] : points;
    if (!points.length) return;
    this.#surface?.add(stroke(context.labels.size, line));
    this.#at = points[points.length - 1];
  }
}

/**
 * @param {ToolContext} context
 * @param {ToolPoint} at
 * @returns {StrokePoint}
 */
function brushPoint(context, { x, y, factor = 1 }) {
  return { x, y, r: context.radius * factor };
}
