import assert from "node:assert/strict";
import { test } from "node:test";
import { History, Step, reapply, revert, travel } from "../../../../src/maskgan/web/static/js/engine/history.js";
import { Painting } from "../../../../src/maskgan/web/static/js/engine/painting.js";
import { disc, paint, polygon, stroke } from "../../../../src/maskgan/web/static/js/engine/raster.js";
import { packRuns, unpackRuns } from "../../../../src/maskgan/web/static/js/engine/runs.js";
import { unpackRegion } from "../../../../src/maskgan/web/static/js/engine/operation.js";
import { blocks, generator } from "./seeded.js";

const SIZE = 48;

/** A random step, done on the labels; null when it changed nothing. */
function randomStep(labels, random) {
  const point = () => ({ x: random() * 56 - 4, y: random() * 56 - 4, r: random() * 7 });
  const painting = new Painting(labels, {
    cls: Math.floor(random() * 19),
    only: random() < 0.3 ? new Set([1, 4, 7, 10, 13]) : null,
    locked: random() < 0.3 ? new Set([2, 5]) : new Set(),
    axis: random() < 0.4 ? Math.round(random() * 96) / 2 : null,
  });
  for (let part = 0; part < 3; part += 1) {
    const points = [point(), point(), point()];
    painting.add(random() < 0.5 ? stroke(SIZE, points) : polygon(SIZE, points));
  }
  return painting.finish("Brush");
}

test("undoing and redoing give the labels of each step, whatever the order", () => {
  for (let seed = 0; seed < 20; seed += 1) {
    const random = generator(seed);
    const labels = blocks(SIZE, random);
    const history = new History();
    let states = [labels.data.slice()];
    for (let turn = 0; turn < 120; turn += 1) {
      const choice = random();
      if (choice < 0.5) {
        const step = randomStep(labels, random);
        if (!step) continue;
        states = [...states.slice(0, history.cursor + 1), labels.data.slice()];
        history.push(step);
      } else if (choice < 0.7) {
        const step = history.undo();
        if (step) revert(labels, step);
      } else if (choice < 0.85) {
        const step = history.redo();
        if (step) reapply(labels, step);
      } else {
        travel(labels, history.jump(Math.floor(random() * (history.steps.length + 1))));
      }
      assert.equal(history.steps.length, states.length - 1);
      assert.deepEqual(labels.data, states[history.cursor]);
    }
    travel(labels, history.jump(0));
    assert.deepEqual(labels.data, states[0]);
    assert.ok(!history.canUndo && history.canRedo);
  }
});

test("a step has the rectangle of the true difference", () => {
  const random = generator(31);
  for (let round = 0; round < 100; round += 1) {
    const labels = blocks(SIZE, random);
    const before = labels.clone();
    const step = randomStep(labels, random);
    assert.deepEqual(step?.rect ?? null, before.diff(labels));
    if (!step) continue;
    assert.deepEqual(step.before, before.crop(step.rect));
    assert.deepEqual(step.after, labels.crop(step.rect));
  }
});

test("operations replayed on the labels from before give the labels from after", async () => {
  const random = generator(32);
  let mirrored = 0;
  for (let round = 0; round < 100; round += 1) {
    const labels = blocks(SIZE, random);
    const replayed = labels.clone();
    const step = randomStep(labels, random);
    if (!step) continue;
    const { op } = await new Step(step).toJSON();
    mirrored += Array.isArray(op);
    for (const { region, class: cls, only, locked } of [op].flat()) {
      paint(replayed, await unpackRegion(region), cls, { only, locked });
    }
    assert.deepEqual(replayed.data, labels.data);
  }
  assert.ok(mirrored > 2);
});

test("saved and opened again a history is the same", async () => {
  const random = generator(33);
  const labels = blocks(SIZE, random);
  const history = new History();
  for (let turn = 0; turn < 12; turn += 1) {
    const step = randomStep(labels, random);
    if (step) history.push(step);
  }
  history.push({ title: "Smile", kind: "sliders", extra: { sliders: { before: {}, after: { smile: 1 } } } });
  history.undo();
  history.undo();
  const text = JSON.stringify(await history.toJSON());
  const opened = await new History().fromJSON(JSON.parse(text));
  assert.equal(opened.cursor, history.cursor);
  assert.equal(opened.steps.length, history.steps.length);
  opened.steps.forEach((step, at) => {
    const { title, kind, rect, before, after, extra } = history.steps[at];
    assert.deepEqual(
      [step.title, step.kind, step.rect, step.before, step.after, step.extra],
      [title, kind, rect, before, after, extra],
    );
  });
  assert.equal(JSON.stringify(await opened.toJSON()), text);
});

test("a new step drops what could be redone, and the oldest beyond the limit", () => {
  const history = new History(3);
  let heard = 0;
  history.onchange = () => (heard += 1);
  for (const title of ["a", "b", "c", "d"]) history.push({ title, kind: "paint" });
  assert.deepEqual(history.steps.map((step) => step.title), ["b", "c", "d"]);
  assert.equal(history.undo().title, "d");
  assert.equal(history.undo().title, "c");
  history.push({ title: "e", kind: "paint" });
  assert.deepEqual(history.steps.map((step) => step.title), ["b", "e"]);
  assert.equal(history.redo(), null);
  assert.equal(heard, 7);
  history.clear();
  assert.ok(!history.canUndo && !history.canRedo);
  assert.equal(history.undo(), null);
});

test("a step without its labels is refused", () => {
  const rect = { x: 0, y: 0, w: 2, h: 2 };
  const [four, three] = [new Uint8Array(4), new Uint8Array(3)];
  assert.throws(() => new Step({ title: "", kind: "paint", rect, before: four, after: three }));
  assert.throws(() => new Step({ title: "", kind: "paint", rect, before: four }));
});

test("runs give back their bytes and are short where labels are", () => {
  const random = generator(34);
  const noise = Uint8Array.from({ length: 5000 }, () => Math.floor(random() * 256));
  const flat = new Uint8Array(300_000).fill(13);
  for (const bytes of [noise, flat, new Uint8Array(0), flat.subarray(0, 127), flat.subarray(0, 128)]) {
    assert.deepEqual(unpackRuns(packRuns(bytes), bytes.length), Uint8Array.from(bytes));
  }
  assert.equal(packRuns(flat).length, 4);
});

test("painting that is given up leaves no trace", () => {
  const random = generator(35);
  const labels = blocks(SIZE, random);
  const before = labels.clone();
  const work = { cls: 4, only: null, locked: new Set(), axis: 24.5 };
  const painting = new Painting(labels, work);
  const seen = painting.add(disc(SIZE, 12, 12, 6));
  assert.deepEqual(seen, before.diff(labels));
  assert.deepEqual(painting.cancel(), seen);
  assert.deepEqual(labels.data, before.data);
  assert.equal(new Painting(labels, work).finish("Brush"), null);
});

test("mirrored painting exchanges the sides, and the pointer's own side wins", () => {
  const labels = blocks(SIZE, () => 0.06);
  const painting = new Painting(labels, { cls: 6, only: null, locked: new Set(), axis: 23.5 });
  painting.add(disc(SIZE, 10, 20, 3));
  const count = (cls) => labels.data.filter((value) => value === cls).length;
  assert.deepEqual([count(6), count(7)], [29, 29]);
  for (let x = 0; x < SIZE; x += 1) {
    assert.equal(labels.at(x, 20) === 6, labels.at(47 - x, 20) === 7);
  }
  painting.add(disc(SIZE, 24, 40, 4));
  assert.equal(labels.at(24, 40), 6);
  assert.equal(labels.at(19, 40), 7);
  assert.equal(count(6), 29 + 49);
});

test("the pointer's own side wins also where its mirror image was painted before", () => {
  const labels = blocks(SIZE, () => 0.06);
  const work = { cls: 6, only: new Set([labels.data[0]]), locked: new Set(), axis: 23.5 };
  const painting = new Painting(labels, work);
  painting.add(disc(SIZE, 10, 20, 3));
  painting.add(disc(SIZE, 37, 20, 3));
  const count = (cls) => labels.data.filter((value) => value === cls).length;
  assert.deepEqual([count(6), count(7)], [58, 0]);
});
