"""Claim: pasting a local edit into a 50-megapixel photo takes under 0.5 s, and the whole process
holds under 3 times the decoded photo at its peak, photo and result included.

A photo of noise and slow colours, with a face frame of several sizes in it, gets a mouth larger by
moving the crop's pixels, by `alignment.paste`, by `Result.onto` where the photo is bent as well
(`bent`: the whole mouth moves, and its rim was drawn) and, in turns, by the plain way: the crop
enlarged to the photo and cut in, in whole numbers (`plain`). Seconds are medians; wall time, and
beside it processor time, which other programs on the machine lengthen less. Memory is what numpy
and Pillow allocate during the paste, added to the photo itself. `detail` is the share of the
photo's gradient energy that the moved part keeps. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
from PIL import Image

from maskgan.alignment.displacement import Displacement
from maskgan.alignment.paste import paste
from maskgan.alignment.resampling import warp
from maskgan.alignment.similarity import Similarity
from maskgan.editing.bending import Bent
from maskgan.editing.result import Result
from maskgan.images import Pixels
from maskgan.manifest import Frame

SIDE = 512
SECONDS = 0.5
MEMORY = 3.0
LOCAL = (slice(320, 440), slice(170, 340))
"""The mouth in the crop."""
SHIFT = 8
"""Crop pixels by which the edit moves it."""


def noisy_photo(width: int, height: int) -> Pixels:
    """Slow colours with noise on two scales."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(70, 190, (height // 60 + 1, width // 60 + 1, 3), dtype=np.uint8)
    slow = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    photo = np.array(slow)
    tile = np.clip(np.rint(rng.normal(20, 6, (1024, 1024, 1))), 0, 40).astype(np.uint8)
    for top in range(0, height, 1024):
        for left in range(0, width, 1024):
            part = photo[top : top + 1024, left : left + 1024]
            part += tile[: part.shape[0], : part.shape[1]]
    return photo


def face_at(eye_distance: float, x: float, y: float) -> Similarity:
    """The alignment of a face turned by 10 degrees with the crop's middle at (x, y)."""
    frame = Frame()
    turn = np.exp(1j * np.radians(10)) * eye_distance / (frame.left_eye[0] - frame.right_eye[0])
    places = [
        turn * complex(place[0] - SIDE / 2, place[1] - SIDE / 2) + complex(x, y)
        for place in (frame.right_eye, frame.left_eye, frame.mouth)
    ]
    right, left, mouth = ((place.real, place.imag) for place in places)
    return Similarity.from_points(right, left, mouth)


def edited(crop: Pixels, local: bool) -> tuple[Pixels, np.ndarray]:
    """A crop with its mouth, or all of it, moved down and softened, and the changed region."""
    changed = np.zeros((SIDE, SIDE), np.bool_)
    changed[LOCAL if local else (slice(None), slice(None))] = True
    small = Image.fromarray(crop).resize((SIDE // 2, SIDE // 2), Image.Resampling.LANCZOS)
    soft = np.asarray(small.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
    weight = np.asarray(Image.fromarray(changed.astype(np.uint8) * 255).reduce(8), np.float32)
    mask = np.asarray(Image.fromarray(weight).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    alpha = np.where(changed, np.clip(2 * mask / 255 - 1, 0, 1), 0)[:, :, None]
    mixed = crop + alpha * (np.roll(soft, SHIFT, axis=0).astype(np.float32) - crop)
    return np.rint(mixed).astype(np.uint8), changed


def plain(photo: Pixels, similarity: Similarity, after: Pixels, changed: np.ndarray) -> Pixels:
    """The crop enlarged and cut in along the region's border."""
    result = photo.copy()
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    x, y = columns[[0, 0, -1, -1]], rows[[0, -1, 0, -1]]
    corners = similarity.backward(np.stack([x, y], axis=1))
    low = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 1, photo.shape[1::-1])
    to_photo = np.array([[1, 0, low[0]], [0, 1, low[1]], [0, 0, 1]], np.float64)
    shape = int(high[1] - low[1]), int(high[0] - low[0])
    matrix = similarity.matrix @ to_photo
    new = np.clip(warp(after, matrix, shape), 0, 255).astype(np.uint8)
    inside = warp(changed.astype(np.float32), matrix, shape) > 0.5
    part = result[low[1] : high[1], low[0] : high[0]]
    np.copyto(part, new, where=inside[:, :, None])
    return result


def bent(photo: Pixels, similarity: Similarity, crop: Pixels, after: Pixels) -> Result:
    """An edit that bends the photo around the mouth, and draws the mouth's rim."""
    rows, columns = np.ogrid[0:SIDE, 0:SIDE]
    away = np.hypot((rows - 380) / 100, (columns - 255) / 140)
    ways = np.zeros((SIDE, SIDE, 2), np.float32)
    ways[:, :, 1] = -SHIFT * np.clip(1.5 - 1.5 * away, 0, 1)
    ring = (away < 0.6) & (away > 0.5)
    displacement = Displacement((slice(0, SIDE), slice(0, SIDE)), ways)
    moved = Bent(after, np.zeros((SIDE, SIDE), np.uint8), displacement, away < 1, away < 0)
    face: Any = SimpleNamespace(transform=similarity.matrix, crop=crop)
    drawn = np.where(ring[:, :, None], after // 2 + 60, after)
    return Result(face, drawn, moved.labels, ring, 0.0, 8.0, SIDE, moved)


def detail(photo: Pixels, similarity: Similarity, shift: int) -> float:
    """Gradient energy at the mouth's middle, `shift` crop pixels further down."""
    x, y = np.rint(similarity.backward((255, 380 + shift))).astype(int)
    half = int(20 / similarity.scale)
    part = photo[y - half : y + half, x - half : x + half].astype(np.float32)
    return sum(float(np.square(np.diff(part, axis=axis)).mean()) for axis in (0, 1))


def resident() -> int:
    """Bytes of memory this process holds."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def peak_growth(work: Callable[[], Any]) -> int:
    """Bytes by which this process grew at its largest while `work` ran."""
    start, peak, done = resident(), 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.002):
            peak = max(peak, resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return max(peak, resident()) - start


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    """Wall and processor seconds of one run."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def measure(photo: Pixels, eye_distance: float, local: bool, runs: int) -> dict[str, Any]:
    height, width = photo.shape[:2]
    similarity = face_at(eye_distance, 0.5 * width, 0.5 * height)
    crop = similarity.crop(photo)
    after, changed = edited(crop, local)
    ways: dict[str, Callable[[], Pixels]] = {
        "paste": lambda: paste(photo, similarity, crop, after, changed),
        "plain": lambda: plain(photo, similarity, after, changed),
    }
    if local:
        result = bent(photo, similarity, crop, after)
        ways["bent"] = lambda: result.onto(photo)
    before = detail(photo, similarity, 0)
    found: dict[str, Any] = {}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for name, way in ways.items():
        found[name] = {"detail": round(detail(way(), similarity, SHIFT) / before, 3)}
    for _ in range(runs):
        for name, way in ways.items():
            times[name].append(timed(way))
    for name, way in ways.items():
        wall, cpu = (statistics.median(column) for column in zip(*times[name], strict=True))
        peak = (peak_growth(way) + photo.nbytes) / photo.nbytes
        found[name] |= {
            "seconds": round(wall, 3),
            "processor_seconds": round(cpu, 3),
            "peak_memory_in_photos": round(peak, 2),
        }
    return {"crop_pixels_per_photo_pixel": round(similarity.scale, 3), **found}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--width", type=int, default=8660)
    parser.add_argument("--height", type=int, default=5774)
    parser.add_argument("--runs", type=int, default=5, help="runs the medians are of")
    options = parser.parse_args()
    if options.runs < 1 or min(options.width, options.height) < 500:
        parser.error("expected at least 1 run and a photo of at least 500 x 500 pixels")
    photo = noisy_photo(options.width, options.height)
    distances = {"small": 60, "middle": 300, "large": 0.13 * options.height}
    local = {
        name: measure(photo, distance, True, options.runs) for name, distance in distances.items()
    }
    whole = measure(photo, distances["large"], False, 1)
    edits = [result[way] for result in local.values() for way in ("paste", "bent")]
    slowest = max(result["seconds"] for result in edits)
    hungriest = max(result["peak_memory_in_photos"] for result in (*edits, whole["paste"]))
    report = {
        "megapixels": round(photo.shape[0] * photo.shape[1] / 1e6, 1),
        "runs": options.runs,
        "load_average": round(os.getloadavg()[0], 1),
        "local_edit": local,
        "whole_crop_edit": {"large": whole},
        "claims": {
            "seconds_local": {"found": slowest, "below": SECONDS, "met": slowest < SECONDS},
            "memory": {"found": hungriest, "below": MEMORY, "met": hungriest < MEMORY},
        },
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
