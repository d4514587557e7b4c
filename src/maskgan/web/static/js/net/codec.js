/**
 * Bytes on the way: the binary frames of the live channel (uint32 little-endian length of a JSON
 * text, the text in UTF-8, the payload), base64, and zlib streams. Knows no network.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Longest JSON text of a frame that is believed, in bytes. */
export const MAX_HEADER = 1 << 20;

/**
 * @param {object} message
 * @param {Uint8Array} [payload]
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function packFrame(message, payload = new Uint8Array(0)) {
  const header = encoder.encode(JSON.stringify(message));
  const frame = new Uint8Array(4 + header.length + payload.length);
  new DataView(frame.buffer).setUint32(0, header.length, true);
  frame.set(header, 4);
  frame.set(payload, 4 + header.length);
  return frame;
}

/**
 * @param {ArrayBuffer} buffer
 * @returns {{message: any, payload: Uint8Array<ArrayBuffer>}}
 */
export function unpackFrame(buffer) {
  if (buffer.byteLength < 4) throw new Error(`A frame of ${buffer.byteLength} bytes has no header.`);
  const length = new DataView(buffer).getUint32(0, true);
  if (length > MAX_HEADER || 4 + length > buffer.byteLength) {
    throw new Error(`A frame of ${buffer.byteLength} bytes announces a header of ${length} bytes.`);
  }
  const message = JSON.parse(decoder.decode(new Uint8Array(buffer, 4, length)));
  return { message, payload: new Uint8Array(buffer, 4 + length) };
}

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function toBase64(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += 0x8000) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  }
  return btoa(parts.join(""));
}

/**
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function fromBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/**
 * @param {Uint8Array} bytes
 * @param {CompressionStream | DecompressionStream} transform
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function through(bytes, transform) {
  const body = new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)]).stream();
  return new Uint8Array(await new Response(body.pipeThrough(transform)).arrayBuffer());
}

/**
 * Bytes as a zlib stream.
 * @param {Uint8Array} bytes
 */
export const deflate = (bytes) => through(bytes, new CompressionStream("deflate"));

/**
 * The bytes of a zlib stream.
 * @param {Uint8Array} bytes
 */
export const inflate = (bytes) => through(bytes, new DecompressionStream("deflate"));

/**
 * Bytes as JSON bodies carry them: base64 of a zlib stream.
 * @param {Uint8Array} bytes
 */
export const packBytes = async (bytes) => toBase64(await deflate(bytes));

/**
 * @param {string} text
 */
export const unpackBytes = (text) => inflate(fromBase64(text));
