/**
 * The sliders: nine changes of shape, -1 to 1, with a detent at the centre. While one moves, labels
 * are computed by the server and shown as a preview; letting go makes one step of it. How sliders
 * and painting go together is written in app/drawing.js.
 */

import { button, element, fillRange } from "../app/element.js";
import { attempt, tellNews } from "../app/toasts.js";
import { strengths } from "../app/drawing.js";
import { Gesture } from "./gesture.js";

/** Half the width of the detent around 0. */
const DETENT = 0.04;

/** How far an arrow key moves a slider; with Shift a fifth of it. */
const KEY_STEP = 0.05;

/** Milliseconds after a step within which another click on its slider makes it a double click. */
const DOUBLE_CLICK = 800;

/** @type {Readonly<Record<string, number>>} */
const ARROWS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };

/**
 * Where an arrow key takes a slider; null for another key.
 * @param {number} value
 * @param {{key: string, shiftKey: boolean}} event
 */
export function stepped(value, { key, shiftKey }) {
  if (!(key in ARROWS)) return null;
  const next = value + ARROWS[key] * (shiftKey ? KEY_STEP / 5 : KEY_STEP);
  return Math.max(-1, Math.min(1, Math.round(next * 100) / 100));
}

/** @param {number} value */
export const snapped = (value) => (Math.abs(value) < DETENT ? 0 : value);

/** @param {number} value */
const signed = (value) => {
  const percent = Math.round(value * 100);
  return percent > 0 ? `+${percent}` : String(percent);
};

/**
 * @param {import("../app/page.js").Page} page
 * @returns {HTMLElement}
 */
export function slidersPanel(page) {
  const { drawing, info } = page;
  /** @type {Gesture | null} */
  let gesture = null;
  /** True while a key moves a slider. */
  let held = false;
  /** Gestures end one after the other, each on the labels of the one before. */
  let queue = Promise.resolve();
  /**
   * The last that was let go, until its step is made: a key may be tapped faster than that.
   * @type {Gesture | null}
   */
  let unmade = null;
  const values = () => (gesture ?? unmade)?.values ?? drawing.sliders;
  /** The slider whose step was made last, and when. */
  let made = { name: "", at: 0 };
  /** @type {Map<string, {range: HTMLInputElement, output: HTMLOutputElement, back: HTMLElement}>} */
  const rows = new Map();

  const show = (/** @type {string} */ name, /** @type {number} */ value) => {
    const row = rows.get(name);
    if (!row) return;
    row.range.value = String(value);
    row.range.setAttribute("aria-valuetext", signed(value));
    fillRange(row.range, 0);
    row.output.textContent = signed(value);
    row.output.classList.toggle("at-zero", value === 0);
    row.back.classList.toggle("faded", value === 0);
  };

  const move = (/** @type {string} */ name, /** @type {number} */ value) => {
    if (!drawing.labels) return;
    gesture ??= new Gesture(page, unmade);
    gesture.values[name] = value;
    show(name, value);
    const running = gesture;
    void attempt(() => running.follow()).then((fine) => {
      if (!fine && gesture === running) cancel(running);
    });
  };

  const cancel = (/** @type {Gesture} */ failed) => {
    failed.ended = true;
    if (failed.stale) return;
    gesture = null;
    drawing.preview(failed.start().data);
    refresh();
  };

  const end = (/** @type {string} */ name) => {
    const ending = gesture;
    if (!ending) return;
    gesture = null;
    unmade = ending;
    ending.ended = true;
    const title = info.attributes.find((attribute) => attribute.name === name)?.title ?? name;
    queue = queue.then(async () => {
      const fine = await attempt(async () => {
        if (ending.stale) return;
        const bytes = await ending.compute();
        if (ending.stale) return;
        const wanted = strengths(ending.values, ending.baked);
        const op = { op: "attributes", strengths: wanted };
        const value = signed(ending.values[name] ?? 0);
        const step = { title: `${title} ${value}`, kind: "sliders", op, sliders: ending.values };
        const start = ending.start();
        ending.after = start.clone();
        ending.after.data.set(bytes);
        ending.last = null;
        // Before the step is told to the panel, which shows the values of what is not made yet.
        if (unmade === ending) unmade = null;
        drawing.replace(bytes, step, start);
        if (ending.idle(name, start)) {
          tellNews(`${title} changed nothing: the labels show none of it, or leave it no room.`);
        }
        made = { name, at: performance.now() };
      });
      if (unmade === ending) unmade = null;
      if (!fine) cancel(ending);
    });
    page.busy(queue);
  };

  const letGo = (/** @type {string} */ name) => {
    held = false;
    end(name);
  };

  const set = (/** @type {string} */ name, /** @type {number} */ value) => {
    if ((values()[name] ?? 0) === value && !gesture) return;
    move(name, value);
    end(name);
  };

  /** Back to the middle, as one step: what the first click of two did is taken back. */
  const clear = (/** @type {string} */ name) => {
    queue = queue.then(() => {
      if (made.name === name && performance.now() - made.at < DOUBLE_CLICK) drawing.undo();
      set(name, 0);
    });
  };

  const row = (/** @type {import("../net/api.js").AttributeInfo} */ attribute) => {
    const { name, title, description } = attribute;
    const range = element("input", {
      type: "range",
      id: `slider-${name}`,
      min: -1,
      max: 1,
      step: 0.01,
      value: 0,
      class: "centred",
      "data-testid": `slider-${name}`,
      "aria-describedby": `slider-${name}-tip`,
      // The detent is for the hand: keys would never get out of it.
      oninput: () => move(name, held ? Number(range.value) : snapped(Number(range.value))),
      // A key that repeats is one gesture, until it is let go.
      onchange: () => held || end(name),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        held = /^(Arrow|Page|Home|End)/.test(event.key);
        const next = stepped(Number(range.value), event);
        if (next === null) return;
        event.preventDefault();
        move(name, next);
      },
      onkeyup: () => letGo(name),
      onblur: () => letGo(name),
      ondblclick: () => clear(name),
    });
    const output = element("output", { class: "number", for: `slider-${name}` });
    const back = button({
      icon: "reset",
      title: `Reset ${title.toLowerCase()}`,
      class: "quiet small slider-reset",
      press: () => set(name, 0),
    });
    rows.set(name, { range, output, back });
    const made = element(
      "div",
      { class: `slider ${name === info.attributes[0].name ? "lead" : ""}` },
      element(
        "div",
        { class: "slider-head" },
        element("label", { for: `slider-${name}`, "data-tip": description }, title),
        back,
        output,
      ),
      range,
      element("p", { id: `slider-${name}-tip`, class: "hidden-text" }, description),
    );
    show(name, 0);
    return made;
  };

  const list = element("div", { class: "slider-list" }, ...info.attributes.map(row));
  const refresh = () => {
    for (const { name } of info.attributes) show(name, values()[name] ?? 0);
    resetAll.disabled = !Object.values(drawing.sliders).some(Boolean);
  };
  const resetAll = button({
    icon: "reset",
    text: "Reset all sliders",
    title: "Reset all sliders",
    class: "quiet small",
    testid: "sliders-reset",
    press: () => {
      for (const { name } of info.attributes) if (drawing.sliders[name]) move(name, 0);
      end(info.attributes[0].name);
    },
  });
  const begin = () => {
    gesture = unmade = null;
    refresh();
  };
  drawing.on({ steps: refresh, begun: begin });
  refresh();
  return element(
    "div",
    { class: "panel-body", "data-testid": "panel-sliders" },
    element("p", { class: "note lead-note" }, "Drag a slider: the face follows at once."),
    list,
    resetAll,
  );
}
