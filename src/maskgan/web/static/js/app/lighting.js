/**
 * How the labels lie over the picture: shown or hidden, and one class lit up, under the pointer or
 * from the palette. While they are hidden, lighting up a class shows its colour alone, and under
 * the pointer for a moment only, so that the result stays free to be seen.
 */

/** Milliseconds a region stays lit up under the pointer while the labels are hidden. */
const FLASH = 900;
/** Opacity of a class that is lit up while the labels are hidden, and of one that is painted. */
const GLOW = 0.5;
const PAINT = 0.35;

export class Lighting {
  /**
   * @param {import("../engine/layers.js").Stage} stage
   * @param {import("./state.js").State} state
   */
  constructor(stage, state) {
    this.overlay = stage.overlay;
    this.values = state.values;
    /** True while no pictures come: then the labels are all that shows what is painted. */
    this.alone = false;
    /** @type {number | undefined} */
    this.timer = undefined;
    state.on(["overlay", "opacity"], () => this.settle());
  }

  /** Whether the labels are seen all the time. */
  get lasting() {
    return this.values.overlay || this.alone;
  }

  /** @param {boolean} alone */
  standAlone(alone) {
    this.alone = alone;
    this.settle();
  }

  /** As the settings say. */
  settle() {
    const { opacity } = this.values;
    this.overlay.visible = this.lasting;
    this.overlay.outlines = true;
    this.overlay.opacity = opacity;
    if (!this.lasting) this.overlay.highlight = null;
  }

  /**
   * Lights up a class until another one, or null, is asked for.
   * @param {number | null} cls
   * @param {number} [glow]
   */
  show(cls, glow = GLOW) {
    window.clearTimeout(this.timer);
    this.overlay.highlight = cls;
    if (this.lasting) return;
    if (cls === null) {
      this.settle();
      return;
    }
    this.overlay.outlines = false;
    this.overlay.opacity = glow;
    this.overlay.visible = true;
  }

  /** Shows a stroke before its picture comes. @param {number} cls what is painted */
  paint(cls) {
    if (!this.lasting) this.show(cls, PAINT);
  }

  /** Lights up the class under the pointer. @param {number | null} cls */
  flash(cls) {
    this.show(cls);
    if (!this.lasting && cls !== null) {
      this.timer = window.setTimeout(() => this.show(null), FLASH);
    }
  }
}
