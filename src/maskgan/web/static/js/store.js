/**
 * Keeping the drawing in the browser (IndexedDB), so that a reload or a crash loses nothing.
 *
 * Two tables: `drawings` (labels, history, settings; written after every change) and `files` (the
 * photo and style files; written once). One record of each per tab-session; the newest few are
 * kept. `Autosave` decides when to write: soon after a change, never two writes at a time, always
 * the last state.
 */

const DATABASE = "maskgan";
const VERSION = 1;
/** How many drawings are kept. */
export const KEPT = 5;
/** Milliseconds between a change and its write. */
export const PAUSE = 500;

/**
 * @typedef {object} Kept
 * @property {string} id of the tab-session
 * @property {number} updated milliseconds since 1970
 * @property {string} photo key of the files that belong to it
 * @property {any} [state]
 */
/** @typedef {{key: string, source: any, styles: Record<string, Blob>}} KeptFiles */

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}

export class Store {
  /** @param {IDBDatabase} database */
  constructor(database) {
    this.database = database;
  }

  /** @param {IDBFactory} [factory] @param {string} [name] @returns {Promise<Store>} */
  static async open(factory = indexedDB, name = DATABASE) {
    const request = factory.open(name, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("drawings", { keyPath: "id" });
      request.result.createObjectStore("files", { keyPath: "key" });
    };
    return new Store(await result(request));
  }

  /**
   * @param {Kept} record
   * @param {KeptFiles | null} files null when those in the store are still right
   */
  async save(record, files) {
    const transaction = this.database.transaction(["drawings", "files"], "readwrite");
    transaction.objectStore("drawings").put(record);
    if (files) transaction.objectStore("files").put(files);
    await finished(transaction);
  }

  /** The drawing of a tab-session, else the newest. @param {string} id @returns {Promise<Kept | null>} */
  async load(id) {
    const table = this.database.transaction("drawings").objectStore("drawings");
    const all = /** @type {Kept[]} */ (await result(table.getAll()));
    return all.find((record) => record.id === id) ?? newestFirst(all)[0] ?? null;
  }

  /** @param {string} key @returns {Promise<KeptFiles | null>} */
  async files(key) {
    const table = this.database.transaction("files").objectStore("files");
    return (await result(table.get(key))) ?? null;
  }

  /** @param {string} id */
  async remove(id) {
    const transaction = this.database.transaction("drawings", "readwrite");
    transaction.objectStore("drawings").delete(id);
    await finished(transaction);
    await this.prune();
  }

  /** Forgets old drawings, and files no drawing uses. */
  async prune() {
    const transaction = this.database.transaction(["drawings", "files"], "readwrite");
    const drawings = transaction.objectStore("drawings");
    const files = transaction.objectStore("files");
    const all = newestFirst(/** @type {Kept[]} */ (await result(drawings.getAll())));
    for (const record of all.slice(KEPT)) drawings.delete(record.id);
    const used = new Set(all.slice(0, KEPT).map((record) => record.photo));
    for (const key of await result(files.getAllKeys())) {
      if (!used.has(String(key))) files.delete(key);
    }
    await finished(transaction);
  }
}

/** @param {Kept[]} records */
export const newestFirst = (records) => [...records].sort((a, b) => b.updated - a.updated);

/** The sentence for a failed write. @param {unknown} error */
export function storeProblem(error) {
  const full = error instanceof DOMException && error.name === "QuotaExceededError";
  return full
    ? "The browser has no room left to keep this drawing. Save a project file before you close the page."
    : "The browser could not keep this drawing. Save a project file before you close the page.";
}

export class Autosave {
  /**
   * @param {() => Promise<void>} write writes the present state
   * @param {(error: unknown) => void} failed heard once until a write succeeds again
   * @param {(action: () => void, milliseconds: number) => unknown} [wait]
   */
  constructor(write, failed, wait = (action, milliseconds) => setTimeout(action, milliseconds)) {
    this.write = write;
    this.failed = failed;
    this.wait = wait;
    this.waiting = false;
    this.dirty = false;
    this.broken = false;
    /** @type {Promise<void> | null} */
    this.running = null;
  }

  /** Says that something changed. */
  touch() {
    this.dirty = true;
    if (this.waiting || this.running) return;
    this.waiting = true;
    this.wait(() => {
      this.waiting = false;
      void this.flush();
    }, PAUSE);
  }

  /** Writes now, if something changed; resolves when the last state is written. */
  async flush() {
    while (this.running) await this.running;
    if (!this.dirty) return;
    this.dirty = false;
    this.running = this.write().then(
      () => {
        this.broken = false;
      },
      (error) => {
        if (!this.broken) this.failed(error);
        this.broken = true;
      },
    );
    await this.running;
    this.running = null;
    if (this.dirty) this.touch();
  }
}

/** The name of this tab-session; a reload keeps it. @param {Storage} [storage] */
export function tabSession(storage = sessionStorage) {
  const known = storage.getItem("maskgan-tab");
  if (known) return known;
  const made = crypto.randomUUID();
  storage.setItem("maskgan-tab", made);
  return made;
}
