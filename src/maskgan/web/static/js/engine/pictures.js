/**
 * The original crop and its result, each on a canvas of its own at the crop's size.
 */

/** @typedef {import("./labels.js").Rect} Rect */

export class Pictures {
  constructor() {
    this.original = context(1);
    this.result = context(1);
    /** False until there is a crop. */
    this.open = false;
  }

  /** Side in pixels. */
  get size() {
    return this.original.canvas.width;
  }

  /**
   * A new face: the original, which is the result as long as nothing is edited.
   * @param {CanvasImageSource & {width: number, height: number}} crop square
   */
  setCrop(crop) {
    if (crop.width !== crop.height) {
      throw new RangeError(`The crop has ${crop.width}x${crop.height} pixels; expected a square.`);
    }
    this.original = context(crop.width);
    this.result = context(crop.width);
    this.original.drawImage(crop, 0, 0);
    this.result.drawImage(crop, 0, 0);
    this.open = true;
  }

  /**
   * Replaces a rectangle of the result; all of it stays as it is elsewhere.
   * @param {CanvasImageSource} bitmap of the rectangle's size
   * @param {Rect} rect
   */
  setResult(bitmap, rect) {
    this.result.save();
    this.result.beginPath();
    this.result.rect(rect.x, rect.y, rect.w, rect.h);
    this.result.clip();
    this.result.drawImage(bitmap, rect.x, rect.y, rect.w, rect.h);
    this.result.restore();
  }

  /** The result is the original again. */
  reset() {
    this.result.drawImage(this.original.canvas, 0, 0);
  }
}

/** @param {number} size */
function context(size) {
  const canvas = document.createElement("canvas");
  canvas.width = size;
  canvas.height = size;
  const found = canvas.getContext("2d");
  if (!found) throw new Error("This browser gives no canvas to draw on.");
  found.imageSmoothingEnabled = false;
  found.globalCompositeOperation = "copy";
  return found;
}
