/**
 * The labels as a translucent picture: a colour per class, thin lines where classes meet, one class
 * lit up while the others are dimmed. Only rectangles that changed are coloured again.
 */

import { EdgeTiles } from "./edges.js";
import { NUM_CLASSES } from "./labels.js";

/** @typedef {import("./labels.js").LabelMap} LabelMap */
/** @typedef {import("./labels.js").Rect} Rect */

/**
 * @typedef {object} Overlay
 * @property {boolean} visible
 * @property {number} opacity of the colours, 0 to 1
 * @property {boolean} outlines thin lines where classes meet
 * @property {number | null} highlight the class that is lit up
 */

/** Share of the opacity that classes keep while another one is lit up. */
const DIMMED = 0.22;
const DARK_LINE = "rgba(0, 0, 0, 0.5)";
const LIGHT_LINE = "rgba(255, 255, 255, 0.9)";
const FAINT_LINE = "rgba(255, 255, 255, 0.3)";

export class LabelPicture {
  /** @param {LabelMap} labels kept, not copied */
  constructor(labels) {
    this.labels = labels;
    this.canvas = document.createElement("canvas");
    this.canvas.width = labels.size;
    this.canvas.height = labels.size;
    const context = this.canvas.getContext("2d");
    if (!context) throw new Error("This browser gives no canvas to draw on.");
    this.context = context;
    this.image = context.createImageData(labels.size, labels.size);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.edges = new EdgeTiles(labels.size);
    this.colors = new Uint32Array(NUM_CLASSES);
  }

  /** The whole map. @returns {Rect} */
  get whole() {
    return { x: 0, y: 0, w: this.labels.size, h: this.labels.size };
  }

  /**
   * @param {readonly string[]} palette "#rrggbb" per class
   * @param {number | null} highlight the class that is lit up
   */
  setColors(palette, highlight) {
    this.colors = lookup(palette, highlight);
    this.#color(this.whole);
  }

  /**
   * Labels inside a rectangle have changed.
   * @param {Rect} rect within the map
   */
  update(rect) {
    this.edges.update(this.labels, rect);
    this.#color(rect);
  }

  /**
   * Draws the lines between classes, one CSS pixel wide whatever the scale, on whole device pixels:
   * a light line on a dark one, stronger around the class that is lit up.
   * @param {CanvasRenderingContext2D} context in device pixels
   * @param {{x: number, y: number, scale: number}} place of the picture in device pixels
   * @param {Rect} visible in label pixels
   * @param {{ratio: number, highlight: number | null}} how ratio: device pixels per CSS pixel
   */
  drawEdges(context, place, visible, { ratio, highlight }) {
    const { data, size } = this.labels;
    const lit = (/** @type {number} */ x, /** @type {number} */ y, /** @type {boolean} */ down) => {
      const at = y * size + x;
      return data[at] === highlight || data[down ? at - 1 : at - size] === highlight;
    };
    const thin = Math.max(Math.round(ratio), 1);
    /** @type {(color: string, width: number, offset: number, strong: boolean | null) => void} */
    const pass = (color, width, offset, strong) => {
      context.fillStyle = color;
      this.edges.forEach(visible, (x0, y0, x1, y1) => {
        if (strong !== null && lit(x0, y0, x0 === x1) !== strong) return;
        const left = Math.round(place.x + x0 * place.scale) - offset;
        const top = Math.round(place.y + y0 * place.scale) - offset;
        const right = Math.round(place.x + x1 * place.scale) - offset;
        const bottom = Math.round(place.y + y1 * place.scale) - offset;
        context.fillRect(left, top, right - left + width, bottom - top + width);
      });
    };
    const half = thin >> 1;
    if (highlight === null) {
      pass(DARK_LINE, thin, half - thin, null);
      pass(LIGHT_LINE, thin, half, null);
    } else {
      pass(FAINT_LINE, thin, half, false);
      pass(DARK_LINE, 4 * thin, half + thin, true);
      pass(LIGHT_LINE, 2 * thin, half, true);
    }
  }

  /** @param {Rect} rect */
  #color(rect) {
    const { labels, pixels, colors } = this;
    for (let row = rect.y; row < rect.y + rect.h; row += 1) {
      const start = row * labels.size + rect.x;
      for (let at = start; at < start + rect.w; at += 1) pixels[at] = colors[labels.data[at]];
    }
    this.context.putImageData(this.image, 0, 0, rect.x, rect.y, rect.w, rect.h);
  }
}

/**
 * The pixel of each class, in this machine's byte order.
 * @param {readonly string[]} palette
 * @param {number | null} highlight
 * @returns {Uint32Array<ArrayBuffer>}
 */
function lookup(palette, highlight) {
  const bytes = new Uint8Array(4 * Math.max(palette.length, NUM_CLASSES));
  palette.forEach((color, label) => {
    const dimmed = highlight !== null && highlight !== label;
    bytes.set([...channels(color), dimmed ? Math.round(255 * DIMMED) : 255], 4 * label);
  });
  return new Uint32Array(bytes.buffer);
}

/**
 * Red, green and blue of "#rrggbb".
 * @param {string} color
 * @returns {[number, number, number]}
 */
export function channels(color) {
  const value = Number.parseInt(color.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
