/**
 * Short messages at the edge of the page: problems (role=alert, stay until closed or for long) and
 * news (role=status). Also the one line that is only read aloud.
 */

import { sentence } from "../net/api.js";
import { button, byId, element, icon } from "./element.js";

const SECONDS = { problem: 14, news: 6 };

/**
 * @typedef {{text: string, press: () => void}} Offer
 */

/**
 * @param {"problem" | "news"} kind
 * @param {string} text
 * @param {Offer} [offer] a button in the message
 * @returns {() => void} takes the message away
 */
function show(kind, text, offer) {
  const holder = byId("toasts");
  for (const other of holder.children) {
    if (other.querySelector("p")?.textContent === text) other.remove();
  }
  const toast = element(
    "div",
    {
      class: `toast ${kind}`,
      role: kind === "problem" ? "alert" : "status",
      "data-testid": `toast-${kind}`,
    },
    icon(kind === "problem" ? "warning" : "info"),
    element("p", {}, text),
  );
  const close = () => toast.remove();
  if (offer) {
    const press = () => {
      close();
      offer.press();
    };
    toast.append(button({ text: offer.text, title: offer.text, class: "small", press }));
  }
  toast.append(button({ icon: "close", title: "Close message", class: "quiet small", press: close }));
  holder.append(toast);
  while (holder.children.length > 3) holder.firstElementChild?.remove();
  /** @type {number | undefined} */
  let timer;
  const start = () => {
    timer = window.setTimeout(close, SECONDS[kind] * 1000);
  };
  // A message under the pointer or with the focus in it stays.
  const hold = () => window.clearTimeout(timer);
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", start);
  toast.addEventListener("focusout", start);
  start();
  return close;
}

/** @param {unknown} error @param {Offer} [offer] */
export function tellProblem(error, offer) {
  const problem = typeof error === "string" ? error : sentence(error);
  if (error instanceof Error && error.name !== "Problem") console.error(error);
  return show("problem", problem, offer);
}

/** @param {string} text @param {Offer} [offer] */
export function tellNews(text, offer) {
  return show("news", text, offer);
}

/** Reads a line aloud; nothing is seen. @param {string} text */
export function announce(text) {
  byId("announcer").textContent = text;
}

/**
 * Runs what a person asked for and shows its failure.
 * @param {() => Promise<unknown> | unknown} action
 * @returns {Promise<boolean>} whether it succeeded
 */
export async function attempt(action) {
  try {
    await action();
    return true;
  } catch (error) {
    tellProblem(error);
    return false;
  }
}
