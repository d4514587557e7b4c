"""Claim: painting in the browser never drops below 50 frames per second while renders run.

A real Chromium paints strokes one after the other without a pause and the result is rendered
meanwhile; the intervals between animation frames are recorded in the page. `late` is the share of
frames that came more than 20 ms after the one before, `slowest_fps` the rate that 95 % of the
frames reach. The same is measured beside it while nobody paints (`idle`), which shows what the
machine gives. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from typing import Any

from editor_tab import machine, open_tab, strokes

LATE_MS = 20.0
FPS = 50.0

RECORD = """() => {
  const found = { intervals: [], pictures: 0 };
  let last = 0;
  let shown = maskgan.shown;
  let running = true;
  const frame = (now) => {
    if (last) found.intervals.push(now - last);
    last = now;
    if (maskgan.shown !== shown) found.pictures += 1;
    shown = maskgan.shown;
    if (running) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  window.stopRecording = () => {
    running = false;
    return found;
  };
}"""


def summary(found: dict[str, Any]) -> dict[str, Any]:
    """Of intervals in milliseconds."""
    intervals = found["intervals"]
    slow = statistics.quantiles(intervals, n=20, method="inclusive")[18]
    return {
        "frames": len(intervals),
        "pictures": found["pictures"],
        "median_ms": round(statistics.median(intervals), 1),
        "p95_ms": round(slow, 1),
        "most_ms": round(max(intervals), 1),
        "slowest_fps": round(1000 / slow, 1),
        "late": round(sum(value > LATE_MS for value in intervals) / len(intervals), 4),
    }


def measure(count: int, threads: int | None) -> dict[str, Any]:
    """Frames while nothing happens and while `count` strokes are painted."""
    with open_tab(threads) as tab:
        page = tab.page
        page.evaluate(RECORD)
        page.evaluate("() => new Promise((done) => setTimeout(done, 2000))")
        idle = page.evaluate("() => window.stopRecording()")
        page.evaluate(RECORD)
        for name, points in strokes(tab.labels(), count):
            tab.choose(name)
            page.mouse.move(*tab.point(*points[0]))
            page.mouse.down()
            for point in points[1:]:
                page.mouse.move(*tab.point(*point), steps=6)
            page.mouse.up()
        painting = page.evaluate("() => window.stopRecording()")
        tab.settled()
    return {"idle": summary(idle), "painting": summary(painting)}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--strokes", type=int, default=30)
    parser.add_argument(
        "--threads", type=int, help="of the server's model; default: its own choice"
    )
    options = parser.parse_args()
    if options.strokes < 1:
        parser.error("expected at least 1 stroke")
    found = measure(options.strokes, options.threads)
    fps = found["painting"]["slowest_fps"]
    report = {
        **machine(),
        "strokes": options.strokes,
        **found,
        "claims": {"slowest_fps": {"found": fps, "at_least": FPS, "met": fps >= FPS}},
    }
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
