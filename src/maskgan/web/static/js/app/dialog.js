/**
 * Dialogs: the browser's own <dialog>, which keeps the focus inside and closes on Escape. One that
 * asks resolves with the answer, or null when it was closed without one.
 */

import { button, element } from "./element.js";

/** True while a dialog is open. */
export const dialogOpen = () => document.querySelector("dialog[open]") !== null;

/**
 * @template T
 * @param {{title: string, class?: string, testid?: string}} options
 * @param {(answer: (value: T | null) => void) => (Node | string)[]} fill makes the content
 * @returns {Promise<T | null>}
 */
export function ask(options, fill) {
  return new Promise((resolve) => {
    const back = /** @type {HTMLElement | null} */ (document.activeElement);
    const dialog = element("dialog", {
      class: `dialog ${options.class ?? ""}`,
      "aria-labelledby": "dialog-title",
      "data-testid": options.testid,
    });
    /** @type {T | null} */
    let result = null;
    const answer = (/** @type {T | null} */ value) => {
      result = value;
      dialog.close();
    };
    dialog.append(
      element(
        "header",
        { class: "dialog-head" },
        element("h2", { id: "dialog-title" }, options.title),
        button({ icon: "close", title: "Close", class: "quiet", press: () => answer(null) }),
      ),
      element("div", { class: "dialog-body" }, ...fill(answer)),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      back?.focus();
      resolve(result);
    });
    // A press on the veil closes; the dialog's own box is its content's.
    let outside = false;
    dialog.addEventListener("pointerdown", (event) => {
      outside = event.target === dialog;
    });
    dialog.addEventListener("click", (event) => {
      if (outside && event.target === dialog) answer(null);
    });
    document.body.append(dialog);
    dialog.showModal();
    const first = /** @type {HTMLElement | null} */ (dialog.querySelector("[data-first]"));
    first?.focus();
  });
}
