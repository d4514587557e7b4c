/**
 * Two canvases over each other that fill an element at the screen's own resolution: the lower one
 * for pictures, the upper one for lines that move with the pointer.
 */

/** @typedef {import("./compare.js").Pane} Pane */

export class Screen {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.upper = layer(host, "stage-lines");
    this.lower = layer(host, "stage-picture");
    /** Device pixels per CSS pixel. */
    this.ratio = 1;
    /** CSS pixels. */
    this.width = 1;
    this.height = 1;
  }

  /**
   * Takes the element's size; canvases whose size changes lose what they show.
   * @param {HTMLElement} host
   */
  fit(host) {
    this.ratio = window.devicePixelRatio || 1;
    this.width = Math.max(host.clientWidth, 1);
    this.height = Math.max(host.clientHeight, 1);
    const [across, down] = [this.width, this.height].map((side) => Math.round(side * this.ratio));
    for (const { canvas } of [this.lower, this.upper]) {
      if (canvas.width !== across) canvas.width = across;
      if (canvas.height !== down) canvas.height = down;
    }
  }

  /** Empties the lower canvas. */
  clear() {
    const { canvas } = this.lower;
    this.lower.clearRect(0, 0, canvas.width, canvas.height);
  }

  /**
   * Draws the upper canvas anew: `draw` once for each pane, in CSS pixels from its corner. Leaves
   * CSS pixels of the element behind.
   * @param {Pane[]} panes
   * @param {(context: CanvasRenderingContext2D) => void} draw
   */
  drawLines(panes, draw) {
    const { upper, ratio } = this;
    upper.setTransform(1, 0, 0, 1, 0, 0);
    upper.clearRect(0, 0, upper.canvas.width, upper.canvas.height);
    for (const { rect } of panes) {
      upper.setTransform(ratio, 0, 0, ratio, rect.x * ratio, rect.y * ratio);
      upper.save();
      upper.beginPath();
      upper.rect(0, 0, rect.w, rect.h);
      upper.clip();
      draw(upper);
      upper.restore();
    }
    upper.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  remove() {
    this.lower.canvas.remove();
    this.upper.canvas.remove();
  }
}

/**
 * @param {HTMLElement} host
 * @param {string} name
 * @returns {CanvasRenderingContext2D}
 */
function layer(host, name) {
  const canvas = document.createElement("canvas");
  canvas.className = name;
  canvas.setAttribute("aria-hidden", "true");
  Object.assign(canvas.style, {
    position: "absolute",
    inset: "0",
    width: "100%",
    height: "100%",
    pointerEvents: "none",
  });
  host.prepend(canvas);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser gives no canvas to draw on.");
  return context;
}
