/**
 * Annotate mode: which photo of the folder is open, when its labels are saved, what is done with
 * it. The labels on the server's disk are what counts; they are saved soon after every step and
 * before another photo is opened. Knows the page, not how the bar looks.
 */

import { chooseFace } from "../app/faces.js";
import { announce, attempt, tellNews, tellProblem } from "../app/toasts.js";
import { sentence } from "../net/api.js";
import { Autosave } from "../store.js";
import { Listing, passes } from "./listing.js";

/** @typedef {import("./listing.js").Item} Item */
/** @typedef {import("../net/api.js").PhotoInfo} PhotoInfo */
/** @typedef {import("../net/api.js").FaceInfo} FaceInfo */
/** @typedef {import("../net/api.js").FaceChoice} FaceChoice */
/** What chooses the face again.
 * @typedef {{points: import("../net/api.js").Spot[] | null, aligned: boolean | null}} Choice */
/** What the server says when a photo was opened; without a face the last two are null.
 * @typedef {{item: Item, photo: PhotoInfo, face: FaceInfo | null, choice: Choice | null}} Answer */
/** @typedef {"none" | "saved" | "saving" | "changed" | "failed"} Saving */

const ROOT = "/annotation";

export class Annotation {
  /** @param {import("../app/page.js").Page} page */
  constructor(page) {
    this.page = page;
    /** Names this annotation, so that drawings of another one are not taken for its own. */
    this.id = "";
    /** True where the photos are crops: there is no face to choose. */
    this.aligned = false;
    this.listing = new Listing([]);
    /** Number of the photo that is open; null when what is open is no photo of the folder.
     * @type {number | null} */
    this.current = null;
    /** The labels as they are on disk; null when that is not known. @type {Uint8Array | null} */
    this.saved = null;
    /** @type {Saving} */
    this.saving = "none";
    /** True while another photo is being opened. */
    this.busy = false;
    /** True while the labels are rendered, and the result is shown. */
    this.rendering = false;
    /** @type {(() => void)[]} */
    this.listeners = [];
    this.autosave = new Autosave(
      () => this.write(),
      (error) => tellProblem(`The labels could not be saved. ${sentence(error)}`),
    );
    page.drawing.on({ begun: () => this.begun(), steps: () => this.changed() });
  }

  /** @param {() => void} heard called now and after every change */
  on(heard) {
    this.listeners.push(heard);
    heard();
  }

  tell() {
    for (const heard of this.listeners) heard();
  }

  /** Asks for the photos and opens the one to go on with. */
  async begin() {
    await this.refresh();
    if (await this.restorable()) await attempt(() => this.page.keeper.restore());
    if (this.current !== null) return;
    const first = this.listing.step(null, 1, "todo") ?? this.listing.items[0];
    await this.open(first.number);
  }

  async refresh() {
    const { id, aligned, items } = await this.page.api.json("GET", ROOT);
    this.id = id;
    this.aligned = aligned;
    const { filter } = this.listing;
    this.listing = new Listing(items);
    this.listing.filter = filter;
    this.tell();
  }

  /** True where the browser kept a drawing to go on with: that of this tab, or of another one if
   * there is still something to do. */
  async restorable() {
    const { store, id } = this.page.keeper;
    const record = await store?.load(id).catch(() => null);
    const number = this.numberOf(record && (await store?.files(record.photo))?.source);
    if (!record || number === null) return false;
    return record.id === id || passes(this.listing.item(number), "todo");
  }

  /** @param {any} source @returns {number | null} */
  numberOf(source) {
    const own = source?.annotation;
    if (own?.id !== this.id) return null;
    return this.listing.item(own.number)?.name === source.name ? own.number : null;
  }

  /** Other labels are on the page. */
  begun() {
    const { drawing, session } = this.page;
    this.current = this.numberOf(session.opened?.source);
    // What came back with its history may be newer than what was saved.
    const known = this.current !== null && !drawing.touched;
    this.saved = known ? drawing.present().data.slice() : null;
    this.saving = this.current === null ? "none" : "saved";
    this.tell();
  }

  /** A step was made, or taken back. */
  changed() {
    if (this.current === null || !this.unsaved()) return;
    this.saving = "changed";
    this.autosave.touch();
    this.tell();
  }

  /** True where the labels on the page are not those on disk. */
  unsaved() {
    if (this.current === null) return false;
    const { data } = this.page.drawing.present();
    return !this.saved || data.some((value, at) => value !== this.saved?.[at]);
  }

  /** Saves the labels as they are. @param {boolean} [done] */
  async write(done) {
    const number = this.current;
    if (number === null || (done === undefined && !this.unsaved())) return;
    this.saving = "saving";
    this.tell();
    const data = this.page.drawing.present().data.slice();
    const query = done === undefined ? "" : `?done=${done}`;
    try {
      const body = new Blob([data], { type: "application/octet-stream" });
      const path = `${ROOT}/${number}/labels${query}`;
      const item = await (await this.page.api.upload(path, body, "PUT")).json();
      this.listing.put(item);
      if (number === this.current) this.saved = data;
      this.saving = this.unsaved() ? "changed" : "saved";
    } catch (error) {
      this.saving = "failed";
      throw error;
    } finally {
      this.tell();
    }
  }

  /** Saves what is not saved. @returns {Promise<boolean>} false when that failed */
  async settle() {
    if (this.unsaved()) this.autosave.touch();
    await this.autosave.flush();
    return !this.unsaved();
  }

  /**
   * Opens a photo of the folder.
   * @param {number} number
   * @param {{pointing?: boolean, again?: boolean}} [how] pointing: ask where the face is when none
   *   is found; again: ask which face in any case
   * @returns {Promise<boolean>} false when it has no face, or could not be opened
   */
  async open(number, how = {}) {
    if (this.busy) return false;
    this.busy = true;
    this.tell();
    let opened = false;
    await this.page.busy(
      attempt(async () => {
        if (!(await this.settle())) return;
        opened = await this.load(number, how.pointing ?? true, how.again ?? false);
      }),
    );
    this.busy = false;
    this.tell();
    return opened;
  }

  /** @param {number} number @param {boolean} pointing @param {boolean} again */
  async load(number, pointing, again) {
    const { api, session } = this.page;
    const id = await api.openSession();
    let kept = false;
    try {
      let answer = await this.ask(number, id, again ? { find: true } : {});
      if (!answer.face && pointing) {
        const chosen = await chooseFace(api, id, answer.photo, again);
        if (!chosen) return false;
        answer = await this.ask(number, id, chosen);
      }
      const { face, photo } = answer;
      if (!face || !answer.choice) return false;
      const [labels, png, bytes] = await Promise.all([
        api.labels(id, "original"),
        api.crop(id, "original"),
        api.request(`${ROOT}/${number}/photo`).then((file) => file.blob()),
      ]);
      const crop = await createImageBitmap(png);
      // Strokes made while the photo came belong to the one before.
      if (!(await this.settle())) return false;
      const { aligned, points } = answer.choice;
      const choice = points ? { points } : /** @type {FaceChoice} */ ({ aligned: true });
      const source = { bytes, name: photo.name, aligned: aligned === true, annotation: { id: this.id, number } };
      const opened = { id, source, photo, choice, face, labels, crop };
      session.take(opened);
      kept = true;
      await this.page.show(opened);
      announce(`${photo.name} is open.`);
      return true;
    } finally {
      if (!kept) api.leave(id);
    }
  }

  /**
   * @param {number} number
   * @param {string} session
   * @param {FaceChoice | {find: true} | {}} which
   * @returns {Promise<Answer>}
   */
  async ask(number, session, which) {
    const order = { session, ...which };
    const answer = await this.page.api.json("POST", `${ROOT}/${number}/open`, order);
    this.listing.put(answer.item);
    return answer;
  }

  /** Goes to the next or the previous photo, past those without a face. @param {1 | -1} direction */
  async go(direction) {
    for (let from = this.current; !this.busy; ) {
      const item = this.listing.step(from, direction);
      if (!item) {
        tellNews(direction > 0 ? "This is the last photo." : "This is the first photo.");
        return;
      }
      if ((await this.open(item.number, { pointing: false })) || this.unsaved()) return;
      if (this.listing.item(item.number)?.state !== "no-face") return;
      this.tellFaceless(item);
      from = item.number;
    }
  }

  /** @param {Item} item */
  tellFaceless({ name, number }) {
    tellNews(`No face was found in ${name}.`, {
      text: "Show it",
      press: () => void this.open(number),
    });
  }

  /** Marks the open photo as done and goes on with what is left. */
  async done() {
    if (await this.mark(() => this.write(true))) await this.onwards();
  }

  /** Leaves the open photo out of the dataset and goes on with what is left. */
  async skip() {
    if (await this.mark(() => this.state("skipped"))) await this.onwards();
  }

  /** Lets the open photo be neither done nor skipped. */
  reopen() {
    return this.mark(() => this.state("started"));
  }

  /** @param {() => Promise<void>} action @returns {Promise<boolean>} */
  async mark(action) {
    if (this.current === null || this.busy) return false;
    if (!(await this.settle())) return false;
    const marked = await attempt(action);
    this.tell();
    return marked;
  }

  /** @param {"started" | "skipped"} state */
  async state(state) {
    const number = /** @type {number} */ (this.current);
    const item = await this.page.api.json("POST", `${ROOT}/${number}/state`, { state });
    this.listing.put(item);
  }

  async onwards() {
    for (let from = this.current; ; ) {
      const item = this.listing.nextToDo(from);
      if (!item) {
        const { done } = this.listing.progress;
        tellNews(`Nothing is left to do: ${done} ${done === 1 ? "photo is" : "photos are"} done.`);
        return;
      }
      if (await this.open(item.number, { pointing: false })) return;
      if (this.listing.item(item.number)?.state !== "no-face") return;
      this.tellFaceless(item);
      from = item.number;
    }
  }
}

