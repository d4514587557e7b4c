/**
 * The page begins here: asks the server what it is, builds the page, opens the last drawing or a
 * sample face.
 */

import { makeActions } from "./app/actions.js";
import { Canvas } from "./app/canvas.js";
import { installOptions, installStrip, installToolbar, installTop } from "./app/controls.js";
import { dialogOpen } from "./app/dialog.js";
import { loadIcons } from "./app/element.js";
import { installIntake } from "./app/intake.js";
import { Page } from "./app/page.js";
import { State } from "./app/state.js";
import { Status } from "./app/status.js";
import { installTabs } from "./app/tabs.js";
import { reportOf } from "./app/report.js";
import { attempt, tellProblem } from "./app/toasts.js";
import { installTooltips } from "./app/tooltip.js";
import { Brush } from "./engine/tools/brush.js";
import { Eraser } from "./engine/tools/eraser.js";
import { Fill } from "./engine/tools/fill.js";
import { Lasso } from "./engine/tools/lasso.js";
import { Picker } from "./engine/tools/picker.js";
import { Polygon } from "./engine/tools/polygon.js";
import { Transform } from "./engine/tools/transform.js";
import { installKeys } from "./keys.js";
import { Api } from "./net/api.js";
import { exportPanel } from "./panels/export.js";
import { historyPanel } from "./panels/history.js";
import { palettePanel } from "./panels/palette.js";
import { partsPanel } from "./panels/parts.js";
import { slidersPanel } from "./panels/sliders.js";
import { stylePanel } from "./panels/style.js";

/** Waits until the server answers; says so when it does not. @param {Api} api */
async function hello(api) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await api.info();
    } catch (error) {
      if (attempt === 0) tellProblem(error);
      await new Promise((resolve) => setTimeout(resolve, Math.min(5000, 500 * 2 ** attempt)));
    }
  }
}

async function begin() {
  installTooltips(document.body);
  const api = new Api();
  const info = await hello(api);
  await loadIcons();
  const page = new Page(api, info, new State());
  const tools = [Brush, Eraser, Fill, Lasso, Polygon, Picker, Transform].map((Tool) => new Tool());

  page.canvas = new Canvas(page, tools);
  page.actions = makeActions(page);
  page.status = new Status(page);
  installTop(page);
  installToolbar(page, tools);
  installOptions(page);
  installStrip(page);
  page.showTab = installTabs([
    { id: "palette", title: "Palette", icon: "palette", body: palettePanel(page) },
    { id: "sliders", title: "Sliders", icon: "sliders", body: slidersPanel(page) },
    { id: "parts", title: "Parts", icon: "parts", body: partsPanel(page) },
    { id: "style", title: "Style", icon: "style", body: stylePanel(page) },
    { id: "history", title: "History", icon: "history", body: historyPanel(page) },
    { id: "export", title: "Save", icon: "save", body: exportPanel(page) },
  ]);
  page.dropEnded = installIntake({
    open: (file) => void page.files.openFile(file),
    style: (file) => page.styleDrop(file),
    blocked: dialogOpen,
  });
  installKeys(window, page.actions, dialogOpen);
  Object.defineProperty(window, "maskgan", { value: reportOf(page) });

  // The labels of an annotation are kept in its folder; the history is kept here, apart from that
  // of the photos that are opened otherwise.
  await page.keeper.open(info.annotation ? "maskgan-annotation" : undefined);
  page.state.update(await page.keeper.lastSettings());
  page.state.on(
    ["tool", "cls", "radius", "locked", "only", "mirror", "overlay", "opacity", "theme", "provenance"],
    () => page.keeper.touch(),
  );
  window.addEventListener("pagehide", () => {
    void page.keeper.autosave.flush();
    page.session.leave();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) void page.keeper.autosave.flush();
  });

  if (info.annotation) {
    const { mountAnnotation } = await import("./annotate/mount.js");
    await page.busy(attempt(() => mountAnnotation(page)));
  } else {
    let restored = false;
    await page.busy(
      attempt(async () => {
        restored = await page.keeper.restore();
      }),
    );
    if (!restored && info.samples.length) await page.files.openSample(info.samples[0]);
  }
  document.documentElement.dataset.ready = "true";
}

void begin().catch(tellProblem);
