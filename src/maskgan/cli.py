"""The command line: one table, command -> typed function with the same arguments.

The functions are in `maskgan.commands`. A user's mistake is one sentence on standard error and exit
code 2.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from maskgan import arguments as argument
from maskgan.commands import data, evaluation, origin, photos, serving, training
from maskgan.errors import ConfigError, MaskganError

OVERRIDE = re.compile(r"--[a-z_]\w*(\.\w+)+")
"""A `--section.option` of a training run."""


_POINTS = "the right eye, left eye and mouth of a face that is not found"
_STRENGTH = "how far; negative for the contrary (default: 1)"
_WHICH_FACE = (
    argument.flag("--aligned", "the photo is a square crop in the CelebA-HQ frame"),
    argument.number("--face", "number of the face, in reading order (default: the largest)"),
    ("--point", {"type": argument.spot, "metavar": "X,Y", "help": "a point on the face"}),
    ("--points", {"type": argument.three_spots, "metavar": "X,Y,X,Y,X,Y", "help": _POINTS}),
)
_NO_PROVENANCE = argument.flag("--no-provenance", "do not mark the picture as edited by a model")
_SIGN = (
    argument.path("--sign", "CERT.pem", "sign the picture with this certificate (C2PA)"),
    argument.path("--key", "KEY.pem", "the certificate's private key"),
    ("--timestamp", {"metavar": "URL", "help": "time-stamping authority that signs as well"}),
)
_SURROUNDINGS = argument.flag(
    "--no-surroundings", "leave the skin around eyes, brows, nose and mouth as it is"
)
_BENDING = argument.flag("--no-bending", "draw outlines that move instead of bending the photo")
_JSON = ("--json", {"action": "store_true", "dest": "as_json", "help": "report as JSON"})
_BUNDLE = argument.path("--bundle", "DIR", "model to use (default: the one in the package)")
_LABELS = "the wanted labels (default: the face's own, for another --style)"
_SOURCE_LABELS = "labels of the photo as it is (default: as the parser sees it)"
_SAID = "what the manifest says of it"
_REGIONS = "regions that take it (default: the whole face)"
_COLOUR = "dye hair, lips, brows, eyes, clothes, a hat or skin"
_HOST = "address to serve at; 0.0.0.0 for the whole network (default: this machine alone)"
_TOKEN = "what others must show (default: a random one where others can connect)"
_LAYOUT = "with --annotate: a dataset folder (default), or the part masks of CelebAMask-HQ"
_WHOLE = "show the whole photo in place of the crop, 1024 pixels if --size does not say"
_RUN_DATA = {"nargs": "+", "action": "extend", "required": True}

_EDIT = (
    argument.path("--source-labels", "OLD.png", _SOURCE_LABELS),
    *_WHICH_FACE,
    argument.path("--style", "REF.jpg", "photo to take the look from"),
    ("--regions", {"type": argument.regions, "metavar": "hair,u_lip,...", "help": _REGIONS}),
    ("--colour", {"type": argument.colours, "metavar": "hair=#b5651d,...", "help": _COLOUR}),
)

COMMANDS: dict[str, argument.Command] = {
    "parse": argument.Command(
        photos.parse,
        (
            argument.path("photo", "PHOTO", "the photo, or a folder of photos"),
            argument.output("LABELS.png", "label PNG to write (a folder for a folder)"),
            *_WHICH_FACE,
            argument.path("--crop", "CROP.png", "also write the crop that the labels lie on"),
            _BUNDLE,
            _JSON,
        ),
    ),
    "edit": argument.Command(
        photos.edit,
        (
            argument.path("photo", "PHOTO", "the photo"),
            argument.path("--labels", "NEW.png", _LABELS),
            argument.output("OUT.png", "picture to write"),
            *_EDIT,
            _SURROUNDINGS,
            _BENDING,
            _BUNDLE,
            _NO_PROVENANCE,
            *_SIGN,
            _JSON,
        ),
    ),
    "attribute": argument.Command(
        photos.attribute,
        (
            argument.path("photo", "PHOTO", "the photo"),
            ("--name", {"metavar": "smile", "required": True, "help": "the slider"}),
            ("--strength", {"type": float, "metavar": "-1..1", "default": 1.0, "help": _STRENGTH}),
            argument.output("OUT.png", "picture to write"),
            *_WHICH_FACE,
            argument.flag("--all-faces", "every face that is found"),
            argument.flag("--learned", "the MaskVAE's way of moving it, not that of geometry"),
            _SURROUNDINGS,
            _BENDING,
            _BUNDLE,
            _NO_PROVENANCE,
            *_SIGN,
            _JSON,
        ),
    ),
    "animate": argument.Command(
        photos.animate,
        (
            argument.path("photo", "PHOTO", "the photo"),
            argument.path("--labels", "NEW.png", _LABELS),
            argument.output("OUT.gif", "file to write, .gif, .webp or .mp4; or a new folder"),
            argument.number("--frames", "frames of the way there (default: 24)", default=24),
            argument.number("--size", "longest side at most, in pixels (default: the crop's)"),
            ("--photo", {"action": "store_true", "dest": "whole", "help": _WHOLE}),
            *_EDIT,
            _BUNDLE,
            _NO_PROVENANCE,
            _JSON,
        ),
    ),
    "batch": argument.Command(
        photos.batch,
        (
            argument.path("manifest", "MANIFEST.jsonl", "one JSON object per line"),
            argument.output("DIR", "folder to write into"),
            argument.flag("--resume", "go on with a batch that was stopped"),
            argument.number("--workers", "processes (default: one per core)"),
            ("--ray", {"metavar": "ADDRESS", "help": "Ray cluster to run on, or local"}),
            _BUNDLE,
        ),
    ),
    "verify": argument.Command(
        origin.verify, (argument.path("file", "FILE", "picture to look at"),)
    ),
    "serve": argument.Command(
        serving.serve,
        (
            ("--host", {"metavar": "ADDRESS", "default": "127.0.0.1", "help": _HOST}),
            argument.number("--port", "port to listen at (default: 7860)", default=7860),
            _BUNDLE,
            argument.flag("--no-browser", "do not open the browser"),
            argument.flag("--self-test", "edit the sample over HTTP once, print timings and end"),
            ("--token", {"metavar": "TEXT", "help": _TOKEN}),
            argument.number(
                "--threads", "threads of a network (default: MASKGAN_THREADS, else one per core)"
            ),
            argument.path("--annotate", "DIR", "label the photos of this folder"),
            argument.path("--output", "DIR", "with --annotate: folder to write labels into"),
            ("--layout", {"choices": ("dataset", "parts"), "default": "dataset", "help": _LAYOUT}),
            argument.flag("--aligned", "with --annotate: the photos are crops in the frame"),
            _JSON,
        ),
    ),
    "data prepare": argument.Command(
        data.prepare,
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
        data.verify, (argument.path("folder", "DIR", "dataset folder"),)
    ),
    "data draw": argument.Command(
        data.draw,
        (
            argument.number("--count", "number of faces", required=True),
            argument.output("DIR", "dataset folder to write"),
            argument.size(256),
            argument.number("--seed", "same seed, same faces (default: 0)", default=0),
        ),
    ),
    "data pack": argument.Command(
        data.pack,
        (
            argument.path("folders", "DIR", "dataset folders", nargs="+"),
            argument.size(256),
            argument.output("FILE", "pack to write"),
            ("--max-mib", {"type": float, "metavar": "MIB", "help": "largest size of the file"}),
        ),
    ),
    "train": argument.Command(
        training.train,
        (
            ("preset", {"metavar": "PRESET", "help": "name of a complete run"}),
            argument.path("--data", "DIR", "dataset folders or packs", **_RUN_DATA),
            argument.path("--run", "DIR", "folder of the run", required=True),
            argument.flag("--resume", "go on from the folder's last state"),
            argument.flag("--dry-run", "print the resolved run and stop"),
        ),
    ),
    "evaluate": argument.Command(
        evaluation.evaluate,
        (
            argument.path("system", "RUN_OR_BUNDLE", "run, bundle or pictures; or photo, paste"),
            argument.path("--data", "DIR", "dataset folders or packs", **_RUN_DATA),
            argument.output("REPORT_DIR", "folder of the report"),
            argument.path("--judge", "RUN", "parser that judges (default: the package's)"),
            argument.path("--classifier", "RUN", "judge of attributes"),
            argument.path("--mask-vae", "RUN", "also move labels along its directions"),
            argument.path("--vgg", "FILE", "VGG-19, for distances in its features"),
            argument.path("--inception", "FILE", "Inception-v3 of torch-fidelity, for FID and KID"),
            argument.path("--identity", "ONNX", "face recognition, picture 112 px -> code"),
            argument.path("--lpips", "ONNX", "LPIPS, two pictures -> distance"),
            argument.path("--groups", "CSV", "groups of people: columns id, group and set"),
            ("--name", {"metavar": "TEXT", "help": "what the report calls the system"}),
            argument.number("--size", "side of the faces (default: the system's)"),
            argument.number("--faces", "most faces (default: all test faces)"),
            argument.number("--robustness", "faces with perturbed labels", default=50),
            argument.flag("--whole", "a bundle draws the whole face in every task"),
            argument.number("--seed", "of all choices (default: 0)", default=0),
            _JSON,
        ),
    ),
    "compare": argument.Command(
        evaluation.compare,
        (
            argument.path("reports", "REPORT", "folders of reports", nargs="+"),
            argument.path("--output", "TABLE.md", "file to write the table to as well"),
        ),
    ),
    "requests": argument.Command(
        evaluation.requests,
        (
            argument.path("--data", "DIR", "dataset folders or packs", **_RUN_DATA),
            argument.output("DIR", "folder to write"),
            argument.size(256),
            argument.number("--faces", "most faces (default: all test faces)"),
            argument.number("--robustness", "faces with perturbed labels", default=50),
            argument.number("--seed", "of all choices (default: 0)", default=0),
        ),
    ),
    "export": argument.Command(
        training.export,
        (
            argument.path("runs", "RUN", "folder of a finished run", nargs="+"),
            argument.output("BUNDLE_DIR", "bundle folder to write"),
            argument.flag("--quantize", "8-bit convolutions in the generator"),
            argument.path(
                "--directions",
                "DATA",
                "dataset folders from whose faces a MaskVAE's sliders are learned",
                nargs="+",
            ),
            ("--training-data", {"metavar": "TEXT", "help": _SAID, "default": "not stated"}),
            ("--licence", {"metavar": "TEXT", "help": _SAID, "default": "not stated"}),
        ),
    ),
    "import": argument.Command(
        training.import_authors,
        (
            argument.path("weights", "latest_net_G.pth", "the authors' published generator"),
            argument.output("BUNDLE_DIR", "bundle folder to write"),
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
