/**
 * Files on their way in: dialog, drop anywhere, paste. Says what came; what is done with it is the
 * page's.
 */

import { byId, element } from "./element.js";

/** What the file dialog offers for photos and projects. */
export const PHOTOS = "image/*,.heic,.heif,.mgp";

/**
 * Asks for a file; null when the person chose none.
 * @param {string} accept
 * @returns {Promise<File | null>}
 */
export function pickFile(accept) {
  return new Promise((resolve) => {
    const input = element("input", {
      type: "file",
      accept,
      hidden: true,
      "data-testid": "file-input",
      "aria-label": "File",
      onchange: () => {
        input.remove();
        resolve(input.files?.[0] ?? null);
      },
      oncancel: () => {
        input.remove();
        resolve(null);
      },
    });
    document.body.append(input);
    input.click();
  });
}

/** @param {DragEvent} event */
const bringsFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

/**
 * @param {object} handlers
 * @param {(file: File) => void} handlers.open
 * @param {(file: File) => void} handlers.style a photo dropped on the style panel
 * @param {() => boolean} handlers.blocked true while a dialog is open
 * @returns {() => void} takes the drop target's frame away
 */
export function installIntake({ open, style, blocked }) {
  const veil = element(
    "div",
    { class: "drop-veil", hidden: true },
    element("p", {}, "Drop the photo to open it"),
  );
  document.body.append(veil);
  let depth = 0;
  const end = () => {
    depth = 0;
    veil.hidden = true;
  };
  const overStyle = (/** @type {Event} */ event) =>
    event.target instanceof Element && event.target.closest("[data-drop=style]") !== null;

  window.addEventListener("dragenter", (event) => {
    if (!bringsFile(event)) return;
    event.preventDefault();
    depth += 1;
    veil.hidden = overStyle(event);
  });
  window.addEventListener("dragover", (event) => {
    if (!bringsFile(event)) return;
    event.preventDefault();
    veil.hidden = overStyle(event);
  });
  window.addEventListener("dragleave", () => {
    depth -= 1;
    if (depth <= 0) end();
  });
  window.addEventListener("drop", (event) => {
    const file = event.dataTransfer?.files[0];
    event.preventDefault();
    end();
    if (!file || blocked()) return;
    if (overStyle(event)) style(file);
    else open(file);
  });
  window.addEventListener("paste", (event) => {
    const items = [...(event.clipboardData?.items ?? [])];
    const file = items.find((item) => item.type.startsWith("image/"))?.getAsFile();
    if (!file || blocked()) return;
    event.preventDefault();
    open(file);
  });
  byId("stage").addEventListener("dragstart", (event) => event.preventDefault());
  return end;
}
