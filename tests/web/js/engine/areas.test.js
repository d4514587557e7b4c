import assert from "node:assert/strict";
import { test } from "node:test";
import { Fill } from "../../../../src/maskgan/web/static/js/engine/tools/fill.js";
import { Lasso } from "../../../../src/maskgan/web/static/js/engine/tools/lasso.js";
import { Picker } from "../../../../src/maskgan/web/static/js/engine/tools/picker.js";
import { Polygon } from "../../../../src/maskgan/web/static/js/engine/tools/polygon.js";
import { at, refuse, scene } from "./face.js";

test("fill paints the piece under the pointer, not a locked one", () => {
  const { context, labels, history } = scene({ cls: 2 });
  const fill = new Fill();
  fill.down(context, at(30, 40));
  assert.equal(labels.data.filter((value) => value === 2).length, 40);
  assert.equal(history.steps.length, 1);
  fill.down({ ...context, cls: 3, locked: new Set([2]) }, at(30, 40));
  fill.down(context, at(-9, 40));
  assert.equal(history.steps.length, 1);
});

test("lasso paints what it encloses; two points enclose nothing", () => {
  const { context, labels, history, stage } = scene({ cls: 2 });
  const lasso = new Lasso();
  lasso.down(context, at(4.5, 4.5));
  lasso.move(context, [at(14.5, 4.5), at(14.5, 9.5)]);
  lasso.move(context, [at(4.5, 9.5)]);
  assert.equal(stage.selection.path.length, 4);
  lasso.up(context);
  assert.equal(stage.selection, null);
  assert.equal(labels.data.filter((value) => value === 2).length, 50);
  lasso.down(context, at(20, 20));
  lasso.move(context, [at(25, 25)]);
  lasso.up(context);
  lasso.down(context, at(20, 20));
  lasso.move(context, [at(25, 25), at(20, 30)]);
  assert.equal(lasso.key(context, { key: "Escape" }), true);
  lasso.up(context);
  assert.equal(history.steps.length, 1);
});

const CORNERS = [[4.5, 4.5], [14.5, 4.5], [14.5, 9.5], [4.5, 9.5]];

/** Clicks the corners of a polygon. */
function click(tool, context, corners = CORNERS) {
  for (const [x, y] of corners) {
    tool.down(context, at(x, y));
    tool.up(context);
  }
}

test("a polygon closes by Enter, by a double click and on its first corner", () => {
  const closings = [
    (tool, context) => assert.equal(tool.key(context, { key: "Enter" }), true),
    (tool, context) => tool.down(context, at(4.5, 9.5, { clicks: 2 })),
    (tool, context) => tool.down(context, at(6, 5)),
  ];
  for (const close of closings) {
    const { context, labels, history, stage } = scene({ cls: 2 });
    const tool = new Polygon();
    click(tool, context);
    assert.ok(tool.busy && stage.selection.dots);
    close(tool, context);
    assert.ok(!tool.busy);
    assert.equal(stage.selection, null);
    assert.equal(labels.data.filter((value) => value === 2).length, 50);
    assert.equal(history.steps.length, 1);
  }
});

test("Backspace takes the last corner, Esc all of them; other keys are the page's", () => {
  const { context, labels, history, stage } = scene({ cls: 2 });
  const tool = new Polygon();
  assert.equal(tool.key(context, { key: "Enter" }), false);
  click(tool, context, [...CORNERS, [50, 50]]);
  tool.hover(context, at(30, 30));
  assert.equal(stage.selection.path.length, 6);
  tool.key(context, { key: "Backspace" });
  assert.equal(stage.selection.path.length, 5);
  assert.equal(tool.key(context, { key: "b" }), false);
  tool.down(context, at(50, 50));
  tool.cancel(context);
  tool.key(context, { key: "Enter" });
  assert.equal(labels.data.filter((value) => value === 2).length, 50);
  click(tool, context);
  tool.key(context, { key: "Escape" });
  assert.equal(tool.key(context, { key: "Enter" }), false);
  assert.equal(history.steps.length, 1);
});

test("a corner can be dragged to its place", () => {
  const { context, labels } = scene({ cls: 2 });
  const tool = new Polygon();
  click(tool, context, CORNERS.slice(0, 3));
  tool.down(context, at(20, 30));
  tool.move(context, [at(4.5, 9.5)]);
  tool.up(context);
  tool.key(context, { key: "Enter" });
  assert.equal(labels.data.filter((value) => value === 2).length, 50);
});

test("the picker tells the class under the pointer, and nothing outside", () => {
  const { context, shown } = scene();
  const picker = new Picker();
  picker.down(context, at(30, 40));
  picker.move(context, [at(-5, 3)]);
  picker.move(context, [at(3, 3), at(30, 43)]);
  assert.deepEqual(shown.picked, [11, 12]);
});

test("what Enter began and the server refused is told", async () => {
  const told = new Promise((failed) => {
    const { context } = scene({ server: refuse, failed });
    const tool = new Polygon();
    for (const [x, y] of CORNERS) tool.down(context, at(x, y, { erase: true }));
    tool.key(context, { key: "Enter" });
  });
  assert.equal((await told).message, "Locked.");
});
