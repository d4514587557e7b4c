import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, compose, corners, drag, handles, isIdentity, scale, shift, turn } from "../../../../src/maskgan/web/static/js/engine/affine.js";
import { LabelMap } from "../../../../src/maskgan/web/static/js/engine/labels.js";
import { extent, outline } from "../../../../src/maskgan/web/static/js/engine/outline.js";
import { polygon } from "../../../../src/maskgan/web/static/js/engine/raster.js";
import { blocks, generator } from "./seeded.js";

const SIZE = 40;

/** Twice the signed area of a closed line. */
function doubleArea(loop) {
  return loop.reduce((sum, { x, y }, at) => {
    const next = loop[(at + 1) % loop.length];
    return sum + x * next.y - next.x * y;
  }, 0);
}

test("a square has one line with four corners, its hole another the other way around", () => {
  const labels = new LabelMap(SIZE);
  for (let y = 5; y < 10; y += 1) labels.data.fill(3, y * SIZE + 7, y * SIZE + 12);
  labels.data[7 * SIZE + 9] = 0;
  const lines = outline(labels, new Set([3]));
  assert.deepEqual(lines.map((line) => [line.length, doubleArea(line)]), [[4, 50], [4, -2]]);
  assert.deepEqual(lines[0][0], { x: 6.5, y: 4.5 });
  assert.deepEqual(extent(labels, new Set([3])), { x: 7, y: 5, w: 5, h: 5 });
  assert.equal(extent(labels, new Set([4])), null);
  assert.deepEqual(outline(labels, new Set([4])), []);
});

test("pieces that touch at a corner have lines of their own", () => {
  const labels = new LabelMap(SIZE);
  for (const [x, y] of [[5, 5], [6, 6], [7, 5], [5, 7]]) labels.data[y * SIZE + x] = 3;
  const lines = outline(labels, new Set([3]));
  assert.deepEqual(lines.map((line) => [line.length, doubleArea(line)]), Array(4).fill([4, 2]));
});

test("the lines enclose the pixels of the classes and no others", () => {
  for (let seed = 0; seed < 12; seed += 1) {
    const labels = blocks(SIZE, generator(seed), 1 + (seed % 4));
    const classes = new Set([1, 4, 5, 9, 12, 17]);
    const winding = new Int8Array(SIZE * SIZE);
    for (const line of outline(labels, classes)) {
      const { rect, bits } = polygon(SIZE, line);
      const sign = Math.sign(doubleArea(line));
      bits.forEach((bit, at) => {
        winding[(rect.y + Math.floor(at / rect.w)) * SIZE + rect.x + (at % rect.w)] += bit * sign;
      });
    }
    const wanted = Int8Array.from(labels.data, (label) => (classes.has(label) ? 1 : 0));
    assert.deepEqual(winding, wanted);
  }
});

const near = (a, b) => {
  assert.ok(Math.abs(a.x - b.x) < 1e-9 && Math.abs(a.y - b.y) < 1e-9, `${a.x},${a.y} ${b.x},${b.y}`);
};

test("matrices compose in order", () => {
  const [one, two] = [turn(0.4, { x: 3, y: 9 }), scale(2, 0.5, { x: -1, y: 4 })];
  const at = { x: 5, y: 6 };
  near(apply(compose(two, one), at), apply(two, apply(one, at)));
  near(apply(turn(Math.PI / 2, { x: 0, y: 0 }), { x: 1, y: 0 }), { x: 0, y: 1 });
  assert.ok(isIdentity(compose(shift(-2, 1), shift(2, -1))));
});

test("a dragged handle follows the pointer and the opposite side stays", () => {
  const rect = { x: 10, y: 20, w: 8, h: 4 };
  const [nw, , se] = corners(rect);
  const all = Object.fromEntries(handles(rect, 5).map((handle) => [handle.kind, handle]));
  assert.equal(Object.keys(all).length, 9);
  for (const [kind, fixed] of [["se", nw], ["nw", se]]) {
    const to = { x: all[kind].x + 3, y: all[kind].y - 1 };
    const matrix = drag(kind, rect, all[kind], to);
    near(apply(matrix, all[kind]), to);
    near(apply(matrix, fixed), fixed);
  }
  const east = drag("e", rect, all.e, { x: all.e.x + 8, y: 99 });
  near(apply(east, nw), nw);
  near(apply(east, se), { x: se.x + 8, y: se.y });
  const even = drag("e", rect, all.e, { x: all.e.x + 8, y: 0 }, { even: true });
  assert.deepEqual([even[0], even[4]], [2, 2]);
  const centered = drag("e", rect, all.e, { x: all.e.x + 4, y: 0 }, { centered: true });
  near(apply(centered, nw), { x: nw.x - 4, y: nw.y });
  const through = drag("e", rect, all.e, { x: -500, y: 0 });
  assert.ok(through[0] > 0);
  near(apply(drag("move", rect, { x: 1, y: 1 }, { x: 3, y: 0 }), nw), { x: nw.x + 2, y: nw.y - 1 });
});

test("turning goes about the middle, in steps when asked", () => {
  const rect = { x: 0, y: 0, w: 11, h: 11 };
  const [from, to] = [{ x: 5, y: -10 }, { x: 20, y: 4 }];
  const matrix = drag("rotate", rect, from, to);
  near(apply(matrix, { x: 5, y: 5 }), { x: 5, y: 5 });
  const stepped = drag("rotate", rect, from, to, { even: true });
  near(apply(stepped, { x: 5, y: 0 }), { x: 10, y: 5 });
});
