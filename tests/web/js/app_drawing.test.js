/** Steps, and how sliders and painting go together. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Drawing, strengths } from "../../../src/maskgan/web/static/js/app/drawing.js";

const SIZE = 4;

/** A drawing of 4 x 4 pixels of skin, and what it told. */
async function drawing() {
  const made = new Drawing();
  const told = [];
  made.on({ labels: (rect, quality) => told.push([rect, quality]) });
  await made.begin(SIZE, new Uint8Array(SIZE * SIZE).fill(1));
  return { made, told };
}

const bytes = (changes) => {
  const data = new Uint8Array(SIZE * SIZE).fill(1);
  for (const [at, cls] of Object.entries(changes)) data[Number(at)] = cls;
  return data;
};
const slide = (made, changes, values) =>
  made.replace(bytes(changes), {
    title: "Slider",
    kind: "sliders",
    op: { op: "attributes", strengths: values },
    sliders: values,
  });
const paint = (made, changes) =>
  made.replace(bytes(changes), { title: "Brush", kind: "paint", op: { op: "paint", class: 2 } });

test("new labels are one step with the rectangle that changed", async () => {
  const { made, told } = await drawing();
  assert.equal(paint(made, { 5: 2, 6: 2 }), true);
  assert.deepEqual(told.at(-1), [{ x: 1, y: 1, w: 2, h: 1 }, "full"]);
  assert.equal(made.history.steps.length, 1);
  assert.equal(paint(made, { 5: 2, 6: 2 }), false);
  assert.equal(made.history.steps.length, 1);
});

test("undo and redo bring labels and slider values back", async () => {
  const { made } = await drawing();
  slide(made, { 3: 12 }, { smile: 0.5 });
  paint(made, { 3: 12, 9: 2 });
  made.undo();
  assert.deepEqual(made.labels.data, bytes({ 3: 12 }));
  made.undo();
  assert.deepEqual(made.labels.data, bytes({}));
  assert.deepEqual(made.sliders, {});
  made.redo();
  assert.deepEqual(made.sliders, { smile: 0.5 });
  assert.equal(made.undo() !== null && made.undo(), null);
});

test("a preview is no step, and letting go makes one of the whole gesture", async () => {
  const { made, told } = await drawing();
  const before = made.labels.clone();
  made.preview(bytes({ 3: 12 }));
  assert.equal(told.at(-1)[1], "preview");
  assert.equal(made.history.steps.length, 0);
  const step = { title: "Smile", kind: "sliders", op: { op: "attributes" }, sliders: { smile: 1 } };
  made.replace(bytes({ 3: 12, 4: 12 }), step, before);
  made.undo();
  assert.deepEqual(made.labels.data, bytes({}));
});

test("sliders in a row share the base they began with", async () => {
  const { made } = await drawing();
  slide(made, { 3: 12 }, { smile: 0.5 });
  slide(made, { 3: 12, 4: 12 }, { smile: 0.5, face_width: 0.2 });
  const { labels, baked } = made.base();
  assert.deepEqual(labels.data, bytes({}));
  assert.deepEqual(baked, {});
});

test("painting bakes sliders in: their values stay, the painted labels are the base", async () => {
  const { made } = await drawing();
  slide(made, { 3: 12 }, { smile: 0.5 });
  paint(made, { 3: 12, 9: 2 });
  assert.deepEqual(made.sliders, { smile: 0.5 });
  const { labels, baked } = made.base();
  assert.deepEqual(labels.data, bytes({ 3: 12, 9: 2 }));
  assert.deepEqual(baked, { smile: 0.5 });
  assert.deepEqual(strengths({ smile: 0.5 }, baked), {});
  assert.deepEqual(strengths({ smile: 0.75 }, baked), { smile: 0.25 });
});

test("styles between sliders change no base", async () => {
  const { made } = await drawing();
  slide(made, { 3: 12 }, { smile: 0.5 });
  made.useStyles({ hair: { style: "a", strength: 1 } }, "Hair");
  slide(made, { 3: 12, 4: 12 }, { smile: 0.7 });
  assert.deepEqual(made.base().labels.data, bytes({}));
  made.undo();
  made.undo();
  assert.deepEqual(made.styles, {});
});

test("strengths stay within what sliders can do", () => {
  assert.deepEqual(strengths({ smile: -1 }, { smile: 1 }), { smile: -1 });
  assert.deepEqual(strengths({}, { smile: 0.4 }), { smile: -0.4 });
});

test("jumping walks there and back", async () => {
  const { made } = await drawing();
  for (const at of [1, 2, 3]) paint(made, Object.fromEntries([...Array(at + 1).keys()].map((k) => [k, 2])));
  made.jump(1);
  assert.equal(made.history.cursor, 1);
  assert.deepEqual(made.labels.data, bytes({ 0: 2, 1: 2 }));
  made.jump(3);
  assert.deepEqual(made.labels.data, bytes({ 0: 2, 1: 2, 2: 2, 3: 2 }));
});

test("starting over is a step that can be undone", async () => {
  const { made } = await drawing();
  slide(made, { 3: 12 }, { smile: 0.5 });
  made.startOver();
  assert.deepEqual(made.labels.data, bytes({}));
  assert.deepEqual(made.sliders, {});
  made.undo();
  assert.deepEqual(made.labels.data, bytes({ 3: 12 }));
  assert.deepEqual(made.sliders, { smile: 0.5 });
});

test("a kept drawing begins where it was, with its history", async () => {
  const { made } = await drawing();
  slide(made, { 3: 12 }, { smile: 0.5 });
  paint(made, { 3: 12, 9: 2 });
  const again = new Drawing();
  await again.begin(SIZE, made.source.data, {
    labels: made.labels.data,
    history: JSON.parse(JSON.stringify(await made.history.toJSON())),
    sliders: made.sliders,
    styles: {},
  });
  assert.deepEqual(again.labels.data, made.labels.data);
  again.undo();
  again.undo();
  assert.deepEqual(again.labels.data, bytes({}));
  assert.deepEqual(again.sliders, {});
});
