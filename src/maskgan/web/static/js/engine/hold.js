/**
 * Which pane a pressed pointer belongs to: a stroke stays in the pane it began in.
 */

export class Hold {
  #abort = new AbortController();

  /**
   * @param {HTMLElement} host
   * @param {(px: number, py: number) => number} index of the pane at a position on the host
   */
  constructor(host, index) {
    /** @type {number | null} the pane, null while no pointer is down */
    this.pane = null;
    const { signal } = this.#abort;
    const down = (/** @type {PointerEvent} */ event) => {
      const { left, top } = host.getBoundingClientRect();
      this.pane ??= index(event.clientX - left, event.clientY - top);
    };
    const up = () => {
      this.pane = null;
    };
    host.addEventListener("pointerdown", down, { signal, capture: true });
    // The window hears of the end last, after those who paint.
    window.addEventListener("pointerup", up, { signal });
    window.addEventListener("pointercancel", up, { signal });
  }

  destroy() {
    this.#abort.abort();
  }
}
