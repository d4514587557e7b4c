import assert from "node:assert/strict";
import { test } from "node:test";
import { Transform } from "../../../../src/maskgan/web/static/js/engine/tools/transform.js";
import { SIZE, SKIN, at, refuse, scene } from "./face.js";

test("a part is moved with its group: outline at once, labels by the server", async () => {
  const { context, labels, history, stage, shown } = scene({ locked: new Set([13]) });
  context.server = async (tool, params) => {
    shown.asked.push([tool, params]);
    const moved = new Uint8Array(SIZE * SIZE).fill(SKIN);
    for (let index = 0; index < moved.length - 5; index += 1) {
      if (labels.data[index] >= 10) moved[index + 5 - 3 * SIZE] = labels.data[index];
    }
    return moved;
  };
  const tool = new Transform();
  tool.down(context, at(30, 40));
  assert.deepEqual(tool.classes.sort(), [10, 11, 12]);
  tool.move(context, [at(32, 40), at(35, 37)]);
  assert.deepEqual(stage.selection.matrix, [1, 0, 5, 0, 1, -3]);
  assert.equal(stage.selection.handles.length, 9);
  assert.equal(labels.at(30, 40), 11);
  await tool.up(context);
  assert.deepEqual(shown.asked, [
    ["transform", { classes: [10, 11, 12], matrix: [[1, 0, 5], [0, 1, -3]], locked: [13] }],
  ]);
  assert.equal(labels.at(25, 37), 11);
  assert.deepEqual(history.steps[0].op, { op: "transform", ...shown.asked[0][1] });
  assert.deepEqual(stage.selection.matrix, [1, 0, 0, 0, 1, 0]);
  assert.deepEqual(stage.selection.box[0], { x: 24.5, y: 36.5 });
});

test("handles scale and turn; a click beside deselects; a click without drag asks nothing", async () => {
  const { context, stage, shown } = scene();
  const tool = new Transform();
  tool.down(context, at(30, 40));
  await tool.up(context);
  assert.equal(shown.asked.length, 0);
  const east = stage.selection.handles.find((handle) => handle.kind === "e");
  tool.down(context, at(east.x, east.y));
  tool.move(context, [at(east.x + 10, east.y)]);
  await tool.up(context);
  assert.deepEqual(shown.asked[0][1].matrix, [[1.5, 0, -9.75], [0, 1, 0]]);
  const knob = stage.selection.handles.find((handle) => handle.kind === "rotate");
  tool.down(context, at(knob.x, knob.y));
  tool.move(context, [at(50, 41.5, { shift: true })]);
  await tool.up(context);
  const [[a, b], [d, e]] = shown.asked[1][1].matrix;
  for (const [found, wanted] of [[a, 0], [b, -1], [d, 1], [e, 0]]) {
    assert.ok(Math.abs(found - wanted) < 1e-9);
  }
  context.labels.data[0] = 0;
  tool.down(context, at(0, 0));
  assert.equal(stage.selection, null);
  assert.equal(tool.busy, false);
});

test("arrows nudge, Enter asks once, Esc takes back and then deselects", async () => {
  const { context, stage, shown } = scene();
  const tool = new Transform();
  assert.equal(tool.key(context, { key: "ArrowLeft" }), false);
  tool.down(context, at(30, 40));
  await tool.up(context);
  tool.key(context, { key: "ArrowLeft" });
  tool.key(context, { key: "ArrowUp", shiftKey: true });
  assert.deepEqual(stage.selection.matrix, [1, 0, -1, 0, 1, -10]);
  tool.key(context, { key: "Escape" });
  assert.deepEqual(stage.selection.matrix, [1, 0, 0, 0, 1, 0]);
  tool.key(context, { key: "ArrowRight" });
  tool.key(context, { key: "Enter" });
  await tool.pending;
  assert.deepEqual(shown.asked.map(([, params]) => params.matrix), [[[1, 0, 1], [0, 1, 0]]]);
  assert.equal(tool.key(context, { key: "b" }), false);
  tool.key(context, { key: "Escape" });
  assert.equal(stage.selection, null);
});

test("after an undo the outline is that of the labels; a cancelled drag goes back", async () => {
  const { context, labels, stage, shown } = scene();
  const tool = new Transform();
  tool.down(context, at(30, 40));
  tool.move(context, [at(40, 40)]);
  tool.cancel(context);
  assert.deepEqual(stage.selection.matrix, [1, 0, 0, 0, 1, 0]);
  labels.data.fill(SKIN, 0, 42 * SIZE);
  tool.changed(context);
  assert.deepEqual(stage.selection.box[0], { x: 19.5, y: 41.5 });
  labels.data.fill(SKIN);
  tool.changed(context);
  assert.equal(stage.selection, null);
  assert.equal(shown.asked.length, 0);
});

test("a server that refuses to move puts the outline back", async () => {
  const { context, stage, history } = scene({ server: refuse });
  const tool = new Transform();
  tool.down(context, at(30, 40));
  tool.move(context, [at(35, 40)]);
  await assert.rejects(tool.up(context), /Locked/);
  assert.deepEqual(stage.selection.matrix, [1, 0, 0, 0, 1, 0]);
  assert.equal(history.steps.length, 0);
});

test("a click beside a nudged part first moves its labels", async () => {
  const { context, shown, stage } = scene();
  const tool = new Transform();
  tool.down(context, at(30, 40));
  await tool.up(context);
  tool.key(context, { key: "ArrowLeft" });
  await tool.down(context, at(5, 5));
  assert.deepEqual(shown.asked[0][1].matrix, [[1, 0, -1], [0, 1, 0]]);
  await tool.down(context, at(5, 5));
  assert.deepEqual(tool.classes, [SKIN]);
  tool.leave(context);
  assert.equal(stage.selection, null);
});
test("what a key began and the server refused is told", async () => {
  const errors = [];
  const { context, history } = scene({ server: refuse, failed: (error) => errors.push(error.message) });
  const tool = new Transform();
  tool.down(context, at(30, 40));
  await tool.up(context);
  tool.key(context, { key: "ArrowLeft" });
  tool.key(context, { key: "Enter" });
  await assert.rejects(tool.pending);
  assert.deepEqual(errors, ["Locked."]);
  assert.equal(history.steps.length, 0);
});
