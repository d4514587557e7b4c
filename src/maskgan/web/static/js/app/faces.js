/**
 * Which face: boxes over the photo when there are several, three clicks when none was found.
 */

import { ask } from "./dialog.js";
import { button, element } from "./element.js";

/** @typedef {import("../net/api.js").PhotoInfo} PhotoInfo */
/** @typedef {import("../net/api.js").FaceChoice} FaceChoice */
/** @typedef {import("../net/api.js").Spot} Spot */

const SIDE = 1600;

/**
 * @param {import("../net/api.js").Api} api
 * @param {string} id
 * @param {PhotoInfo} photo
 * @param {boolean} [always] ask even if there is only one
 * @returns {Promise<FaceChoice | null>}
 */
export async function chooseFace(api, id, photo, always = false) {
  if (photo.faces.length === 1 && !always) return { number: photo.faces[0].number };
  const address = api.previewUrl(id, SIDE);
  if (photo.faces.length === 0) return pointAtFace(address, photo, "none");
  const choice = await boxes(address, photo);
  return choice === "points" ? pointAtFace(address, photo, "other") : choice;
}

/**
 * @param {string} address
 * @param {PhotoInfo} photo
 * @returns {Promise<FaceChoice | "points" | null>}
 */
function boxes(address, photo) {
  const percent = (/** @type {number} */ value, /** @type {number} */ whole) =>
    `${Math.max(0, Math.min(100, (value / whole) * 100))}%`;
  return ask({ title: "Which face?", class: "wide", testid: "faces-dialog" }, (answer) => {
    const frames = photo.faces.map((face, at) => {
      const [x, y, w, h] = face.box;
      return element(
        "button",
        {
          type: "button",
          class: "face-box",
          "aria-label": `Face ${face.number}, ${at + 1} of ${photo.faces.length}`,
          "data-testid": `face-${face.number}`,
          "data-first": at === 0,
          "--left": percent(x, photo.width),
          "--top": percent(y, photo.height),
          "--width": percent(w, photo.width),
          "--height": percent(h, photo.height),
          onclick: () => answer({ number: face.number }),
        },
        element("span", { "aria-hidden": "true" }, String(face.number)),
      );
    });
    return [
      element("p", { class: "note" }, "Only the face you choose is edited."),
      element(
        "div",
        { class: "photo-frame" },
        element("img", { src: address, alt: `The photo ${photo.name}` }),
        ...frames,
      ),
      element(
        "div",
        { class: "dialog-actions" },
        button({
          text: "My face is not among them",
          title: "My face is not among them",
          class: "quiet",
          press: () => answer("points"),
        }),
      ),
    ];
  });
}

/** @type {Record<string, [number, number]>} */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const POINTS = [
  ["the person's right eye", "It is on the left side of the picture.", "R"],
  ["the person's left eye", "It is on the right side of the picture.", "L"],
  ["the middle of the mouth", "Between the lips.", "M"],
];

/**
 * @param {string} address
 * @param {PhotoInfo} photo
 * @param {"none" | "other"} reason
 * @returns {Promise<FaceChoice | null>}
 */
function pointAtFace(address, photo, reason) {
  const title = reason === "none" ? "No face was found" : "Show the face";
  return ask({ title, class: "wide", testid: "points-dialog" }, (answer) => {
    /** @type {Spot[]} in photo pixels */
    const spots = [];
    let zoom = 1;
    // The keyboard's cross, in shares of the picture.
    let [cursorX, cursorY] = [0.5, 0.4];

    const prompt = element("p", { class: "points-prompt", role: "status", "aria-live": "polite" });
    const picture = element("img", { src: address, alt: "", draggable: "false" });
    const cross = element("span", { class: "cross", "aria-hidden": "true", hidden: true });
    const marks = element("div", { class: "marks" });
    const sheet = element("div", { class: "sheet" }, picture, marks, cross);
    const scroller = element(
      "div",
      {
        class: "points-scroller",
        "--ratio": photo.width / photo.height,
        tabindex: 0,
        role: "application",
        "aria-label": "Photo. Arrow keys move the cross, Enter sets the point.",
        "data-testid": "points-photo",
        "data-first": true,
      },
      sheet,
    );
    const done = button({
      text: "Use these points",
      title: "Use these points",
      class: "primary",
      testid: "points-done",
      press: () => answer({ points: spots }),
    });
    const back = button({
      icon: "undo",
      text: "Take the last point back",
      title: "Take the last point back",
      press: () => {
        spots.pop();
        refresh();
      },
    });
    const refresh = () => {
      const next = POINTS[spots.length];
      prompt.replaceChildren(
        ...(next
          ? [element("strong", {}, `${spots.length + 1} of 3: click ${next[0]}. `), next[1]]
          : [element("strong", {}, "That is all. "), "Use these points, or take one back."]),
      );
      marks.replaceChildren(
        ...spots.map(([x, y], at) =>
          element(
            "span",
            { class: "mark", "--left": `${(x / photo.width) * 100}%`, "--top": `${(y / photo.height) * 100}%` },
            POINTS[at][2],
          ),
        ),
      );
      done.disabled = spots.length < 3;
      back.disabled = spots.length === 0;
    };
    const set = (/** @type {number} */ shareX, /** @type {number} */ shareY) => {
      if (spots.length === 3) return;
      spots.push([shareX * photo.width, shareY * photo.height]);
      refresh();
      if (spots.length === 3) done.focus();
    };
    sheet.addEventListener("click", (event) => {
      const box = picture.getBoundingClientRect();
      set((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    });
    const showCross = () => {
      cross.hidden = false;
      cross.style.setProperty("--left", `${cursorX * 100}%`);
      cross.style.setProperty("--top", `${cursorY * 100}%`);
      cross.scrollIntoView({ block: "nearest", inline: "nearest" });
    };
    scroller.addEventListener("keydown", (event) => {
      const step = (event.shiftKey ? 0.05 : 0.005) / zoom;
      const move = MOVES[event.key];
      if (move) {
        cursorX = Math.min(1, Math.max(0, cursorX + move[0] * step));
        cursorY = Math.min(1, Math.max(0, cursorY + move[1] * step));
        showCross();
      } else if (event.key === "Enter" || event.key === " ") {
        set(cursorX, cursorY);
      } else {
        return;
      }
      event.preventDefault();
    });
    const setZoom = (/** @type {number} */ factor) => {
      const { clientWidth, clientHeight } = scroller;
      const x = scroller.scrollLeft + clientWidth / 2 - sheet.offsetLeft;
      const y = scroller.scrollTop + clientHeight / 2 - sheet.offsetTop;
      const before = zoom;
      zoom = Math.min(8, Math.max(1, zoom * factor));
      sheet.style.setProperty("--zoom", String(zoom));
      // What was in the middle stays there.
      const by = zoom / before;
      scroller.scrollLeft = x * by + sheet.offsetLeft - clientWidth / 2;
      scroller.scrollTop = y * by + sheet.offsetTop - clientHeight / 2;
    };
    refresh();
    return [
      element(
        "p",
        { class: "note" },
        reason === "none"
          ? "That happens with turned, small or covered faces. Show where it is: three clicks."
          : "Three clicks show where the face is.",
      ),
      prompt,
      scroller,
      element(
        "div",
        { class: "dialog-actions" },
        button({ icon: "minus", title: "Zoom out", press: () => setZoom(1 / 1.5) }),
        button({ icon: "plus", title: "Zoom in", press: () => setZoom(1.5) }),
        back,
        photo.width === photo.height
          ? button({
              text: "It is a cut-out face already",
              title: "It is a cut-out face already",
              class: "quiet",
              press: () => answer({ aligned: true }),
            })
          : "",
        element("span", { class: "spacer" }),
        done,
      ),
    ];
  });
}
