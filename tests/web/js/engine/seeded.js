/** Repeatable random numbers and label maps for the engine's tests. */

import { LabelMap } from "../../../../src/maskgan/web/static/js/engine/labels.js";

/**
 * A generator of numbers from 0 to 1 (mulberry32).
 * @param {number} seed
 * @returns {() => number}
 */
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A map of blocks of random classes.
 * @param {number} size
 * @param {() => number} random
 * @param {number} [block] side of a block in pixels
 */
export function blocks(size, random, block = 5) {
  const labels = new LabelMap(size);
  const across = Math.ceil(size / block);
  const classes = Array.from({ length: across * across }, () => Math.floor(random() * 19));
  for (let at = 0; at < size * size; at += 1) {
    const [x, y] = [at % size, Math.floor(at / size)];
    labels.data[at] = classes[Math.floor(y / block) * across + Math.floor(x / block)];
  }
  return labels;
}
