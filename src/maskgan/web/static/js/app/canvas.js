/**
 * The picture: the engine's stage, pointer and tools, joined to this page's state and drawing.
 */

import { midline } from "../engine/labels.js";
import { Stage } from "../engine/layers.js";
import { PointerInput } from "../engine/pointer.js";
import { Divider } from "./divider.js";
import { byId } from "./element.js";
import { KeyBrush } from "./keybrush.js";
import { Lighting } from "./lighting.js";
import { attempt, tellProblem } from "./toasts.js";

/** @typedef {import("../engine/labels.js").LabelMap} LabelMap */
/** @typedef {import("../engine/labels.js").Rect} Rect */
/** @typedef {import("../engine/pointer.js").Sample} Sample */
/** @typedef {import("../engine/tools/tool.js").Tool} Tool */
/** @typedef {import("../engine/tools/tool.js").ToolPoint} ToolPoint */

export class Canvas {
  /**
   * @param {import("./page.js").Page} page
   * @param {Tool[]} tools
   */
  constructor(page, tools) {
    this.page = page;
    this.host = byId("stage");
    this.stage = new Stage(this.host);
    this.stage.setPalette(page.info.classes.map((cls) => cls.color));
    this.divider = new Divider(this.stage);
    this.lighting = new Lighting(this.stage, page.state);
    this.tools = new Map(tools.map((tool) => [tool.id, tool]));
    /** @type {Tool | null} the tool at work */
    this.active = null;
    /** @type {number | null} */
    this.under = null;
    /** @type {Sample | null} where the pointer is */
    this.pointer = null;
    /** True when the mouse was used later than the keys that walk through the page. */
    this.usedPointer = true;
    window.addEventListener("pointermove", () => {
      this.usedPointer = true;
    });
    window.addEventListener("keydown", (event) => {
      if (event.key.startsWith("Arrow")) this.usedPointer = false;
    });
    this.ctx = this.context();
    this.input = new PointerInput(this.host, {
      down: (at) => this.down(at),
      move: (points) => this.move(points),
      up: (at) => this.up(at),
      cancel: () => this.cancel(),
      hover: (at) => this.hover(at),
      pinch: ({ x, y, factor, dx, dy }) => {
        this.stage.zoomAt(x, y, factor);
        this.stage.viewport.pan(dx, dy);
      },
      pan: ({ dx, dy }) => this.stage.viewport.pan(dx, dy),
      wheel: ({ x, y, factor }) => this.stage.zoomAt(x, y, factor),
      size: (steps) => this.resize(steps),
    });
    this.notches = 0;
    /** @type {KeyBrush} */
    this.keys = new KeyBrush(this);
    this.stage.onview = () => page.status?.zoomed(this.stage.viewport.scale);
    page.state.on(["view"], ({ view }) => {
      this.stage.compare.mode = view;
      this.divider.show(view === "slider");
      this.tag();
      this.refreshCursor();
    });
    page.state.on(["tool", "cls", "radius", "mirror"], () => this.refreshCursor());
  }

  /** What tools see of the page. @returns {import("../engine/tools/tool.js").ToolContext} */
  context() {
    const { page, stage } = this;
    const { values } = page.state;
    return {
      get labels() {
        return page.drawing.present();
      },
      get cls() {
        return values.cls;
      },
      get radius() {
        return values.radius;
      },
      get only() {
        return values.only.length ? new Set(values.only) : null;
      },
      get locked() {
        return new Set(values.locked);
      },
      get mirror() {
        return values.mirror;
      },
      stage,
      commit: (step) => page.drawing.commit(this.titled(step)),
      server: (tool, parameters) => page.toolWorks(page.server(tool, parameters)),
      preview: (rect) => page.drawing.tellLabels(rect, "preview"),
      pick: (cls) => page.state.chooseClass(cls),
      failed: (error) => tellProblem(error),
    };
  }

  /**
   * Names a step of a tool after what was painted.
   * @param {import("../engine/history.js").StepParts} step
   */
  titled(step) {
    const op = /** @type {any} */ (Array.isArray(step.op) ? step.op[0] : step.op);
    const cls = op?.class;
    if (step.kind !== "paint" || !Number.isInteger(cls)) return step;
    return { ...step, title: `${step.title}: ${this.page.classOf(cls).title.toLowerCase()}` };
  }

  /** Another face. @param {ImageBitmap} crop @param {LabelMap} labels */
  show(crop, labels) {
    this.cancel();
    this.stage.setCrop(crop);
    this.stage.setLabels(labels);
    this.keys.centre();
    this.stage.viewport.fit();
  }

  /** @param {Rect | null} rect */
  labelsChanged(rect) {
    if (rect) this.stage.dirtyLabels(rect);
  }

  /**
   * A rectangle of the result has come.
   * @param {Rect} rect
   * @param {Blob | null} picture
   * @param {boolean} fresh it goes onto the original
   */
  async result(rect, picture, fresh) {
    const bitmap = picture && rect.w > 0 ? await createImageBitmap(picture) : null;
    if (fresh) this.stage.setResult(null);
    if (!bitmap) return;
    this.stage.setResult(bitmap, rect);
    bitmap.close();
  }

  /** @param {Sample | null} at */
  hover(at) {
    this.pointer = at;
    if (at) this.keys.active = false;
    const spot = at && this.stage.toImage(at.x, at.y);
    const cls = spot && this.page.drawing.labels ? this.page.drawing.labels.at(spot.x, spot.y) : null;
    if (cls !== this.under) {
      this.under = cls;
      this.page.status.hover(cls);
      this.lighting.flash(cls);
    }
    this.refreshCursor();
  }

  /** Names what the keyboard's brush stands on. @param {number} x @param {number} y */
  name(x, y) {
    const cls = this.page.drawing.labels?.at(x, y) ?? null;
    this.page.status.hover(cls);
    return cls;
  }

  /** @returns {Tool} the tool in hand */
  get tool() {
    const { tool } = this.page.state.values;
    return /** @type {any} */ (this.tools.get(tool) ?? this.tools.get("brush"));
  }

  /** @param {string} id */
  chooseTool(id) {
    if (!this.tools.has(id)) return;
    this.cancel();
    if (this.page.drawing.labels) this.tool.leave?.(this.ctx);
    this.page.state.update({ tool: id });
    this.refreshCursor();
  }

  /** @param {Sample} at @returns {ToolPoint} where that is in the picture */
  place(at) {
    const { x, y } = this.stage.toImage(at.x, at.y);
    return { ...at, x, y };
  }

  /** @param {Sample} at */
  down(at) {
    if (!this.page.drawing.labels) return;
    this.keys.active = false;
    this.usedPointer = true;
    this.lighting.show(null);
    if (this.divider.near(at)) {
      this.divider.held = true;
      return;
    }
    const { state, annotating } = this.page;
    if (state.values.view === "original" && !annotating) state.update({ view: "result" });
    this.begin(this.tool, this.place(at));
  }

  /** @param {Tool} tool @param {ToolPoint} spot */
  begin(tool, spot) {
    this.active = tool;
    if (tool.id === "brush" && !spot.erase) {
      this.lighting.paint(this.page.state.values.cls);
    }
    void this.page.toolWorks(attempt(() => tool.down(this.ctx, spot)));
  }

  /** @param {Sample[]} points */
  move(points) {
    const last = points[points.length - 1];
    this.pointer = last;
    if (this.divider.held) {
      this.divider.follow(last);
      return;
    }
    this.active?.move(this.ctx, points.map((at) => this.place(at)));
    this.refreshCursor();
  }

  /** @param {Sample} at */
  up(at) {
    if (this.divider.held) {
      this.divider.held = false;
      return;
    }
    this.end(this.place(at));
  }

  /** @param {ToolPoint} spot */
  end(spot) {
    const tool = this.active;
    this.active = null;
    this.lighting.show(null);
    if (tool) void this.page.toolWorks(attempt(() => tool.up(this.ctx, spot)));
  }

  cancel() {
    this.divider.held = false;
    this.active = null;
    this.lighting.show(null);
    if (this.page.drawing.labels) this.tool.cancel(this.ctx);
  }

  /** Labels have changed otherwise: a tool that holds a part looks again. */
  changed() {
    if (this.page.drawing.labels && !this.active) this.tool.changed?.(this.ctx);
  }

  /** Says which picture is seen, where it is not the result. */
  tag() {
    const { compare } = this.stage;
    const both = !compare.peek && (compare.mode === "slider" || compare.mode === "side");
    byId("pane-tag").hidden = !(both || compare.peek || compare.mode === "original");
    if (this.page.annotating) byId("pane-tag").hidden = true;
    byId("pane-tag-result").hidden = !both;
  }

  /** Lets the tool in hand have a key. @param {KeyboardEvent} event @returns {boolean} */
  key(event) {
    return this.page.drawing.labels ? Boolean(this.tool.key?.(this.ctx, event)) : false;
  }

  /** @param {number} steps notches or parts of them */
  resize(steps) {
    this.notches += steps;
    const whole = Math.trunc(this.notches);
    this.notches -= whole;
    if (whole) this.page.state.resizeBrush(whole);
  }

  refreshCursor() {
    const { state, drawing, info, annotating } = this.page;
    const { tool, cls, radius, mirror, view } = state.values;
    const at = this.keys?.active ? this.keys.sample() : this.pointer;
    const spot = at && this.stage.toImage(at.x, at.y);
    const round = tool === "brush" || tool === "eraser";
    const divider = at && this.divider.near(at);
    const shown = drawing.labels && (view !== "original" || annotating) && !divider;
    const drawn = spot && shown && (round || this.keys.active);
    const color = tool === "eraser" ? "#ffffff" : info.classes[cls].color;
    this.stage.cursor = drawn
      ? {
          ...spot,
          r: round ? radius : 1,
          color,
          mirror: mirror && drawing.labels ? 2 * midline(drawing.labels) - spot.x : null,
        }
      : null;
    const shape = divider ? "divider" : round && drawn ? "none" : this.tool.cursor;
    this.host.dataset.cursor = this.input?.space ? "pan" : shape;
    const toolSpot = at && !divider ? this.place(at) : null;
    if (drawing.labels && !this.active) this.tool.hover?.(this.ctx, toolSpot);
  }
}
