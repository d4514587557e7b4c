import assert from "node:assert/strict";
import { test } from "node:test";
import { EdgeTiles } from "../../../../src/maskgan/web/static/js/engine/edges.js";
import { paint, stroke } from "../../../../src/maskgan/web/static/js/engine/raster.js";
import { blocks, generator } from "./seeded.js";

const SIZE = 70;

/** Unit edges of a map, by brute force, as "x,y,v" or "x,y,h". */
function expected({ data }) {
  const edges = [];
  for (let y = 0; y < SIZE; y += 1) {
    for (let x = 0; x < SIZE; x += 1) {
      const at = y * SIZE + x;
      if (y && data[at] !== data[at - SIZE]) edges.push(`${x},${y},h`);
      if (x && data[at] !== data[at - 1]) edges.push(`${x},${y},v`);
    }
  }
  return edges.sort();
}

/** The same from the tiles; each run is checked to lie between the same two classes. */
function found(tiles, { data }) {
  const edges = [];
  tiles.forEach({ x: 0, y: 0, w: SIZE, h: SIZE }, (x0, y0, x1, y1) => {
    const pairs = new Set();
    const down = x0 === x1;
    for (let step = 0; step < (down ? y1 - y0 : x1 - x0); step += 1) {
      const [x, y] = down ? [x0, y0 + step] : [x0 + step, y0];
      edges.push(`${x},${y},${down ? "v" : "h"}`);
      const at = y * SIZE + x;
      pairs.add(`${data[at]},${data[down ? at - 1 : at - SIZE]}`);
    }
    assert.equal(pairs.size, 1);
  });
  return edges.sort();
}

test("every edge between two classes is found once, also after strokes", () => {
  const random = generator(41);
  const labels = blocks(SIZE, random);
  const tiles = new EdgeTiles(SIZE);
  tiles.update(labels, { x: 0, y: 0, w: SIZE, h: SIZE });
  assert.deepEqual(found(tiles, labels), expected(labels));
  for (let round = 0; round < 60; round += 1) {
    const points = [0, 1].map(() => ({ x: random() * 80 - 5, y: random() * 80 - 5, r: random() * 6 }));
    const rect = paint(labels, stroke(SIZE, points), Math.floor(random() * 19));
    if (rect) tiles.update(labels, rect);
    assert.deepEqual(found(tiles, labels), expected(labels));
  }
});

test("only the tiles in sight are visited", () => {
  const labels = blocks(SIZE, generator(42), 1);
  const tiles = new EdgeTiles(SIZE);
  tiles.update(labels, { x: 0, y: 0, w: SIZE, h: SIZE });
  const seen = [];
  tiles.forEach({ x: 33, y: 2, w: 3, h: 3 }, (x0, y0, x1, y1) => seen.push(x0, x1, y0, y1));
  assert.ok(seen.length > 0);
  tiles.forEach({ x: 33, y: 2, w: 3, h: 3 }, (x0, y0, x1, y1) => {
    assert.ok(x0 >= 32 && x1 <= 64 && y0 >= 0 && y1 <= 32);
  });
});
