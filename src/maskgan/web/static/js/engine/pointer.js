/**
 * What mouse, pen and fingers mean on the stage: painting, erasing, panning, zooming, brush size.
 *
 * One finger paints and two zoom and pan; a stroke of the first finger is taken back when the
 * second lands soon. While a pen is in use fingers pan. Positions are CSS pixels from the element's
 * corner. Knows no picture and no tools.
 */

import { Pinch } from "./pinch.js";
import { Trail } from "./trail.js";
import { pressureFactor, sizeSteps, zoomFactor } from "./wheel.js";

/**
 * @typedef {object} Sample
 * @property {number} x
 * @property {number} y
 * @property {number} factor of the radius, by the pen's pressure; 1 without a pen
 * @property {boolean} erase right button or the pen's other end
 * @property {boolean} shift
 * @property {boolean} ctrl
 * @property {boolean} alt
 * @property {number} clicks how many in a row at this place: 2 is a double click
 */

/**
 * @typedef {object} Handlers
 * @property {(at: Sample) => void} [down]
 * @property {(points: Sample[]) => void} [move] all points since the last call, in order
 * @property {(at: Sample) => void} [up]
 * @property {() => void} [cancel] what `down` began did not happen
 * @property {(at: Sample | null) => void} [hover] null when the pointer has left
 * @property {(by: {x: number, y: number, factor: number, dx: number, dy: number}) => void} [pinch]
 *   zoom about (x, y), then shift
 * @property {(by: {dx: number, dy: number}) => void} [pan]
 * @property {(by: {x: number, y: number, factor: number}) => void} [wheel] zoom about (x, y)
 * @property {(steps: number) => void} [size] whole notches, larger when positive
 */

/** @typedef {"idle" | "paint" | "pan" | "size" | "pinch"} Mode */

/** A second finger takes the first one's stroke back this soon, or while it is this short. */
const REGRET_MS = 150;
const REGRET_PX = 8;
/** Fingers pan this long after a pen was seen. */
const PEN_MS = 3000;
/** Clicks in a row are this near to each other. */
const CLICK_MS = 400;
const CLICK_PX = 8;
/** Alt+drag: pixels per notch of brush size. */
const PX_PER_STEP = 6;

export class PointerInput {
  /** @type {Mode} */
  #mode = "idle";
  #pointer = -1;
  #space = false;
  #pinch = new Pinch();
  #penSeen = -Infinity;
  #began = { x: 0, y: 0, time: 0, far: false };
  #last = { x: 0, y: 0 };
  #clicks = 0;
  #clicked = { x: 0, y: 0, time: -Infinity };
  #trail = new Trail();
  /** A pen that has reported pressure in this stroke: 0 then means hardly any. */
  #pressed = false;
  /** Parts of a notch of brush size that are still to be told. */
  #rest = 0;
  #abort = new AbortController();

  /**
   * @param {HTMLElement} element
   * @param {Handlers} handlers
   */
  constructor(element, handlers) {
    this.element = element;
    this.handlers = handlers;
    element.style.touchAction = "none";
    const { signal } = this.#abort;
    const on = (/** @type {string} */ name, /** @type {(event: any) => void} */ listener) =>
      element.addEventListener(name, listener, { signal, passive: false });
    on("pointerdown", (event) => this.#down(event));
    on("pointermove", (event) => this.#move(event));
    on("pointerrawupdate", (event) => this.#raw(event));
    on("pointerup", (event) => this.#up(event));
    on("pointercancel", (event) => this.#lost(event));
    on("lostpointercapture", (event) => this.#lost(event));
    on("pointerleave", () => this.#mode === "idle" && handlers.hover?.(null));
    on("wheel", (event) => this.#wheel(event));
    on("contextmenu", (event) => event.preventDefault());
  }

  /** True while Space is held: dragging pans. The page tells, it knows which keys are free. */
  get space() {
    return this.#space;
  }

  set space(held) {
    this.#space = held;
  }

  /** What is going on. */
  get mode() {
    return this.#mode;
  }

  destroy() {
    this.#abort.abort();
  }

  /** Gives up what is under way, as Esc does. */
  cancel() {
    if (this.#mode === "paint") this.handlers.cancel?.();
    this.#mode = "idle";
    this.#pointer = -1;
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (this.#mode === "idle") this.#count(event);
    const at = this.#sample(event);
    if (event.pointerType === "pen") this.#penSeen = event.timeStamp;
    if (event.pointerType === "touch") this.#pinch.add(event.pointerId, at.x, at.y);
    if (this.#mode !== "idle") {
      if (event.pointerType === "touch" && this.#pinch.count === 2) this.#second(event);
      return;
    }
    this.#capture(event.pointerId);
    this.#pointer = event.pointerId;
    this.#began = { x: at.x, y: at.y, time: event.timeStamp, far: false };
    this.#last = at;
    this.#mode = this.#meaning(event);
    if (this.#mode === "idle") return;
    if (event.cancelable) event.preventDefault();
    this.element.focus?.({ preventScroll: true });
    if (this.#mode === "paint") this.handlers.down?.(at);
  }

  /**
   * A second finger: zooming, if the first has not painted for long.
   * @param {PointerEvent} event
   */
  #second(event) {
    if (this.#mode === "paint") {
      const soon = event.timeStamp - this.#began.time <= REGRET_MS;
      if (!soon && this.#began.far) return;
      this.handlers.cancel?.();
    }
    this.#capture(event.pointerId);
    this.#mode = "pinch";
  }

  /**
   * @param {PointerEvent} event
   * @returns {Mode}
   */
  #meaning(event) {
    if (event.button === 1 || (this.#space && event.button === 0)) return "pan";
    if (event.pointerType === "touch") {
      return event.timeStamp - this.#penSeen < PEN_MS ? "pan" : "paint";
    }
    if (event.altKey && event.button === 0) return "size";
    return [0, 2, 5].includes(event.button) ? "paint" : "idle";
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (event.pointerType === "pen") this.#penSeen = event.timeStamp;
    const at = this.#sample(event);
    if (this.#mode === "idle") {
      if (event.pointerType !== "touch") this.handlers.hover?.(at);
      return;
    }
    if (this.#mode === "pinch") {
      const by = this.#pinch.move(event.pointerId, at.x, at.y);
      if (by) this.handlers.pinch?.(by);
      return;
    }
    if (event.pointerType === "touch") this.#pinch.move(event.pointerId, at.x, at.y);
    if (event.pointerId !== this.#pointer) return;
    const [dx, dy] = [at.x - this.#last.x, at.y - this.#last.y];
    if (this.#mode === "pan") this.handlers.pan?.({ dx, dy });
    if (this.#mode === "size") this.#resize(dx / PX_PER_STEP);
    if (this.#mode === "paint") {
      const points = this.#trail.take(event);
      if (points.length) this.handlers.move?.(points.map((one) => this.#sample(one, event)));
    }
    this.#last = at;
    this.#began.far ||= Math.hypot(at.x - this.#began.x, at.y - this.#began.y) >= REGRET_PX;
  }

  /** A movement before its frame: painting does not wait. @param {PointerEvent} event */
  #raw(event) {
    const painting = this.#mode === "paint" && event.pointerId === this.#pointer;
    if (painting && this.#trail.due(event)) this.#move(event);
  }

  /** @param {PointerEvent} event */
  #up(event) {
    this.#pinch.remove(event.pointerId);
    if (this.#mode === "pinch") {
      if (this.#pinch.count === 0) this.#mode = "idle";
      return;
    }
    if (event.pointerId !== this.#pointer || this.#mode === "idle") return;
    const painted = this.#mode === "paint";
    this.#mode = "idle";
    this.#pointer = -1;
    if (painted) this.handlers.up?.(this.#sample(event));
  }

  /** @param {PointerEvent} event the browser took the pointer away */
  #lost(event) {
    this.#pinch.remove(event.pointerId);
    if (this.#mode === "pinch" && this.#pinch.count === 0) this.#mode = "idle";
    else if (event.pointerId === this.#pointer && this.#mode !== "pinch") this.cancel();
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault();
    const steps = sizeSteps(event);
    if (steps) {
      this.#resize(steps);
      return;
    }
    const { x, y } = this.#position(event);
    this.handlers.wheel?.({ x, y, factor: zoomFactor(event) });
  }

  /** Tells whole notches and keeps the rest. @param {number} steps */
  #resize(steps) {
    this.#rest += steps;
    const whole = Math.trunc(this.#rest);
    this.#rest -= whole;
    if (whole) this.handlers.size?.(whole);
  }

  /** @param {PointerEvent} event that begins something */
  #count(event) {
    const { x, y } = this.#position(event);
    const { time } = this.#clicked;
    const near = Math.hypot(x - this.#clicked.x, y - this.#clicked.y) <= CLICK_PX;
    this.#clicks = near && event.timeStamp - time <= CLICK_MS ? this.#clicks + 1 : 1;
    this.#clicked = { x, y, time: event.timeStamp };
    this.#pressed = false;
    this.#rest = 0;
    this.#trail.begin();
  }

  /** @param {PointerEvent} event */
  #factor(event) {
    if (event.pointerType !== "pen") return 1;
    this.#pressed ||= event.pressure > 0;
    return this.#pressed ? pressureFactor(event.pressure) : 1;
  }

  /**
   * @param {PointerEvent} event
   * @param {PointerEvent} [parent] the event that it was coalesced into
   * @returns {Sample}
   */
  #sample(event, parent = event) {
    return {
      ...this.#position(event),
      factor: this.#factor(event),
      erase: (parent.buttons & 34) !== 0 || parent.button === 2 || parent.button === 5,
      shift: parent.shiftKey,
      ctrl: parent.ctrlKey || parent.metaKey,
      alt: parent.altKey,
      clicks: this.#clicks,
    };
  }

  /** @param {MouseEvent} event */
  #position(event) {
    const { left, top } = this.element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  /** @param {number} pointer */
  #capture(pointer) {
    try {
      this.element.setPointerCapture(pointer);
    } catch (error) {
      // The pointer may be gone already; then its up or cancel has been sent.
      if (!(error instanceof DOMException)) throw error;
    }
  }
}
