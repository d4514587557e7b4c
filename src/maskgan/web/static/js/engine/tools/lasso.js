/**
 * Lasso: what the line encloses becomes the class that is painted, or is erased.
 */

import { polygon } from "../raster.js";
import { surface } from "./surface.js";

/** @typedef {import("./tool.js").ToolContext} ToolContext */
/** @typedef {import("./tool.js").ToolPoint} ToolPoint */

export class Lasso {
  id = "lasso";
  title = "Lasso";
  shortcut = "L";
  /** @type {"cross"} */
  cursor = "cross";
  /** @type {ToolPoint[]} */
  #points = [];

  get busy() {
    return this.#points.length > 0;
  }

  /**
   * @param {ToolContext} context
   * @param {ToolPoint} at
   */
  down(context, at) {
    this.#points = [at];
    this.#show(context);
  }

  /**
   * @param {ToolContext} context
   * @param {ToolPoint[]} points
   */
  move(context, points) {
    if (!this.busy) return;
    this.#points.push(...points);
    this.#show(context);
  }

  /** @param {ToolContext} context */
  up(context) {
    const points = this.#points;
    this.cancel(context);
    if (points.length < 3) return undefined;
    const work = surface(context, points[0].erase);
    work.add(polygon(context.labels.size, points));
    return work.finish(points[0].erase ? "Lasso eraser" : "Lasso");
  }

  /** @param {ToolContext} context */
  cancel(context) {
    this.#points = [];
    context.stage.selection = null;
  }

  /**
   * @param {ToolContext} context
   * @param {import("./tool.js").KeyPress} event
   */
  key(context, { key }) {
    if (key !== "Escape" || !this.busy) return false;
    this.cancel(context);
    return true;
  }

  /** @param {ToolContext} context */
  #show({ stage, cls }) {
    stage.selection = { path: this.#points, closed: true, fill: stage.color(cls) };
  }
}
