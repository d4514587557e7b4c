"""Photos without colours stay so, whatever is edited in them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from maskgan import images
from maskgan.alignment.filters import luma
from maskgan.editing import attributes
from maskgan.editing.accessories import put_on_cap, put_on_earrings
from maskgan.editing.editor import Editor, Face
from maskgan.editing.masks import erase
from maskgan.editing.tone import Tone
from maskgan.images import Pixels
from maskgan.labels import Labels
from maskgan.samples import FACE, FOLDER, LABELS


def toned(photo: Pixels, kind: str) -> Pixels:
    grey = luma(photo)
    planes = {
        "grey": (grey, grey, grey),
        "sepia": (grey + 14, 0.95 * grey + 6, 0.78 * grey + 2),
        "cyanotype": (0.75 * grey, 0.9 * grey + 8, 0.95 * grey + 20),
    }
    return np.clip(np.stack(planes[kind], axis=2), 0, 255).astype(np.uint8)


def as_jpeg(photo: Pixels) -> Pixels:
    held = io.BytesIO()
    Image.fromarray(photo).save(held, "JPEG", quality=80)
    return np.asarray(Image.open(held).convert("RGB"))


@pytest.mark.parametrize("kind", ["grey", "sepia", "cyanotype"])
@pytest.mark.parametrize("save", [np.asarray, as_jpeg])
def test_a_toned_photo_is_known_and_its_tone(kind: str, save: type) -> None:
    photo = images.read(FACE)
    tone = Tone.of(save(toned(photo, kind)))
    assert tone is not None
    sample = photo[200:220, 200:220].reshape(-1, 3)
    wanted = toned(photo, kind)[200:220, 200:220].reshape(-1, 3)
    np.testing.assert_allclose(tone.toned(wanted), wanted, atol=5)
    # What is as bright gets the same colour, whatever colour it had.
    brightness = np.rint(luma(sample)[:, None]).repeat(3, 1).astype(np.uint8)
    np.testing.assert_allclose(tone.toned(sample), tone.toned(brightness), atol=2)


@pytest.mark.parametrize("name", ["face", "faces/face-2", "faces/face-3", "faces/sketch"])
def test_a_photo_in_colours_has_none(name: str) -> None:
    assert Tone.of(images.read(FOLDER / f"{name}.png")) is None


def opened(editor: Editor, kind: str) -> Face:
    photo = toned(images.read(FACE), kind)
    return editor.photo(photo, aligned=True, labels=LABELS)


EDITS = {
    "cap": put_on_cap,
    "earrings": put_on_earrings,
    "bald": lambda labels: erase(labels, "hair"),
    "mouth": lambda labels: attributes.apply(labels, "mouth_open", 0.8),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("detail", [True, False])
def test_edits_of_a_grey_photo_are_grey(editor: Editor, edit: str, detail: bool) -> None:
    face = opened(editor, "grey")
    labels: Labels = EDITS[edit](face.labels)
    result = editor.render(face, labels, detail=detail)
    assert result.changed.any()
    assert (np.ptp(result.crop, axis=2) <= 1).all()
    assert (np.ptp(result.photo, axis=2) <= 2).all()


def test_edits_of_a_sepia_photo_are_sepia(editor: Editor) -> None:
    face = opened(editor, "sepia")
    result = editor.render(face, put_on_cap(face.labels))
    red, green, blue = result.crop[result.changed].astype(float).T
    # Between black and white, where nothing is cut.
    inner = (red > 30) & (red < 240)
    grey = (green - 6) / 0.95
    assert np.abs(red - blue - (12 + 0.22 * grey))[inner].max() < 8


def test_a_look_brings_its_colours(editor: Editor) -> None:
    face, other = (
        opened(editor, "grey"),
        editor.photo(FOLDER / "faces" / "face-3.png", aligned=True),
    )
    result = editor.render(face, face.labels, {"hair": other})
    assert np.ptp(result.crop, axis=2).max() > 15
