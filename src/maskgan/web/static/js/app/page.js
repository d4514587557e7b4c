/**
 * The page as a whole: what panels and bars ask for is done here, with the session, the drawing and
 * the live channel. Knows what belongs together, not how it looks.
 */

import { stylesForServer } from "../panels/style.js";
import { Live } from "../net/live.js";
import { packBytes } from "../net/codec.js";
import { Drawing } from "./drawing.js";
import { Files } from "./files.js";
import { Keeper } from "./keeper.js";
import { Session } from "./session.js";
import { byId } from "./element.js";
import { announce, attempt, tellNews, tellProblem } from "./toasts.js";

/** @typedef {import("./drawing.js").Uses} Uses */
/** @typedef {import("./session.js").Opened} Opened */

const TITLES = { mouth: "Mouth", eyes: "Eyes", brows: "Eyebrows", nose: "Nose", hair: "Hair" };

export class Page {
  /**
   * @param {import("../net/api.js").Api} api
   * @param {import("../net/api.js").Info} info
   * @param {import("./state.js").State} state
   */
  constructor(api, info, state) {
    this.api = api;
    this.info = info;
    /** True where photos of a folder are labelled: then the original is painted on. */
    this.annotating = info.annotation !== null;
    this.state = state;
    this.drawing = new Drawing();
    this.session = new Session(api);
    this.live = new Live({
      crop: (rect) => this.drawing.present().crop(rect),
      styles: () => this.styles(),
      result: (result, picture) => this.canvasResult(result, picture),
      problem: (detail) => tellProblem(detail),
      state: (state) => this.liveState(state),
      address: () => this.liveAddress(),
      everything: () => ({ x: 0, y: 0, w: this.drawing.size, h: this.drawing.size }),
    });
    this.keeper = new Keeper(this);
    this.files = new Files(this);
    /** @type {Uses | null} styles that are shown while a strength is dragged */
    this.trial = null;
    /** @type {(file: File) => void} */
    this.styleDrop = () => {};
    /** @type {() => void} */
    this.dropEnded = () => {};
    /** @type {(() => void)[]} */
    this.referenceListeners = [];
    /** @type {(id: string) => void} */
    this.showTab = () => {};
    /** What tools of the canvas have begun and not ended; they may ask the server. */
    this.asking = 0;
    /** @type {Record<string, any>} what keys and buttons do; see app/actions.js */
    this.actions = {};
    /** @type {import("./canvas.js").Canvas} */
    this.canvas = /** @type {any} */ (null);
    /** @type {import("./status.js").Status} */
    this.status = /** @type {any} */ (null);
    this.drawing.on({
      labels: (rect, quality) => {
        this.canvas.labelsChanged(rect);
        if (quality === "full" || this.state.values.live) this.live.change(rect, quality);
      },
      steps: () => {
        this.canvas.changed();
        this.keeper.touch();
      },
    });
    this.session.onrecovered = () => {
      this.tellReferences();
      void this.live.open();
    };
  }

  /** @param {number} id */
  classOf(id) {
    return this.info.classes[id];
  }

  /** @param {string} name of a part */
  partTitle(name) {
    const known = /** @type {Record<string, string>} */ (TITLES)[name];
    const words = name.replaceAll("_", " ");
    return known ?? words.charAt(0).toUpperCase() + words.slice(1);
  }

  styles() {
    return stylesForServer(this.trial ?? this.drawing.styles, this.session.references);
  }

  /** @param {Uses | null} uses shown until it is null again */
  previewStyles(uses) {
    this.trial = uses;
    if (uses) this.live.change(null, "preview");
  }

  /** @param {() => void} heard */
  onReferences(heard) {
    this.referenceListeners.push(heard);
  }

  tellReferences() {
    for (const heard of this.referenceListeners) heard();
    this.keeper.touch();
  }

  /** @param {number | null} cls */
  highlight(cls) {
    this.canvas.lighting.show(cls);
  }

  /** @param {string} id */
  chooseTool(id) {
    this.canvas.chooseTool(id);
  }

  /** Shows that something takes time. @template T @param {Promise<T>} work @returns {Promise<T>} */
  busy(work) {
    this.status.work(work);
    return work;
  }

  /**
   * Puts what was opened on the page.
   * @param {Opened} opened
   * @param {Parameters<Drawing["begin"]>[2]} [kept]
   */
  async show(opened, kept) {
    this.live.close();
    this.trial = null;
    await this.drawing.begin(opened.face.size, opened.labels, kept);
    this.canvas.show(opened.crop, this.drawing.present());
    this.tellReferences();
    const { name, width, height } = opened.photo;
    byId("photo-name").textContent = opened.source.sample
      ? opened.source.name
      : `${name}, ${width} x ${height}`;
    for (const thumb of document.querySelectorAll("#strip [data-testid^=sample-]")) {
      const own = thumb.getAttribute("data-testid") === `sample-${opened.source.sample}`;
      thumb.setAttribute("aria-current", String(own));
    }
    this.keeper.newFiles();
    void this.live.open();
  }

  /**
   * Runs a tool of the server on the present labels, as one step.
   * @param {string} tool
   * @param {Record<string, any>} parameters
   * @param {string} title
   */
  runTool(tool, parameters, title) {
    return this.busy(
      attempt(async () => {
        const bytes = await this.server(tool, parameters);
        const op = { op: tool, ...parameters };
        const changed = this.drawing.replace(bytes, { title, kind: "tool", op });
        announce(changed ? title : "Nothing changed.");
        if (!changed) tellNews("Nothing to change there.");
      }),
    );
  }

  /**
   * @param {string} tool
   * @param {Record<string, any>} parameters a style by this page's own name
   * @returns {Promise<Uint8Array>}
   */
  async server(tool, parameters) {
    const labels = parameters.labels ?? (await packBytes(this.drawing.present().data));
    return this.session.run((id) => {
      const style = this.session.references.find(({ key }) => key === parameters.style)?.server;
      const named = style ? { ...parameters, style } : parameters;
      return this.api.tool(id, tool, { ...named, labels });
    });
  }

  /** Counts what a tool of the canvas is at. @template T @param {Promise<T>} work @returns {Promise<T>} */
  toolWorks(work) {
    this.asking += 1;
    return work.finally(() => {
      this.asking -= 1;
    });
  }

  /** @param {any} result @param {Blob | null} picture */
  async canvasResult(result, picture) {
    await this.canvas.result(result.rect, picture, result.fresh);
    this.status.rendered(result);
  }

  /** The address of the live channel; opens the session again where it is gone. */
  async liveAddress() {
    if (this.live.attempt > 0) await this.session.alive();
    return this.api.liveUrl(this.session.id);
  }

  /** @param {"open" | "waiting" | "closed"} state */
  liveState(state) {
    this.status.connection(state);
    this.canvas.lighting.standAlone(state === "waiting");
  }
}
