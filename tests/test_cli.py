"""The command line in process: what it writes, and one sentence for every mistake."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from maskgan import __version__, cli, images
from maskgan.arguments import Command
from maskgan.bundle import GRAPHS
from maskgan.labels import IDS, PALETTE_A, colorize, order_a_to_b
from tiny_bundle import SIDE, change_manifest, face_labels, write_bundle, write_face

Refuses = Callable[..., str]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


@pytest.fixture
def place(tmp_path: Path, written: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with face.png, labels.png (of the face), new.png (lips become nose); the tiny bundle
    is the default one."""
    monkeypatch.setattr("maskgan.bundle.default_folder", lambda: written)
    write_face(tmp_path)
    images.write_labels(tmp_path / "new.png", wanted())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def refuses(place: Path, capfd: pytest.CaptureFixture[str]) -> Refuses:
    """Runs a command line that must fail: exit code 2, one sentence, no file more or less."""

    def run(*words: str) -> str:
        before = {path: path.stat().st_mtime_ns for path in place.rglob("*")}
        assert cli.main(words) == 2
        captured = capfd.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("maskgan: error: ")
        assert captured.err.endswith(".\n")
        assert captured.err.count("\n") == 1
        assert "Traceback" not in captured.err
        assert {path: path.stat().st_mtime_ns for path in place.rglob("*")} == before
        return captured.err

    return run


def wanted() -> np.ndarray:
    labels = face_labels()
    labels[labels == IDS["u_lip"]] = IDS["nose"]
    return labels


def pixels(path: str | Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


EDIT = ("edit", "face.png", "--labels", "new.png", "--output", "out.png")


def edit(**changes: str) -> list[str]:
    """The words of a plain edit with another photo, labels or output."""
    given = {"photo": "face.png", "labels": "new.png", "output": "out.png"} | changes
    return ["edit", given["photo"], "--labels", given["labels"], "--output", given["output"]]


# What the commands write


def test_edit_writes_the_photo_with_only_that_change(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(EDIT) == 0
    np.testing.assert_array_equal(pixels("out.png"), colorize(wanted()))
    assert capsys.readouterr().out.startswith("Wrote out.png: ")


def test_edit_as_json(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*EDIT, "--aligned", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report) == {"output", "size", "changed_pixels", "changed_fraction", "seconds"}
    assert report["output"] == "out.png"
    assert report["size"] == [SIDE, SIDE]
    assert report["changed_fraction"] == report["changed_pixels"] / SIDE**2
    assert 0 < report["changed_fraction"] < 0.2
    assert report["seconds"] > 0


def test_edit_without_a_change_equals_the_photo(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(edit(labels="labels.png")) == 0
    np.testing.assert_array_equal(pixels("out.png"), pixels("face.png"))
    assert "change nothing" in capsys.readouterr().out


def test_source_labels_decide_what_changed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*EDIT, "--source-labels", "new.png", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed_pixels"] == 0
    np.testing.assert_array_equal(pixels("out.png"), pixels("face.png"))


def test_style_of_regions(place: Path) -> None:
    # The tiny parser knows classes by colour, so the reference is only a little darker.
    darker = np.maximum(pixels("face.png"), 10) - 10
    images.write("style.png", darker)
    reference = ["--style", "style.png", "--regions", "skin"]
    assert cli.main([*edit(labels="labels.png"), *reference]) == 0
    skin = face_labels() == IDS["skin"]
    changed = (pixels("out.png") != pixels("face.png")).any(axis=2)
    np.testing.assert_array_equal(changed, skin)
    np.testing.assert_array_equal(pixels("out.png")[skin], darker[skin])


def test_style_of_everything(place: Path) -> None:
    shutil.copy("face.png", "style.png")
    assert cli.main([*EDIT, "--style", "style.png", "--json"]) == 0
    np.testing.assert_array_equal(pixels("out.png"), colorize(wanted()))


def test_another_bundle(place: Path, written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maskgan.bundle.default_folder", lambda: place / "absent")
    assert cli.main([*EDIT, "--bundle", str(written)]) == 0
    np.testing.assert_array_equal(pixels("out.png"), colorize(wanted()))


def test_parse_writes_an_index_png(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["parse", "face.png", "--output", "found.png", "--aligned"]) == 0
    with Image.open("found.png") as picture:
        assert picture.mode == "P"
        assert picture.info[images.ORDER_KEY] == "A"
        assert picture.getpalette()[: 3 * len(PALETTE_A)] == [c for rgb in PALETTE_A for c in rgb]
    np.testing.assert_array_equal(images.read_labels("found.png"), face_labels())
    assert capsys.readouterr().out == "Wrote found.png: 64x64 labels.\n"


# Photos of every kind


UNUSUAL = ("cmyk", "16 bit", "rgba", "grey", "palette", "exif")


def write_unusual(kind: str) -> tuple[str, np.ndarray]:
    """Saves face.png in another form; returns the file's name and the RGB pixels one sees."""
    with Image.open("face.png") as picture:
        plain = picture.convert("RGB")
    grey = plain.convert("L")
    if kind == "16 bit":
        Image.fromarray(np.asarray(grey).astype(np.uint16) * 257).save("photo.png")
        return "photo.png", np.asarray(grey.convert("RGB"))
    if kind == "exif":
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned 90 degrees clockwise for viewing
        plain.transpose(Image.Transpose.ROTATE_90).save("photo.png", exif=exif)
        return "photo.png", np.asarray(plain)
    if kind == "rgba":
        plain.putalpha(Image.new("L", plain.size, 90))
        plain.save("photo.png")
        return "photo.png", np.asarray(plain.convert("RGB"))
    changed = {"cmyk": plain.convert("CMYK"), "grey": grey, "palette": plain.quantize(32)}[kind]
    changed.save("photo.tif")
    return "photo.tif", np.asarray(changed.convert("RGB"))


@pytest.mark.parametrize("kind", UNUSUAL)
def test_unusual_photos_are_edited(place: Path, kind: str) -> None:
    name, expected = write_unusual(kind)
    assert cli.main([*edit(photo=name), "--source-labels", "labels.png"]) == 0
    result = pixels("out.png")
    assert result.shape == (SIDE, SIDE, 3)
    # Far from the mouth the photo is there to the bit, upright and in RGB.
    np.testing.assert_array_equal(result[:32], expected[:32])
    np.testing.assert_array_equal(result[55:], expected[55:])
    assert (result != expected).any()


# Photos that cannot be used


def png_header(width: int, height: int) -> bytes:
    """The first bytes of a PNG that claims a size; there are no pixels to decode."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.jpg", b"", "empty.jpg is empty (0 bytes); expected a picture"),
        ("text.jpg", b"hello, this is no picture\n", "text.jpg is not a picture"),
        ("dot.png", png_header(1, 1), "dot.png has 1x1 pixels; expected at least 32"),
        ("huge.png", png_header(20000, 20000), "huge.png is larger than 100 megapixels"),
        ("large.png", png_header(12000, 12000), "12000x12000 pixels; the limit is 100 megapixels"),
        ("cut.png", png_header(SIDE, SIDE), "cut.png is damaged or cut short"),
    ],
)
def test_unusable_photos(
    refuses: Refuses, place: Path, name: str, content: bytes, sentence: str
) -> None:
    Path(name).write_bytes(content)
    assert sentence in refuses(*edit(photo=name))
    assert sentence in refuses("parse", name, "--output", "out.png")
    assert sentence in refuses(*EDIT, "--style", name)


def test_photo_that_is_not_there(refuses: Refuses) -> None:
    assert "none.jpg cannot be read: No such file" in refuses(*edit(photo="none.jpg"))
    assert "cannot be read: Is a directory" in refuses(*edit(photo="."))


def test_photo_cut_short(refuses: Refuses, place: Path) -> None:
    images.write("whole.jpg", pixels("face.png"))
    data = Path("whole.jpg").read_bytes()
    Path("half.jpg").write_bytes(data[: len(data) // 2])
    assert "half.jpg is damaged or cut short" in refuses(*edit(photo="half.jpg"))


def test_small_crop(refuses: Refuses, place: Path) -> None:
    images.write("small.png", np.zeros((63, 63, 3), np.uint8))
    sentence = "small.png has 63x63 pixels; expected at least 64"
    assert sentence in refuses(*edit(photo="small.png"))


def test_photo_that_is_not_square(refuses: Refuses, place: Path) -> None:
    images.write("wide.png", np.zeros((80, 120, 3), np.uint8))
    sentence = "wide.png has 120x80 pixels; this version does not find faces in photos"
    assert sentence in refuses(*edit(photo="wide.png"))
    assert sentence in refuses("parse", "wide.png", "--output", "out.png")
    sentence = "wide.png has 120x80 pixels; an aligned crop must be square"
    assert sentence in refuses(*edit(photo="wide.png"), "--aligned")


# Labels that cannot be used


def _wrong_labels(kind: str) -> Image.Image:
    labels = face_labels()
    if kind == "size":
        return images.label_picture(face_labels(SIDE + 8))
    if kind == "value":
        labels[0, 0] = 19
        return Image.fromarray(labels)
    if kind == "color":
        return Image.fromarray(colorize(labels))
    if kind == "16 bit":
        return Image.fromarray(labels.astype(np.uint16))
    return images.label_picture(order_a_to_b(labels))


WRONG_LABELS = {
    "size": "has 72x72 pixels; expected 64x64, the size of the photo",
    "value": "holds the value 19; expected 0..18",
    "color": "is a colour or 16-bit picture (mode RGB); expected an index PNG",
    "16 bit": "is a colour or 16-bit picture (mode I;16); expected an index PNG",
    "order": "is in the other label order (B: nose = 10, hair = 17); expected order A",
}


@pytest.mark.parametrize("kind", WRONG_LABELS)
def test_unusable_labels(refuses: Refuses, place: Path, kind: str) -> None:
    _wrong_labels(kind).save("wrong.png")
    assert f"wrong.png {WRONG_LABELS[kind]}" in refuses(*edit(labels="wrong.png"))
    assert f"wrong.png {WRONG_LABELS[kind]}" in refuses(*EDIT, "--source-labels", "wrong.png")


def test_labels_of_lossy_format(refuses: Refuses, place: Path) -> None:
    Image.fromarray(face_labels()).save("wrong.jpg")
    assert "wrong.jpg is a JPEG file; labels must be PNG" in refuses(*edit(labels="wrong.jpg"))


@pytest.mark.parametrize("content", [b"", b"text"])
def test_labels_that_are_no_picture(refuses: Refuses, place: Path, content: bytes) -> None:
    Path("wrong.png").write_bytes(content)
    assert "wrong.png is " in refuses(*edit(labels="wrong.png"))


# Bundles that cannot be used


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_bundle_with_a_bad_graph(
    refuses: Refuses, place: Path, written: Path, graph: str, damage: str
) -> None:
    shutil.copytree(written, "bundle")
    path = Path("bundle") / f"{graph}.onnx"
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-20])
    assert f"{graph}.onnx is {damage}" in refuses(*EDIT, "--bundle", "bundle")


def test_bundle_with_a_bad_manifest(refuses: Refuses, place: Path, written: Path) -> None:
    shutil.copytree(written, "bundle")
    change_manifest(Path("bundle"), format=7)
    assert "has format 7; this version reads format 1" in refuses(*EDIT, "--bundle", "bundle")
    (Path("bundle") / "manifest.json").unlink()
    assert "bundle holds no manifest.json" in refuses(*EDIT, "--bundle", "bundle")
    assert "nowhere is not a folder" in refuses(*EDIT, "--bundle", "nowhere")


def test_without_default_bundle(
    refuses: Refuses, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maskgan.bundle.default_folder", lambda: place / "absent")
    assert "holds no default bundle" in refuses(*EDIT)


# Outputs that cannot be written, and command lines that make no sense


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("nowhere/out.png", "Cannot write nowhere/out.png: the folder does not exist"),
        ("face.png/out.png", "Cannot write face.png/out.png: the folder does not exist"),
        ("out.gif", "the suffix .gif is not known; use one of .png"),
        ("out", "the suffix (none) is not known"),
        (".", "Cannot write"),
    ],
)
def test_unwritable_output(refuses: Refuses, output: str, sentence: str) -> None:
    assert sentence in refuses(*edit(output=output))


def test_failed_edit_keeps_the_old_output(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("out.png").write_bytes(b"old")
    assert cli.main(edit(labels="face.png")) == 2
    assert Path("out.png").read_bytes() == b"old"


def test_labels_are_written_as_png_only(refuses: Refuses) -> None:
    sentence = "Cannot write labels to out.jpg: use a name that ends in .png"
    assert sentence in refuses("parse", "face.png", "--output", "out.jpg")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "required: COMMAND; see `maskgan --help`"),
        (["data"], "required: COMMAND; see `maskgan data --help`"),
        (["fly"], "invalid choice: 'fly'"),
        (["edit", "face.png"], "required: --labels, --output; see `maskgan edit --help`"),
        ([*EDIT, "--sytle", "x.png"], "unrecognized arguments: --sytle x.png"),
        ([*EDIT, "--regions", "hair"], "give it with --style"),
        ([*EDIT, "--style", "face.png", "--regions", ","], "expected names such as hair,u_lip"),
        ([*EDIT, "--style", "face.png", "--regions", "beard"], "no region 'beard'"),
        ([*EDIT, "--style", "face.png", "--regions", "hair,hat"], "shows no 'hat'"),
        (["data", "draw", "--count", "many", "--output", "d"], "invalid int value: 'many'"),
        (["train", "parser", "--data", "d", "--run", "r", "--a.b"], "--a.b needs a value"),
    ],
)
def test_command_lines_that_make_no_sense(
    refuses: Refuses, words: list[str], sentence: str
) -> None:
    assert sentence in refuses(*words)


def test_interrupt(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("maskgan.editing.editor.Editor.render", stop)
    assert cli.main(EDIT) == 130
    assert not Path("out.png").exists()


# The table


def test_contract() -> None:
    """Names and flags that may not change without a note in the change log."""
    found = {
        name: [argument for argument, _ in command.arguments]
        for name, command in cli.COMMANDS.items()
    }
    assert found == {
        "parse": ["photo", "--output", "--aligned", "--bundle"],
        "edit": [
            "photo",
            "--labels",
            "--output",
            "--source-labels",
            "--aligned",
            "--style",
            "--regions",
            "--bundle",
            "--json",
        ],
        "data prepare": ["source", "--output", "--size", "--fix-sides", "--resume", "--workers"],
        "data verify": ["folder"],
        "data draw": ["--count", "--output", "--size", "--seed"],
        "data pack": ["folders", "--size", "--output", "--max-mib"],
        "train": ["preset", "--data", "--run", "--resume", "--dry-run"],
        "export": ["runs", "--output", "--quantize", "--training-data", "--licence"],
    }


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_help_of_every_command(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([*name.split(), "--help"])
    assert ended.value.code == 0
    assert f"usage: maskgan {name} " in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"maskgan {__version__}\n"


def test_train_collects_the_options_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}
    run = cli.COMMANDS["train"]

    def record(**arguments: object) -> int:
        seen.update(arguments)
        return 0

    monkeypatch.setitem(cli.COMMANDS, "train", Command(record, run.arguments))
    words = "train --model.width 32 parser --data a b --training.lr=-1e-3 --data c --run r --resume"
    assert cli.main(words.split()) == 0
    assert seen == {
        "preset": "parser",
        "data": [Path("a"), Path("b"), Path("c")],
        "run": Path("r"),
        "resume": True,
        "dry_run": False,
        "options": {"model.width": "32", "training.lr": "-1e-3"},
    }


# Fresh processes: what is imported, and what is not needed

BLOCKED = """
import sys
from importlib.abc import MetaPathFinder

class Blocker(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names}:
            raise ModuleNotFoundError("No module named " + repr(name), name=name)

sys.meta_path.insert(0, Blocker())
from maskgan.cli import main
code = main(sys.argv[1:])
print("loaded:", *sorted(set(sys.modules) & {probes}), file=sys.stderr)
sys.exit(code)
"""
NOT_INSTALLED = {"torch", "onnx", "onnxscript", "safetensors", "scipy"}


def fresh(words: list[str], folder: Path, blocked: set[str]) -> subprocess.CompletedProcess[str]:
    program = BLOCKED.replace("{names}", repr(blocked)).replace("{probes}", repr(blocked))
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_edit_and_parse_need_no_torch(place: Path, written: Path) -> None:
    done = fresh([*EDIT, "--bundle", str(written)], place, NOT_INSTALLED)
    assert (done.returncode, done.stderr) == (0, "loaded:\n")
    np.testing.assert_array_equal(pixels("out.png"), colorize(wanted()))


def test_training_without_torch_names_the_extra(place: Path) -> None:
    done = fresh(["train", "parser", "--data", "d", "--run", "r"], place, NOT_INSTALLED)
    assert done.returncode == 2
    assert done.stderr.startswith("maskgan: error: This command needs torch; install it with: pip")
    assert "maskgan[train]" in done.stderr
    assert not (place / "r").exists()


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom maskgan.cli import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit as end:\n    code = end.code\n"
        "heavy = {'numpy', 'PIL', 'onnxruntime', 'torch', 'tqdm', 'scipy'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\nsys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "[]\n")
    for name in ("parse", "edit", "data", "train", "export"):
        assert f"    {name} " in done.stdout
