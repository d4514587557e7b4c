/**
 * How original and result share the stage: one over the other, divided by a line, or side by side.
 * Knows sizes only; draws the dividing line and its handle.
 */

/** @typedef {import("./labels.js").Rect} Rect */

/**
 * @typedef {object} Compare
 * @property {"result" | "slider" | "side" | "original"} mode
 * @property {number} position of the slider, 0 = all result, 1 = all original
 * @property {boolean} peek true while a key or button is held: the original alone
 */

/**
 * @typedef {object} Pane
 * @property {Rect} rect CSS pixels on the stage
 * @property {boolean} original what it shows
 */

/** CSS pixels between two panes. */
const GAP = 8;
const HANDLE = 16;

/**
 * The panes of a stage; the last is the one that is painted on.
 * @param {Compare} compare
 * @param {number} width of the stage in CSS pixels
 * @param {number} height
 * @returns {Pane[]}
 */
export function panes(compare, width, height) {
  if (compare.mode !== "side") {
    const original = compare.peek || compare.mode === "original";
    return [{ rect: { x: 0, y: 0, w: width, h: height }, original }];
  }
  const across = width >= height;
  const w = across ? Math.floor((width - GAP) / 2) : width;
  const h = across ? height : Math.floor((height - GAP) / 2);
  const [x, y] = across ? [width - w, 0] : [0, height - h];
  return [
    { rect: { x: 0, y: 0, w, h }, original: true },
    { rect: { x, y, w, h }, original: compare.peek },
  ];
}

/**
 * The index of the pane at a position, of the one that is painted on when there is none.
 * @param {readonly Pane[]} all
 * @param {number} px CSS pixels
 * @param {number} py
 * @returns {number}
 */
export function paneIndex(all, px, py) {
  const hit = all.findIndex(({ rect: { x, y, w, h } }) => {
    return px >= x && py >= y && px < x + w && py < y + h;
  });
  return hit < 0 ? all.length - 1 : hit;
}

/**
 * The x of the dividing line in CSS pixels: a share of what is to be seen of the picture, so that
 * it is within reach at every zoom.
 * @param {Compare} compare
 * @param {import("./viewport.js").Viewport} viewport
 * @returns {{x: number, left: number, right: number}} with the ends between which it moves
 */
export function divider(compare, viewport) {
  const left = Math.max(viewport.x, 0);
  const right = Math.min(viewport.x + viewport.size * viewport.scale, viewport.width);
  const share = Math.min(Math.max(compare.position, 0), 1);
  return { x: left + share * (right - left), left, right };
}

/**
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {number} x of the line
 * @param {number} height of the stage
 */
export function drawDivider(context, x, height) {
  const middle = height / 2;
  context.save();
  context.fillStyle = "rgba(0, 0, 0, 0.45)";
  context.fillRect(x - 2, 0, 4, height);
  context.fillStyle = "#ffffff";
  context.fillRect(x - 1, 0, 2, height);
  context.beginPath();
  context.arc(x, middle, HANDLE, 0, 2 * Math.PI);
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = "rgba(0, 0, 0, 0.45)";
  context.stroke();
  context.beginPath();
  for (const side of [-1, 1]) {
    context.moveTo(x + side * 4, middle - 5);
    context.lineTo(x + side * 9, middle);
    context.lineTo(x + side * 4, middle + 5);
  }
  context.lineWidth = 2;
  context.lineJoin = "round";
  context.strokeStyle = "#18181b";
  context.stroke();
  context.restore();
}
