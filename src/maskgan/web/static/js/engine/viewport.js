/**
 * Where the picture lies on the screen: an even scale and a shift.
 *
 * Image coordinates have whole numbers at pixel centres, so the picture's left edge is at x = -0.5;
 * screen coordinates are CSS pixels from the pane's corner. Knows no page.
 */

/** Screen pixels per picture pixel that zooming can reach. */
export const MIN_SCALE = 0.05;
export const MAX_SCALE = 64;
/** Part of a pane that fitting leaves free on each side, at most this many pixels. */
const MARGIN = 16;

export class Viewport {
  constructor() {
    /** CSS pixels per picture pixel. */
    this.scale = 1;
    /** Screen position of the picture's left edge. */
    this.x = 0;
    /** Screen position of the picture's upper edge. */
    this.y = 0;
    this.width = 1;
    this.height = 1;
    this.size = 1;
    /** True until the user zooms or pans: a new size of the pane then fits the picture again. */
    this.fitted = true;
    /** @type {() => void} called after each change */
    this.onchange = () => {};
  }

  /**
   * Centres the whole picture in a pane.
   * @param {number} [width] of the pane
   * @param {number} [height] of the pane
   * @param {number} [size] the picture's side in pixels
   */
  fit(width = this.width, height = this.height, size = this.size) {
    Object.assign(this, { width, height, size });
    const margin = Math.min(MARGIN, width / 16, height / 16);
    const free = Math.max(Math.min(width, height) - 2 * margin, 1);
    this.scale = clamp(free / size, MIN_SCALE, MAX_SCALE);
    this.x = (width - size * this.scale) / 2;
    this.y = (height - size * this.scale) / 2;
    this.fitted = true;
    this.onchange();
  }

  /**
   * The pane has another size: a fitted picture is fitted again, any other keeps its middle.
   * @param {number} width
   * @param {number} height
   */
  resize(width, height) {
    if (this.fitted) {
      this.fit(width, height);
      return;
    }
    const [x, y] = [this.x + (width - this.width) / 2, this.y + (height - this.height) / 2];
    Object.assign(this, { width, height });
    this.#place(x, y);
  }

  /**
   * Multiplies the scale and keeps the picture's point under a screen position where it is.
   * @param {number} px
   * @param {number} py
   * @param {number} factor
   */
  zoomAt(px, py, factor) {
    const scale = clamp(this.scale * factor, MIN_SCALE, MAX_SCALE);
    const applied = scale / this.scale;
    this.scale = scale;
    this.#place(px - (px - this.x) * applied, py - (py - this.y) * applied);
  }

  /**
   * Sets the scale about the pane's middle; 1 is one picture pixel per CSS pixel.
   * @param {number} scale
   */
  zoomTo(scale) {
    this.zoomAt(this.width / 2, this.height / 2, scale / this.scale);
  }

  /**
   * @param {number} dx
   * @param {number} dy
   */
  pan(dx, dy) {
    this.#place(this.x + dx, this.y + dy);
  }

  /**
   * @param {number} px
   * @param {number} py
   * @returns {{x: number, y: number}}
   */
  toImage(px, py) {
    return { x: (px - this.x) / this.scale - 0.5, y: (py - this.y) / this.scale - 0.5 };
  }

  /**
   * @param {number} x
   * @param {number} y
   * @returns {{x: number, y: number}}
   */
  toScreen(x, y) {
    return { x: (x + 0.5) * this.scale + this.x, y: (y + 0.5) * this.scale + this.y };
  }

  /**
   * Moves the picture; a quarter of the pane, or of the picture, always stays in sight.
   * @param {number} x
   * @param {number} y
   */
  #place(x, y) {
    const side = this.size * this.scale;
    const kept = Math.min(side, this.width, this.height) / 4;
    this.x = clamp(x, kept - side, this.width - kept);
    this.y = clamp(y, kept - side, this.height - kept);
    this.fitted = false;
    this.onchange();
  }
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}
