/** Frames, base64 and zlib streams as the server reads them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  fromBase64,
  packBytes,
  packFrame,
  toBase64,
  unpackBytes,
  unpackFrame,
} from "../../../src/maskgan/web/static/js/net/codec.js";

test("a frame is a length, a JSON text in UTF-8 and the payload", () => {
  const frame = packFrame({ type: "labels", note: "\u00e9" }, Uint8Array.of(7, 8, 9));
  const length = new DataView(frame.buffer).getUint32(0, true);
  const text = new TextDecoder().decode(frame.subarray(4, 4 + length));
  assert.equal(text, '{"type":"labels","note":"\u00e9"}');
  assert.deepEqual([...frame.subarray(4 + length)], [7, 8, 9]);
});

test("a frame comes back as it was packed", () => {
  const frame = packFrame({ seq: 3, rect: [1, 2, 3, 4] }, Uint8Array.of(1, 2));
  const { message, payload } = unpackFrame(frame.buffer);
  assert.deepEqual(message, { seq: 3, rect: [1, 2, 3, 4] });
  assert.deepEqual([...payload], [1, 2]);
});

test("a frame that lies about its length is refused", () => {
  assert.throws(() => unpackFrame(new ArrayBuffer(3)), /no header/);
  const frame = packFrame({ a: 1 });
  new DataView(frame.buffer).setUint32(0, frame.length, true);
  assert.throws(() => unpackFrame(frame.buffer), /announces/);
});

test("base64 takes any bytes, also more than a call has arguments", () => {
  const bytes = Uint8Array.from({ length: 200_001 }, (_, at) => (at * 31) % 256);
  const text = toBase64(bytes);
  assert.equal(text, Buffer.from(bytes).toString("base64"));
  assert.deepEqual(fromBase64(text), bytes);
});

test("packed bytes are a zlib stream and come back", async () => {
  const bytes = new Uint8Array(5000).fill(13);
  const packed = await packBytes(bytes);
  assert.equal(Buffer.from(packed, "base64")[0], 0x78);
  assert.ok(packed.length < 200);
  assert.deepEqual(await unpackBytes(packed), bytes);
});
