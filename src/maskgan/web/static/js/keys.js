/**
 * The keys of the page, in one table: what reacts to them and what the list behind "?" shows.
 *
 * A chord is written "Mod+Shift+Z": Mod is Ctrl, or Command on a Mac. A last part in "<...>" names
 * a place on the keyboard (KeyboardEvent.code) whatever the layout prints there. Every action that
 * sits on a bracket has a second key, since many layouts have none.
 */

/**
 * @typedef {object} Binding
 * @property {string} id name of the action
 * @property {string} title
 * @property {string} group heading in the list
 * @property {string[]} keys
 * @property {string[]} [shown] what the list prints instead of `keys`
 * @property {boolean} [hold] the action also hears the key go up
 * @property {boolean} [pointer] only while the pointer is at the picture
 */

/** @type {readonly Binding[]} */
export const KEYS = [
  { id: "brush", title: "Brush", group: "Tools", keys: ["B"] },
  { id: "eraser", title: "Eraser: back to what lies underneath", group: "Tools", keys: ["E"] },
  { id: "fill", title: "Fill a region", group: "Tools", keys: ["G", "F"] },
  { id: "lasso", title: "Lasso", group: "Tools", keys: ["L"] },
  { id: "polygon", title: "Polygon", group: "Tools", keys: ["U", "P"] },
  { id: "picker", title: "Pick the class under the pointer", group: "Tools", keys: ["I"] },
  { id: "transform", title: "Move, scale or turn a part", group: "Tools", keys: ["V"] },
  {
    id: "smaller",
    title: "Smaller brush (with Shift: ten steps)",
    group: "Brush",
    keys: ["<BracketLeft>", "<Comma>"],
    shown: ["[", ","],
  },
  {
    id: "larger",
    title: "Larger brush (with Shift: ten steps)",
    group: "Brush",
    keys: ["<BracketRight>", "<Period>"],
    shown: ["]", "."],
  },
  {
    id: "muchSmaller",
    title: "",
    group: "Brush",
    keys: ["Shift+<BracketLeft>", "Shift+<Comma>"],
  },
  { id: "muchLarger", title: "", group: "Brush", keys: ["Shift+<BracketRight>", "Shift+<Period>"] },
  { id: "swap", title: "Swap with the previous class", group: "Brush", keys: ["X"] },
  { id: "mirror", title: "Mirror painting on or off", group: "Brush", keys: ["Shift+M"] },
  {
    id: "digit",
    title: "Choose a class by its number; with Shift plus ten",
    group: "Brush",
    keys: Array.from({ length: 10 }, (_, digit) => [
      `<Digit${digit}>`,
      `Shift+<Digit${digit}>`,
    ]).flat(),
    shown: ["0 ... 9", "Shift+0 ... 8"],
  },
  { id: "undo", title: "Undo", group: "Edit", keys: ["Mod+Z"] },
  { id: "redo", title: "Redo", group: "Edit", keys: ["Mod+Shift+Z", "Mod+Y"] },
  { id: "render", title: "Render now", group: "Edit", keys: ["Enter", "Shift+R"] },
  { id: "cancel", title: "Cancel; then reset the view", group: "Edit", keys: ["Escape"] },
  {
    id: "original",
    title: "Hold to see the original",
    group: "View",
    keys: ["Tab", "\\", "<IntlBackslash>"],
    shown: ["Tab", "\\"],
    hold: true,
  },
  { id: "overlay", title: "Labels on or off", group: "View", keys: ["M"] },
  { id: "opacity", title: "Stronger or weaker labels", group: "View", keys: ["O"] },
  { id: "compare", title: "Compare slider on or off", group: "View", keys: ["C"] },
  { id: "side", title: "Side by side on or off", group: "View", keys: ["S"] },
  { id: "fit", title: "Fit the window", group: "View", keys: ["Mod+0", "Z"] },
  { id: "actual", title: "100 %", group: "View", keys: ["Mod+1"] },
  { id: "zoomIn", title: "Zoom in", group: "View", keys: ["+", "=", "Shift++"] , shown: ["+"] },
  { id: "zoomOut", title: "Zoom out", group: "View", keys: ["-"] },
  { id: "open", title: "Open a photo", group: "Files", keys: ["Mod+O"] },
  { id: "save", title: "Save the photo", group: "Files", keys: ["Mod+S"] },
  { id: "copy", title: "Copy the result", group: "Files", keys: ["Mod+C"] },
  {
    id: "paste",
    title: "Paste a photo",
    group: "Files",
    keys: [],
    shown: ["Mod+V"],
  },
  { id: "help", title: "This list", group: "Files", keys: ["?", "Shift+?", "H"] , shown: ["?", "H"] },
];

/** What only the pointer does; the list shows it too. */
export const POINTER_HINTS = [
  { title: "Erase", shown: ["right button"] },
  { title: "Move the picture", shown: ["Space + drag", "middle button"] },
  { title: "Zoom", shown: ["wheel", "two fingers"] },
  { title: "Brush size", shown: ["Ctrl + wheel", "Alt + drag"] },
  { title: "Move the brush by keys (Shift: ten pixels)", shown: ["arrows"] },
  { title: "Paint by keys", shown: ["hold Space"] },
];

/** @typedef {Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">} KeyPress */

/**
 * @param {string} chord
 * @param {KeyPress} event
 * @param {boolean} mac
 */
export function matches(chord, event, mac) {
  const parts = chord.endsWith("++") ? [...chord.slice(0, -2).split("+"), "+"] : chord.split("+");
  const wanted = chord === "+" ? "+" : /** @type {string} */ (parts.pop());
  const modifiers = chord === "+" ? [] : parts;
  const mod = mac ? event.metaKey : event.ctrlKey;
  const other = mac ? event.ctrlKey : event.metaKey;
  if (mod !== modifiers.includes("Mod") || other || event.altKey) return false;
  const byPlace = wanted.startsWith("<");
  const letter = /^[A-Z]$/.test(wanted);
  const hit = byPlace
    ? event.code === wanted.slice(1, -1)
    : letter
      ? event.key.toUpperCase() === wanted
      : event.key === wanted;
  if (!hit) return false;
  // Which sign needs Shift differs between layouts; letters, places and names are told apart by it.
  const tellsShift = byPlace || letter || wanted.length > 1;
  return !tellsShift || event.shiftKey === modifiers.includes("Shift");
}

/**
 * @param {KeyPress} event
 * @param {boolean} mac
 * @param {readonly Binding[]} [table]
 * @returns {Binding | null}
 */
export function find(event, mac, table = KEYS) {
  return table.find((row) => row.keys.some((chord) => matches(chord, event, mac))) ?? null;
}

/** True where keys belong to what has the focus. @param {EventTarget | null} target */
export function typing(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return (
    target instanceof HTMLInputElement &&
    !["range", "checkbox", "radio", "button", "file", "color"].includes(target.type)
  );
}

/** Keys that the focused control needs for itself. @param {KeyboardEvent} event */
function belongsToControl(event) {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  const pressed = ["Enter", " "].includes(event.key);
  if (pressed && target.matches("button, a, summary, input, [role=button]")) return true;
  return target instanceof HTMLInputElement && /^(Arrow|Page|Home|End)/.test(event.key);
}

/** How a chord is printed for people. @param {string} chord @param {boolean} mac */
export function printed(chord, mac) {
  return chord.replace("Mod", mac ? "Cmd" : "Ctrl").replace(/[<>]/g, "");
}

/** The first key of an action as tooltips print it. @param {string} id @param {boolean} mac */
export function hintOf(id, mac) {
  const row = KEYS.find((binding) => binding.id === id);
  return row ? printed((row.shown ?? row.keys)[0], mac) : "";
}

export const isMac = () => /Mac|iPhone|iPad/.test(navigator.platform ?? "");

/**
 * Lets keys act. An action gets the event and whether the key went down; it returns false when it
 * had nothing to do and the browser shall have the key.
 * @param {EventTarget} target
 * @param {Record<string, (event: KeyboardEvent, down: boolean) => boolean | void>} actions
 * @param {() => boolean} blocked true while a dialog is open
 */
export function installKeys(target, actions, blocked) {
  const mac = isMac();
  /** @type {Map<string, string>} */
  const held = new Map(); // code -> action
  target.addEventListener("keydown", (raw) => {
    const event = /** @type {KeyboardEvent} */ (raw);
    if (event.defaultPrevented || blocked() || typing(event.target)) return;
    if (belongsToControl(event)) return;
    const binding = find(event, mac);
    const action = binding && actions[binding.id];
    if (!binding || !action) return;
    if (binding.hold) {
      if (event.repeat) {
        if (held.has(event.code)) event.preventDefault();
        return;
      }
      if (action(event, true) === false) return;
      held.set(event.code, binding.id);
      event.preventDefault();
      return;
    }
    if (action(event, true) !== false) event.preventDefault();
  });
  const release = (/** @type {KeyboardEvent} */ event, /** @type {string} */ code) => {
    const id = held.get(code);
    held.delete(code);
    if (id) actions[id](event, false);
  };
  target.addEventListener("keyup", (raw) => {
    const event = /** @type {KeyboardEvent} */ (raw);
    release(event, event.code);
  });
  window.addEventListener("blur", () => {
    for (const code of [...held.keys()]) release(new KeyboardEvent("keyup"), code);
  });
}
