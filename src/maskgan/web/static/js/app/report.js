/**
 * What the page is at, for programs that watch it (`window.maskgan`): the tests and the benchmarks
 * wait for it instead of for the clock. Only reads; asked for anew each time.
 */

/** @param {import("./page.js").Page} page */
export function reportOf(page) {
  return Object.freeze({
    /** True once a face is open. */
    get open() {
      return document.documentElement.dataset.ready === "true" && page.drawing.labels !== null;
    },
    /** True while something that was asked for is not seen yet. */
    get busy() {
      const { live, status } = page;
      if (status.works > 0 || page.asking > 0) return true;
      // Annotating, pictures are asked for only when somebody wants to see them.
      if (page.annotating && live.socket === null) return false;
      return !live.connected || live.busy;
    },
    /** True when the browser keeps the last state. */
    get kept() {
      const { dirty, running } = page.keeper.autosave;
      return !dirty && running === null;
    },
    /** Number of the newest picture that was asked for. */
    get asked() {
      return page.live.seq;
    },
    /** Number of the newest picture on the stage. */
    get shown() {
      return page.live.shown;
    },
    /** Where the crop lies on the stage: window pixels per crop pixel, and its corner. */
    get viewport() {
      const { stage } = page.canvas;
      const { x, y } = stage.toScreen(-0.5, -0.5);
      return [stage.viewport.scale, Math.round(x), Math.round(y)];
    },
  });
}
