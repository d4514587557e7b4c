/**
 * The server's side of what is open: one session with a photo, a face and styles, and the way to
 * get all of that back when the server has forgotten it. Keeps what is needed for that: the photo
 * file, which face was chosen, the labels the parser saw, where each style came from.
 */

import { Problem } from "../net/api.js";
import { packBytes } from "../net/codec.js";

/** @typedef {import("../net/api.js").PhotoInfo} PhotoInfo */
/** @typedef {import("../net/api.js").StyleInfo} StyleInfo */
/** @typedef {import("../net/api.js").FaceInfo} FaceInfo */
/** @typedef {import("../net/api.js").FaceChoice} FaceChoice */
/** @typedef {{bytes?: Blob, sample?: string, project?: Blob, name: string, aligned: boolean}} PhotoSource */
/**
 * A style reference. `key` is this page's own name of it, `server` the one of the open session.
 * @typedef {object} Reference
 * @property {string} key
 * @property {string} name
 * @property {Blob} [bytes]
 * @property {string} [sample]
 * @property {number} [seed]
 * @property {string} [colour] it is nothing but this colour
 * @property {string | null} server
 * @property {string} thumbnail address of a small picture, "" while there is none
 * @property {boolean} [shapes] whether its shapes can be taken
 */
/**
 * @typedef {object} Opened
 * @property {string} id
 * @property {PhotoSource} source
 * @property {PhotoInfo} photo
 * @property {FaceChoice} choice
 * @property {FaceInfo} face
 * @property {Uint8Array} labels the labels of the photo, raw
 * @property {ImageBitmap} crop
 */

/** What the open session's server says of a style. @param {StyleInfo} style */
function asServed({ id, thumbnail, shapes }) {
  return { server: id, thumbnail: thumbnail.replace(/^\//, ""), shapes };
}

export class Session {
  /** @param {import("../net/api.js").Api} api */
  constructor(api) {
    this.api = api;
    /** @type {Opened | null} */
    this.opened = null;
    /** @type {Reference[]} */
    this.references = [];
    /** @type {Promise<void> | null} */
    this.recovery = null;
    /** Called when a forgotten session was opened again. @type {() => void} */
    this.onrecovered = () => {};
  }

  get id() {
    if (!this.opened) throw new Problem("Open a photo first.", "nothing-open");
    return this.opened.id;
  }

  /**
   * Opens a photo in a session of its own; the open one stays as it is until this succeeded.
   * @param {PhotoSource} source
   * @param {(id: string, photo: PhotoInfo) => Promise<FaceChoice | null>} choose asks which face
   * @param {{choice?: FaceChoice, labels?: Uint8Array}} [known] what is known already
   * @returns {Promise<Opened | null>} null when the person chose no face
   */
  async open(source, choose, known = {}) {
    if (source.project) return this.openProject(source.project);
    const id = await this.api.openSession();
    let opened = null;
    try {
      const photo = await this.api.openPhoto(id, source);
      const own = known.choice ?? (source.aligned ? { aligned: /** @type {true} */ (true) } : null);
      const choice = own ?? (await choose(id, photo));
      if (choice) opened = await this.face(id, source, photo, choice, known.labels);
    } finally {
      if (!opened) this.api.leave(id);
    }
    if (opened) this.take(opened);
    return opened;
  }

  /**
   * @param {string} id
   * @param {PhotoSource} source
   * @param {PhotoInfo} photo
   * @param {FaceChoice} choice
   * @param {Uint8Array} [labels]
   * @returns {Promise<Opened>}
   */
  async face(id, source, photo, choice, labels) {
    const packed = labels ? await packBytes(labels) : undefined;
    const face = await this.api.chooseFace(id, choice, packed);
    const [seen, png] = await Promise.all([
      labels ?? this.api.labels(id, "original"),
      this.api.crop(id, "original"),
    ]);
    const crop = await createImageBitmap(png);
    return { id, source, photo, choice, face, labels: seen, crop };
  }

  /**
   * Opens a project file. The file itself is kept: to open it again is to open it from there.
   * @param {Blob} file
   * @returns {Promise<Opened & {project: any}>}
   */
  async openProject(file) {
    const id = await this.api.openSession();
    try {
      const project = await this.api.openProject(id, file);
      const [labels, png] = await Promise.all([
        this.api.labels(id, "original"),
        this.api.crop(id, "original"),
      ]);
      const crop = await createImageBitmap(png);
      const { photo, face } = project;
      const source = { project: file, name: photo.name, aligned: false };
      const choice = /** @type {FaceChoice} */ ({ number: face.number ?? 1 });
      const opened = { id, source, photo, choice, face, labels, crop, project };
      this.take(opened);
      return opened;
    } catch (error) {
      this.api.leave(id);
      throw error;
    }
  }

  /** @param {Opened} opened */
  take(opened) {
    const before = this.opened;
    this.opened = opened;
    this.references = [];
    if (before) this.api.leave(before.id);
  }

  /**
   * Runs a request in the session; where the server has forgotten it, opens it again and runs the
   * request once more.
   * @template T
   * @param {(id: string) => Promise<T>} request
   * @returns {Promise<T>}
   */
  async run(request) {
    try {
      return await request(this.id);
    } catch (error) {
      if (!(error instanceof Problem) || error.slug !== "session-not-found") throw error;
      await this.recover();
      return request(this.id);
    }
  }

  /** Makes sure that the server knows the session. */
  async alive() {
    await this.run((id) => this.api.session(id));
  }

  /** Opens the forgotten session again; several callers share one attempt. */
  recover() {
    this.recovery ??= this.reopen().finally(() => {
      this.recovery = null;
    });
    return this.recovery;
  }

  async reopen() {
    const opened = this.opened;
    if (!opened) throw new Problem("Open a photo first.", "nothing-open");
    const id = await this.api.openSession();
    if (opened.source.project) {
      await this.api.openProject(id, opened.source.project);
    } else {
      await this.api.openPhoto(id, opened.source);
      await this.api.chooseFace(id, opened.choice, await packBytes(opened.labels));
    }
    if (this.opened !== opened) return;
    opened.id = id;
    for (const reference of this.references) reference.server = null;
    await this.sendReferences();
    this.onrecovered();
  }

  /** Gives the server the styles it does not have. */
  async sendReferences() {
    for (const reference of this.references) {
      if (reference.server) continue;
      const style = await this.api.addStyle(this.id, reference);
      Object.assign(reference, asServed(style));
    }
  }

  /**
   * @param {{bytes?: Blob, sample?: string, seed?: number, colour?: string, name: string,
   *   key?: string}} source
   * @returns {Promise<Reference>}
   */
  async addReference(source) {
    const style = await this.run((id) => this.api.addStyle(id, source));
    const key = source.key ?? crypto.randomUUID();
    const reference = { ...source, key, ...asServed(style) };
    this.references.push(reference);
    return reference;
  }

  /**
   * Takes over the styles of a project: its references, and what the server calls them now.
   * @param {any[]} references as the project's state lists them
   * @param {(StyleInfo & {was?: string})[]} styles
   */
  adopt(references, styles) {
    this.references = references.flatMap((reference, at) => {
      const own = styles.find((style) => style.was === reference.server || style.id === reference.server);
      const style = own ?? styles[at];
      if (!style) return [];
      return [{ ...reference, ...asServed(style) }];
    });
  }

  /** The session is given back when the page goes. */
  leave() {
    if (this.opened) this.api.leave(this.opened.id);
  }
}
