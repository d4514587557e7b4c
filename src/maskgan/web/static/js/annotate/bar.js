/**
 * The bar of annotate mode, under the picture: the photos of the folder with what is done, the
 * progress, and what can be done with the open one. It stands where the sample faces do otherwise.
 */

import { button, byId, element, icon, rovingFocus } from "../app/element.js";
import { hintOf, isMac } from "../keys.js";
import { FILTERS, STATE_TITLES } from "./listing.js";

/** @typedef {import("./annotation.js").Annotation} Annotation */
/** @typedef {import("./listing.js").Item} Item */

/** How many photos stand in the bar at a time. */
const MOST = 120;

/** @type {Record<import("./listing.js").ItemState, string>} */
const ICONS = { new: "", started: "brush", done: "check", skipped: "close", "no-face": "warning" };

/** @param {Annotation} annotation */
export function installBar(annotation) {
  const bar = element("section", {
    class: "annotate",
    "aria-label": "Annotation",
    "data-testid": "annotate",
  });
  const progress = progressLine(annotation);
  bar.append(progress.element, photoList(annotation), buttons(annotation));
  byId("strip").hidden = true;
  // Under the picture on every screen; the sample faces move to the panels on narrow ones.
  byId("stage").closest(".scene")?.append(bar);
}

/** @param {Annotation} annotation */
function progressLine(annotation) {
  const count = element("span", { class: "number", "data-testid": "annotate-progress" });
  const meter = element("progress", { max: 1, value: 0, "aria-label": "Photos that are done" });
  const place = element("span", { class: "annotate-place", "data-testid": "annotate-place" });
  const saving = element("span", {
    class: "annotate-saving",
    role: "status",
    "data-testid": "annotate-saving",
  });
  const filter = element(
    "select",
    {
      "aria-label": "Which photos are shown",
      "data-testid": "annotate-filter",
      onchange: () => {
        annotation.listing.filter = /** @type {any} */ (filter.value);
        annotation.tell();
      },
    },
    ...FILTERS.map(({ id }) => element("option", { value: id })),
  );
  annotation.on(() => {
    const { listing, current } = annotation;
    const { done, of } = listing.progress;
    count.textContent = `${done} of ${of} done`;
    meter.max = Math.max(1, of);
    meter.value = done;
    const at = listing.items.findIndex((item) => item.number === current);
    const item = listing.items[at];
    place.textContent = item
      ? `${at + 1} of ${listing.items.length}: ${item.name}, ${STATE_TITLES[item.state]}`
      : "This photo is none of the folder";
    const { saving: state } = annotation;
    const text = item ? savingText(state, item) : "";
    // A line that says the same again is not read aloud again.
    if (saving.textContent !== text) saving.textContent = text;
    saving.classList.toggle("failed", state === "failed");
    for (const [index, option] of [...filter.options].entries()) {
      const { id, title } = FILTERS[index];
      const label = `${title} (${listing.count(id)})`;
      if (option.textContent !== label) option.textContent = label;
    }
    filter.value = listing.filter;
  });
  return { element: element("div", { class: "annotate-line" }, count, meter, place, saving, filter) };
}

/** @param {import("./annotation.js").Saving} saving @param {Item} item */
export function savingText(saving, item) {
  if (saving === "failed") return "Not saved";
  if (saving === "changed" || saving === "saving") return "Saving";
  return item.state === "new" ? "As parsed, nothing changed" : "Saved";
}

/** @param {Annotation} annotation */
function photoList(annotation) {
  const list = element("div", {
    class: "annotate-photos",
    role: "group",
    "aria-label": "Photos of the folder",
    "data-testid": "annotate-photos",
  });
  const root = `${annotation.page.api.root}/annotation`;
  /** @type {Map<number, HTMLElement>} */
  const made = new Map();
  const more = (/** @type {number} */ count, /** @type {string} */ where) =>
    count ? element("span", { class: "annotate-more" }, `${count} more ${where}`) : "";
  let shownAt = "";

  const photo = (/** @type {Item} */ item) => {
    const known = made.get(item.number);
    if (known) return known;
    const node = element(
      "button",
      {
        type: "button",
        class: "thumb annotate-photo",
        "data-testid": `photo-${item.number}`,
        onclick: () => void annotation.open(item.number),
      },
      element("img", {
        src: `${root}/${item.number}/thumbnail?v=${annotation.id}`,
        alt: "",
        loading: "lazy",
        width: 52,
        height: 52,
      }),
      element("span", { class: "annotate-badge" }),
    );
    made.set(item.number, node);
    return node;
  };
  const dress = (/** @type {HTMLElement} */ node, /** @type {Item} */ item) => {
    const title = `${item.name}, ${STATE_TITLES[item.state]}`;
    node.setAttribute("aria-label", title);
    node.setAttribute("data-tip", title);
    node.setAttribute("aria-current", String(item.number === annotation.current));
    if (node.dataset.state === item.state) return;
    node.dataset.state = item.state;
    const image = ICONS[item.state];
    node.querySelector(".annotate-badge")?.replaceChildren(...(image ? [icon(image)] : []));
  };
  annotation.on(() => {
    const { items, before, after } = annotation.listing.window(annotation.current, MOST);
    const numbers = items.map((item) => item.number).join();
    if (numbers !== shownAt) {
      list.replaceChildren(
        more(before, "before"),
        ...items.map(photo),
        more(after, "after"),
        items.length ? "" : element("span", { class: "annotate-more" }, "No photo of this kind"),
      );
      shownAt = numbers;
      rovingFocus(list);
    }
    for (const item of items) dress(photo(item), item);
    const open = annotation.current === null ? null : made.get(annotation.current);
    if (open?.isConnected) open.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  return list;
}

/** @param {Annotation} annotation */
function buttons(annotation) {
  const { actions } = annotation.page;
  const mac = isMac();
  const make = (
    /** @type {string} */ id,
    /** @type {string} */ title,
    /** @type {{text?: string, icon?: string, class?: string}} */ looks,
  ) =>
    button({
      ...looks,
      title,
      hint: hintOf(id, mac),
      testid: `annotate-${id}`,
      press: () => actions[id](),
    });
  const previous = make("previousPhoto", "Previous photo", { text: "Previous" });
  const next = make("nextPhoto", "Next photo", { text: "Next" });
  const again = make("otherFace", "Choose another face, or show where it is", {
    icon: "crop",
    class: "quiet",
  });
  const render = make("renderPhoto", "Render the labels", { icon: "result", class: "quiet" });
  const skip = make("skipPhoto", "Skip: leave this photo out of the dataset", { text: "Skip" });
  const done = make("donePhoto", "Done, next photo that is not", {
    text: "Done, next",
    icon: "check",
    class: "primary",
  });
  const reopen = make("reopenPhoto", "Not done yet, nor skipped", { text: "Not done yet" });
  annotation.on(() => {
    const { listing, current, busy } = annotation;
    const item = listing.item(current);
    for (const control of [previous, next]) control.disabled = busy;
    for (const control of [again, skip, done, reopen]) control.disabled = busy || !item;
    again.hidden = annotation.aligned;
    render.setAttribute("aria-pressed", String(annotation.rendering));
    done.hidden = item?.state === "done";
    skip.hidden = item?.state === "skipped";
    reopen.hidden = item?.state !== "done" && item?.state !== "skipped";
  });
  return element(
    "div",
    { class: "annotate-buttons", role: "group", "aria-label": "This photo" },
    previous,
    next,
    again,
    render,
    element("span", { class: "spacer" }),
    reopen,
    skip,
    done,
  );
}
