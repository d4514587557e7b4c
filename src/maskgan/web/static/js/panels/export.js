/**
 * What leaves the editor: the photo in its own format, the crop, the labels, before and after, a
 * film of the change, a project; and label files and projects on their way in.
 */

import { button, element, icon } from "../app/element.js";
import { hintOf, isMac } from "../keys.js";
import { attempt, tellNews } from "../app/toasts.js";
import { pickFile } from "../app/intake.js";
import { section } from "./parts.js";

/** @typedef {{kind: string, format?: string}} Order */

/**
 * @param {import("../app/page.js").Page} page
 * @returns {HTMLElement}
 */
export function exportPanel(page) {
  const { state, info } = page;

  const mark = element("input", {
    type: "checkbox",
    "data-testid": "provenance",
    onchange: () => state.update({ provenance: mark.checked }),
  });
  state.on(["provenance"], (values) => {
    mark.checked = values.provenance;
  });

  const choice = (
    /** @type {string} */ image,
    /** @type {string} */ title,
    /** @type {string} */ note,
    /** @type {string} */ id,
    /** @type {Order} */ order,
  ) =>
    element(
      "button",
      {
        type: "button",
        class: "export-row",
        "data-testid": `export-${id}`,
        onclick: (/** @type {Event} */ event) => {
          const pressed = /** @type {HTMLElement} */ (event.currentTarget);
          pressed.setAttribute("aria-busy", "true");
          void page.files.export(order).finally(() => pressed.removeAttribute("aria-busy"));
        },
      },
      icon(image),
      element("span", {}, element("strong", {}, title), element("small", {}, note)),
    );

  const photo = button({
    icon: "save",
    text: "Save the photo",
    title: "Save the photo",
    hint: hintOf("save", isMac()),
    class: "primary wide",
    testid: "export-photo",
    press: () => page.files.export({ kind: "photo" }),
  });
  const copy = button({
    icon: "copy",
    text: "Copy to the clipboard",
    title: "Copy to the clipboard",
    hint: hintOf("copy", isMac()),
    class: "wide",
    testid: "copy",
    press: () => page.actions.copy(),
  });
  return element(
    "div",
    { class: "panel-body", "data-testid": "panel-export" },
    section(
      "The photo",
      photo,
      element(
        "p",
        { class: "note" },
        "In its own size and format. What you did not touch comes back as it was.",
      ),
      copy,
      element("label", { class: "check" }, mark, "Mark the file as edited by a model"),
    ),
    section(
      "Also",
      element(
        "div",
        { class: "export-list" },
        choice("crop", "The face", "PNG of the square crop", "crop", { kind: "crop", format: "png" }),
        choice("side", "Before and after", "PNG, side by side", "comparison", {
          kind: "comparison",
          format: "png",
        }),
        choice("film", "Animation, GIF", "from the photo to the edit", "gif", {
          kind: "animation",
          format: "gif",
        }),
        info.video &&
          choice("film", "Animation, MP4", "from the photo to the edit", "mp4", {
            kind: "animation",
            format: "mp4",
          }),
        choice("labels", "Labels", "index PNG of 19 classes", "labels", { kind: "labels" }),
        choice("project", "Project", ".mgp: everything, to go on later or in a batch", "project", {
          kind: "project",
        }),
      ),
    ),
    section(
      "Bring in",
      element(
        "div",
        { class: "button-grid" },
        button({
          icon: "labels",
          text: "Labels",
          title: "Import labels from a PNG",
          testid: "import-labels",
          press: async () => {
            const file = await pickFile("image/png");
            if (file) void page.files.importLabels(file);
          },
        }),
        button({
          icon: "project",
          text: "Project",
          title: "Open a project",
          testid: "import-project",
          press: async () => {
            const file = await pickFile(".mgp");
            if (file) void page.files.openFile(file);
          },
        }),
      ),
    ),
  );
}

/** Lets the browser save a file. @param {Blob} blob @param {string} name */
export function download(blob, name) {
  const address = URL.createObjectURL(blob);
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** @param {() => Promise<Blob>} picture a PNG, made while the browser waits */
export function copyPicture(picture) {
  return attempt(async () => {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture() })]);
    tellNews("The face is in the clipboard.");
  });
}
