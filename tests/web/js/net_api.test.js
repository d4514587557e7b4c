/** The HTTP interface against a real server in this process. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { Api, Problem, fileName, sentence } from "../../../src/maskgan/web/static/js/net/api.js";

/** @type {import("node:http").Server} */
let server;
/** @type {Api} */
let api;
/** @type {{method: string, url: string, body: Buffer, headers: any}[]} */
let asked = [];
/** @type {Record<string, [number, Record<string, string>, string | Buffer]>} */
const answers = {
  "POST /sessions": [201, {}, '{"id":"s1"}'],
  "GET /sessions/gone": [
    404,
    { "Content-Type": "application/problem+json" },
    '{"detail":"The session is gone.","slug":"session-not-found","status":404}',
  ],
  "GET /sessions/broken": [500, {}, "<html>"],
  "POST /sessions/s1/tools/grow": [200, {}, Buffer.from([1, 2, 3])],
  "POST /sessions/s1/export": [200, { "Content-Disposition": 'attachment; filename="me.jpg"' }, "x"],
};

before(async () => {
  server = createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const { method, headers } = request;
      const url = request.url.replace("/api/v1", "");
      asked.push({ method, url, body: Buffer.concat(parts), headers });
      const [status, more, body] = answers[`${method} ${url.split("?")[0]}`] ?? [200, {}, "{}"];
      response.writeHead(status, more);
      response.end(body);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  api = new Api(`http://127.0.0.1:${server.address().port}/api/v1`);
});

after(() => server.close());

test("a session's id comes back", async () => {
  assert.equal(await api.openSession(), "s1");
});

test("a problem keeps the server's sentence and slug", async () => {
  await assert.rejects(api.session("gone"), (error) => {
    assert.ok(error instanceof Problem);
    assert.equal(error.message, "The session is gone.");
    assert.equal(error.slug, "session-not-found");
    assert.equal(error.status, 404);
    return true;
  });
});

test("an answer that is no problem document still gives a sentence", async () => {
  await assert.rejects(api.session("broken"), /The server answered 500/);
});

test("a server that is not there gives a sentence", async () => {
  const nobody = new Api("http://127.0.0.1:1/api/v1");
  await assert.rejects(nobody.openSession(), { slug: "unreachable" });
});

test("a session is given back to a server that may have gone, and nobody hears of it", async () => {
  /** @type {string[]} */
  const sent = [];
  const gone = new Api("api", async (path, { method }) => {
    sent.push(`${method} ${path}`);
    throw new TypeError("Failed to fetch");
  });
  gone.leave("s2"); // a rejection that nobody takes fails the test
  await new Promise((done) => setImmediate(done));
  assert.deepEqual(sent, ["DELETE api/sessions/s2"]);
});

test("a photo goes as its bytes, a sample by its name", async () => {
  asked = [];
  const bytes = new Blob([Uint8Array.of(9, 8)], { type: "image/png" });
  await api.openPhoto("s1", { bytes, name: "a b.png", aligned: true });
  await api.openPhoto("s1", { sample: "face", name: "Face", aligned: true });
  assert.equal(asked[0].url, "/sessions/s1/photo?aligned=true&name=a+b.png");
  assert.deepEqual([...asked[0].body], [9, 8]);
  assert.equal(asked[0].headers["content-type"], "image/png");
  assert.equal(asked[1].url, "/sessions/s1/photo?aligned=true&sample=face");
  assert.equal(asked[1].body.length, 0);
});

test("a tool answers with raw labels", async () => {
  asked = [];
  const bytes = await api.tool("s1", "grow", { classes: [1], radius: 2 });
  assert.deepEqual([...bytes], [1, 2, 3]);
  assert.equal(asked[0].headers.accept, "application/octet-stream");
  assert.deepEqual(JSON.parse(asked[0].body.toString()), { classes: [1], radius: 2 });
});

test("dice go as a seed", async () => {
  asked = [];
  await api.addStyle("s1", { seed: 7, name: "Dice" });
  assert.equal(asked[0].url, "/sessions/s1/styles/random");
  assert.deepEqual(JSON.parse(asked[0].body.toString()), { seed: 7 });
});

test("an exported file has the server's name", async () => {
  const { name, blob } = await api.export("s1", { kind: "photo" });
  assert.equal(name, "me.jpg");
  assert.equal(await blob.text(), "x");
});

test("file names in both notations", () => {
  const header = (value) => new Headers({ "Content-Disposition": value });
  assert.equal(fileName(header("attachment; filename=a.png"), "b"), "a.png");
  assert.equal(fileName(header("attachment; filename*=UTF-8''%C3%A4.png"), "b"), "\u00e4.png");
  assert.equal(fileName(new Headers(), "b"), "b");
});

test("every error has a sentence", () => {
  assert.equal(sentence(new Problem("No face was found.")), "No face was found.");
  assert.match(sentence(new Error("x is undefined")), /this page failed: x is undefined/);
});
