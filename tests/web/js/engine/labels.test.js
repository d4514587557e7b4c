import assert from "node:assert/strict";
import { test } from "node:test";
import {
  LabelMap,
  MIRROR,
  grow,
  intersect,
  isEmpty,
  midline,
  unite,
} from "../../../../src/maskgan/web/static/js/engine/labels.js";
import { generator } from "./seeded.js";

test("the difference is the smallest rectangle around the pixels that differ", () => {
  const random = generator(5);
  for (let round = 0; round < 200; round += 1) {
    const one = new LabelMap(23);
    const other = one.clone();
    const spots = Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
      return [Math.floor(random() * 23), Math.floor(random() * 23)];
    });
    for (const [x, y] of spots) other.data[y * 23 + x] = 1 + Math.floor(random() * 18);
    const [xs, ys] = [0, 1].map((side) => spots.map((spot) => spot[side]));
    const [x, y] = [Math.min(...xs), Math.min(...ys)];
    const rect = { x, y, w: Math.max(...xs) + 1 - x, h: Math.max(...ys) + 1 - y };
    assert.deepEqual(one.diff(other), rect);
  }
  assert.equal(new LabelMap(5).diff(new LabelMap(5)), null);
  assert.throws(() => new LabelMap(5).diff(new LabelMap(6)), RangeError);
});

test("what is cropped and put again is the same; outside is refused", () => {
  const labels = new LabelMap(9, Uint8Array.from({ length: 81 }, (_, at) => at % 19));
  const rect = { x: 3, y: 2, w: 4, h: 5 };
  const part = labels.crop(rect);
  assert.deepEqual([...part.subarray(0, 4)], [21, 22, 23, 24].map((at) => at % 19));
  const copy = new LabelMap(9);
  copy.put(rect, part);
  assert.deepEqual(copy.crop(rect), part);
  assert.equal(copy.data.reduce((sum, value) => sum + value, 0), part.reduce((a, b) => a + b, 0));
  for (const bad of [{ ...rect, x: 6 }, { ...rect, y: -1 }, { ...rect, w: 1.5 }]) {
    assert.throws(() => labels.crop(bad), RangeError);
  }
  assert.throws(() => labels.put(rect, new Uint8Array(3)), RangeError);
  assert.throws(() => new LabelMap(4, new Uint8Array(15)), RangeError);
  assert.throws(() => new LabelMap(0), RangeError);
});

test("a copy is a copy", () => {
  const labels = new LabelMap(3);
  const copy = labels.clone();
  copy.data[4] = 9;
  assert.equal(labels.data[4], 0);
  assert.deepEqual(copy.present(), new Set([0, 9]));
});

test("a point belongs to the pixel whose centre is nearest", () => {
  const labels = new LabelMap(3, Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8]));
  assert.equal(labels.at(0.49, 0.51), 3);
  assert.equal(labels.at(-0.5, 0), 0);
  assert.equal(labels.at(-0.51, 0), null);
  assert.equal(labels.at(2.5, 0), null);
});

test("rectangles unite, intersect and grow", () => {
  const [a, b] = [{ x: 1, y: 2, w: 3, h: 4 }, { x: 3, y: 0, w: 5, h: 3 }];
  assert.deepEqual(unite(a, b), { x: 1, y: 0, w: 7, h: 6 });
  assert.deepEqual(intersect(a, b), { x: 3, y: 2, w: 1, h: 1 });
  assert.equal(intersect(a, { x: 4, y: 2, w: 2, h: 2 }), null);
  assert.equal(unite(null, { x: 1, y: 1, w: 0, h: 3 }), null);
  assert.deepEqual(unite(null, a), a);
  assert.deepEqual(unite(a, null), a);
  assert.deepEqual(grow(a, 2, 5), { x: 0, y: 0, w: 5, h: 5 });
  assert.ok(isEmpty(null) && isEmpty({ x: 0, y: 0, w: 4, h: 0 }) && !isEmpty(a));
});

test("mirroring classes twice changes nothing, three pairs exchange", () => {
  assert.deepEqual(MIRROR.map((cls) => MIRROR[cls]), [...MIRROR.keys()]);
  assert.deepEqual(MIRROR.flatMap((to, cls) => (to > cls ? [[cls, to]] : [])), [[4, 5], [6, 7], [8, 9]]);
});

test("the midline lies between the eyes, else where crops have it", () => {
  const labels = new LabelMap(64);
  assert.equal(midline(labels), 31.5);
  assert.equal(midline(new LabelMap(512)), 254);
  for (const [x, cls] of [[10, 5], [11, 5], [40, 4], [42, 4]]) labels.data[64 * 20 + x] = cls;
  assert.equal(midline(labels), 26);
  labels.data[64 * 20 + 12] = 5;
  assert.equal(midline(labels), 26);
  labels.data[64 * 21 + 43] = 4;
  labels.data[64 * 22 + 43] = 4;
  assert.equal(midline(labels), 26.5);
});
