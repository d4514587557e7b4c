/**
 * Files in and out: photos, samples, projects and label files are opened; photos, crops, labels,
 * films and projects are saved or copied.
 */

import { Problem } from "../net/api.js";
import { unpackBytes } from "../net/codec.js";
import { copyPicture, download } from "../panels/export.js";
import { chooseFace } from "./faces.js";
import { PHOTOS, pickFile } from "./intake.js";
import { announce, attempt, tellNews } from "./toasts.js";

/** @typedef {import("../net/api.js").SampleInfo} SampleInfo */
/** @typedef {import("./session.js").PhotoSource} PhotoSource */
/** @typedef {import("./session.js").Session} Session */

export class Files {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
  }

  /** @param {PhotoSource} source @param {Parameters<Session["open"]>[2]} [known] */
  async openPhoto(source, known) {
    if (!known && !source.sample) this.checkSize(source.bytes);
    const choose = (/** @type {string} */ id, /** @type {import("../net/api.js").PhotoInfo} */ photo) =>
      chooseFace(this.page.api, id, photo);
    const opened = await this.page.session.open(source, choose, known);
    if (!opened) return false;
    await this.page.show(opened);
    const name = source.sample ? source.name : opened.photo.name;
    announce(`${name} is open. The Smile slider and the brush are ready.`);
    return true;
  }

  /** @param {Blob} [bytes] */
  checkSize(bytes) {
    const limit = this.page.info.limits.upload_bytes;
    if (bytes && bytes.size > limit) {
      const [size, most] = [bytes.size, limit].map((count) => Math.round(count / 1e6));
      throw new Problem(`The file has ${size} MB; at most ${most} MB can be opened.`, "too-large");
    }
  }

  /** @param {File} file a photo or a project */
  openFile(file) {
    const project = file.name.toLowerCase().endsWith(".mgp");
    const work = project
      ? () => this.openProject(file)
      : () => this.openPhoto({ bytes: file, name: file.name || "pasted.png", aligned: false });
    return this.page.busy(attempt(work));
  }

  /** @param {SampleInfo} sample */
  openSample(sample) {
    const source = { sample: sample.name, name: sample.title, aligned: true };
    return this.page.busy(attempt(() => this.openPhoto(source)));
  }

  async open() {
    const file = await pickFile(PHOTOS);
    if (file) await this.openFile(file);
  }

  /** @param {Blob} file */
  async openProject(file) {
    const opened = await this.page.session.openProject(file);
    const state = opened.project.state ?? {};
    this.page.session.adopt(state.references ?? [], opened.project.styles ?? []);
    const labels = await unpackBytes(opened.project.labels);
    const { sliders = {}, styles = {}, settings = {}, steps = [], cursor = 0 } = state;
    await this.page.show(opened, { labels, history: { steps, cursor }, sliders, styles });
    this.page.state.update({ locked: settings.locked ?? [], only: settings.only ?? [] });
    tellNews("The project is open, with its history.");
  }

  /** @param {File} file */
  importLabels(file) {
    return this.page.busy(
      attempt(async () => {
        const bytes = await this.page.session.run(async (id) => {
          await this.page.api.importLabels(id, file);
          return this.page.api.labels(id, "current");
        });
        const op = { op: "import", name: file.name };
        const step = { title: `Labels of ${file.name}`, kind: "import", op };
        if (!this.page.drawing.replace(bytes, step)) tellNews("These labels are the present ones.");
      }),
    );
  }

  /** @param {import("../panels/export.js").Order} order */
  export(order) {
    return this.page.busy(
      attempt(async () => {
        await this.synchronise();
        const { provenance } = this.page.state.values;
        const state = order.kind === "project" ? await this.page.keeper.projectState() : undefined;
        const file = await this.page.session.run((id) =>
          this.page.api.export(id, { ...order, provenance, styles: this.page.styles(), state }),
        );
        download(file.blob, file.name);
        tellNews(`Saved ${file.name}.`);
      }),
    );
  }

  copy() {
    return copyPicture(async () => {
      await this.synchronise();
      const order = { kind: "crop", format: "png", styles: this.page.styles() };
      const { provenance } = this.page.state.values;
      const file = await this.page.session.run((id) => this.page.api.export(id, { ...order, provenance }));
      return new Blob([file.blob], { type: "image/png" });
    });
  }

  /** Makes sure that the server has the labels that are seen here. */
  async synchronise() {
    const body = new Blob([new Uint8Array(this.page.drawing.present().data)], {
      type: "application/octet-stream",
    });
    await this.page.session.run((id) => this.page.api.upload(`/sessions/${id}/labels`, body, "PUT"));
  }
}
