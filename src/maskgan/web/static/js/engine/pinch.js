/**
 * Two fingers as a zoom and a shift. Knows no events.
 */

/** @typedef {{x: number, y: number}} Spot */

export class Pinch {
  /** @type {Map<number, Spot>} */
  #fingers = new Map();

  /** Number of fingers that touch. */
  get count() {
    return this.#fingers.size;
  }

  /**
   * @param {number} finger
   * @param {number} x
   * @param {number} y
   */
  add(finger, x, y) {
    this.#fingers.set(finger, { x, y });
  }

  /** @param {number} finger */
  remove(finger) {
    this.#fingers.delete(finger);
  }

  /**
   * A finger has moved.
   * @param {number} finger
   * @param {number} x
   * @param {number} y
   * @returns {{x: number, y: number, factor: number, dx: number, dy: number} | null} zoom about
   *   (x, y), the middle until now, then shift; null with other than two fingers
   */
  move(finger, x, y) {
    if (!this.#fingers.has(finger)) return null;
    const before = this.#span();
    this.#fingers.set(finger, { x, y });
    const after = this.#span();
    if (!before || !after) return null;
    return {
      x: before.x,
      y: before.y,
      factor: after.distance / before.distance,
      dx: after.x - before.x,
      dy: after.y - before.y,
    };
  }

  #span() {
    const [a, b] = this.#fingers.values();
    if (!b || this.#fingers.size > 2) return null;
    const distance = Math.max(Math.hypot(a.x - b.x, a.y - b.y), 1);
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, distance };
  }
}
