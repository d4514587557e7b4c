import assert from "node:assert/strict";
import { test } from "node:test";
import { divider, paneIndex, panes } from "../../../../src/maskgan/web/static/js/engine/compare.js";
import { MAX_SCALE, MIN_SCALE, Viewport } from "../../../../src/maskgan/web/static/js/engine/viewport.js";
import { pressureFactor, sizeSteps, zoomFactor } from "../../../../src/maskgan/web/static/js/engine/wheel.js";
import { generator } from "./seeded.js";

const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);

test("a fitted picture lies in the middle and whole in the pane", () => {
  const view = new Viewport();
  for (const [w, h, size] of [[360, 500, 512], [3840, 2160, 512], [900, 700, 4000], [20, 20, 512]]) {
    view.fit(w, h, size);
    const [low, high] = [view.toScreen(-0.5, -0.5), view.toScreen(size - 0.5, size - 0.5)];
    near(low.x, w - high.x);
    near(low.y, h - high.y);
    if (view.scale > MIN_SCALE) assert.ok(low.x >= 0 && low.y >= 0);
  }
});

test("screen and image coordinates are each other's inverse; pixel 0 begins at the edge", () => {
  const random = generator(51);
  const view = new Viewport();
  view.fit(800, 600, 512);
  for (let round = 0; round < 100; round += 1) {
    view.zoomAt(random() * 800, random() * 600, Math.exp(random() * 2 - 1));
    view.pan(random() * 100 - 50, random() * 100 - 50);
    const at = view.toImage(123, 45);
    const back = view.toScreen(at.x, at.y);
    near(back.x, 123);
    near(back.y, 45);
    near(view.toImage(view.x, view.y).x, -0.5);
  }
});

test("zooming keeps the point under the pointer and stays within limits", () => {
  const view = new Viewport();
  view.fit(800, 600, 512);
  const before = view.toImage(300, 200);
  view.zoomAt(300, 200, 3);
  near(view.toImage(300, 200).x, before.x);
  near(view.toImage(300, 200).y, before.y);
  view.zoomAt(300, 200, 1e9);
  assert.equal(view.scale, MAX_SCALE);
  view.zoomAt(300, 200, 1e-9);
  assert.equal(view.scale, MIN_SCALE);
  view.zoomTo(1);
  assert.equal(view.scale, 1);
});

test("the picture cannot be lost", () => {
  const view = new Viewport();
  view.fit(800, 600, 512);
  view.pan(1e6, -1e6);
  assert.ok(view.x < 800 && view.y + 512 * view.scale > 0);
});

test("a new size fits a fitted picture again and keeps another one's middle", () => {
  const view = new Viewport();
  view.fit(800, 600, 512);
  view.resize(400, 400);
  near(view.toScreen(255.5, 255.5).x, 200);
  view.zoomAt(200, 200, 2);
  const { scale } = view;
  const middle = view.toImage(200, 200);
  view.resize(600, 300);
  assert.equal(view.scale, scale);
  near(view.toImage(300, 150).x, middle.x);
  near(view.toImage(300, 150).y, middle.y);
});

test("side by side is across where there is width, else one below the other", () => {
  const side = { mode: "side", position: 0.5, peek: false };
  assert.deepEqual(panes(side, 1000, 600).map((pane) => [pane.rect.x, pane.rect.w, pane.original]), [
    [0, 496, true],
    [504, 496, false],
  ]);
  assert.deepEqual(panes(side, 360, 700).map((pane) => [pane.rect.y, pane.rect.h]), [
    [0, 346],
    [354, 346],
  ]);
  const all = panes(side, 1000, 600);
  assert.deepEqual([10, 500, 510].map((x) => paneIndex(all, x, 5)), [0, 1, 1]);
  for (const mode of ["result", "slider"]) {
    assert.equal(panes({ ...side, mode }, 100, 100)[0].original, false);
    assert.equal(panes({ ...side, mode, peek: true }, 100, 100)[0].original, true);
  }
});

test("the dividing line stays on what is to be seen of the picture", () => {
  const view = new Viewport();
  view.fit(800, 600, 512);
  const at = (position) => divider({ mode: "slider", position, peek: false }, view).x;
  near(at(0), view.x);
  near(at(1), view.x + 512 * view.scale);
  near(at(7), at(1));
  view.zoomAt(400, 300, 8);
  assert.deepEqual([at(0), at(0.25), at(1)], [0, 200, 800]);
});

test("a notch up zooms in, Ctrl changes the size, a trackpad's pinch zooms", () => {
  const turn = { deltaY: -100, deltaMode: 0, ctrlKey: false };
  near(zoomFactor(turn), 1.2);
  near(zoomFactor({ ...turn, deltaY: 3, deltaMode: 1 }), 1 / 1.2);
  assert.equal(sizeSteps(turn), 0);
  assert.equal(sizeSteps({ ...turn, ctrlKey: true }), 1);
  const pinch = { deltaY: -2.5, deltaMode: 0, ctrlKey: true };
  assert.equal(sizeSteps(pinch), 0);
  assert.ok(zoomFactor(pinch) > 1);
});

test("more pressure is a wider stroke, half of it the brush's own radius", () => {
  const factors = [0, 0.1, 0.3, 0.5, 0.7, 1].map(pressureFactor);
  assert.equal(factors[3], 1);
  factors.slice(1).forEach((factor, at) => assert.ok(factor > factors[at]));
  assert.deepEqual([factors[0], factors[5]], [0.25, 1.5]);
});
