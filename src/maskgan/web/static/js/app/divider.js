/**
 * The line between original and result in the compare view: taken with the pointer, or moved with
 * the arrow keys as a range that is seen while it has the focus.
 */

import { byId, element, fillRange } from "./element.js";

/** @typedef {{x: number}} Place CSS pixels on the stage */

/** How near the line must be taken, in CSS pixels. */
const REACH = 20;

export class Divider {
  /** True while the pointer holds the line. */
  held = false;

  /** @param {import("../engine/layers.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.range = element("input", {
      type: "range",
      class: "divider-range",
      min: 0,
      max: 100,
      value: 50,
      hidden: true,
      "aria-label": "Line between original and result",
      "data-testid": "divider",
      oninput: () => this.move(Number(this.range.value) / 100),
    });
    byId("stage-frame").append(this.range);
  }

  /** @param {boolean} shown */
  show(shown) {
    this.range.hidden = !shown;
  }

  /** @param {Place} at */
  near(at) {
    if (this.stage.compare.mode !== "slider") return false;
    return Math.abs(at.x - this.stage.divider.x) < REACH;
  }

  /** @param {Place} at where the pointer holds it */
  follow(at) {
    const { left, right } = this.stage.divider;
    this.move(Math.min(1, Math.max(0, (at.x - left) / (right - left))));
  }

  /** @param {number} position 0 = all result, 1 = all original */
  move(position) {
    this.stage.compare.position = position;
    this.range.value = String(Math.round(position * 100));
    fillRange(this.range);
  }
}
