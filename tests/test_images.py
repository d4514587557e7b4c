"""Pixels in and out: every change of form and back, and every refusal."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from PIL import Image

from maskgan import images
from maskgan.errors import LabelsError, OutputError, PhotoError
from maskgan.labels import NUM_CLASSES, PALETTE_A, order_a_to_b
from tiny_bundle import face_labels

pixels = arrays.arrays(np.uint8, st.tuples(*[st.integers(32, 40)] * 2, st.just(3)))
label_maps = arrays.arrays(
    np.uint8, st.tuples(*[st.integers(1, 12)] * 2), elements=st.integers(0, NUM_CLASSES - 1)
)


def ramp(height: int = 40, width: int = 56) -> NDArray[np.uint8]:
    """A picture in which every pixel differs from its neighbours in a known way."""
    row, column = np.mgrid[0:height, 0:width]
    return np.stack([row * 4, column * 4, row + column], axis=2).astype(np.uint8)


@given(pixels)
def test_float_round_trip(photo: NDArray[np.uint8]) -> None:
    values = images.to_float(photo)
    assert values.shape == (1, 3, *photo.shape[:2])
    assert values.dtype == np.float32
    assert values.min() >= -1
    assert values.max() <= 1
    np.testing.assert_array_equal(images.to_uint8(values)[0], photo)


def test_uint8_clips_and_rounds() -> None:
    values = np.asarray([-2, -1, 0.9999, 2], np.float32).reshape(1, 1, 1, 4).repeat(3, axis=1)
    assert images.to_uint8(values)[0, 0, :, 0].tolist() == [0, 0, 255, 255]


@given(label_maps)
def test_one_hot(values: NDArray[np.uint8]) -> None:
    hot = images.one_hot(values)
    assert hot.shape == (1, NUM_CLASSES, *values.shape)
    np.testing.assert_array_equal(hot.sum(axis=1), np.ones((1, *values.shape)))
    np.testing.assert_array_equal(hot.argmax(axis=1)[0], values)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".PNG"])
def test_lossless_files_keep_every_pixel(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"photo{suffix}"
    images.write(path, ramp())
    np.testing.assert_array_equal(images.read(path), ramp())


def test_jpeg_is_close(tmp_path: Path) -> None:
    images.write(tmp_path / "photo.jpg", ramp())
    assert np.abs(images.read(tmp_path / "photo.jpg").astype(int) - ramp()).mean() < 2


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(tmp_path: Path, orientation: int) -> None:
    inverse = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = Image.fromarray(ramp())
    if orientation in inverse:
        stored = stored.transpose(inverse[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "photo.png", exif=exif)
    np.testing.assert_array_equal(images.read(tmp_path / "photo.png"), ramp())


def test_16_bit_grey_is_scaled_not_clipped(tmp_path: Path) -> None:
    values = np.linspace(0, 65535, 40 * 40).reshape(40, 40).astype(np.uint16)
    Image.fromarray(values).save(tmp_path / "photo.png")
    found = images.read(tmp_path / "photo.png")
    np.testing.assert_array_equal(found[:, :, 0], np.rint(values / 257))
    np.testing.assert_array_equal(found[:, :, 0], found[:, :, 2])


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "HSV", "YCbCr"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    picture = Image.fromarray(ramp()).convert(mode)
    expected = np.asarray(picture.convert("RGB"))
    np.testing.assert_array_equal(images.read(picture), expected)


def test_reading_leaves_the_source_alone() -> None:
    picture = Image.fromarray(ramp())
    images.read(picture)
    assert picture.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(picture), ramp())


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (b"", r"is empty \(0 bytes\)"),
        (b"GIF89a but not really", "is not a picture"),
        (np.zeros((40, 40), np.uint8), r"shape \(40, 40\); expected uint8 \(height, width, 3\)"),
        (np.zeros((40, 40, 3), np.float32), "array of float32"),
        (np.zeros((40, 31, 3), np.uint8), "31x40 pixels; expected at least 32"),
        (Image.new("RGB", (40, 31)), "40x31 pixels; expected at least 32"),
    ],
)
def test_unusable_photos(source: images.Source, sentence: str) -> None:
    with pytest.raises(PhotoError, match=sentence):
        images.read(source)


def test_unknown_suffix(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"suffix \.bmp is not known"):
        images.write(tmp_path / "photo.bmp", ramp())
    with pytest.raises(OutputError, match=r"use a name that ends in \.png"):
        images.write_labels(tmp_path / "labels.jpg", face_labels())
    assert list(tmp_path.iterdir()) == []


@given(label_maps)
def test_label_bytes_round_trip(values: NDArray[np.uint8]) -> None:
    data = images.encode_labels(values)
    np.testing.assert_array_equal(
        images.read_labels(data, (values.shape[0], values.shape[1])), values
    )
    with Image.open(io.BytesIO(data)) as picture:
        assert (picture.format, picture.mode, picture.info[images.ORDER_KEY]) == ("PNG", "P", "A")


def test_label_file(tmp_path: Path) -> None:
    path = tmp_path / "labels.png"
    images.write_labels(path, face_labels())
    assert path.read_bytes() == images.encode_labels(face_labels())
    with Image.open(path) as picture:
        shown = np.asarray(picture.convert("RGB"))
    np.testing.assert_array_equal(shown, np.asarray(PALETTE_A, np.uint8)[face_labels()])


@pytest.mark.parametrize("mode", ["P", "L"])
def test_label_modes(mode: str) -> None:
    picture = images.label_picture(face_labels())
    if mode == "L":
        picture = Image.fromarray(face_labels())
    assert picture.mode == mode
    np.testing.assert_array_equal(images.read_labels(picture), face_labels())


def test_other_order_is_refused_by_geometry_and_by_name() -> None:
    swapped = order_a_to_b(face_labels())
    with pytest.raises(LabelsError, match="other label order"):
        images.read_labels(swapped)
    with pytest.raises(LabelsError, match="other label order"):
        images.read_labels(face_labels(), order="B")
    # A caller or a file that names order A is believed.
    np.testing.assert_array_equal(images.read_labels(swapped, order="A"), swapped)
    np.testing.assert_array_equal(images.read_labels(images.encode_labels(swapped)), swapped)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (np.zeros((8, 9), np.uint8), "9x8 pixels; expected 8x8"),
        (np.full((8, 8), 19, np.uint8), r"value 19; expected 0\.\.18"),
        (np.full((8, 8), -1, np.int64), r"value -1; expected 0\.\.18"),
        (np.zeros((8, 8), np.float64), "array of float64"),
        (np.zeros((8, 8, 3), np.uint8), "array of uint8 with shape"),
        (Image.new("RGB", (8, 8)), "mode RGB"),
        (b"", "is empty"),
    ],
)
def test_unusable_labels(source: images.Source, sentence: str) -> None:
    with pytest.raises(LabelsError, match=sentence):
        images.read_labels(source, (8, 8))


def test_resize() -> None:
    assert images.resize(ramp(), (20, 28)).shape == (20, 28, 3)
    np.testing.assert_array_equal(images.resize(ramp(), (40, 56)), ramp())
    flat = np.full((40, 56, 3), 77, np.uint8)
    assert np.unique(images.resize(flat, (90, 31))).tolist() == [77]


def test_a_part_is_resized_as_it_is_in_the_whole() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (60, 80, 3)).astype(np.uint8)
    small = images.resize(noise, (30, 40))
    part = images.resize(noise, (10, 20), (20, 30, 60, 50))
    np.testing.assert_array_equal(part, small[15:25, 10:30])
    values = noise[:, :, 0] % 19
    np.testing.assert_array_equal(
        images.resize_labels(values, (10, 20), (20, 30, 60, 50)),
        images.resize_labels(values, (30, 40))[15:25, 10:30],
    )
    np.testing.assert_array_equal(
        images.resize(noise, (20, 40), (20, 30, 60, 50)), noise[30:50, 20:60]
    )


@given(label_maps, st.integers(1, 30), st.integers(1, 30))
def test_resized_labels_have_no_new_values(
    values: NDArray[np.uint8], height: int, width: int
) -> None:
    scaled = images.resize_labels(values, (height, width))
    assert scaled.shape == (height, width)
    assert set(np.unique(scaled)) <= set(np.unique(values))
