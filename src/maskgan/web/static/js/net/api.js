/**
 * The HTTP interface of the server, one function per operation. Every failure is a `Problem` with
 * a sentence for the user; nothing here knows the page.
 */

/** Seconds after which a request that got no answer is given up. */
const PATIENCE = 60;

/**
 * @typedef {object} ClassInfo
 * @property {number} id
 * @property {string} name
 * @property {string} title
 * @property {string} color
 * @property {string} file_color
 * @property {string} group
 */
/** @typedef {{name: string, title: string, description: string}} AttributeInfo */
/** @typedef {{name: string, title: string, url: string}} SampleInfo */
/**
 * @typedef {object} Info
 * @property {string} version
 * @property {{name: string, version: string, licence: string, training_data: string}} bundle
 * @property {ClassInfo[]} classes
 * @property {Record<string, number[]>} parts
 * @property {AttributeInfo[]} attributes
 * @property {SampleInfo[]} samples
 * @property {{upload_bytes: number, pixels: number}} limits
 * @property {boolean} heic
 * @property {boolean} video
 * @property {{count: number} | null} annotation
 */
/** @typedef {[number, number]} Spot */
/**
 * @typedef {object} FoundFace
 * @property {number} number
 * @property {[number, number, number, number]} box
 * @property {Spot} right_eye
 * @property {Spot} left_eye
 * @property {Spot} mouth
 */
/**
 * @typedef {object} PhotoInfo
 * @property {string} name
 * @property {number} width
 * @property {number} height
 * @property {string} format
 * @property {FoundFace[]} faces
 */
/**
 * @typedef {object} FaceInfo
 * @property {number} size
 * @property {number | null} number
 * @property {number} count
 * @property {number[][]} matrix
 * @property {number[]} present
 */
/** @typedef {{number: number} | {points: Spot[]} | {aligned: true}} FaceChoice */
/** @typedef {{id: string, name: string, present: number[], shapes: boolean, thumbnail: string}} StyleInfo */
/** @typedef {Record<string, {style: string, strength: number}>} StyleUse */

/** What went wrong, in a sentence; `slug` names it for code. */
export class Problem extends Error {
  /**
   * @param {string} detail
   * @param {string} [slug]
   * @param {number} [status]
   */
  constructor(detail, slug = "", status = 0) {
    super(detail);
    this.name = "Problem";
    this.slug = slug;
    this.status = status;
  }
}

/** @param {unknown} error @returns {string} the sentence to show */
export function sentence(error) {
  if (error instanceof Problem) return error.message;
  return `Something in this page failed: ${error instanceof Error ? error.message : String(error)}`;
}

export class Api {
  /**
   * @param {string} [root] where the interface begins, without a slash at the end
   * @param {typeof fetch} [send]
   */
  constructor(root = "api/v1", send = (...request) => fetch(...request)) {
    this.root = root;
    this.send = send;
  }

  /** @param {string} id */
  liveUrl(id) {
    const url = new URL(`${this.root}/sessions/${id}/live`, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return url.href;
  }

  /** @param {string} id @param {number} side */
  previewUrl(id, side) {
    return `${this.root}/sessions/${id}/photo?side=${side}`;
  }

  /**
   * @param {string} path
   * @param {RequestInit & {patience?: number}} [options]
   * @returns {Promise<Response>}
   */
  async request(path, options = {}) {
    const { patience = PATIENCE, ...init } = options;
    const timeout = AbortSignal.timeout(patience * 1000);
    const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
    let answer;
    try {
      answer = await this.send(`${this.root}${path}`, { ...init, signal });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      if (timeout.aborted) {
        throw new Problem(`The server did not answer within ${patience} seconds.`, "timeout");
      }
      throw new Problem(
        "The server on this machine does not answer. Start it again; your drawing is kept here.",
        "unreachable",
      );
    }
    if (!answer.ok) throw await problemOf(answer);
    return answer;
  }

  /** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
  async json(method, path, body) {
    const init = body
      ? { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }
      : { method };
    const answer = await this.request(path, init);
    return answer.status === 204 ? null : answer.json();
  }

  /** @returns {Promise<Info>} */
  info() {
    return this.json("GET", "/info");
  }

  /** @returns {Promise<string>} the id of a new session */
  async openSession() {
    return (await this.json("POST", "/sessions")).id;
  }

  /** @param {string} id */
  session(id) {
    return this.json("GET", `/sessions/${id}`);
  }

  /**
   * Gives a session back, also while the page goes away. A server that is gone has none to give
   * back, and forgets by itself those that nobody gave back: nobody waits for its answer.
   * @param {string} id
   */
  leave(id) {
    this.send(`${this.root}/sessions/${id}`, { method: "DELETE", keepalive: true }).catch(() => {});
  }

  /**
   * @param {string} id
   * @param {{bytes?: Blob, sample?: string, name: string, aligned: boolean}} photo
   * @returns {Promise<PhotoInfo>}
   */
  async openPhoto(id, photo) {
    const query = new URLSearchParams({ aligned: String(photo.aligned) });
    if (photo.sample) query.set("sample", photo.sample);
    else query.set("name", photo.name);
    return (await this.upload(`/sessions/${id}/photo?${query}`, photo.bytes)).json();
  }

  /**
   * @param {string} id
   * @param {FaceChoice} choice
   * @param {string} [labels] known labels, base64 of zlib
   * @returns {Promise<FaceInfo>}
   */
  chooseFace(id, choice, labels) {
    return this.json("POST", `/sessions/${id}/face`, labels ? { ...choice, labels } : choice);
  }

  /** @param {string} id @param {"original" | "edited"} which @returns {Promise<Blob>} */
  async crop(id, which) {
    return (await this.request(`/sessions/${id}/crop?which=${which}`)).blob();
  }

  /** @param {string} id @param {"original" | "current"} which @returns {Promise<Uint8Array>} */
  labels(id, which) {
    return this.bytes(`/sessions/${id}/labels?which=${which}`, {});
  }

  /** @param {string} id @param {Blob} png a label file of the user */
  async importLabels(id, png) {
    const body = new Blob([png], { type: "image/png" });
    return (await this.upload(`/sessions/${id}/labels`, body, "PUT")).json();
  }

  /**
   * New labels of a tool; the labels of the session stay.
   * @param {string} id
   * @param {string} tool
   * @param {object} parameters
   * @param {AbortSignal} [signal]
   */
  tool(id, tool, parameters, signal) {
    return this.bytes(`/sessions/${id}/tools/${tool}`, {
      method: "POST",
      body: JSON.stringify(parameters),
      headers: { "Content-Type": "application/json" },
      signal,
    });
  }

  /**
   * @param {string} id
   * @param {{bytes?: Blob, sample?: string, seed?: number, colour?: string, name: string}} source
   * @returns {Promise<StyleInfo>}
   */
  async addStyle(id, source) {
    if (source.colour !== undefined) {
      return this.json("POST", `/sessions/${id}/styles/colour`, { colour: source.colour });
    }
    if (source.seed !== undefined) {
      return this.json("POST", `/sessions/${id}/styles/random`, { seed: source.seed });
    }
    const query = new URLSearchParams({ name: source.name });
    if (source.sample) query.set("sample", source.sample);
    return (await this.upload(`/sessions/${id}/styles?${query}`, source.bytes)).json();
  }

  /** @param {string} id @param {string} style */
  removeStyle(id, style) {
    return this.json("DELETE", `/sessions/${id}/styles/${style}`);
  }

  /** @param {string} id @param {object} order @returns {Promise<{blob: Blob, name: string}>} */
  async export(id, order) {
    const answer = await this.request(`/sessions/${id}/export`, {
      method: "POST",
      body: JSON.stringify(order),
      headers: { "Content-Type": "application/json" },
      patience: 300,
    });
    return { blob: await answer.blob(), name: fileName(answer.headers, "maskgan") };
  }

  /** @param {string} id @param {Blob} project @returns {Promise<any>} */
  async openProject(id, project) {
    return (await this.upload(`/sessions/${id}/project`, project)).json();
  }

  /** @param {string} path @param {Blob} [body] @param {string} [method] */
  upload(path, body, method = "POST") {
    const type = body?.type || "application/octet-stream";
    return this.request(path, { method, body, headers: body ? { "Content-Type": type } : {} });
  }

  /** @param {string} path @param {RequestInit} init @returns {Promise<Uint8Array>} */
  async bytes(path, init) {
    const headers = { .../** @type {object} */ (init.headers), Accept: "application/octet-stream" };
    const answer = await this.request(path, { ...init, headers });
    return new Uint8Array(await answer.arrayBuffer());
  }
}

/** @param {Response} answer @returns {Promise<Problem>} */
async function problemOf(answer) {
  const body = await answer.json().catch(() => null);
  const detail = typeof body?.detail === "string" ? body.detail : null;
  const said = detail ?? `The server answered ${answer.status} ${answer.statusText}.`;
  return new Problem(said, body?.slug ?? "", answer.status);
}

/**
 * The file name a Content-Disposition header gives.
 * @param {Headers} headers
 * @param {string} otherwise
 */
export function fileName(headers, otherwise) {
  const value = headers.get("Content-Disposition") ?? "";
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(value);
  if (encoded) return decodeURIComponent(encoded[1]);
  return /filename="?([^";]+)"?/i.exec(value)?.[1] ?? otherwise;
}
