/**
 * One pane of the stage: picture, colours, lines and hatch, clipped to what changed.
 */

import { intersect } from "./labels.js";

/** @typedef {import("./labels.js").Rect} Rect */
/** @typedef {import("./compare.js").Pane} Pane */

/**
 * @typedef {object} Place where the picture lies, in device pixels
 * @property {number} x
 * @property {number} y
 * @property {number} scale
 */

/**
 * @typedef {object} Content
 * @property {Place} place
 * @property {Rect | null} area what to draw in picture pixels, null = the whole pane
 * @property {number} ratio device pixels per CSS pixel
 * @property {import("./pictures.js").Pictures} pictures
 * @property {import("./overlay.js").LabelPicture | null} labels
 * @property {import("./hatch.js").Hatch | null} hatch
 * @property {import("./overlay.js").Overlay} overlay
 * @property {number | null} divider x of the line that parts original and result, in CSS pixels
 */

/** Device pixels per picture pixel from which a photo's pixels are shown as squares. */
const SQUARES_FROM = 8;

/**
 * On whole device pixels, so that lines stay sharp while panning.
 * @param {import("./viewport.js").Viewport} viewport
 * @param {Pane} pane
 * @param {number} ratio
 * @returns {Place}
 */
export function placeOf(viewport, pane, ratio) {
  return {
    x: Math.round((pane.rect.x + viewport.x) * ratio),
    y: Math.round((pane.rect.y + viewport.y) * ratio),
    scale: viewport.scale * ratio,
  };
}

/**
 * @param {CanvasRenderingContext2D} context in device pixels
 * @param {Pane} pane
 * @param {Content} content
 */
export function drawPane(context, pane, content) {
  const { place, area, ratio, divider } = content;
  const frame = scaled(pane.rect, ratio);
  const clip = area ? intersect(frame, deviceRect(area, place)) : frame;
  if (!clip) return;
  context.save();
  clipTo(context, clip);
  context.clearRect(clip.x, clip.y, clip.w, clip.h);
  if (pane.original || divider === null) {
    drawSide(context, pane.original, clip, content);
  } else {
    const at = Math.round((pane.rect.x + divider) * ratio);
    const left = intersect(clip, { ...frame, w: at - frame.x });
    const right = intersect(clip, { ...frame, x: at, w: frame.x + frame.w - at });
    if (left) drawSide(context, true, left, content);
    if (right) drawSide(context, false, right, content);
  }
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {boolean} original without labels, else the result with them
 * @param {Rect} clip device pixels
 * @param {Content} content
 */
function drawSide(context, original, clip, { place, ratio, pictures, labels, hatch, overlay }) {
  context.save();
  clipTo(context, clip);
  const source = original ? pictures.original : pictures.result;
  const side = pictures.size * place.scale;
  const put = (/** @type {HTMLCanvasElement} */ canvas, /** @type {boolean} */ smooth) => {
    context.imageSmoothingEnabled = smooth;
    context.imageSmoothingQuality = "high";
    context.drawImage(canvas, place.x, place.y, side, side);
  };
  put(source.canvas, place.scale < SQUARES_FROM);
  if (!original && labels && overlay.visible && labels.labels.size === pictures.size) {
    context.globalAlpha = overlay.opacity;
    put(labels.canvas, place.scale < 1);
    context.globalAlpha = 1;
    const { highlight } = overlay;
    const visible = overlay.outlines ? visibleArea(clip, place, pictures.size) : null;
    if (visible) labels.drawEdges(context, place, visible, { ratio, highlight });
  }
  if (!original && hatch && !hatch.empty) put(hatch.canvas, place.scale < 1);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Rect} rect
 */
function clipTo(context, rect) {
  context.beginPath();
  context.rect(rect.x, rect.y, rect.w, rect.h);
  context.clip();
}

/**
 * Picture pixels -> the device pixels they can touch.
 * @param {Rect} area
 * @param {Place} place
 * @returns {Rect}
 */
function deviceRect(area, place) {
  // Smoothing mixes in the neighbours.
  const margin = Math.ceil(place.scale) + 2;
  const x = Math.floor(place.x + area.x * place.scale) - margin;
  const y = Math.floor(place.y + area.y * place.scale) - margin;
  return {
    x,
    y,
    w: Math.ceil(place.x + (area.x + area.w) * place.scale) + margin - x,
    h: Math.ceil(place.y + (area.y + area.h) * place.scale) + margin - y,
  };
}

/**
 * Device pixels -> the picture pixels whose lines they can show.
 * @param {Rect} clip
 * @param {Place} place
 * @param {number} size
 * @returns {Rect | null}
 */
function visibleArea(clip, place, size) {
  const x = Math.floor((clip.x - place.x) / place.scale) - 1;
  const y = Math.floor((clip.y - place.y) / place.scale) - 1;
  const w = Math.ceil(clip.w / place.scale) + 3;
  const h = Math.ceil(clip.h / place.scale) + 3;
  return intersect({ x, y, w, h }, { x: 0, y: 0, w: size, h: size });
}

/**
 * @param {Rect} rect
 * @param {number} ratio
 * @returns {Rect} on whole device pixels
 */
function scaled(rect, ratio) {
  const [x, y] = [Math.round(rect.x * ratio), Math.round(rect.y * ratio)];
  return {
    x,
    y,
    w: Math.round((rect.x + rect.w) * ratio) - x,
    h: Math.round((rect.y + rect.h) * ratio) - y,
  };
}
