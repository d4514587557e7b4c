/** When labels of an annotation are saved: after steps, never without need, never another photo's. */

import assert from "node:assert/strict";
import test from "node:test";

import { Annotation } from "../../../src/maskgan/web/static/js/annotate/annotation.js";
import { savingText } from "../../../src/maskgan/web/static/js/annotate/bar.js";
import { Drawing } from "../../../src/maskgan/web/static/js/app/drawing.js";
import { Api } from "../../../src/maskgan/web/static/js/net/api.js";

const SIZE = 4;
const ITEMS = [
  { number: 3, name: "anna.jpg", state: "new" },
  { number: 5, name: "ben.jpg", state: "new" },
];

/** A page with an annotation and a server that writes down what it is sent. */
async function begin() {
  /** @type {{path: string, bytes: Uint8Array}[]} */
  const puts = [];
  const server = { broken: false };
  const send = async (/** @type {any} */ path, /** @type {any} */ init = {}) => {
    if (init.method === "PUT") {
      if (server.broken) return Response.json({ detail: "The disk is full." }, { status: 422 });
      puts.push({ path, bytes: new Uint8Array(await new Response(init.body).arrayBuffer()) });
      const item = ITEMS.find(({ number }) => path.includes(`/${number}/`));
      return Response.json({ ...item, state: path.includes("done=true") ? "done" : "started" });
    }
    return Response.json({ id: "abc", items: ITEMS });
  };
  const drawing = new Drawing();
  const session = { opened: /** @type {any} */ (null) };
  const page = /** @type {any} */ ({ drawing, session, api: new Api("api", send) });
  const annotation = new Annotation(page);
  await annotation.refresh();
  const open = (/** @type {any} */ source, /** @type {any} */ kept) => {
    session.opened = { source };
    return drawing.begin(SIZE, new Uint8Array(SIZE * SIZE).fill(1), kept);
  };
  const failures = /** @type {unknown[]} */ ([]);
  annotation.autosave.failed = (error) => void failures.push(error);
  return { annotation, drawing, open, puts, server, failures };
}

const anna = { name: "anna.jpg", annotation: { id: "abc", number: 3 } };
const step = { title: "Brush", kind: "paint", op: { op: "paint" } };

/** @param {Drawing} drawing @param {number} value */
const paint = (drawing, value) => drawing.replace(new Uint8Array(SIZE * SIZE).fill(value), step);

test("a photo that was only looked at is not saved", async () => {
  const { annotation, drawing, open, puts } = await begin();
  await open(anna);
  assert.equal(annotation.current, 3);
  assert.equal(annotation.unsaved(), false);
  paint(drawing, 7);
  drawing.undo();
  assert.equal(await annotation.settle(), true);
  assert.deepEqual(puts, []);
});

test("a step is saved once, and taking it back is saved too", async () => {
  const { annotation, drawing, open, puts } = await begin();
  await open(anna);
  paint(drawing, 7);
  assert.equal(annotation.saving, "changed");
  assert.equal(await annotation.settle(), true);
  assert.equal(await annotation.settle(), true);
  assert.equal(annotation.saving, "saved");
  assert.equal(annotation.listing.item(3)?.state, "started");
  drawing.undo();
  await annotation.settle();
  assert.deepEqual(puts.map(({ path, bytes }) => [path, bytes[0]]), [
    ["api/annotation/3/labels", 7],
    ["api/annotation/3/labels", 1],
  ]);
});

test("a failed save is told once and tried again", async () => {
  const { annotation, drawing, open, puts, server, failures } = await begin();
  await open(anna);
  server.broken = true;
  paint(drawing, 7);
  assert.equal(await annotation.settle(), false);
  assert.equal(await annotation.settle(), false);
  assert.equal(annotation.saving, "failed");
  assert.equal(failures.length, 1);
  server.broken = false;
  assert.equal(await annotation.settle(), true);
  assert.deepEqual(puts.map(({ bytes }) => bytes[0]), [7]);
});

test("done is said with the labels, changed or not", async () => {
  const { annotation, open, puts } = await begin();
  await open(anna);
  await annotation.write(true);
  assert.deepEqual(puts.map(({ path }) => path), ["api/annotation/3/labels?done=true"]);
  assert.deepEqual(annotation.listing.progress, { done: 1, of: 2 });
});

test("a photo of elsewhere, or of another annotation, is never saved here", async () => {
  for (const source of [
    { name: "me.jpg" },
    { name: "anna.jpg", annotation: { id: "other", number: 3 } },
    { name: "anna.jpg", annotation: { id: "abc", number: 5 } },
    { name: "carl.jpg", annotation: { id: "abc", number: 9 } },
  ]) {
    const { annotation, drawing, open, puts } = await begin();
    await open(source);
    assert.equal(annotation.current, null);
    paint(drawing, 7);
    assert.equal(await annotation.settle(), true);
    assert.deepEqual(puts, []);
  }
});

test("a drawing that came back with its history is saved", async () => {
  const first = await begin();
  await first.open(anna);
  paint(first.drawing, 7);
  const labels = first.drawing.present().data.slice();
  const kept = { labels, history: await first.drawing.history.toJSON(), sliders: {}, styles: {} };
  const { annotation, open, puts } = await begin();
  await open(anna, kept);
  await annotation.settle();
  assert.deepEqual(puts.map(({ bytes }) => bytes[0]), [7]);
});

test("the line about saving says what holds", () => {
  const item = /** @type {any} */ (ITEMS[0]);
  assert.equal(savingText("saved", item), "As parsed, nothing changed");
  assert.equal(savingText("saved", { ...item, state: "started" }), "Saved");
  assert.equal(savingText("changed", item), "Saving");
  assert.equal(savingText("failed", item), "Not saved");
});
