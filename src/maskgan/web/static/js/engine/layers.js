/**
 * The stage: photo, result, labels, lines and cursor on two canvases of an element, at the screen's
 * own resolution, drawn once per frame and only where something changed.
 */

import { divider, drawDivider, paneIndex, panes } from "./compare.js";
import { drawCursor } from "./cursor.js";
import { Hatch } from "./hatch.js";
import { Hold } from "./hold.js";
import { LabelMap, grow, intersect, unite } from "./labels.js";
import { observed } from "./observed.js";
import { LabelPicture } from "./overlay.js";
import { drawPane, placeOf } from "./pane.js";
import { Pictures } from "./pictures.js";
import { Screen } from "./screen.js";
import { drawSelection } from "./selection.js";
import { Viewport } from "./viewport.js";

/** @typedef {import("./labels.js").Rect} Rect */
/** @typedef {import("./raster.js").Mask} Mask */
/** @typedef {import("./compare.js").Compare} Compare */
/** @typedef {import("./compare.js").Pane} Pane */
/** @typedef {import("./cursor.js").Cursor} Cursor */
/** @typedef {import("./selection.js").Selection} Selection */
/** @typedef {import("./overlay.js").Overlay} Overlay */
const GREY = "#808080";

export class Stage {
  /** @type {LabelPicture | null} */
  #labels = null;
  /** @type {Hatch | null} */
  #hatch = null;
  /** @type {Rect | "all" | null} what the lower canvas must show anew, in label pixels */
  #damage = "all";
  /** @type {Rect | null} labels that have changed since they were coloured */
  #stale = null;
  #frame = 0;
  /** @type {Cursor | null} */
  #cursor = null;
  /** @type {Selection | null} */
  #selection = null;
  /** @type {readonly string[]} */
  #palette = Array(19).fill(GREY);
  /** @type {number | null} the class that the colours light up now */
  #lit = null;
  #pictures = new Pictures();
  #hold;

  /** @param {HTMLElement} host an element with a size of its own and position other than static */
  constructor(host) {
    this.host = host;
    this.viewport = new Viewport();
    this.viewport.onchange = () => this.#viewChanged();
    /** @type {() => void} called when the picture lies elsewhere: zoom, pan, size, divider */
    this.onview = () => {};
    /** @type {Overlay} */
    this.overlay = observed(
      { visible: true, opacity: 0.45, outlines: true, highlight: /** @type {number | null} */ (null) },
      () => this.#recolor(),
    );
    /** @type {Compare} */
    this.compare = observed(
      { mode: /** @type {Compare["mode"]} */ ("result"), position: 0.5, peek: false },
      () => this.#layout(),
    );
    this.screen = new Screen(host);
    this.observer = new ResizeObserver(() => this.#layout());
    this.observer.observe(host);
    this.#hold = new Hold(host, (px, py) => paneIndex(this.panes, px, py));
    this.#layout();
  }

  /** Side of the picture in pixels. */
  get size() {
    return this.#pictures.size;
  }

  /** @returns {Cursor | null} */
  get cursor() {
    return this.#cursor;
  }

  set cursor(cursor) {
    this.#cursor = cursor;
    this.draw();
  }

  /** @returns {Selection | null} */
  get selection() {
    return this.#selection;
  }

  set selection(selection) {
    this.#selection = selection;
    this.draw();
  }

  /** The panes on the stage; the last one is painted on. @returns {Pane[]} */
  get panes() {
    return panes(this.compare, this.screen.width, this.screen.height);
  }

  /** Where the slider's line is and can be, in CSS pixels of the stage. */
  get divider() {
    return divider(this.compare, this.viewport);
  }

  /** @param {readonly string[]} colors "#rrggbb" per class */
  setPalette(colors) {
    this.#palette = [...colors];
    this.#labels?.setColors(this.#palette, this.overlay.highlight);
    this.#touch("all");
  }

  /** The colour of a class. @param {number} cls */
  color(cls) {
    return this.#palette[cls] ?? GREY;
  }

  /**
   * Another face: its original crop, which stands for the result until one comes.
   * @param {ImageBitmap | HTMLImageElement | HTMLCanvasElement} crop square
   */
  setCrop(crop) {
    this.#pictures.setCrop(crop);
    this.viewport.size = crop.width;
    this.#layout();
    this.viewport.fit();
  }

  /**
   * A rectangle of the result; null: the original again.
   * @param {ImageBitmap | HTMLImageElement | HTMLCanvasElement | null} bitmap
   * @param {Rect} [rect] the whole picture when left out
   */
  setResult(bitmap, rect = { x: 0, y: 0, w: this.size, h: this.size }) {
    if (bitmap) this.#pictures.setResult(bitmap, rect);
    else this.#pictures.reset();
    this.#touch(bitmap ? rect : "all");
  }

  /** @param {LabelMap} labels kept: say `dirtyLabels` after changing them */
  setLabels(labels) {
    if (this.#labels?.labels.size !== labels.size) {
      this.#labels = new LabelPicture(labels);
      this.#hatch = new Hatch(labels.size);
    }
    this.#labels.labels = labels;
    this.#stale = null;
    this.#labels.edges.update(labels, this.#labels.whole);
    this.#lit = this.overlay.highlight;
    this.#labels.setColors(this.#palette, this.#lit);
    this.#hatch?.clear();
    this.#touch("all");
  }

  /**
   * Labels inside a rectangle have changed.
   * @param {Rect | null} [rect] nothing when null, the whole map when left out
   */
  dirtyLabels(rect = { x: 0, y: 0, w: this.size, h: this.size }) {
    const part = this.#labels && intersect(rect, this.#labels.whole);
    if (!part) return;
    this.#stale = unite(this.#stale, part);
    // Lines reach one pixel out.
    this.#touch(grow(part, 1, this.size));
  }

  /** Hatches pixels whose new class is not known yet. @param {Mask} mask within the map */
  hatch(mask) {
    this.#hatch?.add(mask);
    this.#touch(mask.rect);
  }

  /** @param {Mask} [mask] the pixels that are decided now, all when left out */
  clearHatch(mask) {
    if (!this.#hatch || this.#hatch.empty) return;
    if (mask) this.#hatch.remove(mask);
    else this.#hatch.clear();
    this.#touch(mask?.rect ?? "all");
  }

  /**
   * A position on the stage in CSS pixels, whichever pane it is in -> image coordinates.
   * @param {number} px
   * @param {number} py
   */
  toImage(px, py) {
    const pane = this.paneAt(px, py).rect;
    return this.viewport.toImage(px - pane.x, py - pane.y);
  }

  /**
   * Image coordinates -> CSS pixels on the stage, in the pane that is painted on.
   * @param {number} x
   * @param {number} y
   */
  toScreen(x, y) {
    const pane = this.panes[this.panes.length - 1].rect;
    const at = this.viewport.toScreen(x, y);
    return { x: at.x + pane.x, y: at.y + pane.y };
  }

  /**
   * Zooms about a position on the stage.
   * @param {number} px
   * @param {number} py
   * @param {number} factor
   */
  zoomAt(px, py, factor) {
    const pane = this.paneAt(px, py).rect;
    this.viewport.zoomAt(px - pane.x, py - pane.y, factor);
  }

  /**
   * @param {number} px
   * @param {number} py
   * @returns {Pane} the pane at a position; while the pointer is down, the one it went down in
   */
  paneAt(px, py) {
    const all = this.panes;
    return all[Math.min(this.#hold.pane ?? paneIndex(all, px, py), all.length - 1)];
  }

  /** The x of the line between original and result, null when there is none. */
  get #dividing() {
    return this.compare.mode === "slider" && !this.compare.peek ? this.divider.x : null;
  }

  /** Asks for a frame; many calls are one. */
  draw() {
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  /** Takes the canvases away. */
  destroy() {
    cancelAnimationFrame(this.#frame);
    this.observer.disconnect();
    this.#hold.destroy();
    this.screen.remove();
  }

  #viewChanged() {
    this.#touch("all");
    this.onview();
  }

  #recolor() {
    const { highlight } = this.overlay;
    if (highlight !== this.#lit) {
      this.#lit = highlight;
      this.#labels?.setColors(this.#palette, highlight);
    }
    this.#touch("all");
  }

  /** @param {Rect | "all" | null} area */
  #touch(area) {
    if (area === "all" || this.#damage === "all") this.#damage = "all";
    else this.#damage = unite(this.#damage, area);
    this.draw();
  }

  /** The stage or its division has another size. */
  #layout() {
    this.screen.fit(this.host);
    const { w, h } = this.panes[0].rect;
    if (w !== this.viewport.width || h !== this.viewport.height) this.viewport.resize(w, h);
    this.#viewChanged();
  }

  #paint() {
    this.#frame = 0;
    if (this.screen.ratio !== window.devicePixelRatio) this.#layout();
    const [damage, stale] = [this.#damage, this.#stale];
    [this.#damage, this.#stale] = [null, null];
    if (stale) this.#labels?.update(stale);
    // Between two panes lies a gap that belongs to neither.
    if (damage === "all") this.screen.clear();
    for (const pane of damage && this.#pictures.open ? this.panes : []) {
      drawPane(this.screen.lower, pane, {
        place: placeOf(this.viewport, pane, this.screen.ratio),
        area: damage === "all" ? null : damage,
        ratio: this.screen.ratio,
        pictures: this.#pictures,
        labels: this.#labels,
        hatch: this.#hatch,
        overlay: this.overlay,
        divider: this.#dividing,
      });
    }
    this.screen.drawLines(this.panes, (context) => {
      if (this.#selection) drawSelection(context, this.#selection, this.viewport);
      if (this.#cursor) drawCursor(context, this.#cursor, this.viewport);
    });
    const line = this.#dividing;
    if (line !== null && this.#pictures.open) drawDivider(this.screen.upper, line, this.screen.height);
  }
}
