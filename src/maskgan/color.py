"""Colour profiles: how the channels of a picture become RGB, and which profile then holds.

The project works on the values of RGB pictures as they are and carries their profile along. CMYK,
grey and Lab pictures with a profile are converted to sRGB by it, since nothing else could be
written back into an RGB file.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TypeAlias

from PIL import Image, ImageChops, ImageCms

Conversion: TypeAlias = Callable[[Image.Image], Image.Image]
"""A band of a picture, 8 bits a channel -> mode RGB."""
GREY_MODES = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "F")


def to_rgb(picture: Image.Image) -> tuple[Conversion | None, bytes | None]:
    """How to turn bands of a picture into RGB (None: as Pillow does) and the profile that the
    result is in (None: sRGB). A profile that is damaged, or made for other channels than the
    picture has, is left out."""
    icc: bytes | None = picture.info.get("icc_profile")
    space = icc[16:20] if icc else b""
    if picture.mode == "LAB":
        lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        return _through(lab, "LAB"), None
    if picture.mode == "CMYK":
        convert = _through(icc, "CMYK") if icc and space == b"CMYK" else None
        plain = picture.format in ("JPEG", "MPO") and "adobe" not in picture.info
        return (_not_inverted(convert) if plain else convert), None
    if icc and space == b"GRAY" and picture.mode in GREY_MODES:
        return _through(icc, "L"), None
    return None, icc if space == b"RGB " else None


def _through(profile: bytes | ImageCms.ImageCmsProfile, mode: str) -> Conversion | None:
    """From a mode in a profile to sRGB; None when the profile is damaged."""
    try:
        source = io.BytesIO(profile) if isinstance(profile, bytes) else profile
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError):
        return None

    def convert(band: Image.Image) -> Image.Image:
        return transform.apply(band if band.mode == mode else band.convert(mode))

    return convert


def _not_inverted(convert: Conversion | None) -> Conversion:
    """For JPEGs without Adobe's marker: Pillow takes all CMYK in JPEGs to be inverted, but only
    Adobe's is."""

    def turned(band: Image.Image) -> Image.Image:
        plain = ImageChops.invert(band)
        return plain.convert("RGB") if convert is None else convert(plain)

    return turned
