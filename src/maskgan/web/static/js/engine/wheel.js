/**
 * What turns of a wheel, pinches of a trackpad and a pen's pressure amount to.
 */

/** @typedef {{deltaY: number, deltaMode: number, ctrlKey: boolean}} Turn */

/** Pixels that browsers scroll per notch, line and page. */
const NOTCH = 100;
const UNITS = [1, NOTCH / 3, 3 * NOTCH];
/** Zoom by one notch. */
const PER_NOTCH = 1.2;
/** Trackpads report a pinch as a wheel with Ctrl, in small parts of a pixel. */
const PINCH_BELOW = 40;
const PINCH_SPEED = 0.01;
/** Share of the radius that the lightest touch of a pen paints. */
const LIGHTEST = 0.25;

/** @param {Turn} turn */
function isPinch({ ctrlKey, deltaMode, deltaY }) {
  return ctrlKey && deltaMode === 0 && !Number.isInteger(deltaY) && Math.abs(deltaY) < PINCH_BELOW;
}

/** @param {Turn} turn */
function notches({ deltaY, deltaMode }) {
  return Math.min(Math.max((-deltaY * (UNITS[deltaMode] ?? 1)) / NOTCH, -4), 4);
}

/**
 * Factor by which a turn zooms.
 * @param {Turn} turn
 */
export function zoomFactor(turn) {
  if (isPinch(turn)) return Math.exp(-turn.deltaY * PINCH_SPEED);
  return PER_NOTCH ** notches(turn);
}

/**
 * Notches of brush size when Ctrl is held, else 0.
 * @param {Turn} turn
 */
export function sizeSteps(turn) {
  return turn.ctrlKey && !isPinch(turn) ? notches(turn) : 0;
}

/**
 * Factor of the brush's radius: 1 at half the pressure, which is what a pen reports that knows none.
 * @param {number} pressure 0 to 1
 */
export function pressureFactor(pressure) {
  return LIGHTEST + (1 - LIGHTEST) * Math.min(2 * pressure, 1) ** 0.8 + Math.max(pressure - 0.5, 0);
}
