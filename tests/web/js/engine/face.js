/** A small face and all that tools ask of a page, for the tests of tools. */

import { History } from "../../../../src/maskgan/web/static/js/engine/history.js";
import { LabelMap } from "../../../../src/maskgan/web/static/js/engine/labels.js";

export const SIZE = 60;
export const SKIN = 1;
export const LIP = 12;

/** A face of skin with an upper and a lower lip, and all that tools ask of a page. */
export function scene(more = {}) {
  const labels = new LabelMap(SIZE, new Uint8Array(SIZE * SIZE).fill(SKIN));
  for (let y = 40; y < 44; y += 1) labels.data.fill(y < 42 ? 11 : LIP, y * SIZE + 20, y * SIZE + 40);
  const history = new History();
  const shown = { dirty: [], hatched: 0, cleared: 0, previews: [], asked: [], picked: [] };
  const stage = {
    selection: null,
    viewport: { scale: 2 },
    dirtyLabels: (rect) => shown.dirty.push(rect),
    hatch: () => (shown.hatched += 1),
    clearHatch: () => (shown.cleared += 1),
    color: () => "#123456",
  };
  const context = {
    labels,
    cls: LIP,
    radius: 2,
    only: null,
    locked: new Set(),
    mirror: false,
    stage,
    commit: (step) => history.push(step),
    server: async (tool, params) => {
      shown.asked.push([tool, params]);
      return labels.data.slice();
    },
    preview: (rect) => shown.previews.push(rect),
    pick: (cls) => shown.picked.push(cls),
    ...more,
  };
  return { context, labels, history, shown, stage, source: labels.clone() };
}

/** A point as pointers give it. */
export const at = (x, y, more = {}) => ({ x, y, factor: 1, clicks: 1, ...more });

/** A server that cannot. */
export async function refuse() {
  throw new Error("Locked.");
}
