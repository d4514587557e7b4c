/**
 * Operations, what a step did in terms that can be done again on another face, and their regions.
 *
 * In memory a region is a mask; in JSON it is {rect: [x, y, w, h], bits}, the bits row after row,
 * the first in the highest bit, as base64 of zlib, the same as `maskgan.editing.packed`.
 */

import { packBytes, unpackBytes } from "../net/codec.js";
import { tighten } from "./raster.js";
import { packRuns, unpackRuns } from "./runs.js";

/** @typedef {import("./raster.js").Mask} Mask */
/** @typedef {{rect: number[], bits: string}} PackedRegion */
/** @typedef {{op: string, region?: Mask | PackedRegion, [name: string]: any}} Op */

/** A mask that is kept: the same as one in use, in little memory. */
export class Region {
  #runs;

  /** @param {Mask} mask */
  constructor(mask) {
    const { rect, bits } = tighten(mask);
    this.rect = rect;
    this.#runs = packRuns(bits);
  }

  /** One byte per pixel of `rect`, 1 = in the region. */
  get bits() {
    return unpackRuns(this.#runs, this.rect.w * this.rect.h);
  }
}

/**
 * One bit per byte of 0 or 1, the first in the highest bit.
 * @param {Uint8Array} flags
 * @returns {Uint8Array}
 */
export function packBits(flags) {
  const bits = new Uint8Array(Math.ceil(flags.length / 8));
  flags.forEach((flag, at) => {
    if (flag) bits[at >> 3] |= 128 >> (at & 7);
  });
  return bits;
}

/**
 * @param {Uint8Array} bits
 * @param {number} count
 * @returns {Uint8Array}
 */
export function unpackBits(bits, count) {
  const flags = new Uint8Array(count);
  for (let at = 0; at < count; at += 1) flags[at] = (bits[at >> 3] >> (7 - (at & 7))) & 1;
  return flags;
}

/**
 * @param {Mask} mask
 * @returns {Promise<PackedRegion>}
 */
export async function packRegion(mask) {
  const { rect, bits } = tighten(mask);
  if (!bits.length) return { rect: [0, 0, 0, 0], bits: "" };
  return { rect: [rect.x, rect.y, rect.w, rect.h], bits: await packBytes(packBits(bits)) };
}

/**
 * @param {PackedRegion} region
 * @returns {Promise<Region>}
 */
export async function unpackRegion(region) {
  const [x, y, w, h] = region.rect;
  const bits = region.bits ? await unpackBytes(region.bits) : new Uint8Array(0);
  return new Region({ rect: { x, y, w, h }, bits: unpackBits(bits, w * h) });
}

/**
 * An operation as JSON holds it.
 * @param {Op | null} op
 * @returns {Promise<any>}
 */
export async function packOp(op) {
  if (!op?.region || !("bits" in op.region) || typeof op.region.bits === "string") return op;
  return { ...op, region: await packRegion(/** @type {Mask} */ (op.region)) };
}

/**
 * An operation as steps hold it.
 * @param {any} op
 * @returns {Promise<Op | null>}
 */
export async function unpackOp(op) {
  if (typeof op?.region?.bits !== "string") return op;
  return { ...op, region: await unpackRegion(op.region) };
}
