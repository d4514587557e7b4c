/**
 * Closed lines around the pixels of some classes, along the pixels' edges. Knows no page.
 */

/** @typedef {import("./labels.js").LabelMap} LabelMap */
/** @typedef {import("./labels.js").Rect} Rect */
/** @typedef {{x: number, y: number}} Point in image coordinates, so edges lie at halves */

/**
 * The smallest rectangle around some classes.
 * @param {LabelMap} labels
 * @param {ReadonlySet<number>} classes
 * @returns {Rect | null}
 */
export function extent({ data, size }, classes) {
  let [left, right, top, bottom] = [size, -1, size, -1];
  for (let index = 0; index < data.length; index += 1) {
    if (!classes.has(data[index])) continue;
    const x = index % size;
    const y = (index - x) / size;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = y;
  }
  return bottom < 0 ? null : { x: left, y: top, w: right + 1 - left, h: bottom + 1 - top };
}

/**
 * The lines around some classes, clockwise around pieces and the other way around holes; corners
 * only where a line turns.
 * @param {LabelMap} labels
 * @param {ReadonlySet<number>} classes
 * @returns {Point[][]}
 */
export function outline(labels, classes) {
  const box = extent(labels, classes);
  if (!box) return [];
  const { data, size } = labels;
  const inside = (/** @type {number} */ x, /** @type {number} */ y) =>
    x >= 0 && y >= 0 && x < size && y < size && classes.has(data[y * size + x]);
  const stride = size + 1;
  /** @type {Map<number, number[]>} corner -> corners that edges lead to */
  const edges = new Map();
  const add = (/** @type {number} */ from, /** @type {number} */ to) => {
    const list = edges.get(from);
    if (list) list.push(to);
    else edges.set(from, [to]);
  };
  for (let y = box.y; y < box.y + box.h; y += 1) {
    for (let x = box.x; x < box.x + box.w; x += 1) {
      if (!inside(x, y)) continue;
      const corner = y * stride + x;
      if (!inside(x, y - 1)) add(corner, corner + 1);
      if (!inside(x + 1, y)) add(corner + 1, corner + 1 + stride);
      if (!inside(x, y + 1)) add(corner + 1 + stride, corner + stride);
      if (!inside(x - 1, y)) add(corner + stride, corner);
    }
  }
  return loops(edges, stride);
}

/**
 * @param {Map<number, number[]>} edges
 * @param {number} stride
 * @returns {Point[][]}
 */
function loops(edges, stride) {
  const found = [];
  for (const first of edges.keys()) {
    while (edges.get(first)?.length) {
      const corners = [];
      let [from, way] = [first, 0];
      do {
        const list = /** @type {number[]} */ (edges.get(from));
        // Where two lines meet, turn right: pieces that touch at a corner stay apart.
        const right = list.indexOf(from + turned(way, stride));
        const to = list.splice(Math.max(right, 0), 1)[0];
        if (to - from !== way) corners.push(from);
        way = to - from;
        from = to;
      } while (from !== first);
      found.push(corners.map((at) => ({ x: (at % stride) - 0.5, y: Math.floor(at / stride) - 0.5 })));
    }
  }
  return found;
}

/**
 * The way after a turn to the right, in corners: 1 is east, `stride` south.
 * @param {number} way
 * @param {number} stride
 */
function turned(way, stride) {
  if (way === 1) return stride;
  if (way === stride) return -1;
  return way === -1 ? -stride : 1;
}
