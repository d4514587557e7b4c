"""One sentence for every mistake, and no file more or less: photos, labels, bundles, outputs."""

from __future__ import annotations

import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from command_lines import EDIT, edit, pixels
from PIL import Image

from maskgan import cli, images
from maskgan.labels import colorize, order_a_to_b
from maskgan.manifest import GRAPHS
from tiny_bundle import SIDE, change_manifest, face_labels

Refuses = Callable[..., str]


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
    sentence = "small.png has 63x63 pixels; an aligned crop needs at least 64"
    assert sentence in refuses(*edit(photo="small.png"))


def test_photo_that_is_not_square(refuses: Refuses, place: Path) -> None:
    images.write("wide.png", np.zeros((80, 120, 3), np.uint8))
    sentence = "wide.png has 120x80 pixels; an aligned crop must be square"
    assert sentence in refuses(*edit(photo="wide.png"))
    assert sentence in refuses("parse", "wide.png", "--output", "out.png", "--aligned")
    sentence = "No face was found in wide.png. Say where it is"
    assert sentence in refuses("parse", "wide.png", "--output", "out.png")


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
    "size": "has 72x72 pixels; expected 64x64, the size of the face's crop",
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
        ("out.gif", "the suffix .gif is not known; use one of .jpg"),
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
    assert sentence in refuses("parse", "face.png", "--output", "out.jpg", "--aligned")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "required: COMMAND; see `maskgan --help`"),
        (["data"], "required: COMMAND; see `maskgan data --help`"),
        (["fly"], "invalid choice: 'fly'"),
        (["edit", "face.png"], "required: --output; see `maskgan edit --help`"),
        ([*EDIT, "--sytle", "x.png"], "unrecognized arguments: --sytle x.png"),
        ([*EDIT, "--regions", "hair"], "give it with --style"),
        ([*EDIT, "--style", "face.png", "--regions", ","], "expected names such as hair,u_lip"),
        ([*EDIT, "--style", "face.png", "--regions", "beard"], "no region 'beard'"),
        ([*EDIT, "--style", "face.png", "--regions", "hair,hat"], "shows no 'hat'"),
        ([*EDIT, "--face", "one"], "argument --face: invalid int value: 'one'"),
        ([*EDIT, "--face", "1"], "Give one of --aligned, --face, --point and --points"),
        (["parse", ".", "--output", "d", "--face", "1"], "leave out --face"),
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
