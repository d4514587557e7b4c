/**
 * Polygon: a click for each corner. Enter, a double click or a click on the first corner closes it,
 * Backspace takes the last corner away, Esc gives up.
 */

import { polygon } from "../raster.js";
import { surface } from "./surface.js";

/** @typedef {import("./tool.js").ToolContext} ToolContext */
/** @typedef {import("./tool.js").ToolPoint} ToolPoint */

/** CSS pixels within which the first corner is meant. */
const CLOSE_PX = 9;

export class Polygon {
  id = "polygon";
  title = "Polygon";
  shortcut = "U";
  /** @type {"cross"} */
  cursor = "cross";
  /** @type {ToolPoint[]} */
  #corners = [];
  /** @type {ToolPoint | null} where the next corner would be */
  #next = null;
  #dragging = false;

  get busy() {
    return this.#corners.length > 0;
  }

  /**
   * @param {ToolContext} context
   * @param {ToolPoint} at
   */
  down(context, at) {
    const [first] = this.#corners;
    const closes =
      first && Math.hypot(at.x - first.x, at.y - first.y) * context.stage.viewport.scale <= CLOSE_PX;
    // The first click of a double click has placed its corner.
    if (this.busy && ((at.clicks ?? 1) >= 2 || (closes && this.#corners.length > 2))) {
      return this.#close(context);
    }
    this.#corners.push(at);
    this.#dragging = true;
    this.#show(context);
    return undefined;
  }

  /**
   * @param {ToolContext} context
   * @param {ToolPoint[]} points
   */
  move(context, points) {
    if (!this.#dragging || !points.length) return;
    const at = points[points.length - 1];
    const corner = this.#corners.pop();
    this.#corners.push({ ...at, erase: corner?.erase });
    this.#show(context);
  }

  /** @param {ToolContext} _context */
  up(_context) {
    this.#dragging = false;
  }

  /**
   * @param {ToolContext} context
   * @param {ToolPoint | null} at
   */
  hover(context, at) {
    if (!this.busy) return;
    this.#next = at;
    this.#show(context);
  }

  /** The corner that a pinch began with is taken back; those before it stay. @param {ToolContext} context */
  cancel(context) {
    if (this.#dragging) this.#corners.pop();
    this.#dragging = false;
    this.#show(context);
  }

  /** @param {ToolContext} context */
  leave(context) {
    this.#corners = [];
    this.#next = null;
    this.#dragging = false;
    this.#show(context);
  }

  /**
   * @param {ToolContext} context
   * @param {import("./tool.js").KeyPress} event
   */
  key(context, { key }) {
    if (!this.busy) return false;
    if (key === "Enter") this.#close(context)?.catch(context.failed);
    else if (key === "Escape") this.leave(context);
    else if (key === "Backspace" || key === "Delete") this.#corners.pop();
    else return false;
    this.#show(context);
    return true;
  }

  /**
   * @param {ToolContext} context
   * @returns {Promise<void> | undefined}
   */
  #close(context) {
    const corners = this.#corners;
    this.leave(context);
    if (corners.length < 3) return undefined;
    const work = surface(context, corners[0].erase);
    work.add(polygon(context.labels.size, corners));
    return work.finish(corners[0].erase ? "Polygon eraser" : "Polygon") || undefined;
  }

  /** @param {ToolContext} context */
  #show({ stage, cls }) {
    const path = this.#next && !this.#dragging ? [...this.#corners, this.#next] : this.#corners;
    stage.selection = this.busy
      ? { path, closed: true, dots: true, fill: stage.color(cls) }
      : null;
  }
}
