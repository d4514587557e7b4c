"""How commands are described: name, function, arguments; and the argparse parser made of them.

Knows no command: `maskgan.cli` holds the table.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from maskgan import __version__
from maskgan.errors import ConfigError

Argument: TypeAlias = tuple[str, dict[str, Any]]
"""Name or flag, options of argparse."""


@dataclass(frozen=True)
class Command:
    """One line of the table."""

    run: Callable[..., int]
    """Takes the arguments by name; returns the exit code."""
    arguments: tuple[Argument, ...]


def path(name: str, metavar: str, text: str, **more: Any) -> Argument:
    """A file or folder."""
    return name, {"type": Path, "metavar": metavar, "help": text, **more}


def output(metavar: str, text: str) -> Argument:
    """The file or folder to write."""
    return path("--output", metavar, text, required=True)


def flag(name: str, text: str) -> Argument:
    """A switch."""
    return name, {"action": "store_true", "help": text}


def number(name: str, text: str, **more: Any) -> Argument:
    """A whole number."""
    return name, {"type": int, "metavar": "N", "help": text, **more}


def size(default: int) -> Argument:
    """The side of pictures."""
    return number("--size", f"side in pixels (default: {default})", default=default)


def regions(text: str) -> list[str]:
    """Region names from `hair,u_lip,...`."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError("expected names such as hair,u_lip")
    return names


def colours(text: str) -> dict[str, tuple[int, ...]]:
    """Names of regions or parts and their colours from `hair=#b5651d,lips=crimson,...`."""
    from PIL import ImageColor

    found: dict[str, tuple[int, ...]] = {}
    for part in text.split(","):
        name, equals, colour = (each.strip() for each in part.partition("="))
        try:
            found[name] = ImageColor.getrgb(colour)[:3]
        except ValueError:
            equals = ""
        if not name or not equals:
            raise argparse.ArgumentTypeError(
                f"{part!r} is not a region and its colour such as hair=#b5651d"
            )
    return found


def spot(text: str) -> tuple[float, float]:
    """A point from `x,y`."""
    (point,) = _spots(text, 1, "a point such as 120,80")
    return point


def three_spots(text: str) -> list[tuple[float, float]]:
    """Right eye, left eye and mouth from `x,y,x,y,x,y`."""
    return _spots(text, 3, "right eye, left eye and mouth such as 120,80,180,82,150,140")


def _spots(text: str, count: int, expected: str) -> list[tuple[float, float]]:
    try:
        numbers = [float(number) for number in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 2 * count:
        raise argparse.ArgumentTypeError(f"{text!r} is not {expected}")
    return list(zip(numbers[::2], numbers[1::2], strict=True))


class _Parser(argparse.ArgumentParser):
    """Reports a mistake as one sentence instead of the usage."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"{message}; see `{self.prog} --help`.")


def build_parser(commands: Mapping[str, Command]) -> argparse.ArgumentParser:
    """The parser of a table of commands; a parsed command is in `command`."""
    parser = _Parser(
        prog="maskgan",
        description="Open a face photo, repaint its label map, get it back with only that change.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"maskgan {__version__}")
    groups = {"": parser.add_subparsers(metavar="COMMAND", required=True)}
    for path, command in commands.items():
        group, _, name = path.rpartition(" ")
        if group not in groups:
            parent = groups[""].add_parser(group, help=f"{group} commands", allow_abbrev=False)
            groups[group] = parent.add_subparsers(metavar="COMMAND", required=True)
        text = command.run.__doc__ or ""
        child = groups[group].add_parser(name, help=text, description=text, allow_abbrev=False)
        if path == "train":
            child.epilog = "--SECTION.OPTION VALUE changes an option of the preset."
        for argument, options in command.arguments:
            child.add_argument(argument, **options)
        child.set_defaults(command=command)
    return parser
