/**
 * The live channel: label changes out, pictures in, newest wins. A lost connection is opened again
 * with a growing pause; the page hears of every change of state. Holds no labels of its own: what
 * is to be sent is asked for when the channel is ready to send it, so that strokes made meanwhile
 * go out as one rectangle.
 */

import { packFrame, unpackFrame } from "./codec.js";

/** @typedef {{x: number, y: number, w: number, h: number}} Rect */
/** @typedef {"preview" | "full"} Quality */
/**
 * @typedef {object} LiveHandlers
 * @property {(rect: Rect) => Uint8Array} crop label bytes of a rectangle, now
 * @property {() => object} styles what "styles" of a render message says, now
 * @property {(result: {rect: Rect, fresh: boolean, quality: Quality, seconds: number,
 *   seq: number, changed: number}, picture: Blob | null) => Promise<void>} result
 * @property {(detail: string, slug: string) => void} problem
 * @property {(state: "open" | "waiting" | "closed") => void} state
 * @property {() => Promise<string>} address the URL to connect to; may open a new session first
 * @property {() => Rect} everything the rectangle of all labels
 */

const SHORTEST = 250;
const LONGEST = 5000;
/** Bytes on their way out from which previews wait for the next answer. */
const CLOGGED = 1 << 16;

/** The pause in milliseconds before attempt number `attempt`, from 0. @param {number} attempt */
export const pause = (attempt) => Math.min(LONGEST, SHORTEST * 2 ** attempt);

/** @param {Rect | null} a @param {Rect} b @returns {Rect} the smallest rectangle around both */
export function around(a, b) {
  if (!a) return { ...b };
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    w: Math.max(a.x + a.w, b.x + b.w) - x,
    h: Math.max(a.y + a.h, b.y + b.h) - y,
  };
}

export class Live {
  /**
   * @param {LiveHandlers} handlers
   * @param {(url: string) => WebSocket} [connect]
   * @param {(action: () => void, milliseconds: number) => unknown} [wait]
   */
  constructor(
    handlers,
    connect = (url) => new WebSocket(url),
    wait = (action, milliseconds) => setTimeout(action, milliseconds),
  ) {
    this.handlers = handlers;
    this.connect = connect;
    this.wait = wait;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.generation = 0;
    this.attempt = 0;
    this.seq = 0;
    /** Newest sequence number that was answered. */
    this.answered = 0;
    /** Newest sequence number whose picture is shown. */
    this.shown = 0;
    /** True until the first picture of a connection came: it goes onto the original. */
    this.fresh = true;
    /** Pictures that came and are not shown yet. */
    this.arriving = 0;
    /** @type {Rect | null} */
    this.dirty = null;
    /** @type {Quality | null} */
    this.wanted = null;
    this.scheduled = false;
    /** @type {Promise<void>} */
    this.arrival = Promise.resolve();
  }

  get connected() {
    return this.socket?.readyState === 1;
  }

  /** True while a picture is awaited. */
  get busy() {
    return this.answered < this.seq || this.wanted !== null || this.arriving > 0;
  }

  /** Opens the channel afresh, for a new session or a new face; what was awaited is forgotten. */
  async open() {
    const generation = (this.generation += 1);
    this.socket?.close();
    this.socket = null;
    let url;
    try {
      url = await this.handlers.address();
    } catch {
      this.lost(generation);
      return;
    }
    if (generation !== this.generation) return;
    const socket = this.connect(url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => generation === this.generation && this.ready();
    socket.onclose = () => this.lost(generation);
    socket.onerror = () => socket.close();
    socket.onmessage = (event) => {
      if (generation === this.generation) this.take(/** @type {ArrayBuffer} */ (event.data));
    };
  }

  /** Ends the channel; nothing is opened again. */
  close() {
    this.generation += 1;
    this.socket?.close();
    this.socket = null;
    this.dirty = null;
    this.wanted = null;
    this.handlers.state("closed");
  }

  /** Tells everything again. To the server a page that has just connected shows the original. */
  ready() {
    this.attempt = 0;
    this.fresh = true;
    // What a lost connection owed is asked for again under a new number.
    this.answered = this.seq;
    this.handlers.state("open");
    this.dirty = this.handlers.everything();
    this.wanted = "full";
    this.flush();
  }

  /** @param {number} generation */
  lost(generation) {
    if (generation !== this.generation) return;
    this.socket = null;
    this.generation += 1;
    this.handlers.state("waiting");
    const next = this.generation;
    this.wait(() => {
      if (next === this.generation) void this.open();
    }, pause(this.attempt));
    this.attempt += 1;
  }

  /**
   * Says that labels inside `rect` changed (null: only styles did) and asks for a picture.
   * @param {Rect | null} rect
   * @param {Quality} quality
   */
  change(rect, quality) {
    if (rect && rect.w > 0 && rect.h > 0) this.dirty = around(this.dirty, rect);
    this.wanted = quality === "full" || this.wanted === "full" ? "full" : "preview";
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  /** Sends what is to be sent, if there is a connection and it is not clogged. */
  flush() {
    const socket = this.socket;
    if (!socket || !this.connected || !this.wanted) return;
    // The server renders the newest question only, so each goes out at once: a question that waited
    // here for an answer would be late by a picture. A slow line joins them; the last state is
    // always sent.
    if (this.wanted === "preview" && socket.bufferedAmount > CLOGGED) return;
    this.seq += 1;
    const render = { seq: this.seq, styles: this.handlers.styles() };
    const rect = this.dirty;
    if (rect) {
      const message = { type: "labels", rect: [rect.x, rect.y, rect.w, rect.h] };
      socket.send(
        packFrame({ ...message, ...render, render: this.wanted }, this.handlers.crop(rect)),
      );
    } else {
      socket.send(packFrame({ type: "render", quality: this.wanted, ...render }));
    }
    this.dirty = null;
    this.wanted = null;
  }

  /** @param {ArrayBuffer} data */
  take(data) {
    const { message, payload } = unpackFrame(data);
    if (typeof message.seq === "number") this.answered = Math.max(this.answered, message.seq);
    if (message.type === "problem") {
      this.handlers.problem(message.detail, message.slug);
    } else if (message.type === "result") {
      const [x, y, w, h] = message.rect;
      const { quality, seconds, seq, changed_fraction: changed } = message;
      const picture = payload.length ? new Blob([payload], { type: "image/webp" }) : null;
      const { fresh, generation } = this;
      this.fresh = false;
      // Pictures are decoded side by side with the page but shown in the order they came.
      this.arriving += 1;
      this.arrival = this.arrival
        .then(async () => {
          if (generation !== this.generation) return;
          const result = { rect: { x, y, w, h }, fresh, quality, seconds, seq, changed };
          await this.handlers.result(result, picture);
          this.shown = seq;
        })
        // One picture that cannot be shown does not keep back those after it.
        .catch(() => this.handlers.problem("A picture of the result could not be read.", "picture"))
        .finally(() => {
          this.arriving -= 1;
        });
    }
    this.flush();
  }
}
