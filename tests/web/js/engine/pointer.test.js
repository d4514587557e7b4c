import assert from "node:assert/strict";
import { test } from "node:test";
import { Pinch } from "../../../../src/maskgan/web/static/js/engine/pinch.js";
import { PointerInput } from "../../../../src/maskgan/web/static/js/engine/pointer.js";

/** What the input needs of an element, on the platform's own event target. */
class Host extends EventTarget {
  style = {};
  captured = [];
  getBoundingClientRect() {
    return { left: 100, top: 50 };
  }
  setPointerCapture(pointer) {
    this.captured.push(pointer);
  }
  focus() {}
}

/** An input whose calls are written down; `send` dispatches an event at a place and time. */
function scene() {
  const host = new Host();
  const calls = [];
  const names = ["down", "move", "up", "cancel", "hover", "pinch", "pan", "wheel", "size"];
  const handlers = Object.fromEntries(
    names.map((name) => [name, (argument) => calls.push([name, argument])]),
  );
  const input = new PointerInput(host, handlers);
  const send = (type, x, y, more = {}) => {
    const event = new Event(type, { cancelable: true });
    const fields = {
      clientX: 100 + x,
      clientY: 50 + y,
      pointerId: 1,
      pointerType: "mouse",
      button: 0,
      buttons: 1,
      pressure: 0.5,
      timeStamp: 1000,
      shiftKey: false,
      ctrlKey: false,
      altKey: false,
      metaKey: false,
      ...more,
    };
    for (const [name, value] of Object.entries(fields)) Object.defineProperty(event, name, { value });
    host.dispatchEvent(event);
    return event;
  };
  const said = () => calls.splice(0).map(([name]) => name);
  return { host, calls, input, send, said };
}

const finger = (pointerId, timeStamp = 1000) => ({ pointerType: "touch", pointerId, timeStamp });

test("a mouse stroke: down, move with all points in between, up, in the element's pixels", () => {
  const { calls, send, host } = scene();
  send("pointerdown", 10, 20);
  const between = [12, 14, 16].map((x) => ({ clientX: 100 + x, clientY: 70, timeStamp: 1000 + x }));
  send("pointermove", 16, 20, { getCoalescedEvents: () => between });
  send("pointerup", 16, 20, { buttons: 0 });
  assert.deepEqual(calls.map(([name]) => name), ["down", "move", "up"]);
  assert.deepEqual([calls[0][1].x, calls[0][1].y], [10, 20]);
  assert.deepEqual(calls[1][1].map(({ x }) => x), [12, 14, 16]);
  assert.deepEqual(host.captured, [1]);
  assert.equal(calls[0][1].erase, false);
});

test("a stroke does not wait for the next frame, and tells each point once", () => {
  const { calls, send } = scene();
  const told = () => calls.splice(0).flatMap(([name, at]) => (name === "move" ? at.map(({ x }) => x) : []));
  const raw = (...xs) => ({
    timeStamp: 1000 + xs.at(-1),
    getCoalescedEvents: () =>
      xs.map((x) => ({ clientX: 100 + x, clientY: 50, timeStamp: 1000 + x })),
  });
  send("pointerrawupdate", 4, 0, raw(4));
  assert.deepEqual(told(), []); // nothing is painted yet
  send("pointerdown", 0, 0);
  send("pointerrawupdate", 6, 0, raw(5, 6));
  assert.deepEqual(told(), [5, 6]);
  send("pointerrawupdate", 8, 0, raw(8)); // too soon: left to the frame
  assert.deepEqual(told(), []);
  send("pointermove", 9, 0, raw(5, 6, 8, 9));
  assert.deepEqual(told(), [8, 9]);
  send("pointerrawupdate", 20, 0, raw(20));
  send("pointermove", 20, 0, raw(20)); // the same again
  assert.deepEqual(told(), [20]);
  send("pointerup", 20, 0, { buttons: 0 });
  send("pointerdown", 0, 0);
  send("pointermove", 7, 0, raw(7)); // another stroke: its own clock
  assert.deepEqual(told(), [7]);
});

test("two points of one instant are both told", () => {
  const { calls, send } = scene();
  send("pointerdown", 0, 0);
  send("pointermove", 1, 0);
  send("pointermove", 2, 0);
  send("pointermove", 2, 0);
  assert.deepEqual(calls.slice(1).map(([name, [at]]) => [name, at.x]), [["move", 1], ["move", 2]]);
});

test("the right button erases, the middle one and Space pan, Alt+drag changes the size", () => {
  const { calls, input, send, said } = scene();
  send("pointerdown", 0, 0, { button: 2, buttons: 2 });
  send("pointermove", 3, 0, { button: -1, buttons: 2 });
  assert.equal(calls[0][1].erase, true);
  assert.equal(calls[1][1][0].erase, true);
  send("pointerup", 3, 0, { button: 2, buttons: 0 });
  said();
  send("pointerdown", 0, 0, { button: 1, buttons: 4 });
  send("pointermove", 5, 7, { buttons: 4 });
  send("pointerup", 5, 7, { button: 1 });
  assert.deepEqual(calls.splice(0), [["pan", { dx: 5, dy: 7 }]]);
  input.space = true;
  send("pointerdown", 0, 0);
  send("pointermove", 1, 2);
  send("pointerup", 1, 2);
  input.space = false;
  assert.deepEqual(said(), ["pan"]);
  send("pointerdown", 0, 0, { altKey: true });
  send("pointermove", 4, 0, { altKey: true });
  send("pointermove", 8, 0, { altKey: true });
  send("pointermove", 20, 0, { altKey: true });
  send("pointerup", 20, 0);
  assert.deepEqual(calls.splice(0), [["size", 1], ["size", 2]]);
});

test("a second finger that lands soon, or before the first went far, takes the stroke back", () => {
  for (const [far, later, taken] of [[30, 100, true], [3, 900, true], [30, 900, false]]) {
    const { send, said, input } = scene();
    send("pointerdown", 10, 10, finger(1));
    send("pointermove", 10 + far, 10, finger(1));
    send("pointerdown", 200, 10, finger(2, 1000 + later));
    const expected = taken ? ["down", "move", "cancel"] : ["down", "move"];
    assert.deepEqual(said(), expected);
    assert.equal(input.mode, taken ? "pinch" : "paint");
    send("pointermove", 220, 10, finger(2));
    assert.deepEqual(said(), taken ? ["pinch"] : []);
    send("pointerup", 220, 10, finger(2));
    send("pointermove", 50, 10, finger(1));
    send("pointerup", 50, 10, finger(1));
    assert.deepEqual(said(), taken ? [] : ["move", "up"]);
    assert.equal(input.mode, "idle");
    send("pointerdown", 1, 1, finger(3));
    assert.deepEqual(said(), ["down"]);
  }
});

test("two fingers zoom about their middle and shift", () => {
  const pinch = new Pinch();
  assert.equal(pinch.move(1, 0, 0), null);
  pinch.add(1, 0, 0);
  assert.equal(pinch.move(1, 5, 0), null);
  pinch.move(1, 0, 0);
  pinch.add(2, 100, 0);
  assert.deepEqual(pinch.move(2, 200, 0), { x: 50, y: 0, factor: 2, dx: 50, dy: 0 });
  pinch.add(3, 7, 7);
  assert.equal(pinch.move(2, 10, 0), null);
  pinch.remove(3);
  assert.equal(pinch.count, 2);
});

test("while a pen is in use fingers pan, and a pen paints by pressure", () => {
  const { calls, send, said } = scene();
  const pen = { pointerType: "pen", pointerId: 9 };
  send("pointermove", 5, 5, { ...pen, buttons: 0, pressure: 0 });
  assert.deepEqual(said(), ["hover"]);
  send("pointerdown", 5, 5, finger(1, 2000));
  send("pointermove", 9, 5, finger(1, 2010));
  send("pointerup", 9, 5, finger(1, 2020));
  assert.deepEqual(said(), ["pan"]);
  send("pointerdown", 5, 5, { ...pen, pressure: 0.25 });
  send("pointermove", 6, 5, { ...pen, pressure: 1 });
  send("pointermove", 7, 5, { ...pen, pressure: 0 });
  send("pointerup", 7, 5, { ...pen, pressure: 0, timeStamp: 3000 });
  const factors = [calls[0][1].factor, calls[1][1][0].factor, calls[2][1][0].factor];
  assert.ok(factors[0] < 1 && factors[1] > 1 && factors[2] === 0.25, String(factors));
  said();
  send("pointerdown", 5, 5, finger(1, 9000));
  assert.deepEqual(said(), ["down"]);
});

test("a pen that knows no pressure paints the brush's radius", () => {
  const { calls, send } = scene();
  send("pointerdown", 5, 5, { pointerType: "pen", pressure: 0 });
  assert.equal(calls[0][1].factor, 1);
});

test("what the browser takes away is cancelled once", () => {
  const { send, said, input } = scene();
  send("pointerdown", 5, 5);
  send("pointercancel", 5, 5);
  send("lostpointercapture", 5, 5);
  assert.deepEqual(said(), ["down", "cancel"]);
  assert.equal(input.mode, "idle");
  send("pointerdown", 5, 5);
  send("pointerup", 5, 5);
  send("lostpointercapture", 5, 5);
  assert.deepEqual(said(), ["down", "up"]);
});

test("other pointers do not disturb a stroke", () => {
  const { send, said } = scene();
  send("pointerdown", 5, 5, { pointerType: "pen", pointerId: 9 });
  send("pointerdown", 50, 50, finger(1));
  send("pointermove", 60, 50, finger(1));
  send("pointerup", 60, 50, finger(1));
  send("pointermove", 7, 5, { pointerType: "pen", pointerId: 9 });
  send("pointerup", 7, 5, { pointerType: "pen", pointerId: 9 });
  assert.deepEqual(said(), ["down", "move", "up"]);
});

test("hovering is told until the pointer leaves; the page does not scroll or open a menu", () => {
  const { calls, send } = scene();
  send("pointermove", 4, 5, { buttons: 0 });
  send("pointerleave", 4, 5);
  assert.deepEqual(calls.map(([name, at]) => [name, at && at.x]), [["hover", 4], ["hover", null]]);
  assert.ok(send("contextmenu", 0, 0).defaultPrevented);
  assert.ok(send("wheel", 0, 0, { deltaY: 100, deltaMode: 0 }).defaultPrevented);
});

test("the wheel zooms at the pointer; with Ctrl whole notches change the size", () => {
  const { calls, send } = scene();
  send("wheel", 30, 40, { deltaY: -100, deltaMode: 0 });
  assert.deepEqual([calls[0][0], calls[0][1].x, calls[0][1].y], ["wheel", 30, 40]);
  assert.ok(calls[0][1].factor > 1);
  calls.length = 0;
  for (let turn = 0; turn < 4; turn += 1) send("wheel", 0, 0, { deltaY: -50, deltaMode: 0, ctrlKey: true });
  assert.deepEqual(calls, [["size", 1], ["size", 1]]);
});

test("clicks in a row are counted where they are near and soon", () => {
  const { calls, send } = scene();
  for (const [x, time] of [[5, 1000], [7, 1200], [7, 2000], [60, 2100]]) {
    send("pointerdown", x, 5, { timeStamp: time });
    send("pointerup", x, 5, { timeStamp: time + 10 });
  }
  const clicks = calls.filter(([name]) => name === "down").map(([, at]) => at.clicks);
  assert.deepEqual(clicks, [1, 2, 1, 1]);
});

test("after it is destroyed nothing is heard", () => {
  const { send, said, input } = scene();
  input.destroy();
  send("pointerdown", 5, 5);
  assert.deepEqual(said(), []);
});
