/**
 * A hatch over pixels whose new class is not known yet: what the eraser has touched.
 */

/** @typedef {import("./raster.js").Mask} Mask */
/** @typedef {import("./labels.js").Rect} Rect */

/** Pixels from one stripe to the next, and how many of them are light. */
const PERIOD = 6;
const LIGHT = [255, 255, 255, 210];
const DARK = [20, 20, 24, 170];

export class Hatch {
  /** @param {number} size side of the label map */
  constructor(size) {
    this.canvas = document.createElement("canvas");
    this.canvas.width = size;
    this.canvas.height = size;
    const context = this.canvas.getContext("2d");
    if (!context) throw new Error("This browser gives no canvas to draw on.");
    this.context = context;
    this.image = context.createImageData(size, size);
    const colors = new Uint32Array(new Uint8Array([...LIGHT, ...DARK]).buffer);
    this.light = colors[0];
    this.dark = colors[1];
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.empty = true;
  }

  /**
   * Adds a mask that lies within the map.
   * @param {Mask} mask
   */
  add({ rect, bits }) {
    if (!bits.length) return;
    const size = this.canvas.width;
    for (let row = 0; row < rect.h; row += 1) {
      for (let column = 0; column < rect.w; column += 1) {
        if (!bits[row * rect.w + column]) continue;
        const [x, y] = [rect.x + column, rect.y + row];
        this.pixels[y * size + x] = (x + y) % PERIOD < PERIOD / 2 ? this.light : this.dark;
      }
    }
    this.context.putImageData(this.image, 0, 0, rect.x, rect.y, rect.w, rect.h);
    this.empty = false;
  }

  /**
   * Takes the hatch off a mask's pixels.
   * @param {Mask} mask
   */
  remove({ rect, bits }) {
    const size = this.canvas.width;
    for (let row = 0; row < rect.h; row += 1) {
      const start = (rect.y + row) * size + rect.x;
      for (let column = 0; column < rect.w; column += 1) {
        if (bits[row * rect.w + column]) this.pixels[start + column] = 0;
      }
    }
    if (bits.length) this.context.putImageData(this.image, 0, 0, rect.x, rect.y, rect.w, rect.h);
  }

  clear() {
    if (this.empty) return;
    this.pixels.fill(0);
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.empty = true;
  }
}
