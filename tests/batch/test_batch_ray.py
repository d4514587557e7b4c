"""The same batch on a real Ray of two workers on this machine."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from drawn_jobs import PATIENCE, Trap, read_lines, started, write_manifest

from maskgan.batch.runner import run
from maskgan.errors import MissingExtraError

MISSING = [name for name in ("ray", "pandas", "pyarrow") if importlib.util.find_spec(name) is None]

# In a process of its own: Ray sets signal handlers, and leaves threads behind.
PROGRAM = (
    "import sys; from pathlib import Path; from maskgan.commands.photos import batch;"
    "manifest, output, bundle = map(Path, sys.argv[1:4]);"
    "sys.exit(batch(manifest, output, resume=True, workers=2, ray='local', bundle=bundle))"
)


@pytest.mark.slow
@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (maskgan[ray])")
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc to find the actor")
def test_two_actors_do_a_batch_and_one_is_killed(
    photos: Path, lines: list[dict[str, Any]], bundle: Path
) -> None:
    (photos / "2.png").write_text("broken")
    manifest, results = write_manifest(photos, lines), photos.with_name("results")
    with started(PROGRAM, manifest, results, bundle) as process, Trap(photos / "5.png") as trap:
        os.kill(trap.wait(), signal.SIGKILL)
        trap.release()
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1, err
    assert "Wrote 7 photos" in out
    (failure,) = read_lines(results / "errors.jsonl")
    assert (failure["line"], failure["photo"], failure["kind"]) == (3, "2.png", "PhotoError")
    # The journal and the pictures are those of a batch on this machine.
    local = photos.with_name("local")
    report = run(manifest, local, workers=1, bundle=bundle, progress=False)
    assert (report.done, report.failed) == (7, 1)
    for name in (line["output"] for line in read_lines(local / "done.jsonl")):
        assert (results / name).read_bytes() == (local / name).read_bytes()
    report = run(manifest, results, resume=True, workers=1, bundle=bundle, progress=False)
    assert (report.done, report.kept, report.failed) == (0, 7, 1)


def test_without_ray_a_sentence_names_the_extra(
    photos: Path, lines: list[dict[str, Any]], bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    manifest, results = write_manifest(photos, lines), photos.with_name("results")
    with pytest.raises(MissingExtraError, match=r"pip install 'maskgan\[ray\]'"):
        run(manifest, results, ray="local", bundle=bundle)
    assert not results.exists()
