"""Colour profiles of photos: applied where they must be, kept where they can be."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from maskgan.photo import read_photo
from photo_files import cmyk_profile, encoded, gray_profile, scene

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
def test_grey_profiles_are_applied_and_dropped(mode: str) -> None:
    picture = Image.new("L", (40, 40), 128).convert(mode if mode != "I;16" else "L")
    if mode == "I;16":
        picture = Image.fromarray(np.full((40, 40), 128 * 257, np.uint16))
    photo = read_photo(encoded(picture, "PNG", icc_profile=gray_profile(1.0)))
    # Half the light is 188 of 255 in sRGB.
    assert np.abs(photo.pixels.astype(int) - 188).max() <= 1
    assert photo.icc is None
    assert (photo.alpha is None) == (mode != "LA")


def test_cmyk_profiles_are_applied_and_dropped() -> None:
    picture = Image.new("CMYK", (96, 64), (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), (0, 0, 32, 64))
    picture.paste((255, 0, 0, 0), (32, 0, 64, 64))
    photo = read_photo(encoded(picture, "JPEG", quality=100, icc_profile=cmyk_profile()))
    assert photo.pixels[:, :24].max() <= 2
    # Lab (50, 0, 0) is 119 of 255 in sRGB; without the profile this would be cyan.
    assert np.abs(photo.pixels[:, 40:56].astype(int) - 119).max() <= 3
    assert photo.pixels[:, 72:].min() >= 253
    assert photo.icc is None


def test_cmyk_jpegs_are_inverted_only_with_adobes_marker() -> None:
    picture = Image.new("CMYK", (64, 64), (0, 200, 200, 0))
    data = encoded(picture, "JPEG", quality=100)
    red = read_photo(data).pixels
    assert red[..., 0].min() > 250
    assert red[..., 1:].max() < 60
    marker = data.index(b"\xff\xee")
    length = struct.unpack_from(">H", data, marker + 2)[0]
    plain = read_photo(data[:marker] + data[marker + 2 + length :]).pixels
    assert plain[..., 0].max() < 5
    # The same bytes now mean the inks that are left: 255, 55, 55, 255.
    assert plain.max() < 5


def test_profiles_that_do_not_fit_are_dropped() -> None:
    picture = Image.fromarray(scene())
    for wrong in (gray_profile(1.0), cmyk_profile(), b"no profile at all"):
        photo = read_photo(encoded(picture, "PNG", icc_profile=wrong))
        assert photo.icc is None
        np.testing.assert_array_equal(photo.pixels, scene())
    broken = gray_profile(1.0)[:140]
    photo = read_photo(encoded(picture.convert("L"), "PNG", icc_profile=broken))
    np.testing.assert_array_equal(photo.pixels[..., 0], np.asarray(picture.convert("L")))
    # Grey in a profile of RGB is that profile's grey.
    assert read_photo(encoded(picture.convert("L"), "JPEG", icc_profile=SRGB)).icc == SRGB


def test_lab_pictures_are_read() -> None:
    data = encoded(Image.new("LAB", (40, 40), (128, 128, 128)), "TIFF")
    # Lab (50, 0, 0) is 119 of 255 in sRGB.
    assert np.abs(read_photo(data).pixels.astype(int) - 119).max() <= 2
