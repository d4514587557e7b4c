"""The command line: one table, command -> typed function with the same arguments.

The functions can be called from Python too. They hold no logic: each imports what it needs when it
runs, calls the library and says in one sentence (or one JSON object) what was written. A user's
mistake is one sentence on standard error and exit code 2.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from maskgan import __version__
from maskgan.errors import ConfigError, MaskganError, MissingExtraError

OVERRIDE = re.compile(r"--[a-z_]\w*(\.\w+)+")
"""A `--section.option` of a training run."""


def parse(photo: Path, output: Path, aligned: bool = False, bundle: Path | None = None) -> int:
    """Writes the label map of a photo, or of every photo in a folder, as index PNGs."""
    from maskgan import images
    from maskgan.editing.editor import Editor
    from maskgan.editing.face import read_crop
    from maskgan.editing.labelling import label_folder

    if photo.is_dir():
        count = label_folder(Editor.open(bundle), photo, output, aligned)
        print(f"Wrote {count} label maps into {output}.")
        return 0
    crop = read_crop(photo, aligned)
    labels = Editor.open(bundle).parse(crop)
    images.write_labels(output, labels)
    print(f"Wrote {output}: {labels.shape[1]}x{labels.shape[0]} labels.")
    return 0


def edit(
    photo: Path,
    labels: Path,
    output: Path,
    source_labels: Path | None = None,
    aligned: bool = False,
    style: Path | None = None,
    regions: Sequence[str] | None = None,
    bundle: Path | None = None,
    as_json: bool = False,
) -> int:
    """Renders a photo with new labels, a style from another photo, or both."""
    from maskgan import images
    from maskgan.editing.editor import Editor

    if regions and style is None:
        raise ConfigError("--regions names what to take from another photo; give it with --style.")
    editor = Editor.open(bundle)
    face = editor.photo(photo, aligned, source_labels)
    wanted = images.read_labels(labels, (face.labels.shape[0], face.labels.shape[1]))
    reference = None if style is None else editor.photo(style, aligned)
    choice = {name: reference for name in regions} if regions and reference else reference
    result = editor.render(face, wanted, choice)
    result.save(output)
    if as_json:
        report = {
            "output": str(output),
            "size": [result.photo.shape[1], result.photo.shape[0]],
            "changed_pixels": int(result.changed.sum()),
            "changed_fraction": result.changed_fraction,
            "seconds": result.seconds,
        }
        print(json.dumps(report))
    elif result.changed.any():
        print(
            f"Wrote {output}: {result.changed_fraction:.1%} of the face rendered anew "
            f"in {result.seconds:.2f} s."
        )
    else:
        print(f"Wrote {output}: the labels change nothing, so it equals the photo.")
    return 0


def data_prepare(
    source: Path,
    output: Path,
    size: int = 512,
    fix_sides: bool = False,
    resume: bool = False,
    workers: int = 2,
) -> int:
    """Turns the original CelebAMask-HQ tree into a dataset folder."""
    from maskgan.data.prepare import prepare

    manifest = prepare(
        source, output, size=size, fix_sides=fix_sides, resume=resume, workers=workers
    )
    print(f"Wrote the dataset {output}.", *manifest.sentences(), sep="\n")
    return 0


def data_verify(folder: Path) -> int:
    """Says what is wrong with a dataset folder; exit code 1 if anything is."""
    from maskgan.data.verify import verify

    report = verify(folder)
    for sentence in report.sentences():
        print(sentence)
    return 0 if report.ok else 1


def data_draw(output: Path, count: int, size: int = 256, seed: int = 0) -> int:
    """Draws a dataset of faces with exact labels."""
    from maskgan.data.drawn import draw_dataset

    draw_dataset(count, output, size=size, seed=seed)
    print(f"Wrote the dataset {output}: {count} drawn faces.")
    return 0


def data_pack(
    folders: Sequence[Path], output: Path, size: int = 256, max_mib: float | None = None
) -> int:
    """Packs dataset folders into one file."""
    from maskgan.data.pack import pack

    count = pack(folders, output, size=size, max_mib=max_mib)
    print(f"Wrote the pack {output}: {count} faces.")
    return 0


def train(
    preset: str,
    data: Sequence[Path],
    run: Path,
    resume: bool = False,
    dry_run: bool = False,
    options: dict[str, str] | None = None,
) -> int:
    """Trains a preset."""
    with _extra("train"):
        from maskgan.training.run import train as fit
    fit(preset, data=data, run=run, resume=resume, dry_run=dry_run, options=options or {})
    return 0


def export(
    runs: Sequence[Path], output: Path, training_data: str, licence: str, quantize: bool = False
) -> int:
    """Writes trained runs as a bundle."""
    with _extra("train"):
        from maskgan.export.bundle import export as write
    write(runs, output, training_data=training_data, licence=licence, quantize=quantize)
    print(f"Wrote the bundle {output}.")
    return 0


Argument: TypeAlias = tuple[str, dict[str, Any]]
"""Name or flag, options of argparse."""


@dataclass(frozen=True)
class Command:
    """One line of the table."""

    run: Callable[..., int]
    """Takes the arguments by name; returns the exit code."""
    arguments: tuple[Argument, ...]


def _path(name: str, metavar: str, text: str, **more: Any) -> Argument:
    return name, {"type": Path, "metavar": metavar, "help": text, **more}


def _output(metavar: str, text: str) -> Argument:
    return _path("--output", metavar, text, required=True)


def _flag(name: str, text: str) -> Argument:
    return name, {"action": "store_true", "help": text}


def _number(name: str, text: str, **more: Any) -> Argument:
    return name, {"type": int, "metavar": "N", "help": text, **more}


def _size(default: int) -> Argument:
    return _number("--size", f"side in pixels (default: {default})", default=default)


def _regions(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError("expected names such as hair,u_lip")
    return names


_ALIGNED = _flag("--aligned", "the photo is a square crop in the CelebA-HQ frame")
_BUNDLE = _path("--bundle", "DIR", "model to use (default: the one in the package)")
_SOURCE_LABELS = "labels of the photo as it is (default: as the parser sees it)"
_SAID = "what the manifest says of it"
_REGIONS = "regions that take it (default: the whole face)"
_RUN_DATA = {"nargs": "+", "action": "extend", "required": True}

COMMANDS: dict[str, Command] = {
    "parse": Command(
        parse,
        (
            _path("photo", "PHOTO", "the photo, or a folder of photos"),
            _output("LABELS.png", "label PNG to write (a folder for a folder)"),
            _ALIGNED,
            _BUNDLE,
        ),
    ),
    "edit": Command(
        edit,
        (
            _path("photo", "PHOTO", "the photo"),
            _path("--labels", "NEW.png", "the wanted labels", required=True),
            _output("OUT.png", "picture to write"),
            _path("--source-labels", "OLD.png", _SOURCE_LABELS),
            _ALIGNED,
            _path("--style", "REF.jpg", "photo to take the look from"),
            ("--regions", {"type": _regions, "metavar": "hair,u_lip,...", "help": _REGIONS}),
            _BUNDLE,
            ("--json", {"action": "store_true", "dest": "as_json", "help": "report as JSON"}),
        ),
    ),
    "data prepare": Command(
        data_prepare,
        (
            _path("source", "CELEBAMASK_HQ_DIR", "the original tree"),
            _output("DIR", "dataset folder to write"),
            _size(512),
            _flag("--fix-sides", "put right faces annotated with left and right exchanged"),
            _flag("--resume", "go on with a dataset that was left unfinished"),
            _number("--workers", "processes (default: 2)", default=2),
        ),
    ),
    "data verify": Command(data_verify, (_path("folder", "DIR", "dataset folder"),)),
    "data draw": Command(
        data_draw,
        (
            _number("--count", "number of faces", required=True),
            _output("DIR", "dataset folder to write"),
            _size(256),
            _number("--seed", "same seed, same faces (default: 0)", default=0),
        ),
    ),
    "data pack": Command(
        data_pack,
        (
            _path("folders", "DIR", "dataset folders", nargs="+"),
            _size(256),
            _output("FILE", "pack to write"),
            ("--max-mib", {"type": float, "metavar": "MIB", "help": "largest size of the file"}),
        ),
    ),
    "train": Command(
        train,
        (
            ("preset", {"metavar": "PRESET", "help": "name of a complete run"}),
            _path("--data", "DIR", "dataset folders or packs", **_RUN_DATA),
            _path("--run", "DIR", "folder of the run", required=True),
            _flag("--resume", "go on from the folder's last state"),
            _flag("--dry-run", "print the resolved run and stop"),
        ),
    ),
    "export": Command(
        export,
        (
            _path("runs", "RUN", "folder of a finished run", nargs="+"),
            _output("BUNDLE_DIR", "bundle folder to write"),
            _flag("--quantize", "8-bit convolutions in the generator"),
            ("--training-data", {"metavar": "TEXT", "help": _SAID, "default": "not stated"}),
            ("--licence", {"metavar": "TEXT", "help": _SAID, "default": "not stated"}),
        ),
    ),
}
"""Every command of `maskgan`."""


class _Parser(argparse.ArgumentParser):
    """Reports a mistake as one sentence instead of the usage."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"{message}; see `{self.prog} --help`.")


def build_parser() -> argparse.ArgumentParser:
    """The parser of `COMMANDS`; a parsed command is in `command`."""
    parser = _Parser(
        prog="maskgan",
        description="Open a face photo, repaint its label map, get it back with only that change.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"maskgan {__version__}")
    groups = {"": parser.add_subparsers(metavar="COMMAND", required=True)}
    for path, command in COMMANDS.items():
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


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line (None = the process's own); returns the exit code: 0 done, 1 a check
    found something, 2 a mistake of the user's, told in one sentence, 130 interrupted."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        options: dict[str, str] = {}
        if words[:1] == ["train"]:
            words, options = _split_options(words)
        arguments = vars(build_parser().parse_args(words))
        command: Command = arguments.pop("command")
        if options:
            arguments["options"] = options
        return command.run(**arguments)
    except MaskganError as error:
        return _fail(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _fail(f"{where}{error.strerror or error}.")
    except KeyboardInterrupt:
        print("maskgan: interrupted.", file=sys.stderr)
        return 130


def _split_options(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Command line words -> the words without `--section.option VALUE` pairs, and the pairs."""
    rest: list[str] = []
    options: dict[str, str] = {}
    queue = iter(words)
    for word in queue:
        name, equals, value = word.partition("=")
        if not OVERRIDE.fullmatch(name):
            rest.append(word)
            continue
        given = value if equals else next(queue, None)
        if given is None:
            raise ConfigError(f"{name} needs a value; see `maskgan train --help`.")
        options[name.removeprefix("--")] = given
    return rest, options


def _fail(message: str) -> int:
    print(f"maskgan: error: {' '.join(message.split())}", file=sys.stderr)
    return 2


@contextmanager
def _extra(name: str) -> Iterator[None]:
    """A package of an extra that is not installed becomes a sentence that names the extra."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("maskgan"):
            raise
        raise MissingExtraError(
            f"This command needs {error.name}; install it with: pip install 'maskgan[{name}]'."
        ) from error
