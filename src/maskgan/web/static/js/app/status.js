/**
 * The line at the bottom: class under the pointer, zoom, brush, time of the last picture, and that
 * nothing leaves this machine; also the sign that something is being worked on.
 */

import { hintOf, isMac } from "../keys.js";
import { button, byId, element, icon } from "./element.js";
import { sizeText } from "./controls.js";
import { announce } from "./toasts.js";

export class Status {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.works = 0;
    /** @type {number | null | undefined} the class that is named */
    this.shown = undefined;
    this.under = element("output", { class: "under", "aria-live": "off", "data-testid": "under" });
    this.brush = element("span", { class: "status-item wide-only number" });
    this.time = element("span", { class: "status-item number", "data-testid": "render-time" });
    this.link = element("span", { class: "status-item", role: "status", "data-testid": "connection" });
    this.zoom = element("output", { class: "number zoom-value", "data-testid": "zoom" });
    this.bar = element("div", {
      class: "working",
      role: "progressbar",
      "aria-label": "Working",
      hidden: true,
      "data-testid": "working",
    });
    byId("status").append(
      this.brush,
      this.time,
      this.link,
      element(
        "span",
        { class: "status-private", "data-testid": "private" },
        icon("shield"),
        "Nothing leaves this machine",
      ),
    );
    const { actions } = page;
    byId("stage-frame").append(
      this.bar,
      this.under,
      element(
        "div",
        { class: "zoom", role: "group", "aria-label": "Zoom" },
        button({ icon: "minus", title: "Zoom out", hint: "-", class: "quiet small", press: () => actions.zoomOut() }),
        this.zoom,
        button({ icon: "plus", title: "Zoom in", hint: "+", class: "quiet small", press: () => actions.zoomIn() }),
        button({ icon: "fit", title: "Fit the window", hint: "Z", class: "quiet small", testid: "fit", press: () => actions.fit() }),
        button({ text: "1:1", title: "1:1, every pixel as it is", hint: hintOf("actual", isMac()), class: "quiet small", testid: "actual", press: () => actions.actual() }),
      ),
    );
    page.state.on(["radius", "cls", "tool"], ({ radius }) => {
      this.brush.textContent = `Brush ${sizeText(radius)}`;
    });
    this.hover(null);
  }

  /** @param {number | null} cls */
  hover(cls) {
    if (this.shown === cls) return;
    this.shown = cls;
    this.under.hidden = cls === null;
    if (cls === null) return;
    const { color, title } = this.page.classOf(cls);
    this.under.replaceChildren(element("span", { class: "swatch", "--swatch": color }), title);
  }

  /** @param {number} scale */
  zoomed(scale) {
    this.zoom.textContent = `${Math.round(scale * 100)} %`;
  }

  /** @param {{seconds: number, quality: string, changed: number}} result */
  rendered({ seconds, quality, changed }) {
    const milliseconds = Math.round(seconds * 1000);
    this.time.textContent = milliseconds > 1 ? `Rendered in ${milliseconds} ms` : "Up to date";
    if (quality !== "full") return;
    const share = changed > 0 ? `${(changed * 100).toFixed(1)} percent of the face changed.` : "";
    announce(`The picture is up to date. ${share}`);
  }

  /** @param {"open" | "waiting" | "closed"} state */
  connection(state) {
    const lost = state === "waiting";
    this.link.replaceChildren(
      lost ? element("span", { class: "status-warning" }, "Reconnecting; your drawing is safe") : "",
    );
    byId("stage-frame").classList.toggle("offline", lost);
  }

  /** @param {Promise<unknown>} work */
  work(work) {
    this.works += 1;
    this.bar.hidden = false;
    const end = () => {
      this.works -= 1;
      this.bar.hidden = this.works === 0;
    };
    void work.then(end, end);
  }
}
