/**
 * What keys and buttons do, by name. keys.js says which key; the bars say which button.
 */

import { dialogOpen } from "./dialog.js";
import { showAbout, showKeys } from "./about.js";

/** @typedef {import("./state.js").View} View */

/** Milliseconds below which a press of Tab is no holding. */
const TAP = 250;
const OPACITIES = [0.3, 0.5, 0.7, 1];

/**
 * @param {import("./page.js").Page} page
 * @returns {Record<string, (event?: KeyboardEvent, down?: boolean) => boolean | void>}
 */
export function makeActions(page) {
  const { state, canvas } = page;
  const { stage } = canvas;
  let pressed = 0;
  const view = (/** @type {View} */ wanted) => () =>
    state.update({ view: state.values.view === wanted ? "result" : wanted });
  const tool = (/** @type {string} */ id) => () => page.chooseTool(id);
  const brush = (/** @type {number} */ steps) => () => state.resizeBrush(steps);
  const settled = (/** @type {() => void} */ action) => () => {
    if (canvas.active) canvas.cancel();
    else action();
  };
  const zoom = (/** @type {number} */ factor) => () => {
    stage.viewport.zoomTo(stage.viewport.scale * factor);
  };
  return {
    ...Object.fromEntries([...canvas.tools.keys()].map((id) => [id, tool(id)])),
    smaller: brush(-1),
    larger: brush(1),
    muchSmaller: brush(-10),
    muchLarger: brush(10),
    swap: () => state.chooseClass(state.values.previous),
    mirror: () => state.update({ mirror: !state.values.mirror }),
    digit: (event) => {
      if (!event) return;
      const cls = Number(event.code.slice(-1)) + (event.shiftKey ? 10 : 0);
      if (page.info.classes[cls]) state.chooseClass(cls);
    },
    undo: settled(() => page.drawing.undo()),
    redo: settled(() => page.drawing.redo()),
    render: () => {
      if (page.drawing.labels) page.live.change(null, "full");
    },
    cancel: (event) => {
      if (event && canvas.key(event)) return true;
      if (canvas.active) canvas.cancel();
      else if (state.values.view !== "result") state.update({ view: "result" });
      else stage.viewport.fit();
      return true;
    },
    original: (event, down) => {
      // Tab walks through the page unless the mouse was just used at the picture; a short press
      // says that walking was meant, and the next one does.
      if (event?.key === "Tab") {
        const at = document.activeElement;
        const here = at === canvas.host || at === document.body;
        if (down && !(here && canvas.pointer && canvas.usedPointer)) return false;
        if (down) pressed = event.timeStamp;
        else if (event.timeStamp - pressed < TAP) canvas.usedPointer = false;
      }
      stage.compare.peek = down === true;
      canvas.tag();
      return true;
    },
    overlay: () => state.update({ overlay: !state.values.overlay }),
    opacity: () => {
      const next = OPACITIES.find((value) => value > state.values.opacity + 0.01) ?? OPACITIES[0];
      state.update({ opacity: next, overlay: true });
    },
    compare: view("slider"),
    side: view("side"),
    fit: () => stage.viewport.fit(),
    actual: () => stage.viewport.zoomTo(1),
    zoomIn: zoom(1.25),
    zoomOut: zoom(0.8),
    open: () => void page.files.open(),
    save: () => {
      if (page.drawing.labels) void page.files.export({ kind: "photo" });
    },
    copy: (event) => {
      if (event && String(window.getSelection() ?? "")) return false;
      if (page.drawing.labels) void page.files.copy();
      return true;
    },
    help: () => {
      if (!dialogOpen()) void showKeys();
    },
    about: () => void showAbout(page.info),
  };
}
