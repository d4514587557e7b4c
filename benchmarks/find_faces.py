"""Claims that faces are found in any photo, exactly enough to align them, and little else is taken
for one; compares the sources of candidates (OpenCV's cascade | the bundle's detector) on the same
photos in one run.

composites: faces of the test split of --data (else drawn ones) cut out by their labels and put at
    random places, 24 to 200 px between the eyes, turned by up to 45 degrees, on random backgrounds;
    `turned` the same by 45 to 90 degrees. The error is the mean distance of the two eyes from their
    centroids in the human labels, in eye distances, for faces whose labels have both eyes.
    `aligned_faces` is the same for the parser alone on the faces as they are in the data set,
    aligned and in full resolution: no finder can do better with this parser.
photos: the folder --photos, one main face each. The reference is the median of eyes the parser sees
    in seven crops at 512 px laid around the best find of any source, turned and scaled at random;
    a face is right when its middle is the reference's.
free: crops of the same photos away from every face found in them; false is a crop with a face.
Times are wall-clock medians on this machine: `candidates` of a photo, `find` with the parser, and
of a photo enlarged to 12 megapixels. The worst cases are drawn with --sheet.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from tqdm import tqdm

from maskgan import images
from maskgan.alignment import network
from maskgan.alignment.finder import Candidate, FoundFace, find_faces
from maskgan.alignment.landmarks import locate
from maskgan.alignment.similarity import Similarity
from maskgan.data.manifest import photo_files
from maskgan.editing.editor import Editor
from maskgan.errors import MaskganError, MissingExtraError
from maskgan.images import Pixels

sys.path.insert(0, str(Path(__file__).resolve().parent))
from scenes import Points, Scene, centroids, composites, free_crops, textures
from unseen import drawn_faces, sheet, unseen_faces

Source = Callable[[Pixels], Sequence[Candidate]]
LIMIT = 0.05
"""Eye error on composites, in eye distances, that counts as exact."""
PHOTO_LIMIT = 0.06
"""The same on photos."""
WORST = 24
"""Cases on the sheet, for each source and set."""


def sources(editor: Editor, wanted: Sequence[str]) -> dict[str, Source]:
    """The sources of candidates that are there."""
    found: dict[str, Source] = {}
    if "cascade" in wanted:
        try:
            from cascade import Cascade

            found["cascade"] = Cascade()
        except MissingExtraError as error:
            print(f"cascade: {error}", file=sys.stderr)
    if "network" in wanted and "detector" in editor.bundle.manifest.graphs:
        run = partial(editor.bundle.run, "detector")
        found["network"] = lambda pixels: network.candidates(pixels, run)
    return found


def reference(editor: Editor, photo: Pixels, face: FoundFace) -> Points:
    """Eyes (2, 2) by the parser in crops that are off the face in seven ways, at 512 px."""
    rng = np.random.default_rng(0)
    points = np.array([face.right_eye, face.left_eye, face.mouth])
    middle, views = points.mean(axis=0), []
    for _ in range(7):
        factor = rng.uniform(0.85, 1.15) * np.exp(1j * math.radians(rng.uniform(-8, 8)))
        moved = (points - middle) @ (1, 1j) * factor
        moved = np.stack([moved.real, moved.imag], axis=1) + middle
        similarity = Similarity.from_points(moved[0], moved[1], moved[2])
        seen = locate(editor.parse(similarity.crop(photo)))
        if seen is not None:
            views.append(similarity.backward(seen.points[:2]))
    return np.median(views, axis=0) if views else points[:2]


def error_of(face: FoundFace, eyes: Points) -> float:
    """Mean distance of the two eyes from where they are, in eye distances."""
    off = np.linalg.norm(np.array([face.right_eye, face.left_eye]) - eyes, axis=1)
    return float(off.mean() / max(math.dist(eyes[0], eyes[1]), 1e-6))


def summary(errors: Sequence[float], extras: int, limit: float) -> dict[str, Any]:
    """Figures of one source on one set; an error of nan is a face that was not found."""
    values = np.where(np.isnan(errors), np.inf, errors)
    p95 = float(np.sort(values)[math.ceil(0.95 * len(values)) - 1])
    return {
        "scenes": len(values),
        "found": round(float((values < 0.5).mean()), 4),
        f"within_{limit}": round(float((values < limit).mean()), 4),
        "error_median": round(float(np.median(values[values < np.inf])), 4),
        "error_p95": round(p95, 4) if math.isfinite(p95) else None,  # None: more were missed
        "extra_faces": extras,
    }


def picture(scene: Scene, faces: Sequence[FoundFace]) -> Pixels:
    """The scene with what was found in red and the truth in green, square."""
    shown = Image.fromarray(scene.photo)
    draw = ImageDraw.Draw(shown)
    radius = max(shown.size) / 150
    marks = [] if scene.eyes is None else [(spot, "lime") for spot in scene.eyes]
    for face in faces:
        draw.rectangle(face.box, outline="red", width=3)
        marks += [(spot, "red") for spot in (face.right_eye, face.left_eye, face.mouth)]
    for (x, y), color in marks:
        if x == x:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=color, width=2)
    shown.thumbnail((256, 256))
    square = Image.new("RGB", (256, 256))
    square.paste(shown)
    return np.asarray(square)


class Judge:
    """Runs every source over scenes and keeps figures, times and worst cases."""

    def __init__(self, editor: Editor, found: dict[str, Source]) -> None:
        self.editor = editor
        self.sources = found
        self.worst: list[tuple[str, list[Pixels]]] = []
        self.times: dict[str, dict[str, list[float]]] = {
            name: {"candidates": [], "find": []} for name in found
        }

    def faces(self, name: str, photo: Pixels) -> list[FoundFace]:
        start = time.perf_counter()
        guesses = self.sources[name](photo)
        middle = time.perf_counter()
        faces = find_faces(photo, self.editor.parse, lambda _: guesses)
        self.times[name]["candidates"].append(middle - start)
        self.times[name]["find"].append(time.perf_counter() - start)
        return faces

    def located(
        self, label: str, scenes: Sequence[tuple[Scene, dict[str, list[FoundFace]]]], limit: float
    ) -> dict[str, Any]:
        """Figures per source of scenes with one face, and the worst of them."""
        figures = {}
        for name in self.sources:
            errors, extras, cases = [], 0, []
            for scene, by_source in scenes:
                faces, eyes = by_source[name], scene.eyes
                if eyes is None or np.isnan(eyes).any():
                    continue
                near = min((error_of(face, eyes) for face in faces), default=math.nan)
                right = not math.isnan(near) and near < 0.5
                extras += len(faces) - right
                errors.append(near if right else math.nan)
                cases.append((9.0 if not right else near + len(faces) - 1, scene, faces))
            figures[name] = summary(errors, extras, limit)
            cases.sort(key=lambda case: -case[0])
            self.worst += [
                (f"{name} {label} {badness:.3f} {scene.name}", [picture(scene, faces)])
                for badness, scene, faces in cases[:WORST]
            ]
        return figures

    def both(self, scenes: Iterator[Scene], count: int, label: str) -> list[Any]:
        """Every source's faces in every scene."""
        progress = tqdm(scenes, total=count, desc=label, disable=None)
        return [(s, {name: self.faces(name, s.photo) for name in self.sources}) for s in progress]


def photo_figures(judge: Judge, photos: Path, limit: int) -> tuple[dict[str, Any], list[Any]]:
    """Figures on a folder of photos with one main face each, and what was found in each."""
    files = list(photo_files(photos).items())[:limit]
    scenes, kept = [], []
    plain = (Scene(name, images.read(path), None) for name, path in files)
    for scene, by_source in judge.both(plain, len(files), "photos"):
        every = [face for faces in by_source.values() for face in faces]
        kept.append((scene.photo, every))
        # Where no source finds a face there is no reference; a face far outside counts as missed.
        eyes = np.array([(-9e5, 0.0), (-9e5 + 1, 0.0)])
        if every:
            size = np.array([face.box[3] - face.box[1] for face in every])
            best = every[int(np.argmax(size * [face.score for face in every]))]
            eyes = reference(judge.editor, scene.photo, best)
        scenes.append((Scene(scene.name, scene.photo, eyes), by_source))
    return judge.located("photos", scenes, PHOTO_LIMIT), kept


def measure(options: argparse.Namespace) -> dict[str, Any]:
    editor = Editor.open(options.bundle, options.threads)
    judge = Judge(editor, sources(editor, options.sources))
    if not judge.sources:
        raise MissingExtraError("There is no source of candidates; install opencv-python-headless.")
    faces = unseen_faces(options.data, 512) if options.data else drawn_faces(40, 512)
    report: dict[str, Any] = {"sources": list(judge.sources), "faces": len(faces)}
    grounds = textures(40)
    if options.photos:
        report["photos"], kept = photo_figures(judge, options.photos, options.limit)
        grounds = free_crops(kept, options.free) or grounds
    report["free"] = {"crops": len(grounds)}
    for name in judge.sources:
        seen = [judge.faces(name, crop) for crop in tqdm(grounds, desc="free", disable=None)]
        false = [(crop, them) for crop, them in zip(grounds, seen, strict=True) if them]
        report["free"][name] = {"false": round(len(false) / len(grounds), 4)}
        judge.worst += [
            (f"{name} free {them[0].score:.2f}", [picture(Scene("", crop, None), them)])
            for crop, them in false
        ]
    errors = []
    for face in tqdm(faces, desc="aligned", disable=None):
        eyes, seen_there = centroids(face.labels), locate(editor.parse(face.photo))
        if not np.isnan(eyes).any():
            off = None if seen_there is None else seen_there.points[:2] - eyes
            error = math.nan if off is None else np.linalg.norm(off, axis=1).mean()
            errors.append(float(error) / math.dist(eyes[0], eyes[1]))
    report["aligned_faces"] = summary(errors, 0, LIMIT)
    for label, count, turn, seed in (
        ("composites", options.composites, (0, 45), 2),
        ("turned", options.composites // 4, (45, 90), 3),
    ):
        made = composites(faces, grounds, count, turn, seed)
        report[label] = judge.located(label, judge.both(made, count, label), LIMIT)
    report["ms"] = {
        name: {part: round(1000 * float(np.median(each)), 1) for part, each in parts.items()}
        for name, parts in judge.times.items()
    }
    large = next(composites(faces, grounds, 1, (0, 5), 4)).photo
    large = images.resize(large, (3000, 4000))
    for name in judge.sources:
        judge.times[name] = {"candidates": [], "find": []}
        for _ in range(3):
            judge.faces(name, large)
        report["ms"][name]["12_megapixels"] = round(
            1000 * float(np.median(judge.times[name]["find"])), 1
        )
    if options.sheet and judge.worst:
        images.write(options.sheet, sheet(judge.worst, 256, 12))
    return report


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, nargs="+", help="labelled dataset folders")
    parser.add_argument("--photos", type=Path, help="folder with images/ of one main face each")
    parser.add_argument("--bundle", type=Path, help="bundle folder; default the package's own")
    parser.add_argument("--sources", nargs="+", default=["cascade", "network"])
    parser.add_argument("--composites", type=int, default=200)
    parser.add_argument("--free", type=int, default=200, help="face-free crops at most")
    parser.add_argument("--limit", type=int, help="photos at most")
    parser.add_argument("--threads", type=int, help="threads of one network")
    parser.add_argument("--sheet", type=Path, help="PNG to draw the worst cases into")
    try:
        report = measure(parser.parse_args())
    except MaskganError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
