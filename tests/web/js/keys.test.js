/** The table of keys on several layouts. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { KEYS, find, hintOf, matches, printed } from "../../../src/maskgan/web/static/js/keys.js";

const press = (key, code = "", modifiers = {}) => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...modifiers,
});
const actionOf = (...parts) => find(press(...parts), false)?.id ?? null;

test("letters choose tools whatever the shift lock says", () => {
  assert.equal(actionOf("b", "KeyB"), "brush");
  assert.equal(actionOf("B", "KeyB"), "brush");
  assert.equal(actionOf("f", "KeyF"), "fill");
});

test("undo and redo need Ctrl, or Command on a Mac", () => {
  assert.equal(actionOf("z", "KeyZ", { ctrlKey: true }), "undo");
  assert.equal(actionOf("Z", "KeyZ", { ctrlKey: true, shiftKey: true }), "redo");
  assert.equal(actionOf("y", "KeyY", { ctrlKey: true }), "redo");
  assert.equal(find(press("z", "KeyZ", { metaKey: true }), true)?.id, "undo");
  assert.equal(find(press("z", "KeyZ", { ctrlKey: true }), true), null);
});

test("Alt belongs to the browser", () => {
  assert.equal(actionOf("b", "KeyB", { altKey: true }), null);
});

test("brush sizes have a key on every layout", () => {
  assert.equal(actionOf("[", "BracketLeft"), "smaller");
  assert.equal(actionOf("\u00fc", "BracketLeft"), "smaller");
  assert.equal(actionOf(",", "Comma"), "smaller");
  assert.equal(actionOf("{", "BracketLeft", { shiftKey: true }), "muchSmaller");
  assert.equal(actionOf(":", "Period", { shiftKey: true }), "muchLarger");
});

test("digits choose classes, with and without Shift, on any layout", () => {
  assert.equal(actionOf("&", "Digit1"), "digit");
  assert.equal(actionOf("!", "Digit1", { shiftKey: true }), "digit");
});

test("signs are found whether or not they need Shift", () => {
  assert.equal(actionOf("?", "Slash", { shiftKey: true }), "help");
  assert.equal(actionOf("?", "Minus"), "help");
  assert.equal(actionOf("+", "BracketRight2"), "zoomIn");
  assert.ok(matches("+", press("+", "Equal", { shiftKey: true }), false));
});

test("Shift+Tab walks back, Tab alone can be held", () => {
  assert.equal(actionOf("Tab", "Tab"), "original");
  assert.equal(actionOf("Tab", "Tab", { shiftKey: true }), null);
});

test("no chord belongs to two actions", () => {
  const owners = new Map();
  for (const { id, keys } of KEYS) {
    for (const chord of keys) {
      assert.equal(owners.get(chord) ?? id, id, `${chord} belongs to ${owners.get(chord)} and ${id}`);
      owners.set(chord, id);
    }
  }
});

test("every action that is listed says how it is pressed", () => {
  for (const { id, title, keys, shown } of KEYS) {
    if (title) assert.ok((shown ?? keys).length > 0, id);
  }
});

test("hints are printed for the machine", () => {
  assert.equal(hintOf("undo", false), "Ctrl+Z");
  assert.equal(hintOf("undo", true), "Cmd+Z");
  assert.equal(hintOf("smaller", false), "[");
  assert.equal(printed("Mod+0", true), "Cmd+0");
});
