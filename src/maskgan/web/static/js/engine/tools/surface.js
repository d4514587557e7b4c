/**
 * What brush, lasso, polygon and fill put their masks on: paint of a class, or the eraser, whose
 * outcome only the server knows and which is hatched until it comes.
 */

import { LabelMap, midline } from "../labels.js";
import { Region, packBits } from "../operation.js";
import { Marks, Painting, limits } from "../painting.js";
import { packBytes } from "../../net/codec.js";

/** @typedef {import("./tool.js").ToolContext} ToolContext */
/** @typedef {import("../raster.js").Mask} Mask */

/**
 * @typedef {object} Surface
 * @property {(mask: Mask) => void} add
 * @property {(title: string) => void | Promise<void>} finish
 * @property {() => void} cancel
 */

/** @type {WeakMap<LabelMap, Promise<void>>} strokes that are under way, by what they paint on */
const strokes = new WeakMap();

/**
 * @param {ToolContext} context
 * @param {boolean} [erase]
 * @returns {Surface}
 */
export function surface(context, erase = false) {
  const axis = context.mirror ? midline(context.labels) : null;
  return erase ? eraser(context, axis) : paint(context, axis);
}

/**
 * Has the server do something to the present labels and takes its answer as one step. What was
 * drawn since stays; a stroke under way is waited for, so that steps do not overlap.
 * @param {ToolContext} context
 * @param {{tool: string, params: object, title: string, op: import("../operation.js").Op}} work
 */
export async function ask(context, { tool, params, title, op }) {
  const { labels } = context;
  const asked = labels.clone();
  const answer = await context.server(tool, params);
  while (strokes.has(labels)) await strokes.get(labels);
  if (context.labels !== labels || answer.length !== labels.data.length) return;
  const before = labels.clone();
  for (let at = 0; at < answer.length; at += 1) {
    if (answer[at] !== asked.data[at]) labels.data[at] = answer[at];
  }
  const rect = labels.diff(before);
  if (!rect) return;
  context.stage.dirtyLabels(rect);
  const pixels = { before: before.crop(rect), after: labels.crop(rect) };
  context.commit({ title, kind: "tool", op, rect, ...pixels });
}

/**
 * @param {ToolContext} context
 * @param {number | null} axis
 * @returns {Surface}
 */
function paint(context, axis) {
  const { cls, only, locked, stage, labels } = context;
  const painting = new Painting(labels, { cls, only, locked, axis });
  let ended = () => {};
  strokes.set(labels, new Promise((resolve) => (ended = resolve)));
  const end = () => {
    strokes.delete(labels);
    ended();
  };
  return {
    add(mask) {
      const rect = painting.add(mask);
      if (!rect) return;
      stage.dirtyLabels(rect);
      context.preview(rect);
    },
    finish(title) {
      end();
      const step = painting.finish(title);
      if (step) context.commit(step);
    },
    cancel() {
      end();
      const rect = painting.cancel();
      if (!rect) return;
      stage.dirtyLabels(rect);
      context.preview(rect);
    },
  };
}

/**
 * @param {ToolContext} context
 * @param {number | null} axis
 * @returns {Surface}
 */
function eraser(context, axis) {
  const { only, locked, stage, labels } = context;
  const marks = new Marks(labels.size, axis);
  return {
    add(mask) {
      marks.add(mask, () => {});
      stage.hatch(marks.axis === null ? mask : marks.mask());
    },
    async finish(title) {
      const touched = marks.mask();
      const over = limits(only, locked);
      // Over HTTP a region is the bits of the whole map; the recorded one has its rectangle.
      const bits = marks.flags.map((flag) => (flag ? 1 : 0));
      try {
        const region = await packBytes(packBits(bits));
        if (context.labels !== labels) return;
        const op = { op: "erase", region: new Region(touched), ...over };
        await ask(context, { tool: "erase", params: { region, ...over }, title, op });
      } finally {
        stage.clearHatch(touched);
      }
    },
    cancel() {
      stage.clearHatch(marks.mask());
    },
  };
}
