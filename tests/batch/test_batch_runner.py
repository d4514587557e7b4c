"""Whole batches with real processes: failures, resumption, killed workers, interruption."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from drawn_jobs import PATIENCE, Trap, read_lines, started, write_manifest

from maskgan.batch.manifest import read_manifest
from maskgan.batch.pool import BATCH, Pool
from maskgan.batch.runner import Report, run
from maskgan.batch.worker import Assignment, WorkerConfig, identify
from maskgan.bundle import Bundle
from maskgan.commands.photos import batch
from maskgan.errors import BundleError, ConfigError

needs_pipes = pytest.mark.skipif(
    not (hasattr(os, "mkfifo") and Path("/proc/self/fd").is_dir()),
    reason="named pipes and /proc are needed to stop a worker at a chosen photo",
)

# A shell that starts the suite in the background has Ctrl-C ignored by everything below it.
PROGRAM = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "from pathlib import Path; from maskgan.commands.photos import batch;"
    "manifest, output, bundle = map(Path, sys.argv[1:4]);"
    "sys.exit(batch(manifest, output, workers=1, bundle=bundle))"
)


def go(photos: Path, bundle: Path, workers: int = 2, resume: bool = False) -> Report:
    output = photos.with_name("results")
    return run(
        photos / "jobs.jsonl",
        output,
        resume=resume,
        workers=workers,
        bundle=bundle,
        progress=False,
    )


def stamps(results: Path) -> dict[str, tuple[int, int]]:
    """Name -> what changes when a file is written again."""
    found = {path.name: path.stat() for path in results.glob("*.png")}
    return {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in found.items()}


def test_a_broken_photo_is_one_line_and_the_rest_goes_on(
    photos: Path,
    lines: list[dict[str, Any]],
    bundle: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (photos / "2.png").write_text("broken")
    results = photos.with_name("results")
    manifest = write_manifest(photos, lines)
    assert batch(manifest, results, workers=2, bundle=bundle) == 1
    said = capsys.readouterr()
    assert "Wrote 7 photos" in said.out
    assert "1 failed; " in said.out
    assert said.err == ""
    (failure,) = read_lines(results / "errors.jsonl")
    assert (failure["line"], failure["photo"], failure["kind"]) == (3, "2.png", "PhotoError")
    assert set(stamps(results)) == {f"{number}-edited.png" for number in range(8) if number != 2}

    before = stamps(results)
    (photos / "1.png").replace(photos / "2.png")
    (photos / "3.png").replace(photos / "1.png")
    (photos / "0.png").replace(photos / "3.png")
    (results / "4-edited.png").unlink()
    lines[5]["labels"] = lines[5]["source_labels"]
    (photos / "0.png").write_bytes((photos / "7.png").read_bytes())
    write_manifest(photos, lines)
    report = go(photos, bundle, resume=True)
    assert (report.total, report.done, report.kept, report.failed) == (8, 6, 2, 0)
    after = stamps(results)
    unchanged = {name for name, stamp in after.items() if before.get(name) == stamp}
    assert unchanged == {"6-edited.png", "7-edited.png"}
    assert not (results / "errors.jsonl").exists()
    assert not (results / ".partial").exists()


@needs_pipes
def test_a_killed_worker_loses_nothing(
    photos: Path, lines: list[dict[str, Any]], bundle: Path
) -> None:
    write_manifest(photos, lines)
    results = photos.with_name("results")
    with ThreadPoolExecutor(1) as pool, Trap(photos / "5.png") as trap:
        running = pool.submit(go, photos, bundle, 1)
        victim = trap.wait()
        before = stamps(results)
        os.kill(victim, signal.SIGKILL)
        trap.release()
        report = running.result(PATIENCE)
    assert (report.done, report.failed, report.replaced) == (8, 0, 1)
    assert set(before) == {f"{number}-edited.png" for number in range(5)}
    after = stamps(results)
    assert len(after) == 8
    # What was finished before the kill was not done again.
    assert {name: after[name] for name in before} == before
    assert len(read_lines(results / "done.jsonl")) == 8


@needs_pipes
def test_a_photo_that_ends_every_worker_is_given_up(
    photos: Path, lines: list[dict[str, Any]], bundle: Path
) -> None:
    write_manifest(photos, lines)
    with ThreadPoolExecutor(1) as pool, Trap(photos / "1.png") as trap:
        running = pool.submit(go, photos, bundle, 2)
        first = trap.wait()
        os.kill(first, signal.SIGKILL)
        os.kill(trap.wait(but=first), signal.SIGKILL)
        report = running.result(PATIENCE)
    assert (report.done, report.failed, report.replaced) == (7, 1, 2)
    (failure,) = read_lines(photos.with_name("results") / "errors.jsonl")
    assert failure["photo"] == "1.png"
    assert "worker processes ended" in failure["error"]


@needs_pipes
@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_batch_can_be_resumed(
    photos: Path, lines: list[dict[str, Any]], bundle: Path, blow: signal.Signals
) -> None:
    manifest, results = write_manifest(photos, lines), photos.with_name("results")
    with started(PROGRAM, manifest, results, bundle) as process, Trap(photos / "3.png") as trap:
        reader = trap.wait()
        # The worker reported three photos before it opened the fourth; its parent may still be
        # writing that down.
        wait_until(lambda: len(read_lines(results / "done.jsonl")) == 3)
        if blow == signal.SIGINT:
            # As the terminal does it: to every process of the command.
            os.killpg(process.pid, blow)
        else:
            process.send_signal(blow)
        out, err = process.communicate(timeout=PATIENCE)
        assert out == ""
        wait_for_end(reader)
    finished = [line["output"] for line in read_lines(results / "done.jsonl")]
    assert finished == ["0-edited.png", "1-edited.png", "2-edited.png"]
    if blow == signal.SIGINT:
        assert process.returncode == 130
        assert "--resume goes on" in err
        assert "Traceback" not in err
        assert not (results / ".partial").exists()
    else:
        assert process.returncode == -signal.SIGKILL
    before = stamps(results)
    report = go(photos, bundle, resume=True)
    assert (report.kept, report.done, report.failed) == (len(finished), 8 - len(finished), 0)
    after = stamps(results)
    assert len(after) == 8
    assert {name: after[name] for name in finished} == {name: before[name] for name in finished}


def wait_for_end(process: int) -> None:
    """Returns when a process that is no child of this one is no more."""

    def ended() -> bool:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        # Its parent is gone; whoever inherited it may be slow to bury it.
        return state == "Z"

    wait_until(ended)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not come"


def test_few_lines_are_taken_at_a_time(
    photos: Path, lines: list[dict[str, Any]], bundle: Path
) -> None:
    results = photos.with_name("results")
    (results / ".partial").mkdir(parents=True)
    (first, *_) = read_manifest(write_manifest(photos, lines))
    taken = 0

    def endless() -> Iterator[Assignment]:
        nonlocal taken
        while True:
            taken += 1
            # Two lines of one batch share neither number nor output.
            yield replace(first, line=taken, job=replace(first.job, output=f"{taken}.png")), None

    pool = Pool(WorkerConfig(str(results), str(bundle), identify(Bundle.open(bundle))), 2)
    outcomes = pool.outcomes(endless())
    for count in range(1, 7):
        outcome = next(outcomes)
        assert outcome.status == "done", outcome
        assert taken <= 2 * BATCH + count
    outcomes.close()
    pool.close()


def test_a_damaged_bundle_ends_the_batch_with_its_sentence(
    photos: Path, lines: list[dict[str, Any]], bundle: Path, tmp_path: Path
) -> None:
    write_manifest(photos, lines)
    with pytest.raises(BundleError, match="none is not a folder"):
        go(photos, tmp_path / "none")
    assert not photos.with_name("results").exists()
    copy = tmp_path / "damaged"
    copy.mkdir()
    for path in bundle.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    with (copy / "parser.onnx").open("ab") as file:
        file.write(b"more")
    with pytest.raises(BundleError, match=r"parser.onnx is damaged"):
        go(photos, copy)
    assert not photos.with_name("results").exists()


def test_a_worker_that_finds_another_bundle_ends_the_batch(
    photos: Path, lines: list[dict[str, Any]], bundle: Path
) -> None:
    pool = Pool(WorkerConfig(str(photos), str(bundle), "0" * 64), 1)
    assignments = [(one, None) for one in read_manifest(write_manifest(photos, lines))]
    with pytest.raises(BundleError, match="not the one the batch was started with"):
        list(pool.outcomes(assignments))
    assert pool.close() == []


def test_impossible_options(photos: Path, lines: list[dict[str, Any]], bundle: Path) -> None:
    write_manifest(photos, lines)
    with pytest.raises(ConfigError, match="workers is 0"):
        go(photos, bundle, workers=0)
    assert not photos.with_name("results").exists()
