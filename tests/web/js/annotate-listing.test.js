/** The photos of an annotation: counts, what comes next, which part of many is shown. */

import assert from "node:assert/strict";
import test from "node:test";

import { Listing } from "../../../src/maskgan/web/static/js/annotate/listing.js";

/** @param {...string} states */
const listing = (...states) =>
  new Listing(
    states.map((state, number) => ({ number, name: `${number}.jpg`, state: /** @type {any} */ (state) })),
  );

test("progress counts neither skipped photos nor those without a face", () => {
  const photos = listing("done", "new", "started", "skipped", "no-face", "done");
  assert.deepEqual(photos.progress, { done: 2, of: 4 });
  assert.deepEqual(
    ["all", "todo", "done", "skipped", "no-face"].map((filter) => photos.count(/** @type {any} */ (filter))),
    [6, 2, 2, 1, 1],
  );
});

test("next and previous keep to the filter and end at the ends", () => {
  const photos = listing("done", "new", "done", "new");
  assert.equal(photos.step(0, 1)?.number, 1);
  assert.equal(photos.step(3, 1), null);
  assert.equal(photos.step(0, -1), null);
  assert.equal(photos.step(null, 1)?.number, 0);
  assert.equal(photos.step(null, -1)?.number, 3);
  photos.filter = "todo";
  assert.equal(photos.step(1, 1)?.number, 3);
  assert.equal(photos.step(3, -1)?.number, 1);
  assert.equal(photos.step(1, -1), null);
  assert.deepEqual(photos.shown.map((item) => item.number), [1, 3]);
});

test("what is left to do is looked for behind the photo, then from the beginning", () => {
  const photos = listing("new", "done", "started", "no-face");
  assert.equal(photos.nextToDo(1)?.number, 2);
  assert.equal(photos.nextToDo(2)?.number, 0);
  assert.equal(photos.nextToDo(3)?.number, 0);
  assert.equal(listing("done", "new").nextToDo(1), null, "the photo itself is no next one");
  assert.equal(listing("done", "skipped").nextToDo(0), null);
});

test("numbers need not be places in the list", () => {
  const photos = new Listing([
    { number: 4, name: "a.jpg", state: "new" },
    { number: 9, name: "b.jpg", state: "new" },
  ]);
  assert.equal(photos.step(4, 1)?.number, 9);
  photos.put({ number: 9, name: "b.jpg", state: "done" });
  assert.equal(photos.item(9)?.state, "done");
  assert.equal(photos.item(4)?.state, "new");
  assert.equal(photos.item(5), null);
});

test("of many photos those around the open one are shown", () => {
  const photos = listing(...Array(50).fill("new"));
  const shown = (/** @type {number | null} */ around) => {
    const { items, before, after } = photos.window(around, 10);
    assert.equal(items.length + before + after, 50);
    return [items[0].number, items.at(-1)?.number, before, after];
  };
  assert.deepEqual(shown(0), [0, 9, 0, 40]);
  assert.deepEqual(shown(25), [20, 29, 20, 20]);
  assert.deepEqual(shown(49), [40, 49, 40, 0]);
  assert.deepEqual(shown(null), [0, 9, 0, 40]);
  assert.deepEqual(listing("new").window(0, 10), {
    items: [{ number: 0, name: "0.jpg", state: "new" }],
    before: 0,
    after: 0,
  });
});
