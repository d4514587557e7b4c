/**
 * Lines over the picture: lasso and polygon while they are drawn, the outline of a part that is
 * moved, its box and handles.
 */

/** @typedef {import("./viewport.js").Viewport} Viewport */
/** @typedef {{x: number, y: number}} Point in image coordinates */
/** @typedef {[number, number, number, number, number, number]} Matrix x' = a x + b y + c, then y' */

/**
 * @typedef {object} Selection
 * @property {readonly Point[]} [path] a line in the making
 * @property {boolean} [closed] the line returns to its first point
 * @property {boolean} [dots] a dot on each point of the line
 * @property {string} [fill] colour of what the line encloses
 * @property {readonly Point[][]} [outline] closed lines around a part
 * @property {Matrix} [matrix] where the outline is moved to
 * @property {readonly Point[]} [box] four corners
 * @property {readonly Handle[]} [handles]
 */

/**
 * @typedef {object} Handle
 * @property {number} x
 * @property {number} y
 * @property {string} kind "rotate" is drawn round, others square
 * @property {boolean} [active]
 */

const ACCENT = "#2563eb";
const GRIP = 5;

/**
 * @param {CanvasRenderingContext2D} context in CSS pixels of the pane
 * @param {Selection} selection
 * @param {Viewport} viewport
 */
export function drawSelection(context, selection, viewport) {
  context.save();
  context.lineJoin = "round";
  if (selection.outline) drawOutline(context, selection, viewport);
  if (selection.path?.length) drawPath(context, selection, viewport);
  if (selection.box) twoTone(context, line(selection.box, true, viewport), []);
  for (const handle of selection.handles ?? []) drawHandle(context, handle, viewport);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Selection} selection
 * @param {Viewport} viewport
 */
function drawOutline(context, { outline, matrix, fill }, viewport) {
  const [a, b, c, d, e, f] = matrix ?? [1, 0, 0, 0, 1, 0];
  const placed = new Path2D();
  for (const loop of outline ?? []) {
    const moved = loop.map(({ x, y }) => ({ x: a * x + b * y + c, y: d * x + e * y + f }));
    placed.addPath(line(moved, true, viewport));
  }
  if (fill) {
    context.globalAlpha = 0.45;
    context.fillStyle = fill;
    context.fill(placed, "evenodd");
    context.globalAlpha = 1;
  }
  twoTone(context, placed, [5, 4]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Selection} selection
 * @param {Viewport} viewport
 */
function drawPath(context, { path = [], closed = false, dots = false, fill }, viewport) {
  const drawn = line(path, closed, viewport);
  if (fill && path.length > 2) {
    context.globalAlpha = 0.3;
    context.fillStyle = fill;
    context.fill(drawn, "nonzero");
    context.globalAlpha = 1;
  }
  twoTone(context, drawn, [5, 4]);
  if (!dots) return;
  for (const point of path) drawHandle(context, { ...point, kind: "dot" }, viewport);
}

/**
 * @param {readonly Point[]} points
 * @param {boolean} closed
 * @param {Viewport} viewport
 */
function line(points, closed, viewport) {
  const path = new Path2D();
  points.forEach((point, index) => {
    const at = viewport.toScreen(point.x, point.y);
    if (index) path.lineTo(at.x, at.y);
    else path.moveTo(at.x, at.y);
  });
  if (closed) path.closePath();
  return path;
}

/**
 * A dark line under a light one: seen on any ground.
 * @param {CanvasRenderingContext2D} context
 * @param {Path2D} path
 * @param {number[]} dash of the light one
 */
function twoTone(context, path, dash) {
  context.setLineDash([]);
  context.lineWidth = 3;
  context.strokeStyle = "rgba(0, 0, 0, 0.65)";
  context.stroke(path);
  context.setLineDash(dash);
  context.lineWidth = 1.5;
  context.strokeStyle = "#ffffff";
  context.stroke(path);
  context.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Handle} handle
 * @param {Viewport} viewport
 */
function drawHandle(context, handle, viewport) {
  const at = viewport.toScreen(handle.x, handle.y);
  const reach = handle.kind === "dot" ? 3 : GRIP;
  context.beginPath();
  if (handle.kind === "rotate" || handle.kind === "dot") {
    context.arc(at.x, at.y, reach, 0, 2 * Math.PI);
  } else {
    context.rect(at.x - reach, at.y - reach, 2 * reach, 2 * reach);
  }
  context.fillStyle = handle.active ? ACCENT : "#ffffff";
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = handle.active ? "#ffffff" : "#18181b";
  context.stroke();
}
