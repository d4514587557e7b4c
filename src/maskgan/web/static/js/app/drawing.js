/**
 * What is drawn: labels, history, slider values, style uses. The one place that changes them; it
 * tells listeners what changed and knows neither the server nor the canvas.
 *
 * Sliders and painting. A slider says how far its part is to be moved from the labels as they were
 * when the last other step was made, the *base*. Base and the values the sliders had at that time,
 * the *baked* values, follow from the history: they are what the trailing slider steps began with.
 * A slider at value v is applied to the base with strength v - baked, held within -1..1. So while
 * only sliders move, every position is computed afresh from the base and going back to 0 gives the
 * base to the bit; a stroke (or tool) bakes the sliders in: their values stay as shown, the painted
 * labels become the new base, and moving a slider on from there moves what is seen.
 */

import { History } from "../engine/history.js";
import { LabelMap } from "../engine/labels.js";

/** @typedef {import("../engine/labels.js").Rect} Rect */
/** @typedef {import("../engine/history.js").Step} Step */
/** @typedef {import("../engine/history.js").StepParts} StepParts */
/** @typedef {Record<string, number>} Sliders */
/** @typedef {Record<string, {style: string, strength: number}>} Uses region -> style */
/** @typedef {"preview" | "full"} Quality */
/**
 * @typedef {object} Listeners
 * @property {(rect: Rect | null, quality: Quality) => void} labels also called for new styles
 * @property {() => void} steps history, sliders or styles changed
 * @property {() => void} begun other labels altogether
 */

export class Drawing {
  constructor() {
    /** @type {LabelMap | null} */
    this.source = null;
    /** @type {LabelMap | null} */
    this.labels = null;
    this.history = new History();
    /** @type {Sliders} */
    this.sliders = {};
    /** @type {Uses} */
    this.styles = {};
    /** @type {Listeners[]} */
    this.listeners = [];
  }

  /** @param {Partial<Listeners>} listeners */
  on(listeners) {
    const nothing = () => {};
    this.listeners.push({ labels: nothing, steps: nothing, begun: nothing, ...listeners });
  }

  get size() {
    return this.labels?.size ?? 0;
  }

  /** True when something was drawn that can be lost. */
  get touched() {
    return this.history.steps.length > 0;
  }

  /**
   * Begins with the labels of a photo.
   * @param {number} size
   * @param {Uint8Array} source
   * @param {{labels: Uint8Array, history: any, sliders: Sliders, styles: Uses}} [kept]
   */
  async begin(size, source, kept) {
    const history = new History();
    if (kept?.history) await history.fromJSON(kept.history);
    this.source = new LabelMap(size, new Uint8Array(source));
    this.labels = new LabelMap(size, new Uint8Array(kept?.labels ?? source));
    this.history = history;
    this.sliders = { ...kept?.sliders };
    this.styles = { ...kept?.styles };
    for (const listener of this.listeners) listener.begun();
    this.tellSteps();
  }

  /** @param {Rect | null} rect @param {Quality} quality */
  tellLabels(rect, quality) {
    for (const listener of this.listeners) listener.labels(rect, quality);
  }

  tellSteps() {
    for (const listener of this.listeners) listener.steps();
  }

  /**
   * A step whose labels are already in `labels`: what the tools of the canvas commit.
   * @param {StepParts} step
   */
  commit(step) {
    this.history.push(step);
    this.tellLabels(step.rect ?? null, "full");
    this.tellSteps();
  }

  /**
   * Takes new labels as one step. Nothing happens when they equal the present ones.
   * @param {Uint8Array} bytes
   * @param {{title: string, kind: string, op: import("../engine/operation.js").Op, sliders?: Sliders, styles?: Uses}} step
   * @param {LabelMap} [from] the labels before the step, if `labels` already shows a preview of it
   * @returns {boolean} whether there was something to do
   */
  replace(bytes, step, from) {
    const labels = this.present();
    const before = from ?? labels.clone();
    const shown = labels.clone();
    labels.data.set(bytes);
    const rect = before.diff(labels);
    const { title, kind, op } = step;
    /** @type {any} */
    const extra = {};
    if (step.sliders) extra.sliders = { before: { ...this.sliders }, after: { ...step.sliders } };
    if (step.styles) extra.styles = { before: { ...this.styles }, after: { ...step.styles } };
    if (!rect && !step.sliders && !step.styles) return false;
    const pixels = rect ? { before: before.crop(rect), after: labels.crop(rect) } : {};
    this.history.push({ title, kind, op, rect, ...pixels, extra });
    if (step.sliders) this.sliders = { ...step.sliders };
    if (step.styles) this.styles = { ...step.styles };
    this.tellLabels(shown.diff(labels), "full");
    this.tellSteps();
    return true;
  }

  /** Shows labels that are no step yet. @param {Uint8Array} bytes */
  preview(bytes) {
    const labels = this.present();
    const shown = labels.clone();
    labels.data.set(bytes);
    const rect = shown.diff(labels);
    if (rect) this.tellLabels(rect, "preview");
  }

  /** Everything back to the photo, as one step that can be undone. */
  startOver() {
    const source = this.source;
    if (!source || (!this.touched && !Object.keys(this.styles).length)) return;
    this.replace(source.data, {
      title: "Start over",
      kind: "tool",
      op: { op: "reset" },
      sliders: {},
      styles: {},
    });
  }

  /** @param {Uses} styles @param {string} title */
  useStyles(styles, title) {
    const op = { op: "styles", styles };
    this.replace(this.present().data.slice(), { title, kind: "styles", op, styles });
  }

  undo() {
    const step = this.history.undo();
    if (step) this.walk(step, "before");
    return step;
  }

  redo() {
    const step = this.history.redo();
    if (step) this.walk(step, "after");
    return step;
  }

  /** Walks to the state after `cursor` steps. @param {number} cursor */
  jump(cursor) {
    while (this.history.cursor > cursor && this.undo());
    while (this.history.cursor < cursor && this.redo());
  }

  /** @param {Step} step @param {"before" | "after"} side */
  walk(step, side) {
    const { rect } = step;
    if (rect) this.present().put(rect, step[side]);
    const extra = /** @type {any} */ (step.extra);
    if (extra?.sliders) this.sliders = { ...extra.sliders[side] };
    if (extra?.styles) this.styles = { ...extra.styles[side] };
    this.tellLabels(rect, "full");
    this.tellSteps();
  }

  /**
   * Base labels and baked slider values; see the head of this file.
   * @returns {{labels: LabelMap, baked: Sliders}}
   */
  base() {
    const labels = this.present().clone();
    let baked = this.sliders;
    for (let at = this.history.cursor - 1; at >= 0; at -= 1) {
      const step = this.history.steps[at];
      if (step.kind === "styles") continue;
      if (step.kind !== "sliders") break;
      if (step.rect) labels.put(step.rect, step.before);
      baked = /** @type {any} */ (step.extra).sliders.before;
    }
    return { labels, baked };
  }

  /** @returns {LabelMap} */
  present() {
    if (!this.labels) throw new Error("Nothing is open.");
    return this.labels;
  }
}

/**
 * Strengths that lead from the base to slider values.
 * @param {Sliders} values
 * @param {Sliders} baked
 * @returns {Sliders}
 */
export function strengths(values, baked) {
  /** @type {Sliders} */
  const result = {};
  for (const name of new Set([...Object.keys(values), ...Object.keys(baked)])) {
    const strength = (values[name] ?? 0) - (baked[name] ?? 0);
    if (Math.abs(strength) > 1e-6) result[name] = Math.min(1, Math.max(-1, strength));
  }
  return result;
}
