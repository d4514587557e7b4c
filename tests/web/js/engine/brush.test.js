import assert from "node:assert/strict";
import { test } from "node:test";
import { reapply, revert } from "../../../../src/maskgan/web/static/js/engine/history.js";
import { LabelMap } from "../../../../src/maskgan/web/static/js/engine/labels.js";
import { unpackBits } from "../../../../src/maskgan/web/static/js/engine/operation.js";
import { disc, paint, stroke } from "../../../../src/maskgan/web/static/js/engine/raster.js";
import { Brush } from "../../../../src/maskgan/web/static/js/engine/tools/brush.js";
import { Eraser } from "../../../../src/maskgan/web/static/js/engine/tools/eraser.js";
import { unpackBytes } from "../../../../src/maskgan/web/static/js/net/codec.js";
import { LIP, SIZE, SKIN, at, refuse, scene } from "./face.js";

test("a brush stroke is one step of the pixels under its line", () => {
  const { context, labels, history, shown, source } = scene();
  const brush = new Brush();
  brush.down(context, at(10, 10));
  brush.move(context, [at(14, 10), at(20, 16)]);
  brush.move(context, [at(25, 16)]);
  brush.up(context);
  const wanted = source.clone();
  const line = [[10, 10], [14, 10], [20, 16], [25, 16]].map(([x, y]) => ({ x, y, r: 2 }));
  paint(wanted, stroke(SIZE, line), LIP);
  assert.deepEqual(labels.data, wanted.data);
  assert.equal(history.steps.length, 1);
  assert.deepEqual(history.steps[0].rect, source.diff(wanted));
  assert.deepEqual(shown.previews, shown.dirty);
  revert(labels, history.undo());
  assert.deepEqual(labels.data, source.data);
  reapply(labels, history.redo());
  assert.deepEqual(labels.data, wanted.data);
});

test("a stroke that changes nothing is no step, one that is cancelled neither", () => {
  const { context, labels, history, source } = scene({ cls: SKIN });
  const brush = new Brush();
  brush.down(context, at(5, 5));
  brush.up(context);
  brush.down(context, at(30, 41));
  assert.notDeepEqual(labels.data, source.data);
  assert.equal(brush.key(context, { key: "Escape" }), true);
  assert.equal(brush.key(context, { key: "Escape" }), false);
  brush.up(context);
  assert.deepEqual(labels.data, source.data);
  assert.equal(history.steps.length, 0);
});

test("Shift continues straight from the last stroke; pressure widens", () => {
  const { context, labels, source } = scene();
  const brush = new Brush();
  brush.down(context, at(5, 5, { shift: true }));
  brush.up(context);
  brush.down(context, at(50, 20, { shift: true }));
  brush.up(context);
  const wanted = source.clone();
  paint(wanted, stroke(SIZE, [{ x: 5, y: 5, r: 2 }, { x: 50, y: 20, r: 2 }]), LIP);
  assert.deepEqual(labels.data, wanted.data);
  brush.down(context, at(50, 50, { factor: 2 }));
  brush.up(context);
  paint(wanted, disc(SIZE, 50, 50, 4), LIP);
  assert.deepEqual(labels.data, wanted.data);
});

test("locked classes stay, and only what is named is covered", () => {
  for (const limits of [{ locked: new Set([11]) }, { only: new Set([1, 12]) }]) {
    const { context, labels, history } = scene({ cls: 10, ...limits });
    const brush = new Brush();
    brush.down(context, at(30, 36));
    brush.move(context, [at(30, 48)]);
    brush.up(context);
    assert.equal(labels.at(30, 41), 11);
    assert.equal(labels.at(30, 42), 10);
    assert.equal(labels.at(30, 38), 10);
    const { op } = history.steps[0];
    assert.deepEqual([op.locked, op.only], [limits.locked && [11], limits.only && [1, 12]]);
  }
});

test("mirror painting paints the other side's class on the other side", () => {
  const { context, labels, history } = scene({ cls: 6, mirror: true });
  const brush = new Brush();
  brush.down(context, at(45, 10));
  brush.up(context);
  // Without eyes the midline is that of crops: 253.9 / 512 of 60 pixels, 29.75, to half a pixel.
  assert.deepEqual([labels.at(45, 10), labels.at(15, 10), labels.at(14, 10)], [6, 7, 7]);
  assert.deepEqual(history.steps[0].op.map((op) => op.class), [6, 7]);
});

test("the eraser hatches, asks the server with the region, and takes its answer as one step", async () => {
  const { context, labels, history, shown, source } = scene();
  context.server = async (tool, params) => {
    shown.asked.push([tool, params]);
    const answer = labels.data.slice();
    const bits = unpackBits(await unpackBytes(params.region), SIZE * SIZE);
    bits.forEach((bit, index) => {
      if (bit && answer[index] >= 10) answer[index] = SKIN;
    });
    return answer;
  };
  const eraser = new Eraser();
  eraser.down(context, at(30, 41));
  eraser.move(context, [at(34, 41)]);
  assert.deepEqual(labels.data, source.data);
  assert.equal(shown.hatched, 2);
  await eraser.up(context);
  const wanted = source.clone();
  paint(wanted, stroke(SIZE, [{ x: 30, y: 41, r: 2 }, { x: 34, y: 41, r: 2 }]), SKIN);
  assert.deepEqual(labels.data, wanted.data);
  assert.equal(shown.asked[0][0], "erase");
  const [step] = history.steps;
  assert.deepEqual([step.kind, step.op.op, step.rect], ["tool", "erase", source.diff(wanted)]);
  assert.equal(shown.cleared, 1);
  revert(labels, history.undo());
  assert.deepEqual(labels.data, source.data);
});

test("an eraser whose server says no leaves no trace but its error", async () => {
  const { context, labels, history, shown, source } = scene({ server: refuse });
  const eraser = new Eraser();
  eraser.down(context, at(30, 41));
  await assert.rejects(eraser.up(context), /Locked/);
  assert.deepEqual([labels.data, history.steps.length, shown.cleared], [source.data, 0, 1]);
});

test("a stroke during the server's work keeps both, as two steps that undo one by one", async () => {
  const { context, labels, history, source } = scene();
  let answer = () => {};
  let asked = () => {};
  const called = new Promise((resolve) => (asked = resolve));
  context.server = () => {
    asked();
    return new Promise((resolve) => (answer = resolve));
  };
  const [brush, eraser] = [new Brush(), new Eraser()];
  eraser.down(context, at(30, 41));
  const erased = eraser.up(context);
  await called;
  const from = labels.data.slice();
  brush.down(context, at(10, 10));
  from.fill(SKIN, 41 * SIZE + 28, 41 * SIZE + 33);
  answer(from);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(labels.at(30, 41), 11);
  brush.move(context, [at(14, 10)]);
  brush.up(context);
  await erased;
  assert.deepEqual(history.steps.map((step) => step.kind), ["paint", "tool"]);
  assert.deepEqual([labels.at(12, 10), labels.at(30, 41)], [LIP, SKIN]);
  revert(labels, history.undo());
  assert.deepEqual([labels.at(12, 10), labels.at(30, 41)], [LIP, 11]);
  revert(labels, history.undo());
  assert.deepEqual(labels.data, source.data);
});

test("an answer for a photo that is closed is dropped", async () => {
  const { context, history } = scene();
  context.server = async () => {
    context.labels = new LabelMap(SIZE);
    return new Uint8Array(SIZE * SIZE).fill(9);
  };
  const eraser = new Eraser();
  eraser.down(context, at(30, 41));
  await eraser.up(context);
  assert.equal(history.steps.length, 0);
  assert.equal(context.labels.data.indexOf(9), -1);
});

test("the brush's right button erases", async () => {
  const { context, shown } = scene();
  const brush = new Brush();
  brush.down(context, at(30, 41, { erase: true }));
  await brush.up(context);
  assert.equal(shown.asked[0][0], "erase");
});
