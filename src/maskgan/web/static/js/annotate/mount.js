/**
 * Puts annotate mode on the page: its style sheet, its keys, its bar. The labels matter here, so
 * the page shows them over the photo, and renders nothing unless it is asked to.
 */

import { element } from "../app/element.js";
import { KEYS } from "../keys.js";
import { Annotation } from "./annotation.js";
import { installBar } from "./bar.js";

const STYLE = new URL("../../css/annotate.css", import.meta.url).pathname;
const OPACITY = 0.65;
const NARROW = "(max-width: 860px)";
const GROUP = "Annotation";

/** @type {import("../keys.js").Binding[]} */
export const ANNOTATION_KEYS = [
  {
    id: "nextPhoto",
    title: "Next photo",
    group: GROUP,
    keys: ["N", "PageDown"],
    shown: ["N", "Page Down"],
  },
  {
    id: "previousPhoto",
    title: "Previous photo",
    group: GROUP,
    keys: ["Shift+N", "PageUp"],
    shown: ["Shift+N", "Page Up"],
  },
  { id: "donePhoto", title: "Done; on to the next one that is not", group: GROUP, keys: ["D"] },
  { id: "skipPhoto", title: "Skip: leave the photo out", group: GROUP, keys: ["K"] },
  { id: "reopenPhoto", title: "Neither done nor skipped", group: GROUP, keys: ["Shift+D"] },
  { id: "otherFace", title: "Choose another face", group: GROUP, keys: ["W"] },
  { id: "renderPhoto", title: "Render the labels, or stop that", group: GROUP, keys: ["R"] },
];

/**
 * Called once, when the page is built and before anything is open.
 * @param {import("../app/page.js").Page} page
 * @returns {Promise<Annotation>}
 */
export async function mountAnnotation(page) {
  document.head.append(element("link", { rel: "stylesheet", href: STYLE }));
  document.body.classList.add("annotating");
  const annotation = new Annotation(page);
  installActions(page, annotation);
  showLabels(page, annotation);
  installBar(annotation);
  const flush = () => void annotation.autosave.flush();
  document.addEventListener("visibilitychange", () => document.hidden && flush());
  window.addEventListener("beforeunload", (event) => {
    if (!annotation.unsaved()) return;
    flush();
    event.preventDefault();
  });
  await annotation.begin();
  return annotation;
}

/** @param {import("../app/page.js").Page} page @param {Annotation} annotation */
function installActions(page, annotation) {
  const { actions } = page;
  /** @type {import("../keys.js").Binding[]} */ (KEYS).push(...ANNOTATION_KEYS);
  actions.nextPhoto = () => void annotation.go(1);
  actions.previousPhoto = () => void annotation.go(-1);
  actions.donePhoto = () => void annotation.done();
  actions.skipPhoto = () => void annotation.skip();
  actions.reopenPhoto = () => void annotation.reopen();
  actions.otherFace = () => {
    const { current, aligned } = annotation;
    if (current !== null && !aligned) void annotation.open(current, { again: true });
  };
}

/**
 * Shows the labels over the photo. Pictures are asked for only while somebody wants to see them:
 * when that is switched on, or two of them are compared.
 * @param {import("../app/page.js").Page} page
 * @param {Annotation} annotation
 */
function showLabels(page, annotation) {
  const { state, live } = page;
  const opacity = Math.max(OPACITY, state.values.opacity);
  state.update({ view: "result", overlay: true, opacity });
  page.showTab(window.matchMedia(NARROW).matches ? "palette" : "parts");
  const open = live.open.bind(live);
  live.open = async () => {
    if (annotation.rendering) await open();
  };
  page.actions.renderPhoto = () => {
    annotation.rendering = !annotation.rendering;
    annotation.tell();
    const { opened } = page.session;
    if (annotation.rendering) {
      if (opened) void live.open();
      return;
    }
    live.close();
    if (opened) page.canvas.show(opened.crop, page.drawing.present());
    state.update({ view: "result" });
  };
  state.on(["view"], ({ view }) => {
    if (!annotation.rendering && (view === "slider" || view === "side")) page.actions.renderPhoto();
  });
}
