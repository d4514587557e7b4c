/**
 * Label bytes as runs of equal value, (value, length) after each other, the length in groups of 7
 * bits, low ones first. A history of 500 steps stays small and a step is unpacked in no time.
 */

/**
 * @param {Uint8Array} bytes
 * @returns {Uint8Array}
 */
export function packRuns(bytes) {
  const out = [];
  for (let at = 0; at < bytes.length; ) {
    const value = bytes[at];
    let end = at + 1;
    while (end < bytes.length && bytes[end] === value) end += 1;
    out.push(value);
    let length = end - at;
    for (; length > 127; length = Math.floor(length / 128)) out.push(128 | (length & 127));
    out.push(length);
    at = end;
  }
  return Uint8Array.from(out);
}

/**
 * @param {Uint8Array} runs
 * @param {number} length of the bytes that were packed
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function unpackRuns(runs, length) {
  const bytes = new Uint8Array(length);
  let filled = 0;
  for (let at = 0; at < runs.length; ) {
    const value = runs[at];
    let [count, unit] = [0, 1];
    do {
      at += 1;
      count += (runs[at] & 127) * unit;
      unit *= 128;
    } while (runs[at] & 128);
    at += 1;
    bytes.fill(value, filled, filled + count);
    filled += count;
  }
  return bytes;
}
