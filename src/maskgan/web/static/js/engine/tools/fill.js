/**
 * Fill: the connected piece of one class under the pointer becomes the class that is painted.
 */

import { floodRegion } from "../raster.js";
import { surface } from "./surface.js";

/** @typedef {import("./tool.js").ToolContext} ToolContext */
/** @typedef {import("./tool.js").ToolPoint} ToolPoint */

export class Fill {
  id = "fill";
  title = "Fill";
  shortcut = "G";
  /** @type {"cross"} */
  cursor = "cross";

  /**
   * @param {ToolContext} context
   * @param {ToolPoint} at
   */
  down(context, at) {
    const work = surface(context, at.erase);
    work.add(floodRegion(context.labels, at.x, at.y));
    return work.finish("Fill");
  }

  /** @param {ToolContext} _context @param {ToolPoint[]} _points */
  move(_context, _points) {}

  /** @param {ToolContext} _context */
  up(_context) {}

  /** @param {ToolContext} _context */
  cancel(_context) {}

  /**
   * @param {ToolContext} _context
   * @param {import("./tool.js").KeyPress} _event
   */
  key(_context, _event) {
    return false;
  }
}
