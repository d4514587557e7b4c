"""The steps that the page recorded, as operations that can be done again on another face.

`state` is what the page keeps: steps with `kind`, `op`, and the labels of a rectangle before and
after, and a cursor that says how many of them hold. Steps that were undone, and those that only
changed styles, are left out. Slider steps that follow each other all start from the same labels, so
the last of them counts, with the way from the values before the first to its own. A step whose
operation is not known here, such as an imported label map, is done as painting of the pixels it
changed. Knows no labels of any face.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.editing.packed import encode_region, inflate, rectangle
from maskgan.editing.project import Project
from maskgan.editing.replay import TOOLS, Operation
from maskgan.errors import ConfigError
from maskgan.labels import NUM_CLASSES

MAX_STEPS = 5000
"""More steps are refused."""
NAMES = ("reset", *TOOLS)
"""Operations that are known; "reset" goes back to the labels of the photo."""


def operations(project: Project) -> list[Operation]:
    """What was done to a project's labels, for `replay` on another face. Where the state holds no
    steps, what differs between its labels before and after is painted. Raises `ConfigError`."""
    steps = project.state.get("steps")
    if steps is None:
        rect = (0, 0, project.size, project.size)
        return _painted(rect, project.source_labels, project.labels)
    cursor = project.state.get("cursor", len(steps) if isinstance(steps, list) else 0)
    if not isinstance(steps, list) or len(steps) > MAX_STEPS or not isinstance(cursor, int):
        raise ConfigError(
            "The project's steps are not a list and a cursor, as the editor writes them."
        )
    styles = _styles(project.state.get("references"))
    found: list[Operation] = []
    # Of a row of slider steps: the values of the sliders before it.
    baked: Mapping[str, Any] | None = None
    for number, step in enumerate(steps[: max(cursor, 0)], 1):
        if not isinstance(step, Mapping):
            raise ConfigError(f"Step {number} of the project is no object.")
        if step.get("kind") == "styles":
            continue
        before, after = _values(step, "before"), _values(step, "after")
        if step.get("kind") == "sliders" and before is not None and after is not None:
            if baked is not None:
                found.pop()
            baked = before if baked is None else baked
            found.append(_slid(baked, after))
            continue
        baked = None
        own = step.get("op")
        recorded = own if isinstance(own, list) else [own]
        known: list[Operation] = [
            one for one in recorded if isinstance(one, Mapping) and one.get("op") in NAMES
        ]
        if [one.get("op") for one in known] == ["reset"]:
            found = []
        elif known and len(known) == len(recorded):
            found += [_with_style(one, styles) for one in known]
        else:
            found += _difference(step, project.size, number)
    return found


def _values(step: Mapping[str, Any], side: str) -> Mapping[str, Any] | None:
    """The values of the sliders before or after a step; None where they are not told."""
    extra = step.get("extra")
    sliders = extra.get("sliders") if isinstance(extra, Mapping) else None
    values = sliders.get(side) if isinstance(sliders, Mapping) else None
    if not isinstance(values, Mapping):
        return None
    told = all(isinstance(one, (int, float)) and -1 <= one <= 1 for one in values.values())
    return values if told else None


def _styles(references: Any) -> dict[str, str]:
    """What the page calls its style references -> the ids of the project's styles."""
    listed = references if isinstance(references, list) else []
    named = [one for one in listed if isinstance(one, Mapping)]
    return {str(one["key"]): str(one["server"]) for one in named if {"key", "server"} <= one.keys()}


def _with_style(operation: Operation, styles: Mapping[str, str]) -> Operation:
    """An operation that names its style as the project does."""
    known = styles.get(str(operation.get("style")))
    return operation if known is None else {**operation, "style": known}


def _slid(before: Mapping[str, Any], after: Mapping[str, Any]) -> Operation:
    """What moves sliders from some values to others."""
    ways = {name: after.get(name, 0) - before.get(name, 0) for name in {**before, **after}}
    held = {name: min(max(way, -1), 1) for name, way in ways.items() if abs(way) > 1e-6}
    return {"op": "attributes", "strengths": held}


def _difference(step: Mapping[str, Any], size: int, number: int) -> list[Operation]:
    """The pixels that a step changed, as painting."""
    if step.get("rect") is None:
        return []
    try:
        x, y, across, down = rectangle(step.get("rect"), (size, size))
        if across * down == 0:
            return []
        sides = []
        for name in ("before", "after"):
            text = step.get(name)
            if not isinstance(text, str):
                raise ConfigError(f"it has no {name}.")
            data = np.frombuffer(inflate(text, across * down, name), np.uint8)
            sides.append(data.reshape(down, across))
    except ConfigError as error:
        raise ConfigError(f"Step {number} of the project cannot be read: {error}") from error
    if sides[1].max() >= NUM_CLASSES:
        raise ConfigError(
            f"Step {number} of the project holds the class {int(sides[1].max())}; expected 0.."
            f"{NUM_CLASSES - 1}."
        )
    return _painted((x, y, across, down), *sides)


def _painted(
    rect: tuple[int, int, int, int], before: NDArray[np.uint8], after: NDArray[np.uint8]
) -> list[Operation]:
    """One painting for each class that appears where two maps of a rectangle differ."""
    changed = before != after
    found: list[Operation] = []
    for index in np.unique(after[changed]).tolist():
        region = encode_region(changed & (after == index))
        x, y, across, down = region["rect"]
        region["rect"] = [x + rect[0], y + rect[1], across, down]
        found.append({"op": "paint", "class": index, "region": region})
    return found
