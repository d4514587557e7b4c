/**
 * Picker: the class under the pointer is the one to paint from now on.
 */

/** @typedef {import("./tool.js").ToolContext} ToolContext */
/** @typedef {import("./tool.js").ToolPoint} ToolPoint */

export class Picker {
  id = "picker";
  title = "Pick a class";
  shortcut = "I";
  /** @type {"cross"} */
  cursor = "cross";

  /**
   * @param {ToolContext} context
   * @param {ToolPoint} at
   */
  down(context, at) {
    this.move(context, [at]);
  }

  /**
   * @param {ToolContext} context
   * @param {ToolPoint[]} points
   */
  move(context, points) {
    const at = points[points.length - 1];
    const cls = at && context.labels.at(at.x, at.y);
    if (typeof cls === "number") context.pick?.(cls);
  }

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
