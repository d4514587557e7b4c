/**
 * Whole numbers of 1/256 px and exact arithmetic on them. Knows no shapes.
 */

/** Parts a pixel is divided into. */
export const SUBPIXELS = 256;
/** Largest coordinate or radius in pixels; keeps sums of two products exact in a double. */
export const MAX_COORDINATE = 131072;

/**
 * ceil(a / b) of whole numbers, exactly.
 * @param {number} a
 * @param {number} b above 0
 */
export function ceilOfQuotient(a, b) {
  let quotient = Math.ceil(a / b);
  while ((quotient - 1) * b >= a) quotient -= 1;
  while (quotient * b < a) quotient += 1;
  return quotient;
}

/**
 * floor(sqrt(a * b)) of whole numbers, exactly.
 * @param {number} a
 * @param {number} b
 */
export function rootOfProduct(a, b) {
  const product = a * b;
  let root = Math.floor(Math.sqrt(product));
  if (product < Number.MAX_SAFE_INTEGER) {
    while (root * root > product) root -= 1;
    while ((root + 1) * (root + 1) <= product) root += 1;
    return root;
  }
  const exact = BigInt(a) * BigInt(b);
  let whole = BigInt(root);
  while (whole * whole > exact) whole -= 1n;
  while ((whole + 1n) * (whole + 1n) <= exact) whole += 1n;
  return Number(whole);
}

/**
 * Pixels -> subpixels, halves to the even one.
 * @param {number} pixels
 * @returns {number}
 */
export function subpixels(pixels) {
  if (!(Math.abs(pixels) <= MAX_COORDINATE)) {
    throw new RangeError(`A coordinate is ${pixels}; expected at most ${MAX_COORDINATE} pixels.`);
  }
  const parts = pixels * SUBPIXELS;
  const rounded = Math.round(parts);
  return rounded - parts === 0.5 && rounded % 2 ? rounded - 1 : rounded;
}
