/**
 * Two dialogs to read: the list of keys, and what runs here.
 */

import { KEYS, POINTER_HINTS, isMac, printed } from "../keys.js";
import { ask } from "./dialog.js";
import { element } from "./element.js";

/** The list of keys, by group. */
export function showKeys() {
  const mac = isMac();
  const groups = [...new Set(KEYS.map((row) => row.group))];
  const line = (/** @type {string} */ title, /** @type {string[]} */ keys) =>
    element(
      "div",
      { class: "key-row" },
      element("dt", {}, title),
      element("dd", {}, ...keys.map((key) => element("kbd", {}, printed(key, mac)))),
    );
  const block = (/** @type {string} */ title, /** @type {HTMLElement[]} */ lines) =>
    element("section", {}, element("h3", {}, title), element("dl", {}, ...lines));
  return ask({ title: "Keys", class: "wide", testid: "keys-dialog" }, () => [
    element(
      "div",
      { class: "key-groups" },
      ...groups.map((group) =>
        block(
          group,
          KEYS.filter((row) => row.group === group && row.title).map((row) =>
            line(row.title, row.shown ?? row.keys),
          ),
        ),
      ),
      block(
        "Pointer",
        POINTER_HINTS.map(({ title, shown }) => line(title, shown)),
      ),
    ),
  ]);
}

/** What runs here, from whom, under which terms. @param {import("../net/api.js").Info} info */
export function showAbout(info) {
  const { bundle } = info;
  const row = (/** @type {string} */ title, /** @type {string} */ text) => [
    element("dt", {}, title),
    element("dd", {}, text),
  ];
  return ask({ title: "About", testid: "about-dialog" }, () => [
    element(
      "ul",
      { class: "promises" },
      element(
        "li",
        {},
        element("strong", {}, "Nothing leaves this machine. "),
        "Photos, edits and the model stay here; the page loads nothing from elsewhere.",
      ),
      element(
        "li",
        {},
        element("strong", {}, "Your photo stays your photo. "),
        "Only what an edit touches is rendered, every other pixel is kept.",
      ),
      element(
        "li",
        {},
        element("strong", {}, "Edits say that they are edits. "),
        "Saved files are marked as edited by a model unless you switch that off.",
      ),
      element("li", {}, "Edit pictures of people with their consent, and say that they are edited."),
    ),
    element(
      "dl",
      { class: "facts" },
      ...row("Program", `maskgan ${info.version}`),
      ...row("Model", `${bundle.name} ${bundle.version}`),
      ...row("Trained on", bundle.training_data),
      ...row("Licence of the model", bundle.licence),
    ),
    element(
      "p",
      { class: "note" },
      element("a", { href: "docs", target: "_blank", rel: "noopener" }, "The interface for programs"),
    ),
  ]);
}
