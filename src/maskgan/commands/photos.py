"""Commands on photos: parse, edit, attribute, animate, batch."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maskgan.commands.origin import signing_of
from maskgan.errors import ConfigError

if TYPE_CHECKING:
    from maskgan.credentials import Signing
    from maskgan.editing.editor import Editor
    from maskgan.editing.face import Face, Style, StyleChoice
    from maskgan.editing.result import Result
    from maskgan.labels import Labels

Spot = tuple[float, float]

MIN_SIDE, MAX_SIDE = 16, 4096
"""Smallest and largest side of a moving picture in pixels."""
WHOLE_SIDE = 1024
"""Longest side of a moving picture of the whole photo, where none is asked for."""


def parse(
    photo: Path,
    output: Path,
    aligned: bool = False,
    face: int | None = None,
    point: Spot | None = None,
    points: Sequence[Spot] | None = None,
    crop: Path | None = None,
    bundle: Path | None = None,
    as_json: bool = False,
) -> int:
    """Writes the label map of a photo's face, or of every photo in a folder, as index PNGs."""
    from maskgan import images
    from maskgan.editing.editor import Editor
    from maskgan.editing.labelling import label_folder

    if photo.is_dir():
        if any(given is not None for given in (face, point, points, crop)):
            raise ConfigError(
                f"{photo} is a folder, of whose photos the largest faces are taken; leave out "
                "--face, --point, --points and --crop."
            )
        count = label_folder(Editor.open(bundle), photo, output, aligned)
        if as_json:
            print(json.dumps({"output": str(output), "label_maps": count}))
        else:
            print(f"Wrote {count} label maps into {output}.")
        return 0
    editor = Editor.open(bundle)
    found = editor.photo(photo, aligned, face=face, point=point, points=points)
    images.write_labels(output, found.labels)
    if crop is not None:
        images.write(crop, found.crop)
    height, width = found.labels.shape
    if as_json:
        print(json.dumps({"output": str(output), "size": [width, height], **_place(found)}))
        return 0
    _say_choice(found)
    print(f"Wrote {output}: {width}x{height} labels.")
    return 0


def edit(
    photo: Path,
    output: Path,
    labels: Path | None = None,
    source_labels: Path | None = None,
    aligned: bool = False,
    face: int | None = None,
    point: Spot | None = None,
    points: Sequence[Spot] | None = None,
    style: Path | None = None,
    regions: Sequence[str] | None = None,
    colour: Mapping[str, Sequence[int]] | None = None,
    no_surroundings: bool = False,
    no_bending: bool = False,
    bundle: Path | None = None,
    no_provenance: bool = False,
    sign: Path | None = None,
    key: Path | None = None,
    timestamp: str | None = None,
    as_json: bool = False,
) -> int:
    """Renders a photo with new labels, a style from another photo, colours, or all of them."""
    from maskgan.editing.editor import Editor

    _check_wishes(labels, style, regions, colour)
    signing = signing_of(sign, key, timestamp, photo, no_provenance)
    editor = Editor.open(bundle)
    found = editor.photo(photo, aligned, source_labels, face=face, point=point, points=points)
    wanted, choice = _wishes(editor, found, labels, style, regions, colour, aligned)
    result = editor.render(
        found, wanted, choice, surroundings=not no_surroundings, bending=not no_bending
    )
    return _finish([result], output, as_json, not no_provenance, signing)


def attribute(
    photo: Path,
    name: str,
    strength: float,
    output: Path,
    aligned: bool = False,
    face: int | None = None,
    all_faces: bool = False,
    point: Spot | None = None,
    points: Sequence[Spot] | None = None,
    learned: bool = False,
    no_surroundings: bool = False,
    no_bending: bool = False,
    bundle: Path | None = None,
    no_provenance: bool = False,
    sign: Path | None = None,
    key: Path | None = None,
    timestamp: str | None = None,
    as_json: bool = False,
) -> int:
    """Moves a slider of a face: a smile, wider eyes, longer hair. A bundle that changes attributes
    of its own has its own names for them."""
    from maskgan.editing import attributes
    from maskgan.editing.editor import Editor
    from maskgan.editing.label_space import LabelSpace

    signing = signing_of(sign, key, timestamp, photo, no_provenance)
    editor = Editor.open(bundle)
    if editor.bundle.manifest.attributes:
        faces = _faces(editor, photo, aligned, face, all_faces, point, points)
        results = [editor.transfer(found, {name: strength}) for found in faces]
        return _finish(results, output, as_json, not no_provenance, signing)
    ways = LabelSpace(editor.bundle).sliders if learned else None
    attributes.check_strengths({name: strength}, ways or attributes.SLIDERS)
    faces = _faces(editor, photo, aligned, face, all_faces, point, points)
    results = [
        editor.render(
            found,
            attributes.apply(found.labels, name, strength, attributes.sliders(found.goes_on, ways)),
            surroundings=not no_surroundings,
            bending=not no_bending,
        )
        for found in faces
    ]
    return _finish(results, output, as_json, not no_provenance, signing)


def animate(
    photo: Path,
    output: Path,
    labels: Path | None = None,
    frames: int = 24,
    size: int | None = None,
    whole: bool = False,
    source_labels: Path | None = None,
    aligned: bool = False,
    face: int | None = None,
    point: Spot | None = None,
    points: Sequence[Spot] | None = None,
    style: Path | None = None,
    regions: Sequence[str] | None = None,
    colour: Mapping[str, Sequence[int]] | None = None,
    bundle: Path | None = None,
    no_provenance: bool = False,
    as_json: bool = False,
) -> int:
    """Renders the way from a face to its edit as a GIF, WebP, MP4 or a folder of PNGs."""
    from tqdm import tqdm

    from maskgan import files
    from maskgan.editing import animation, film
    from maskgan.editing.editor import Editor

    format = film.format_of(output)
    _check_wishes(labels, style, regions, colour)
    if size is not None and not MIN_SIDE <= size <= MAX_SIDE:
        raise ConfigError(f"--size is {size}; expected {MIN_SIDE} to {MAX_SIDE} pixels.")
    start = time.perf_counter()
    editor = Editor.open(bundle)
    found = editor.photo(photo, aligned, source_labels, face=face, point=point, points=points)
    wanted, choice = _wishes(editor, found, labels, style, regions, colour, aligned)
    result = editor.render(found, wanted, choice)
    side = size or (WHOLE_SIDE if whole else None)
    made = animation.frames(
        editor,
        found,
        wanted,
        choice,
        frames,
        lambda result: animation.shrunk(result.photo if whole else result.crop, side),
    )
    bar = tqdm(made, total=frames, unit="frame", desc="animate", disable=None)
    mark = None if no_provenance else animation.mark_of(result)
    if format is None:
        film.write_folder(bar, output, provenance=mark)
    else:
        files.write_bytes(output, film.encode(bar, format, provenance=mark))
    seconds = time.perf_counter() - start
    if as_json:
        report = {"output": str(output), "frames": frames, "seconds": seconds, **_place(found)}
        print(json.dumps(report))
        return 0
    _say_choice(found)
    print(f"Wrote {output}: {frames} frames in {seconds:.1f} s.")
    return 0


def _check_wishes(
    labels: Path | None,
    style: Path | None,
    regions: Sequence[str] | None,
    colour: Mapping[str, Sequence[int]] | None,
) -> None:
    """Before anything is opened."""
    if regions and style is None:
        raise ConfigError("--regions names what to take from another photo; give it with --style.")
    if colour and style is not None and not regions:
        raise ConfigError("--style without --regions takes everything; --colour has nothing left.")
    if labels is None and style is None and not colour:
        raise ConfigError(
            "Nothing is asked for; give the wanted labels (--labels), another photo's look "
            "(--style), colours (--colour), or several of them."
        )


def _wishes(
    editor: Editor,
    face: Face,
    labels: Path | None,
    style: Path | None,
    regions: Sequence[str] | None,
    colour: Mapping[str, Sequence[int]] | None,
    aligned: bool,
) -> tuple[Labels, StyleChoice]:
    """The labels and the look that a command line asks for."""
    from maskgan import images
    from maskgan.editing.layers import part_ids
    from maskgan.labels import LABELS

    size = face.labels.shape[0], face.labels.shape[1]
    wanted = face.labels if labels is None else images.read_labels(labels, size)
    choice: dict[str, Style | Face] = {}
    if style is not None:
        reference = editor.photo(style, aligned)
        if not regions:
            return wanted, reference
        choice = dict.fromkeys(regions, reference)
    for part, rgb in (colour or {}).items():
        choice |= {LABELS[index]: face.style.coloured(rgb) for index in part_ids(part)}
    return wanted, choice or None


def batch(
    manifest: Path,
    output: Path,
    resume: bool = False,
    workers: int | None = None,
    ray: str | None = None,
    bundle: Path | None = None,
) -> int:
    """Runs many edits, one JSON object per line: photo, labels or attribute, output."""
    from maskgan.batch.runner import run

    try:
        report = run(manifest, output, resume=resume, workers=workers, ray=ray, bundle=bundle)
    except KeyboardInterrupt:
        print(
            f"maskgan: interrupted. What is finished stays in {output}; the same command with "
            "--resume goes on with the rest.",
            file=sys.stderr,
        )
        return 130
    print(*report.sentences(), sep="\n")
    return 1 if report.failed else 0


def _faces(
    editor: Editor,
    photo: Path,
    aligned: bool,
    face: int | None,
    all_faces: bool,
    point: Spot | None,
    points: Sequence[Spot] | None,
) -> list[Face]:
    if not all_faces:
        return [editor.photo(photo, aligned, face=face, point=point, points=points)]
    if aligned or face is not None or point is not None or points is not None:
        raise ConfigError(
            "--all-faces edits every face that is found; leave out --aligned, --face, --point and "
            "--points."
        )
    return editor.photos(photo)


def _finish(
    results: list[Result],
    output: Path,
    as_json: bool,
    provenance: bool,
    signing: Signing | None = None,
) -> int:
    from maskgan.editing.result import save_results

    save_results(results, output, provenance, signing)
    first = results[0]
    seconds = sum(result.seconds for result in results)
    fraction = sum(result.changed_fraction for result in results) / len(results)
    if as_json:
        height, width = first.face.photo.shape[:2]
        report: dict[str, Any] = {
            "output": str(output),
            "size": [width, height],
            "changed_pixels": sum(int(result.changed.sum()) for result in results),
            "changed_fraction": fraction,
            "seconds": seconds,
            "faces_edited": len(results),
            **_place(first.face),
        }
        print(json.dumps(report))
        return 0
    if len(results) == 1:
        _say_choice(first.face)
    if fraction:
        print(f"Wrote {output}: {fraction:.1%} of the face changed in {seconds:.2f} s.")
    else:
        print(f"Wrote {output}: the labels change nothing, so it equals the photo.")
    return 0


def _place(face: Face) -> dict[str, Any]:
    """Where the face lies: number among those found, and crop's transform."""
    return {
        "face": face.number,
        "faces_found": face.count,
        "transform": face.transform.tolist(),
    }


def _say_choice(face: Face) -> None:
    """Of several faces one was taken: says which, and how to take another."""
    if face.count > 1:
        print(f"Face {face.number} of {face.count}, in reading order; --face N takes another.")
