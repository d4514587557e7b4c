/**
 * Painting without a mouse: while the picture has the focus, the arrow keys move a brush over it
 * and Space holds it down. When the pointer was used last, Space moves the picture instead.
 */

/** @type {Record<string, number[]>} */
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class KeyBrush {
  /** @param {import("./canvas.js").Canvas} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    /** True while the keyboard moves the brush. */
    this.active = false;
    this.held = false;
    this.x = 0;
    this.y = 0;
    const { host } = canvas;
    host.addEventListener("keydown", (event) => this.down(event));
    host.addEventListener("keyup", (event) => this.up(event));
    host.addEventListener("focus", () => {
      if (host.matches(":focus-visible") && !canvas.pointer) this.show();
    });
    host.addEventListener("blur", () => {
      this.release();
      this.active = false;
      canvas.input.space = false;
      canvas.refreshCursor();
    });
  }

  /** Puts the brush where faces have their mouth. */
  centre() {
    const { size } = this.canvas.stage;
    this.x = Math.round(size * 0.496);
    this.y = Math.round(size * 0.745);
  }

  show() {
    if (!this.canvas.page.drawing.labels) return;
    this.active = true;
    this.canvas.name(this.x, this.y);
    this.canvas.refreshCursor();
  }

  /** The brush as a position on the stage. @returns {import("../engine/pointer.js").Sample} */
  sample() {
    const { x, y } = this.canvas.stage.toScreen(this.x, this.y);
    return { x, y, factor: 1, erase: false, shift: false, ctrl: false, alt: false, clicks: 1 };
  }

  /** @returns {import("../engine/tools/tool.js").ToolPoint} */
  spot() {
    return { ...this.sample(), x: this.x, y: this.y };
  }

  /** @param {KeyboardEvent} event */
  down(event) {
    const { canvas } = this;
    if (event.ctrlKey || event.metaKey || event.altKey || !canvas.page.drawing.labels) return;
    if (event.key === " ") {
      event.preventDefault();
      if (event.repeat) return;
      if (!this.active && canvas.pointer) {
        canvas.input.space = true;
        canvas.refreshCursor();
        return;
      }
      this.active = true;
      this.held = true;
      canvas.begin(canvas.tool, this.spot());
      return;
    }
    if (!this.held && canvas.key(event)) {
      event.preventDefault();
      return;
    }
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const far = event.shiftKey ? 10 : 1;
    const { size } = canvas.stage;
    if (!this.active) this.follow();
    this.x = Math.min(size - 1, Math.max(0, this.x + step[0] * far));
    this.y = Math.min(size - 1, Math.max(0, this.y + step[1] * far));
    this.show();
    if (this.held) canvas.active?.move(canvas.ctx, [this.spot()]);
  }

  /** Begins where the pointer was. */
  follow() {
    const { pointer, stage } = this.canvas;
    if (!pointer) return;
    const { x, y } = stage.toImage(pointer.x, pointer.y);
    if (x < 0 || y < 0 || x >= stage.size || y >= stage.size) return;
    [this.x, this.y] = [Math.round(x), Math.round(y)];
  }

  /** @param {KeyboardEvent} event */
  up(event) {
    if (event.key !== " ") return;
    event.preventDefault();
    this.canvas.input.space = false;
    this.release();
    this.canvas.refreshCursor();
  }

  release() {
    if (!this.held) return;
    this.held = false;
    this.canvas.end(this.spot());
  }
}
