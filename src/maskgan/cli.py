"""The command line: one table, command -> typed function with the same arguments.

The functions can be called from Python too. They hold no logic: each imports what it needs when it
runs, calls the library and says in one sentence (or one JSON object) what was written. A user's
mistake is one sentence on standard error and exit code 2.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from maskgan import arguments as argument
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


_ALIGNED = argument.flag("--aligned", "the photo is a square crop in the CelebA-HQ frame")
_BUNDLE = argument.path("--bundle", "DIR", "model to use (default: the one in the package)")
_SOURCE_LABELS = "labels of the photo as it is (default: as the parser sees it)"
_SAID = "what the manifest says of it"
_REGIONS = "regions that take it (default: the whole face)"
_RUN_DATA = {"nargs": "+", "action": "extend", "required": True}

COMMANDS: dict[str, argument.Command] = {
    "parse": argument.Command(
        parse,
        (
            argument.path("photo", "PHOTO", "the photo, or a folder of photos"),
            argument.output("LABELS.png", "label PNG to write (a folder for a folder)"),
            _ALIGNED,
            _BUNDLE,
        ),
    ),
    "edit": argument.Command(
        edit,
        (
            argument.path("photo", "PHOTO", "the photo"),
            argument.path("--labels", "NEW.png", "the wanted labels", required=True),
            argument.output("OUT.png", "picture to write"),
            argument.path("--source-labels", "OLD.png", _SOURCE_LABELS),
            _ALIGNED,
            argument.path("--style", "REF.jpg", "photo to take the look from"),
            (
                "--regions",
                {"type": argument.regions, "metavar": "hair,u_lip,...", "help": _REGIONS},
            ),
            _BUNDLE,
            ("--json", {"action": "store_true", "dest": "as_json", "help": "report as JSON"}),
        ),
    ),
    "data prepare": argument.Command(
        data_prepare,
        (
            argument.path("source", "CELEBAMASK_HQ_DIR", "the original tree"),
            argument.output("DIR", "dataset folder to write"),
            argument.size(512),
            argument.flag("--fix-sides", "put right faces annotated with left and right exchanged"),
            argument.flag("--resume", "go on with a dataset that was left unfinished"),
            argument.number("--workers", "processes (default: 2)", default=2),
        ),
    ),
    "data verify": argument.Command(
        data_verify, (argument.path("folder", "DIR", "dataset folder"),)
    ),
    "data draw": argument.Command(
        data_draw,
        (
            argument.number("--count", "number of faces", required=True),
            argument.output("DIR", "dataset folder to write"),
            argument.size(256),
            argument.number("--seed", "same seed, same faces (default: 0)", default=0),
        ),
    ),
    "data pack": argument.Command(
        data_pack,
        (
            argument.path("folders", "DIR", "dataset folders", nargs="+"),
            argument.size(256),
            argument.output("FILE", "pack to write"),
            ("--max-mib", {"type": float, "metavar": "MIB", "help": "largest size of the file"}),
        ),
    ),
    "train": argument.Command(
        train,
        (
            ("preset", {"metavar": "PRESET", "help": "name of a complete run"}),
            argument.path("--data", "DIR", "dataset folders or packs", **_RUN_DATA),
            argument.path("--run", "DIR", "folder of the run", required=True),
            argument.flag("--resume", "go on from the folder's last state"),
            argument.flag("--dry-run", "print the resolved run and stop"),
        ),
    ),
    "export": argument.Command(
        export,
        (
            argument.path("runs", "RUN", "folder of a finished run", nargs="+"),
            argument.output("BUNDLE_DIR", "bundle folder to write"),
            argument.flag("--quantize", "8-bit convolutions in the generator"),
            ("--training-data", {"metavar": "TEXT", "help": _SAID, "default": "not stated"}),
            ("--licence", {"metavar": "TEXT", "help": _SAID, "default": "not stated"}),
        ),
    ),
}
"""Every command of `maskgan`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line (None = the process's own); returns the exit code: 0 done, 1 a check
    found something, 2 a mistake of the user's, told in one sentence, 130 interrupted."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        options: dict[str, str] = {}
        if words[:1] == ["train"]:
            words, options = _split_options(words)
        arguments = vars(argument.build_parser(COMMANDS).parse_args(words))
        command: argument.Command = arguments.pop("command")
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
