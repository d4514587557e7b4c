/** The live channel: newest wins, order, and coming back. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { packFrame, unpackFrame } from "../../../src/maskgan/web/static/js/net/codec.js";
import { Live, around, pause } from "../../../src/maskgan/web/static/js/net/live.js";

/** One end of a connection in memory. */
class Line {
  readyState = 0;
  bufferedAmount = 0;
  /** @type {{message: any, payload: Uint8Array}[]} */
  sent = [];

  send(frame) {
    this.sent.push(unpackFrame(frame.buffer));
  }

  open() {
    this.readyState = 1;
    this.onopen();
  }

  close() {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.();
  }

  say(message, payload) {
    this.onmessage({ data: packFrame(message, payload).buffer });
  }
}

/** A channel whose connections and pauses are in the test's hands. */
function channel(size = 8) {
  const labels = new Uint8Array(size * size);
  const seen = { lines: [], pauses: [], results: [], problems: [], states: [] };
  const live = new Live(
    {
      crop: ({ x, y, w, h }) =>
        Uint8Array.from({ length: w * h }, (_, at) => {
          return labels[(y + Math.floor(at / w)) * size + x + (at % w)];
        }),
      styles: () => ({ hair: { style: "s", strength: 1 } }),
      result: async (result, picture) => {
        seen.results.push([result, picture && (await picture.arrayBuffer()).byteLength]);
      },
      problem: (detail) => seen.problems.push(detail),
      state: (state) => seen.states.push(state),
      address: async () => "ws://here/live",
      everything: () => ({ x: 0, y: 0, w: size, h: size }),
    },
    () => {
      const line = new Line();
      seen.lines.push(line);
      return line;
    },
    (action, milliseconds) => seen.pauses.push({ action, milliseconds }),
  );
  return { live, labels, seen };
}

const types = (line) => line.sent.map(({ message }) => message.type);
const settled = () => new Promise((resolve) => setImmediate(resolve));

async function opened() {
  const made = channel();
  await made.live.open();
  made.seen.lines[0].open();
  return { ...made, line: made.seen.lines[0] };
}

test("a connection begins with all labels and a full picture", async () => {
  const { line, live } = await opened();
  assert.deepEqual(types(line), ["labels"]);
  const { message, payload } = line.sent[0];
  assert.deepEqual(message.rect, [0, 0, 8, 8]);
  assert.equal(message.render, "full");
  assert.deepEqual(message.styles, { hair: { style: "s", strength: 1 } });
  assert.equal(payload.length, 64);
  assert.ok(live.busy);
});

test("changes of one moment go out as one rectangle with the labels of then", async () => {
  const { line, live, labels } = await opened();
  live.change({ x: 1, y: 1, w: 1, h: 1 }, "preview");
  live.change({ x: 3, y: 2, w: 1, h: 1 }, "preview");
  labels[2 * 8 + 3] = 5;
  await settled();
  const { message, payload } = line.sent.at(-1);
  assert.deepEqual(message.rect, [1, 1, 3, 2]);
  assert.deepEqual([...payload], [0, 0, 0, 0, 0, 5]);
});

test("previews do not wait for answers, but for a clogged line; a full picture does not", async () => {
  const { line, live } = await opened();
  const before = line.sent.length;
  for (const x of [0, 2, 4]) {
    live.change({ x, y: 0, w: 1, h: 1 }, "preview");
    await settled();
  }
  assert.equal(line.sent.length, before + 3);
  line.bufferedAmount = 1 << 20;
  live.change({ x: 1, y: 1, w: 1, h: 1 }, "preview");
  live.change({ x: 4, y: 4, w: 1, h: 1 }, "preview");
  await settled();
  assert.equal(line.sent.length, before + 3);
  line.bufferedAmount = 0;
  line.say({ type: "result", seq: 4, quality: "preview", rect: [0, 0, 0, 0], seconds: 0 });
  assert.deepEqual(line.sent.at(-1).message.rect, [1, 1, 4, 4]);
  line.bufferedAmount = 1 << 20;
  live.change(null, "full");
  await settled();
  assert.deepEqual(line.sent.at(-1).message.type, "render");
  assert.equal(line.sent.at(-1).message.quality, "full");
});

test("pictures are shown in the order they came", async () => {
  const { line, seen } = await opened();
  for (const seq of [1, 2]) {
    line.say({ type: "result", seq, quality: "full", rect: [seq, 0, 2, 2], seconds: 0 }, new Uint8Array(seq));
  }
  await settled();
  await settled();
  assert.deepEqual(
    seen.results.map(([result, bytes]) => [result.rect.x, bytes]),
    [
      [1, 1],
      [2, 2],
    ],
  );
});

test("the first picture of a connection goes onto the original, later ones onto the result", async () => {
  const { line, seen } = await opened();
  for (const seq of [1, 2]) {
    line.say({ type: "result", seq, quality: "full", rect: [0, 0, 0, 0], seconds: 0 });
  }
  await settled();
  assert.deepEqual(
    seen.results.map(([{ fresh }]) => fresh),
    [true, false],
  );
});

test("a problem is told and answers what it is about", async () => {
  const { line, live, seen } = await opened();
  line.say({ type: "problem", seq: 1, detail: "The model is busy.", slug: "busy" });
  assert.deepEqual(seen.problems, ["The model is busy."]);
  assert.equal(live.busy, false);
});

test("a lost connection is opened again, later each time, and told all again", async () => {
  const { line, live, seen } = await opened();
  line.close();
  live.change({ x: 0, y: 0, w: 2, h: 2 }, "full");
  assert.equal(seen.pauses.length, 1);
  seen.pauses[0].action();
  await settled();
  seen.lines[1].close();
  assert.ok(seen.pauses[1].milliseconds > seen.pauses[0].milliseconds);
  seen.pauses[1].action();
  await settled();
  seen.lines[2].open();
  assert.deepEqual(types(seen.lines[2]), ["labels"]);
  assert.deepEqual(seen.lines[2].sent[0].message.rect, [0, 0, 8, 8]);
  assert.deepEqual(seen.states, ["open", "waiting", "waiting", "open"]);
});

test("a closed channel stays closed and takes no late pictures", async () => {
  const { line, live, seen } = await opened();
  live.close();
  line.say({ type: "result", seq: 1, quality: "full", rect: [0, 0, 1, 1], seconds: 0 });
  await settled();
  assert.deepEqual(seen.results, []);
  assert.deepEqual(seen.pauses, []);
  assert.equal(seen.states.at(-1), "closed");
});

test("pauses grow up to a bound", () => {
  assert.deepEqual([0, 1, 2].map(pause), [250, 500, 1000]);
  assert.equal(pause(50), 5000);
});

test("around is the smallest rectangle around both", () => {
  assert.deepEqual(around({ x: 5, y: 5, w: 1, h: 1 }, { x: 2, y: 6, w: 2, h: 3 }), {
    x: 2,
    y: 5,
    w: 4,
    h: 4,
  });
});
