/** Settings, the brush, locks, styles for the server. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { MAX_RADIUS, MIN_RADIUS, State } from "../../../src/maskgan/web/static/js/app/state.js";
import { stylesForServer } from "../../../src/maskgan/web/static/js/panels/style.js";
import { snapped, stepped } from "../../../src/maskgan/web/static/js/panels/sliders.js";

test("listeners hear at once, and then only of what they asked for", () => {
  const state = new State();
  const heard = [];
  state.on(["radius"], ({ radius }) => heard.push(radius));
  state.update({ radius: 12 });
  state.update({ mirror: true });
  state.update({ radius: 12 });
  assert.deepEqual(heard, [8, 12]);
});

test("choosing a class remembers the one before, and swapping goes back", () => {
  const state = new State({ cls: 12, previous: 1 });
  state.chooseClass(13);
  assert.deepEqual([state.values.cls, state.values.previous], [13, 12]);
  state.chooseClass(13);
  assert.equal(state.values.previous, 12);
  state.chooseClass(state.values.previous);
  assert.deepEqual([state.values.cls, state.values.previous], [12, 13]);
});

test("the brush grows and shrinks by the same steps, within bounds", () => {
  const state = new State({ radius: 8 });
  state.resizeBrush(10);
  const large = state.values.radius;
  assert.ok(large > 8);
  state.resizeBrush(-10);
  assert.equal(state.values.radius, 8);
  state.resizeBrush(-1000);
  assert.equal(state.values.radius, MIN_RADIUS);
  state.resizeBrush(1000);
  assert.equal(state.values.radius, MAX_RADIUS);
});

test("locks toggle", () => {
  const state = new State();
  state.toggleClass("locked", 4);
  state.toggleClass("locked", 5);
  state.toggleClass("locked", 4);
  assert.deepEqual(state.values.locked, [5]);
});

test("sliders catch at the centre", () => {
  assert.equal(snapped(0.03), 0);
  assert.equal(snapped(-0.03), 0);
  assert.equal(snapped(0.05), 0.05);
});

test("styles go to the server per class, with the session's names", () => {
  const references = [
    { key: "a", server: "s1" },
    { key: "b", server: null },
  ];
  const uses = {
    lips: { style: "a", strength: 0.5 },
    hair: { style: "b", strength: 1 },
    all: { style: "gone", strength: 1 },
  };
  assert.deepEqual(stylesForServer(uses, references), {
    u_lip: { style: "s1", strength: 0.5 },
    l_lip: { style: "s1", strength: 0.5 },
  });
});

test("arrow keys take a slider out of its detent and stop at its ends", () => {
  const press = (key, shiftKey = false) => ({ key, shiftKey });
  assert.equal(stepped(0, press("ArrowRight")), 0.05);
  assert.equal(stepped(0.05, press("ArrowLeft")), 0);
  assert.equal(stepped(0, press("ArrowUp", true)), 0.01);
  assert.equal(stepped(0.98, press("ArrowRight")), 1);
  assert.equal(stepped(-1, press("ArrowDown")), -1);
  assert.equal(stepped(0, press("Home")), null);
});
