"""Configs to dicts, JSON and flags and back, strictly."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from maskgan import config
from maskgan.errors import ConfigError, MaskganError


@dataclass(frozen=True, kw_only=True)
class Part:
    width: int = 8
    rate: float = 0.5
    name: str = "plain"
    flag: bool = False

    def __post_init__(self) -> None:
        if self.width < 1:
            raise ValueError(f"width is {self.width}; expected at least 1.")


@dataclass(frozen=True, kw_only=True)
class Whole:
    needed: int
    part: Part = field(default_factory=Part)
    kind: Literal["a", "b"] = "a"
    point: tuple[float, float] = (0.0, 1.0)
    sizes: tuple[int, ...] = ()
    limit: int | None = None
    parts: dict[str, Part] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)


FULL = Whole(
    needed=3,
    part=Part(width=2, rate=1.5, name="x", flag=True),
    kind="b",
    point=(1.0, 2.5),
    sizes=(1, 2, 3),
    limit=7,
    parts={"one": Part(), "two": Part(width=3)},
    notes={"any": [1, {"thing": None}]},
)


@pytest.mark.parametrize("value", [FULL, Whole(needed=1)])
def test_round_trip(value: Whole) -> None:
    assert config.from_dict(Whole, config.to_dict(value)) == value
    assert config.from_dict(Whole, json.loads(config.to_json(value, indent=2))) == value


def test_dict_is_plain() -> None:
    plain = config.to_dict(FULL)
    assert plain["sizes"] == [1, 2, 3]
    assert plain["parts"]["two"] == {"width": 3, "rate": 0.5, "name": "plain", "flag": False}


def test_whole_numbers_are_numbers() -> None:
    rate = config.from_dict(Part, {"rate": 2}).rate
    assert (rate, type(rate)) == (2.0, float)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Option needed is required"),
        ({"needed": 1, "wdith": 2}, "Unknown option wdith; Whole has: needed, part"),
        ({"needed": 1, "part": {"wdith": 2}}, r"Unknown option part\.wdith; Part has: width"),
        ({"needed": 1, "parts": {"a": {"x": 1}}}, r"Unknown option parts\.a\.x; Part has"),
        ({"needed": "1"}, "needed got '1'; expected int"),
        ({"needed": True}, "needed got True; expected int"),
        ({"needed": 1.0}, r"needed got 1\.0; expected int"),
        ({"needed": None}, "needed got None; expected int"),
        ({"needed": 1, "part": {"flag": 1}}, r"part\.flag got 1; expected bool"),
        ({"needed": 1, "part": {"rate": True}}, r"part\.rate got True; expected float"),
        ({"needed": 1, "part": {"name": 5}}, r"part\.name got 5; expected str"),
        ({"needed": 1, "part": 5}, "part got 5; expected the options of Part"),
        ({"needed": 1, "kind": "c"}, r"kind got 'c'; expected Literal\['a', 'b'\]"),
        ({"needed": 1, "point": [1]}, r"point got \[1\]; expected tuple\[float, float\]"),
        ({"needed": 1, "sizes": [1, "2"]}, "sizes got '2'; expected int"),
        ({"needed": 1, "limit": "many"}, "limit got 'many'"),
        ({"needed": 1, "part": {"width": 0}}, "part: width is 0; expected at least 1"),
    ],
)
def test_strict(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        config.from_dict(Whole, values)


def test_override() -> None:
    options = {
        "needed": "5",
        "part.rate": "1e-3",
        "part.name": "12",
        "part.flag": "true",
        "kind": "b",
        "sizes": "[4, 5]",
        "limit": "null",
    }
    found = config.override(FULL, options)
    assert found.part == Part(width=2, rate=0.001, name="12", flag=True)
    assert (found.needed, found.kind, found.sizes, found.limit) == (5, "b", (4, 5), None)
    assert FULL.needed == 3
    assert config.override(FULL, {}) == FULL


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"part.wdith": "1"}, r"Unknown option --part\.wdith; part has: width, rate, name, flag"),
        ({"wdith": "1"}, "Unknown option --wdith; the run has: needed"),
        ({"pat.width": "1"}, r"Unknown section in --pat\.width; there are: part"),
        ({"needed.width": "1"}, r"Unknown section in --needed\.width"),
        ({"part.width": "wide"}, r"--part\.width got 'wide'; expected a number, true, false"),
        ({"part.width": "1.5"}, r"part\.width got 1\.5; expected int"),
        ({"part.width": "0"}, "width is 0; expected at least 1"),
        ({"kind": "c"}, "kind got 'c'"),
    ],
)
def test_override_is_strict(options: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        config.override(FULL, options)


def test_config_errors_are_ours_and_value_errors() -> None:
    assert issubclass(ConfigError, MaskganError)
    assert issubclass(ConfigError, ValueError)
