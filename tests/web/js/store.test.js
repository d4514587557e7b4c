/** When the drawing is written, and what is said when it cannot be. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  Autosave,
  newestFirst,
  storeProblem,
  tabSession,
} from "../../../src/maskgan/web/static/js/store.js";

/** An autosave whose pauses and writes are in the test's hands. */
function autosave() {
  const seen = { pauses: [], writes: [], failures: [] };
  const saver = new Autosave(
    () => new Promise((resolve, reject) => seen.writes.push({ resolve, reject })),
    (error) => seen.failures.push(error),
    (action) => seen.pauses.push(action),
  );
  return { saver, seen };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("many changes are one write", async () => {
  const { saver, seen } = autosave();
  saver.touch();
  saver.touch();
  assert.equal(seen.pauses.length, 1);
  seen.pauses[0]();
  assert.equal(seen.writes.length, 1);
  seen.writes[0].resolve();
  await settled();
  assert.equal(seen.pauses.length, 1);
});

test("a change during a write is written after it, never beside it", async () => {
  const { saver, seen } = autosave();
  saver.touch();
  seen.pauses[0]();
  saver.touch();
  assert.equal(seen.writes.length, 1);
  seen.writes[0].resolve();
  await settled();
  assert.equal(seen.pauses.length, 2);
  seen.pauses[1]();
  assert.equal(seen.writes.length, 2);
});

test("flush writes at once, and nothing when nothing changed", async () => {
  const { saver, seen } = autosave();
  await saver.flush();
  assert.equal(seen.writes.length, 0);
  saver.touch();
  const flushed = saver.flush();
  seen.writes[0].resolve();
  await flushed;
  seen.pauses[0]();
  await settled();
  assert.equal(seen.writes.length, 1);
});

test("a failure is told once until a write succeeds", async () => {
  const { saver, seen } = autosave();
  const fail = async () => {
    saver.touch();
    const flushed = saver.flush();
    seen.writes.at(-1).reject(new Error("full"));
    await flushed;
  };
  await fail();
  await fail();
  assert.equal(seen.failures.length, 1);
  saver.touch();
  const flushed = saver.flush();
  seen.writes.at(-1).resolve();
  await flushed;
  await fail();
  assert.equal(seen.failures.length, 2);
});

test("what does not fit is told with what to do", () => {
  assert.match(storeProblem(new DOMException("", "QuotaExceededError")), /no room left.*project file/);
  assert.match(storeProblem(new Error("x")), /could not keep.*project file/);
});

test("a tab-session has one name", () => {
  const kept = new Map();
  const storage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
  };
  const name = tabSession(storage);
  assert.equal(tabSession(storage), name);
  assert.notEqual(tabSession({ ...storage, getItem: () => null }), name);
});

test("newest drawings come first", () => {
  const records = [{ updated: 1 }, { updated: 3 }, { updated: 2 }];
  assert.deepEqual(
    newestFirst(records).map(({ updated }) => updated),
    [3, 2, 1],
  );
});
