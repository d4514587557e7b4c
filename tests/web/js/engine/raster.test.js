import assert from "node:assert/strict";
import { test } from "node:test";
import { LabelMap } from "../../../../src/maskgan/web/static/js/engine/labels.js";
import {
  disc,
  floodRegion,
  paint,
  polygon,
  stroke,
  tighten,
} from "../../../../src/maskgan/web/static/js/engine/raster.js";
import { blocks, generator } from "./seeded.js";

const SIZE = 64;

/** Indices of a mask's pixels in a map of side SIZE. */
function pixels({ rect, bits }) {
  const found = new Set();
  bits.forEach((bit, at) => {
    if (bit) found.add((rect.y + Math.floor(at / rect.w)) * SIZE + rect.x + (at % rect.w));
  });
  return found;
}

function where(test) {
  const found = new Set();
  for (let at = 0; at < SIZE * SIZE; at += 1) {
    if (test(at % SIZE, Math.floor(at / SIZE))) found.add(at);
  }
  return found;
}

test("a disc has the pixels whose centres are at most its radius away", () => {
  const counts = [0, 1, 2, 3, 4, 5, 6].map((r) => pixels(disc(SIZE, 30, 30, r)).size);
  // Gauss's circle problem; a radius of 0 still paints one pixel.
  assert.deepEqual(counts, [1, 5, 13, 29, 49, 81, 113]);
});

test("the thinnest brush paints at least one pixel wherever it is clicked", () => {
  const random = generator(1);
  for (let round = 0; round < 500; round += 1) {
    const count = pixels(disc(SIZE, random() * 60 + 1, random() * 60 + 1, 0)).size;
    assert.ok(count >= 1 && count <= 2, `${count} pixels`);
  }
  assert.equal(pixels(disc(SIZE, 30, 30, 0.5)).size, 1);
  assert.equal(pixels(disc(SIZE, 30.5, 30.5, 0.5)).size, 4);
});

test("a stroke is all that is near its segment, cut at the map", () => {
  const points = [
    { x: -5, y: 10, r: 3 },
    { x: 40, y: 30, r: 3 },
  ];
  const [dx, dy] = [45, 20];
  const near = (x, y) => {
    const t = Math.min(Math.max(((x + 5) * dx + (y - 10) * dy) / (dx * dx + dy * dy), 0), 1);
    return (x + 5 - t * dx) ** 2 + (y - 10 - t * dy) ** 2 <= 9;
  };
  assert.deepEqual(pixels(stroke(SIZE, points)), where(near));
});

test("pixels exactly at the radius belong to a stroke", () => {
  const found = pixels(stroke(SIZE, [{ x: 10, y: 10, r: 5 }, { x: 40, y: 50, r: 5 }]));
  // Steps of (3, 4) along the line, (4, -3) to its side: a distance of 5.
  for (let step = 0; step <= 10; step += 1) {
    const [x, y] = [10 + 3 * step, 10 + 4 * step];
    assert.ok(found.has((y - 3) * SIZE + x + 4) && found.has((y + 3) * SIZE + x - 4));
    assert.ok(!found.has((y - 3) * SIZE + x + 5) && !found.has((y + 3) * SIZE + x - 5));
  }
});

test("a stroke painted in pieces is the stroke painted at once", () => {
  const random = generator(2);
  for (let round = 0; round < 50; round += 1) {
    const points = Array.from({ length: 12 }, () => {
      return { x: random() * 80 - 8, y: random() * 80 - 8, r: random() * 9 };
    });
    const apart = new Set();
    for (let at = 1; at < points.length; at += 1) {
      for (const index of pixels(stroke(SIZE, points.slice(at - 1, at + 1)))) apart.add(index);
    }
    assert.deepEqual(pixels(stroke(SIZE, points)), new Set([...apart].sort((a, b) => a - b)));
  }
});

test("a pen's stroke is the union of its discs", () => {
  const points = [
    { x: 12, y: 14, r: 2 },
    { x: 45, y: 38, r: 9 },
  ];
  const union = new Set();
  for (let step = 0; step <= 2000; step += 1) {
    const t = step / 2000;
    const [x, y, r] = [12 + 33 * t, 14 + 24 * t, 2 + 7 * t];
    for (const at of where((px, py) => (px - x) ** 2 + (py - y) ** 2 <= r * r)) union.add(at);
  }
  assert.deepEqual(pixels(stroke(SIZE, points)), new Set([...union].sort((a, b) => a - b)));
});

test("a disc inside the other adds nothing", () => {
  const both = stroke(SIZE, [
    { x: 30, y: 30, r: 10 },
    { x: 32, y: 30, r: 3 },
  ]);
  assert.deepEqual(pixels(both), pixels(disc(SIZE, 30, 30, 10)));
});

test("outside the map a stroke is empty, and bad numbers are refused", () => {
  assert.equal(stroke(SIZE, [{ x: -50, y: 10, r: 4 }]).bits.length, 0);
  assert.throws(() => stroke(SIZE, []), RangeError);
  assert.throws(() => stroke(SIZE, [{ x: Number.NaN, y: 1, r: 1 }]), RangeError);
  assert.throws(() => polygon(SIZE, [{ x: 1, y: 1 }, { x: 2, y: 2 }]), RangeError);
});

test("polygons that share an edge neither overlap nor leave a gap", () => {
  const random = generator(3);
  for (let round = 0; round < 100; round += 1) {
    const [a, b] = [0, 1].map(() => ({ x: random() * 60, y: random() * 60 }));
    const left = [{ x: -9, y: -9 }, a, b, { x: -9, y: 90 }];
    const rest = [{ x: -9, y: -9 }, { x: 90, y: -9 }, { x: 90, y: 90 }, { x: -9, y: 90 }, b, a];
    const [one, other] = [left, rest].map((points) => pixels(polygon(SIZE, points)));
    if (a.y < b.y) {
      assert.equal(one.size + other.size, SIZE * SIZE);
      assert.equal([...one].filter((at) => other.has(at)).length, 0);
    }
  }
});

test("a rectangle between pixel centres has whole counts; crossing lines leave no hole", () => {
  const box = (low, high) => [
    { x: low, y: low },
    { x: high, y: low },
    { x: high, y: high },
    { x: low, y: high },
  ];
  assert.equal(pixels(polygon(SIZE, box(9.5, 19.5))).size, 100);
  assert.equal(pixels(polygon(SIZE, [...box(9.5, 29.5), ...box(9.5, 19.5)])).size, 400);
});

test("a piece is what is connected over edges, not corners", () => {
  const labels = new LabelMap(SIZE);
  for (const [x, y] of [[3, 3], [4, 3], [5, 4], [4, 4], [6, 5]]) labels.data[y * SIZE + x] = 7;
  const piece = floodRegion(labels, 4.4, 2.6);
  assert.deepEqual(piece.rect, { x: 3, y: 3, w: 3, h: 2 });
  assert.deepEqual([...piece.bits], [1, 1, 0, 0, 1, 1]);
  assert.equal(floodRegion(labels, -0.6, 3).bits.length, 0);
  assert.equal(pixels(floodRegion(labels, 0, 0)).size, SIZE * SIZE - 5);
});

test("paint tells the rectangle that truly changed and respects only and locked", () => {
  const random = generator(4);
  for (let round = 0; round < 200; round += 1) {
    const labels = blocks(SIZE, random);
    const before = labels.clone();
    const mask = stroke(SIZE, [
      { x: random() * 70, y: random() * 70, r: random() * 8 },
      { x: random() * 70, y: random() * 70, r: random() * 8 },
    ]);
    const cls = Math.floor(random() * 19);
    const only = random() < 0.5 ? null : new Set([1, 2, 3, 4, 5, 6, 7, 8]);
    const locked = new Set([2, 9, 13]);
    const rect = paint(labels, mask, cls, { only, locked });
    assert.deepEqual(rect, before.diff(labels));
    const inside = pixels(mask);
    for (let at = 0; at < SIZE * SIZE; at += 1) {
      const was = before.data[at];
      const open = inside.has(at) && !locked.has(was) && (!only || only.has(was));
      assert.equal(labels.data[at], open ? cls : was);
    }
  }
});

test("tightening keeps the pixels", () => {
  const mask = disc(SIZE, 30.3, 20.2, 4.1);
  const wide = { rect: { x: 10, y: 5, w: 50, h: 40 }, bits: new Uint8Array(2000) };
  for (const at of pixels(mask)) {
    wide.bits[(Math.floor(at / SIZE) - 5) * 50 + (at % SIZE) - 10] = 1;
  }
  const tight = tighten(wide);
  assert.deepEqual(pixels(tight), pixels(mask));
  assert.ok(tight.rect.w <= 9 && tight.rect.h <= 9);
});
