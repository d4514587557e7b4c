/**
 * Keeps the drawing in the browser and brings it back: what a record holds, when it is written,
 * and how a page begins with it. The tables themselves are in store.js.
 */

import { Autosave, Store, storeProblem, tabSession } from "../store.js";
import { attempt, tellNews, tellProblem } from "./toasts.js";

/** Settings that a page begins with again. */
const REMEMBERED = /** @type {const} */ ([
  "tool",
  "cls",
  "previous",
  "radius",
  "locked",
  "only",
  "mirror",
  "overlay",
  "opacity",
  "theme",
  "provenance",
  "live",
]);

export class Keeper {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.id = tabSession();
    /** @type {Store | null} */
    this.store = null;
    /** Key of the files in the store; a new one for every photo and every set of styles. */
    this.files = "";
    this.filesSaved = true;
    /** @type {number} count of style references in the files that were saved */
    this.savedStyles = 0;
    this.autosave = new Autosave(
      () => this.write(),
      (error) => tellProblem(storeProblem(error)),
    );
  }

  /**
   * Opens the store; a browser without one works, but keeps nothing.
   * @param {string} [name] of a store of its own
   */
  async open(name) {
    try {
      this.store = await Store.open(indexedDB, name);
    } catch (error) {
      tellProblem(storeProblem(error));
    }
  }

  touch() {
    if (this.store && this.page.session.opened) this.autosave.touch();
  }

  /** Another photo is open: its files are to be written too. */
  newFiles() {
    this.files = crypto.randomUUID();
    this.filesSaved = false;
    this.touch();
  }

  async write() {
    const { session, drawing } = this.page;
    const { opened } = session;
    if (!this.store || !opened || !drawing.labels) return;
    // Another photo may be opened while this one is written.
    const key = this.files;
    if (session.references.length !== this.savedStyles) this.filesSaved = false;
    const references = session.references.map(({ bytes, ...rest }) => rest);
    const record = {
      id: this.id,
      updated: Date.now(),
      photo: key,
      state: {
        choice: opened.choice,
        size: drawing.size,
        source: new Uint8Array(opened.labels),
        labels: drawing.labels.data.slice(),
        sliders: drawing.sliders,
        styles: drawing.styles,
        references,
        settings: this.settings(),
        history: await drawing.history.toJSON(),
      },
    };
    /** @type {Record<string, Blob>} */
    const styles = {};
    for (const { key, bytes } of session.references) if (bytes) styles[key] = bytes;
    const files = this.filesSaved ? null : { key, source: opened.source, styles };
    await this.store.save(record, files);
    if (files && this.files === key) {
      this.filesSaved = true;
      this.savedStyles = session.references.length;
      await this.store.prune();
    }
  }

  /** @returns {Record<string, any>} */
  settings() {
    const { values } = this.page.state;
    return Object.fromEntries(REMEMBERED.map((key) => [key, values[key]]));
  }

  /** What a project file says of this page. @returns {Promise<object>} */
  async projectState() {
    const { drawing, session } = this.page;
    const { steps, cursor } = await drawing.history.toJSON();
    const references = session.references.map(({ key, name, server, seed, sample, colour }) => ({
      key,
      name,
      server,
      seed,
      sample,
      colour,
    }));
    return {
      steps,
      cursor,
      sliders: drawing.sliders,
      styles: drawing.styles,
      references,
      settings: this.settings(),
    };
  }

  /** The settings of the last page, before anything is open. */
  async lastSettings() {
    const record = await this.store?.load(this.id).catch(() => null);
    return record?.state?.settings ?? {};
  }

  /** Begins with what was drawn last. @returns {Promise<boolean>} whether there was something */
  async restore() {
    const { page } = this;
    const record = await this.store?.load(this.id);
    const files = record && (await this.store?.files(record.photo));
    if (!record || !files) return false;
    const { choice, source, labels, sliders, styles, history, references } = record.state;
    const own = this.id;
    // Until the drawing is back, nothing may be written over it.
    this.id = crypto.randomUUID();
    const known = { choice, labels: source };
    const opened = await page.session.open(files.source, async () => choice, known);
    if (!opened) return false;
    this.id = own;
    for (const reference of references ?? []) {
      const bytes = files.styles[reference.key];
      page.session.references.push({ ...reference, bytes, server: null, thumbnail: "" });
    }
    await attempt(() => page.session.sendReferences());
    await page.show(opened, { labels, history, sliders, styles });
    if (history.steps.length) {
      tellNews("Your last drawing is back.", {
        text: "Start over",
        press: () => page.drawing.startOver(),
      });
    }
    return true;
  }
}
