/**
 * A movement of sliders, from the first to the hand that lets go: which labels it starts from, and
 * the server's labels for where the sliders are, one question at a time and the newest last.
 */

import { strengths } from "../app/drawing.js";
import { packBytes } from "../net/codec.js";

/** @typedef {import("../engine/labels.js").LabelMap} LabelMap */
/** @typedef {import("../app/drawing.js").Sliders} Sliders */

/** One gesture. */
export class Gesture {
  /**
   * @param {import("../app/page.js").Page} page
   * @param {Gesture | null} last the one before, where its step is not made yet
   */
  constructor(page, last) {
    const { drawing } = page;
    this.page = page;
    this.last = last;
    this.source = drawing.source;
    this.before = drawing.present().clone();
    const { labels, baked } = drawing.base();
    /** @type {{base: LabelMap, baked: Sliders, values: Sliders}} */
    const from = last ?? { base: labels, baked, values: drawing.sliders };
    this.base = from.base;
    this.baked = from.baked;
    this.values = { ...from.values };
    this.former = from.values;
    this.packed = packBytes(this.base.data);
    /** @type {LabelMap | null} the labels when its step was made */
    this.after = null;
    /** @type {Uint8Array | null} */
    this.shown = null;
    this.asked = 0;
    this.running = false;
    this.ended = false;
  }

  /** Whether another photo has been opened since; what is found for this one is of no use there. */
  get stale() {
    return this.source !== this.page.drawing.source;
  }

  /** The labels from which its step leads. @returns {LabelMap} */
  start() {
    return this.last ? (this.last.after ?? this.last.start()) : this.before;
  }

  /**
   * Whether a slider was moved and the labels were not.
   * @param {string} name
   * @param {LabelMap} start the labels from which the step led
   */
  idle(name, start) {
    const [now, former] = [this.values, this.former].map((values) => values[name] ?? 0);
    return now !== 0 && now !== former && this.after !== null && !start.diff(this.after);
  }

  /** Labels for the present values. @returns {Promise<Uint8Array>} */
  async compute() {
    const { session, api } = this.page;
    const wanted = strengths(this.values, this.baked);
    if (!Object.keys(wanted).length) return this.base.data.slice();
    const labels = await this.packed;
    return session.run((id) => api.tool(id, "attributes", { strengths: wanted, labels }));
  }

  /** Computes until what is shown belongs to the newest values. */
  async follow() {
    this.asked += 1;
    if (this.running) return;
    this.running = true;
    try {
      for (let done = 0; done !== this.asked; ) {
        done = this.asked;
        const bytes = await this.compute();
        this.shown = bytes;
        if (this.ended || this.stale) continue;
        if (this.page.state.values.live) this.page.drawing.preview(bytes);
      }
    } finally {
      this.running = false;
    }
  }
}
