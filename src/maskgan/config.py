"""Configs are frozen dataclasses; this module moves them to and from dicts, JSON and flags.

Strict in both directions: an unknown key, a missing required key or a value of another type is a
`ConfigError` that names the field, so a typing mistake never trains a different model.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from maskgan.errors import ConfigError

T = TypeVar("T")


def to_dict(config: Any) -> dict[str, Any]:
    """A config dataclass -> plain dicts, lists, numbers and strings, as JSON would hold them."""
    plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(config)))
    return plain


def from_dict(kind: type[T], values: Mapping[str, Any], where: str = "") -> T:
    """Plain dicts -> a config dataclass of type `kind`. Raises `ConfigError`."""
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    hints = get_type_hints(kind)
    prefix = f"{where}." if where else ""
    for name in values:
        if name not in fields:
            raise ConfigError(
                f"Unknown option {prefix}{name}; {kind.__name__} has: {', '.join(fields)}."
            )
    for name, field in fields.items():
        required = (
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        )
        if required and name not in values:
            raise ConfigError(f"Option {prefix}{name} is required.")
    checked = {name: _check(hints[name], value, prefix + name) for name, value in values.items()}
    try:
        return kind(**checked)
    except ConfigError:
        raise
    except ValueError as error:
        raise ConfigError(f"{prefix.rstrip('.') or kind.__name__}: {error}") from error


def to_json(config: Any, indent: int | None = None) -> str:
    """A config dataclass -> JSON text."""
    return json.dumps(to_dict(config), indent=indent)


def override(config: T, options: Mapping[str, str]) -> T:
    """A copy of `config` with `section.option` -> text values from the command line put in.

    The text is read as JSON where the field is not a string (`0.5`, `true`, `[1, 2]`). Raises
    `ConfigError` for a name that does not exist.
    """
    values = to_dict(config)
    for path, text in options.items():
        *sections, name = path.split(".")
        kind: Any = type(config)
        place = values
        for section in sections:
            hint = get_type_hints(kind).get(section)
            if not dataclasses.is_dataclass(hint) or not isinstance(place.get(section), dict):
                known = ", ".join(n for n, v in values.items() if isinstance(v, dict))
                raise ConfigError(f"Unknown section in --{path}; there are: {known}.")
            kind, place = hint, place[section]
        hint = get_type_hints(kind).get(name)
        if hint is None:
            known = ", ".join(field.name for field in dataclasses.fields(kind))
            raise ConfigError(
                f"Unknown option --{path}; {'.'.join(sections) or 'the run'} has: {known}."
            )
        place[name] = text if _accepts_text(hint) else _parse(text, path)
    return from_dict(type(config), values)


def _parse(text: str, path: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise ConfigError(
            f"--{path} got {text!r}; expected a number, true, false or a list."
        ) from None


def _accepts_text(hint: Any) -> bool:
    if get_origin(hint) in (Union, types.UnionType):
        return any(_accepts_text(option) for option in get_args(hint))
    return hint is str or (get_origin(hint) is Literal and isinstance(get_args(hint)[0], str))


def _check(hint: Any, value: Any, where: str) -> Any:
    """`value` as the type `hint` asks for, or `ConfigError`."""
    origin, arguments = get_origin(hint), get_args(hint)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, Mapping):
            raise ConfigError(f"{where} got {value!r}; expected the options of {hint.__name__}.")
        return from_dict(hint, value, where)
    if origin in (Union, types.UnionType):
        for option in arguments:
            # Given as an object, it can be nothing else: what is wrong inside is what to say.
            if dataclasses.is_dataclass(option) and isinstance(value, Mapping):
                return _check(option, value, where)
            try:
                return _check(option, value, where)
            except ConfigError:
                continue
    elif origin is Literal:
        if value in arguments:
            return value
    elif origin is tuple and isinstance(value, (list, tuple)):
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(_check(arguments[0], item, where) for item in value)
        if len(arguments) == len(value):
            pairs = zip(arguments, value, strict=True)
            return tuple(_check(kind, item, where) for kind, item in pairs)
    elif origin is dict and isinstance(value, Mapping):
        return {
            str(key): _check(arguments[1], item, f"{where}.{key}") for key, item in value.items()
        }
    elif hint is Any:
        return value
    elif hint is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    elif (hint is int and isinstance(value, int) and not isinstance(value, bool)) or (
        hint in (bool, str, type(None)) and isinstance(value, hint)
    ):
        return value
    wanted = getattr(hint, "__name__", str(hint)) if origin is None else str(hint)
    raise ConfigError(f"{where} got {value!r}; expected {wanted.replace('typing.', '')}.")
