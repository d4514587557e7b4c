/**
 * Transform: a click selects the part under the pointer, its box and handles move, scale and turn
 * it; the outline follows at once and the server moves the labels on release.
 *
 * Arrow keys nudge the outline by 1 px, with Shift by 10; Enter moves the labels there, Esc takes
 * it back, a second Esc deselects. Shift keeps proportions and turns in steps of 15 degrees, Ctrl
 * scales about the middle. While the server works, nothing new begins.
 */

import { IDENTITY, apply, compose, corners, drag, handles, isIdentity, shift } from "../affine.js";
import { extent, outline } from "../outline.js";
import { limits } from "../painting.js";
import { ask } from "./surface.js";

/** @typedef {import("./tool.js").ToolContext} ToolContext */
/** @typedef {import("./tool.js").ToolPoint} ToolPoint */
/** @typedef {import("../selection.js").Matrix} Matrix */
/** @typedef {import("../labels.js").Rect} Rect */

/** Classes that move together. */
const GROUPS = [[10, 11, 12]];
const BACKGROUND = 0;
/** CSS pixels. */
const GRAB = 12;
const ARM = 26;
/** @type {Record<string, [number, number]>} */
const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const FAR = 10;

/**
 * @typedef {object} Selected
 * @property {Set<number>} classes
 * @property {Rect} rect
 * @property {import("../outline.js").Point[][]} loops
 */

export class Transform {
  id = "transform";
  title = "Move a part";
  shortcut = "V";
  /** @type {"pointer"} */
  cursor = "pointer";
  /** What the last release or Enter asked of the server. @type {Promise<void>} */
  pending = Promise.resolve();
  /** @type {Selected | null} */
  #selected = null;
  /** @type {Matrix} what is done when the labels follow */
  #matrix = IDENTITY;
  /** @type {{kind: string, from: ToolPoint, before: Matrix} | null} */
  #drag = null;
  #waiting = false;

  get busy() {
    return this.#selected !== null;
  }

  /** The classes that are selected. */
  get classes() {
    return [...(this.#selected?.classes ?? [])];
  }

  /**
   * @param {ToolContext} context
   * @param {ToolPoint} at
   */
  down(context, at) {
    if (this.#waiting) return undefined;
    const grabbed = this.#grab(context, at);
    if (!grabbed && !isIdentity(this.#matrix)) {
      // A nudge that was not confirmed; the next click selects.
      this.#settle(context);
      return this.pending;
    }
    if (!grabbed) this.#select(context, context.labels.at(at.x, at.y));
    this.#drag = this.#selected && { kind: grabbed ?? "move", from: at, before: this.#matrix };
    this.#show(context);
    return undefined;
  }

  /**
   * @param {ToolContext} context
   * @param {ToolPoint[]} points
   */
  move(context, points) {
    const rect = this.#shifted();
    if (!this.#drag || !rect || !points.length) return;
    const at = points[points.length - 1];
    const { kind, from, before } = this.#drag;
    const how = { even: at.shift, centered: at.ctrl };
    this.#matrix = compose(drag(kind, rect, from, at, how), before);
    this.#show(context);
  }

  /** @param {ToolContext} context */
  up(context) {
    if (!this.#drag) return undefined;
    this.#drag = null;
    this.#settle(context);
    return this.pending;
  }

  /** Takes back the drag. @param {ToolContext} context */
  cancel(context) {
    if (this.#drag) this.#matrix = this.#drag.before;
    this.#drag = null;
    this.#show(context);
  }

  /** @param {ToolContext} context */
  leave(context) {
    this.#drag = null;
    this.#settle(context);
    this.pending.catch(context.failed);
    this.#selected = null;
    this.#show(context);
  }

  /**
   * The labels are others than before: the outline follows.
   * @param {ToolContext} context
   */
  changed(context) {
    if (this.#selected && !this.#drag && !this.#waiting) {
      this.#choose(context, this.#selected.classes);
    }
    this.#show(context);
  }

  /**
   * @param {ToolContext} context
   * @param {import("./tool.js").KeyPress} event
   */
  key(context, { key, shiftKey }) {
    if (!this.#selected) return false;
    const way = ARROWS[key];
    if (way && !this.#waiting && !this.#drag) {
      const far = shiftKey ? FAR : 1;
      this.#matrix = compose(shift(way[0] * far, way[1] * far), this.#matrix);
    } else if (key === "Enter") {
      this.#settle(context);
      this.pending.catch(context.failed);
    } else if (key === "Escape") {
      if (this.#drag) this.cancel(context);
      else if (!isIdentity(this.#matrix) && !this.#waiting) this.#matrix = IDENTITY;
      else if (!this.#waiting) this.#selected = null;
    } else {
      return Boolean(way);
    }
    this.#show(context);
    return true;
  }

  /** Has the server move the labels to where the outline is. @param {ToolContext} context */
  #settle(context) {
    const matrix = this.#matrix;
    if (!this.#selected || this.#waiting || isIdentity(matrix)) return;
    this.#waiting = true;
    this.pending = this.#apply(context, this.#selected, matrix).finally(() => {
      this.#waiting = false;
      this.#matrix = IDENTITY;
      this.changed(context);
    });
  }

  /**
   * @param {ToolContext} context
   * @param {Selected} selected
   * @param {Matrix} matrix
   */
  async #apply(context, { classes }, [a, b, c, d, e, f]) {
    const params = {
      classes: [...classes],
      matrix: [
        [a, b, c],
        [d, e, f],
      ],
      ...limits(context.only, context.locked),
    };
    const op = { op: "transform", ...params };
    await ask(context, { tool: "transform", params, title: this.title, op });
  }

  /**
   * @param {ToolContext} context
   * @param {number | null} cls under the pointer
   */
  #select(context, cls) {
    this.#selected = null;
    this.#matrix = IDENTITY;
    if (cls === null || cls === BACKGROUND) return;
    this.#choose(context, new Set(GROUPS.find((group) => group.includes(cls)) ?? [cls]));
  }

  /**
   * @param {ToolContext} context
   * @param {Set<number>} classes
   */
  #choose({ labels }, classes) {
    const rect = extent(labels, classes);
    this.#selected = rect && { classes, rect, loops: outline(labels, classes) };
  }

  /** The box after the nudges before the present drag. @returns {Rect | null} */
  #shifted() {
    const [, , dx, , , dy] = this.#drag?.before ?? this.#matrix;
    const rect = this.#selected?.rect;
    return rect ? { ...rect, x: rect.x + dx, y: rect.y + dy } : null;
  }

  /**
   * The handle under the pointer, "move" for the part or the inside of its box.
   * @param {ToolContext} context
   * @param {ToolPoint} at
   * @returns {string | null}
   */
  #grab(context, at) {
    const rect = this.#shifted();
    if (!rect || !this.#selected) return null;
    const { scale } = context.stage.viewport;
    const near = handles(rect, ARM / scale)
      .map(({ kind, x, y }) => ({ kind, far: Math.hypot(x - at.x, y - at.y) * scale }))
      .sort((one, other) => one.far - other.far)[0];
    if (near.far <= GRAB) return near.kind;
    const [low, , high] = corners(rect);
    const within = at.x >= low.x && at.x <= high.x && at.y >= low.y && at.y <= high.y;
    return within ? "move" : null;
  }

  /** @param {ToolContext} context */
  #show({ stage }) {
    const selected = this.#selected;
    if (!selected) {
      stage.selection = null;
      return;
    }
    const matrix = this.#matrix;
    const active = this.#drag?.kind;
    stage.selection = {
      outline: selected.loops,
      matrix,
      fill: stage.color([...selected.classes][0]),
      box: corners(selected.rect).map((corner) => apply(matrix, corner)),
      handles: handles(selected.rect, ARM / stage.viewport.scale).map(({ kind, ...at }) => {
        return { ...apply(matrix, at), kind, active: kind === active };
      }),
    };
  }
}
