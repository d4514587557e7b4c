/**
 * The steps of an edit: each holds the labels of its rectangle before and after, so that undoing
 * and redoing are exact whatever made the step.
 *
 * The history holds no labels: who undoes puts `before` back (`revert`, `reapply`). Steps are kept
 * as runs. Compression for saving is asynchronous in browsers and costs more than a stroke may, so
 * it happens in `toJSON` alone, once per step. Knows no page.
 */

import { packBytes, unpackBytes } from "../net/codec.js";
import { unite } from "./labels.js";
import { packOp, unpackOp } from "./operation.js";
import { packRuns, unpackRuns } from "./runs.js";

/** @typedef {import("./labels.js").LabelMap} LabelMap */
/** @typedef {import("./labels.js").Rect} Rect */
/** @typedef {import("./operation.js").Op} Op */

/** Most steps that are kept. */
export const LIMIT = 500;

/**
 * @typedef {object} StepParts
 * @property {string} title for the list of steps
 * @property {string} kind "paint", "tool", "sliders", "styles" or "import"
 * @property {Op | Op[] | null} [op] the operation, or several in order, for replaying elsewhere
 * @property {Rect | null} [rect] null when no label changed
 * @property {Uint8Array} [before] labels inside `rect`
 * @property {Uint8Array} [after] labels inside `rect`
 * @property {any} [extra] what else the step changed, as JSON holds it
 */

/** One undoable step. */
export class Step {
  #before;
  #after;

  /** @param {StepParts} parts */
  constructor({ title, kind, op = null, rect = null, before, after, extra = null }) {
    const count = rect ? rect.w * rect.h : 0;
    if ((before?.length ?? 0) !== count || (after?.length ?? 0) !== count) {
      throw new RangeError(`A step of ${count} pixels needs as many labels before and after.`);
    }
    this.title = title;
    this.kind = kind;
    this.op = op;
    this.rect = rect;
    this.extra = extra;
    this.#before = packRuns(before ?? new Uint8Array(0));
    this.#after = packRuns(after ?? new Uint8Array(0));
    /** @type {Promise<any> | null} the step as JSON, once it was asked for */
    this.saved = null;
  }

  /** Labels inside `rect` before the step. */
  get before() {
    return unpackRuns(this.#before, this.#count);
  }

  /** Labels inside `rect` after the step. */
  get after() {
    return unpackRuns(this.#after, this.#count);
  }

  get #count() {
    return this.rect ? this.rect.w * this.rect.h : 0;
  }

  /** The step as plain JSON; compressed once and remembered. @returns {Promise<any>} */
  toJSON() {
    this.saved ??= this.#pack();
    return this.saved;
  }

  async #pack() {
    const { title, kind, rect, extra } = this;
    const [op, before, after] = await Promise.all([
      Array.isArray(this.op) ? Promise.all(this.op.map(packOp)) : packOp(this.op),
      packBytes(this.before),
      packBytes(this.after),
    ]);
    return { title, kind, op, rect: rect && [rect.x, rect.y, rect.w, rect.h], before, after, extra };
  }

  /**
   * @param {any} json what `toJSON` gave
   * @returns {Promise<Step>}
   */
  static async fromJSON(json) {
    const [x, y, w, h] = json.rect ?? [];
    const [op, before, after] = await Promise.all([
      Array.isArray(json.op) ? Promise.all(json.op.map(unpackOp)) : unpackOp(json.op ?? null),
      unpackBytes(json.before),
      unpackBytes(json.after),
    ]);
    const { title, kind, extra } = json;
    const rect = json.rect ? { x, y, w, h } : null;
    return new Step({ title, kind, op, rect, before, after, extra });
  }
}

/** Steps and a cursor: the steps before it are done, the others can be redone. */
export class History {
  /** @param {number} [limit] most steps that are kept */
  constructor(limit = LIMIT) {
    this.limit = limit;
    /** @type {Step[]} */
    this.steps = [];
    /** Number of steps that are done. */
    this.cursor = 0;
    /** @type {() => void} called after each change */
    this.onchange = () => {};
  }

  get canUndo() {
    return this.cursor > 0;
  }

  get canRedo() {
    return this.cursor < this.steps.length;
  }

  /**
   * A step that has just been done; what could be redone is gone.
   * @param {Step | StepParts} step
   * @returns {Step}
   */
  push(step) {
    const done = step instanceof Step ? step : new Step(step);
    this.steps.length = this.cursor;
    this.steps.push(done);
    if (this.steps.length > this.limit) this.steps.splice(0, this.steps.length - this.limit);
    this.cursor = this.steps.length;
    this.onchange();
    return done;
  }

  /** @returns {Step | null} the step whose `before` must be put back */
  undo() {
    if (!this.canUndo) return null;
    this.cursor -= 1;
    this.onchange();
    return this.steps[this.cursor];
  }

  /** @returns {Step | null} the step whose `after` must be put */
  redo() {
    if (!this.canRedo) return null;
    this.cursor += 1;
    this.onchange();
    return this.steps[this.cursor - 1];
  }

  /**
   * Goes to where `index` steps are done.
   * @param {number} index from 0 to the number of steps
   * @returns {{undone: Step[], redone: Step[]}} in the order in which to put them
   */
  jump(index) {
    const target = Math.min(Math.max(Math.trunc(index), 0), this.steps.length);
    const undone = this.steps.slice(target, this.cursor).reverse();
    const redone = this.steps.slice(this.cursor, target);
    if (target !== this.cursor) {
      this.cursor = target;
      this.onchange();
    }
    return { undone, redone };
  }

  clear() {
    this.steps = [];
    this.cursor = 0;
    this.onchange();
  }

  /** @returns {Promise<{steps: any[], cursor: number}>} plain JSON; await it */
  async toJSON() {
    const { cursor } = this;
    return { steps: await Promise.all(this.steps.map((step) => step.toJSON())), cursor };
  }

  /**
   * Replaces what the history holds.
   * @param {{steps: any[], cursor: number}} json
   * @returns {Promise<History>} this one
   */
  async fromJSON(json) {
    const steps = await Promise.all(json.steps.map((step) => Step.fromJSON(step)));
    const dropped = Math.max(steps.length - this.limit, 0);
    this.steps = steps.slice(dropped);
    this.cursor = Math.min(Math.max(json.cursor - dropped, 0), this.steps.length);
    this.onchange();
    return this;
  }
}

/**
 * Puts back the labels from before a step.
 * @param {LabelMap} labels
 * @param {Step} step
 * @returns {Rect | null} what changed at most
 */
export function revert(labels, step) {
  if (step.rect) labels.put(step.rect, step.before);
  return step.rect;
}

/**
 * Puts the labels from after a step.
 * @param {LabelMap} labels
 * @param {Step} step
 * @returns {Rect | null} what changed at most
 */
export function reapply(labels, step) {
  if (step.rect) labels.put(step.rect, step.after);
  return step.rect;
}

/**
 * Puts all that `History.jump` gave.
 * @param {LabelMap} labels
 * @param {{undone: Step[], redone: Step[]}} moves
 * @returns {Rect | null} what changed at most
 */
export function travel(labels, { undone, redone }) {
  /** @type {Rect | null} */
  let rect = null;
  for (const step of undone) rect = unite(rect, revert(labels, step));
  for (const step of redone) rect = unite(rect, reapply(labels, step));
  return rect;
}
