/**
 * The points of a stroke, each told once. Browsers hold `pointermove` back until the next frame and
 * tell of movements at once by `pointerrawupdate`, where they have it; then the same points come
 * twice.
 */

/** Milliseconds between two movements that are told at once: a mouse may send a thousand a second. */
const PAUSE = 6;

export class Trail {
  #time = -Infinity;
  #x = NaN;
  #y = NaN;

  /** Another stroke begins. */
  begin() {
    this.#time = -Infinity;
  }

  /** Whether a raw movement is to be told, or left to the next frame. @param {PointerEvent} event */
  due(event) {
    return event.timeStamp - this.#time >= PAUSE;
  }

  /**
   * The points of an event that were not told yet, in order.
   * @param {PointerEvent} event
   * @returns {PointerEvent[]}
   */
  take(event) {
    const all = event.getCoalescedEvents?.() ?? [];
    const points = all.length ? all : [event];
    const fresh = points.filter(({ timeStamp, clientX, clientY }) => {
      if (timeStamp !== this.#time) return timeStamp > this.#time;
      return clientX !== this.#x || clientY !== this.#y;
    });
    const last = fresh.at(-1);
    if (last) [this.#time, this.#x, this.#y] = [last.timeStamp, last.clientX, last.clientY];
    return fresh;
  }
}
