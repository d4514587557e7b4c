/**
 * What tools are and what the page gives them.
 *
 * A tool changes `context.labels` itself and tells each rectangle to `preview`; `commit` gets the
 * finished step, whose labels are already in place. `down` and `up` may return a promise that is
 * rejected with what the server said, and `failed` hears it when it was a key that asked; the
 * drawing is then as it was.
 */

/** @typedef {import("../labels.js").LabelMap} LabelMap */
/** @typedef {import("../labels.js").Rect} Rect */
/** @typedef {import("../raster.js").Mask} Mask */
/** @typedef {import("../selection.js").Selection} Selection */
/** @typedef {import("../history.js").StepParts} StepParts */

/**
 * @typedef {object} ToolPoint in image coordinates
 * @property {number} x
 * @property {number} y
 * @property {number} [factor] of the radius, by pressure
 * @property {boolean} [erase] paint with the eraser
 * @property {boolean} [shift]
 * @property {boolean} [ctrl]
 * @property {boolean} [alt]
 * @property {number} [clicks] 2 = double click
 */

/**
 * @typedef {object} ToolStage what tools need of the stage
 * @property {Selection | null} selection
 * @property {{scale: number}} viewport
 * @property {(rect?: Rect | null) => void} dirtyLabels
 * @property {(mask: Mask) => void} hatch
 * @property {(mask?: Mask) => void} clearHatch
 * @property {(cls: number) => string} color
 */

/**
 * @typedef {object} ToolContext
 * @property {LabelMap} labels the present ones; a getter where they can be replaced
 * @property {number} cls what is painted
 * @property {number} radius of the brush in pixels
 * @property {ReadonlySet<number> | null} only classes that may be covered, null = all
 * @property {ReadonlySet<number>} locked classes that never are
 * @property {boolean} mirror
 * @property {ToolStage} stage
 * @property {(step: StepParts) => void} commit
 * @property {(tool: string, params: object) => Promise<Uint8Array>} server new labels from the
 *   present ones
 * @property {(rect: Rect) => void} preview labels inside have changed, the step is not finished
 * @property {(error: any) => void} [failed] the server could not do what a key has begun
 * @property {(cls: number) => void} [pick] this class is to be painted from now on
 */

/**
 * @typedef {object} KeyPress
 * @property {string} key as KeyboardEvent has it
 * @property {boolean} [shiftKey]
 */

/**
 * @typedef {object} Tool
 * @property {string} id
 * @property {string} title
 * @property {string} shortcut the key that takes it into the hand
 * @property {"brush" | "cross" | "pointer"} cursor "brush" is the circle of the brush's size
 * @property {boolean} [busy] something is begun that Enter ends and Esc cancels
 * @property {(context: ToolContext, at: ToolPoint) => void | Promise<void>} down
 * @property {(context: ToolContext, points: ToolPoint[]) => void} move
 * @property {(context: ToolContext, at?: ToolPoint) => void | Promise<void>} up
 * @property {(context: ToolContext) => void} cancel
 * @property {(context: ToolContext, event: KeyPress) => boolean} key true when it was used
 * @property {(context: ToolContext, at: ToolPoint | null) => void} [hover]
 * @property {(context: ToolContext) => void} [changed] others have changed the labels: undo, tools
 * @property {(context: ToolContext) => void} [leave] another tool is taken into the hand
 */

export {};
