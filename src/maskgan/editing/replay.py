"""Operations on labels as data: what a page or a program records is done again, on this face or on
another one.

An operation is a JSON object that names its tool as `op` and holds that tool's parameters
(`TOOLS`); `replay` does a list of them, `apply_tool` one. Crops share one frame, so what was
painted on one face lies at the same place of the next. Labels uint8 (S, S) in, a new map out;
anything that is not as it must be raises `LabelsError` or `ConfigError`. Knows no photo and no
network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np

from maskgan import images
from maskgan.editing import accessories, attributes, layers, masks, parts, silhouette, spectacles
from maskgan.editing.packed import decode_region
from maskgan.errors import ConfigError, LabelsError
from maskgan.labels import Labels

Operation = Mapping[str, Any]
"""`{"op": tool, parameter: value, ...}`, plain values as JSON holds them."""

MAX_OPERATIONS = 5000
"""Longer lists are refused."""
MAX_RADIUS = 512
"""Largest radius in pixels of tools that grow, shrink and smooth."""
MAX_LIST = 64
"""Most classes in one list."""

_ACTS_ON = ("classes", "part")
_REACH = (*_ACTS_ON, "radius", "only", "locked")


@dataclass(frozen=True)
class Given:
    """What operations need beside labels and their parameters."""

    references: Mapping[str, Labels]
    """Id of a style -> labels of its face, from which `take_part` takes."""
    goes_on: bool
    """Whether the photo goes on below the crop."""


@dataclass(frozen=True)
class Tool:
    """One tool: what it takes and what it does."""

    run: Callable[[Labels, Operation, Given], Labels]
    """Labels, parameters and what else is given -> new labels."""
    parameters: tuple[str, ...]
    """Every parameter it knows."""
    required: tuple[str, ...] = ()
    """Those that must be given."""


def replay(
    labels: Labels,
    operations: Iterable[Operation],
    references: Mapping[str, Labels] | None = None,
    size: int | None = None,
    goes_on: bool = False,
) -> Labels:
    """Does operations one after the other.

    labels: uint8 (S, S), values 0..18 in order A, never changed.
    references: labels of the faces that `take_part` names by their style's id.
    size: side in pixels of the maps on which the operations were recorded, None = this one's. On a
    map of another size they are done on a scaled copy, and what that changed is scaled back, so
    that pixels they do not change keep their classes exactly.
    goes_on: whether the photo goes on below the crop of which the labels are (`Face.goes_on`).
    Raises `LabelsError` and `ConfigError` that name the operation's number, from 1.
    """
    layers.check(labels)
    shape = (labels.shape[0], labels.shape[1])
    recorded = shape if size is None else (size, size)
    before = images.resize_labels(labels, recorded)
    after = before
    for number, operation in enumerate(operations, 1):
        if number > MAX_OPERATIONS:
            raise ConfigError(f"There are more than {MAX_OPERATIONS} operations; that is too many.")
        try:
            if not isinstance(operation, Mapping) or not isinstance(operation.get("op"), str):
                raise ConfigError('it is not an object that names its tool, {"op": "grow", ...}.')
            params = {name: value for name, value in operation.items() if name != "op"}
            after = apply_tool(after, operation["op"], params, references, goes_on)
        except (LabelsError, ConfigError) as error:
            raise type(error)(f"Operation {number}: {error}") from error
    if recorded == shape:
        return after.copy() if after is labels else after
    changed = images.resize_labels((before != after).astype(np.uint8), shape) > 0
    return np.where(changed, images.resize_labels(after, shape), labels)


def apply_tool(
    labels: Labels,
    tool: str,
    params: Operation,
    references: Mapping[str, Labels] | None = None,
    goes_on: bool = False,
) -> Labels:
    """Does one operation: the tool of that name in `TOOLS` with its parameters.

    labels: uint8 (H, W), never changed. references, goes_on: see `replay`.
    Raises `ConfigError` for a tool or parameter that is not there or is of another type, and
    `LabelsError` for what cannot be done with these labels.
    """
    found = TOOLS.get(tool)
    if found is None:
        raise ConfigError(f"There is no tool {tool!r}; the tools are {', '.join(TOOLS)}.")
    for name in params:
        if name not in found.parameters:
            raise ConfigError(
                f"The tool {tool} has no parameter {name!r}; it has {', '.join(found.parameters)}."
            )
    for name in found.required:
        if name not in params:
            raise ConfigError(f"The tool {tool} needs the parameter {name!r}.")
    result = found.run(layers.check(labels), params, Given(references or {}, goes_on))
    return result.copy() if result is labels else result


def _classes(params: Operation, name: str) -> tuple[int, ...]:
    """A class or a list of classes -> ids."""
    value = params[name]
    if isinstance(value, (list, tuple)) and len(value) <= MAX_LIST:
        return layers.class_ids(value)
    if isinstance(value, (str, int)):
        return layers.class_ids(value)
    raise ConfigError(f"{name} is no class and no short list of classes; give names or ids 0..18.")


def _what(params: Operation) -> tuple[int, ...]:
    """What a tool acts on: `classes`, or a `part` such as "mouth" -> ids."""
    if ("classes" in params) == ("part" in params):
        raise ConfigError("Give one of classes and part: what the tool acts on.")
    if "classes" in params:
        return _classes(params, "classes")
    if not isinstance(params["part"], str):
        raise ConfigError("part is no text; give the name of a part such as mouth.")
    return layers.part_ids(params["part"])


def _over(params: Operation) -> dict[str, Any]:
    """`only` and `locked` as every tool of `maskgan.editing.masks` and `parts` takes them."""
    only = None if params.get("only") is None else _classes(params, "only")
    return {"only": only, "locked": _locked(params)}


def _locked(params: Operation) -> tuple[int, ...]:
    return () if params.get("locked") is None else _classes(params, "locked")


def _number(params: Operation, name: str, low: float, high: float) -> float:
    value = params[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ConfigError(f"{name} is {value!r:.60}; expected a number from {low:g} to {high:g}.")
    return value


def _matrix(params: Operation) -> Any:
    try:
        return np.asarray(params["matrix"], np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ConfigError(
            "matrix is not two rows of three numbers, [[a, b, c], [d, e, f]]."
        ) from error


def _paint(labels: Labels, params: Operation, _: Given) -> Labels:
    region = decode_region(params["region"], (labels.shape[0], labels.shape[1]))
    return masks.paint(labels, region, layers.class_id(params["class"]), **_over(params))


def _attributes(labels: Labels, params: Operation, given: Given) -> Labels:
    strengths = params["strengths"]
    if not isinstance(strengths, Mapping):
        raise ConfigError('strengths is not an object of names and numbers, {"smile": 0.5}.')
    for name in strengths:
        _number(strengths, name, -1, 1)
    moved = attributes.apply_all(labels, strengths, attributes.sliders(given.goes_on))
    return np.where(layers.member(labels, _locked(params)), labels, moved)


def _grow(labels: Labels, params: Operation, _: Given) -> Labels:
    radius = _number(params, "radius", 0, MAX_RADIUS)
    return masks.grow(labels, _what(params), radius, **_over(params))


def _shrink(labels: Labels, params: Operation, _: Given) -> Labels:
    radius = _number(params, "radius", 0, MAX_RADIUS)
    # `only` says what a class may cover; one that shrinks covers nothing.
    return masks.shrink(labels, _what(params), radius, locked=_over(params)["locked"])


def _smooth(labels: Labels, params: Operation, _: Given) -> Labels:
    radius = _number(params, "radius", 0, MAX_RADIUS)
    return masks.smooth(labels, _what(params), radius, **_over(params))


def _clean_islands(labels: Labels, params: Operation, _: Given) -> Labels:
    least = int(_number({"min_pixels": 64, **params}, "min_pixels", 0, labels.size))
    ids = None if params.get("classes") is None else _classes(params, "classes")
    return masks.clean_islands(labels, ids, least, locked=_locked(params))


def _erase(labels: Labels, params: Operation, _: Given) -> Labels:
    if "region" not in params:
        ids = _what(params)
        return TAKEN_OFF.get(ids, partial(masks.erase, what=ids))(labels, **_over(params))
    if "classes" in params or "part" in params:
        raise ConfigError("Give one of region, classes and part: what to erase.")
    region = decode_region(params["region"], (labels.shape[0], labels.shape[1]))
    return masks.erase(labels, region, **_over(params))


def _transform(labels: Labels, params: Operation, _: Given) -> Labels:
    return parts.transform_part(labels, _what(params), _matrix(params), **_over(params))


def _mirror(labels: Labels, params: Operation, _: Given) -> Labels:
    source = params.get("source", "left")
    if source not in ("left", "right"):
        raise ConfigError(f"source is {source!r:.60}; expected left or right, the person's own.")
    side = labels.shape[1]
    axis = None if params.get("axis") is None else _number(params, "axis", -side, 2 * side)
    return parts.mirror_part(labels, _what(params), source=source, axis=axis, **_over(params))


def _take_part(labels: Labels, params: Operation, given: Given) -> Labels:
    name = params["style"]
    if not isinstance(name, str) or name not in given.references:
        raise ConfigError(
            f"There is no reference face {name!r:.60} whose part could be taken; a style that was "
            "drawn by a bundle without a MaskVAE has no shapes. Open a style photo first."
        )
    align = params.get("align", True)
    if not isinstance(align, bool):
        raise ConfigError(f"align is {align!r:.60}; expected true or false.")
    other = images.resize_labels(given.references[name], (labels.shape[0], labels.shape[1]))
    taken = parts.take_part(labels, other, _what(params), align=align, **_over(params))
    return silhouette.end_within(taken, labels) if given.goes_on else taken


def _put_on(tool: Callable[..., Labels]) -> Callable[[Labels, Operation, Given], Labels]:
    return lambda labels, params, _: tool(labels, **_over(params))


TAKEN_OFF: Mapping[tuple[int, ...], Callable[..., Labels]] = MappingProxyType(
    {
        layers.PARTS["glasses"]: spectacles.take_off,
        layers.PARTS["hat"]: accessories.take_off_hat,
    }
)
"""What hides more of a face than lies underneath in its labels -> how it is erased."""
_ON = (*_ACTS_ON, "only", "locked")
TOOLS: Mapping[str, Tool] = MappingProxyType(
    {
        "paint": Tool(_paint, ("class", "region", "only", "locked"), ("class", "region")),
        "attributes": Tool(_attributes, ("strengths", "locked"), ("strengths",)),
        "grow": Tool(_grow, _REACH, ("radius",)),
        "shrink": Tool(_shrink, _REACH, ("radius",)),
        "smooth": Tool(_smooth, _REACH, ("radius",)),
        "clean_islands": Tool(_clean_islands, ("classes", "min_pixels", "locked")),
        "erase": Tool(_erase, ("region", *_ON)),
        "transform": Tool(_transform, ("matrix", *_ON), ("matrix",)),
        "mirror": Tool(_mirror, ("source", "axis", *_ON)),
        "spectacles": Tool(_put_on(spectacles.put_on), ("only", "locked")),
        "cap": Tool(_put_on(accessories.put_on_cap), ("only", "locked")),
        "earrings": Tool(_put_on(accessories.put_on_earrings), ("only", "locked")),
        "necklace": Tool(_put_on(accessories.put_on_necklace), ("only", "locked")),
        "take_part": Tool(_take_part, ("style", "align", *_ON), ("style",)),
    }
)
"""Name -> tool. `classes` is a list of names or ids, `part` a name of `layers.PARTS`; one of them
says what a tool acts on. `only` names the classes that may be covered, `locked` those that never
change, `region` is as `maskgan.editing.packed` encodes it. `radius` is in pixels, `matrix` (2, 3)
maps points (x, y)."""
