"""A photo as it was brought, with all that must survive an edit, and the way back into a file.

Pixels are upright RGB of 8 bits a channel; the values are the file's own where its colour profile
is one of RGB, and sRGB where CMYK or grey had to be converted. Kept: size, alpha, profile, EXIF,
XMP, IPTC, resolution, PNG texts, and how strongly a JPEG was compressed. Not kept: 16 bits, later
frames of animations, thumbnails, further pictures and videos inside the file, signatures. This
module knows no faces and no edits: replace `pixels` and save.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin
from PIL.PngImagePlugin import PngInfo

from maskgan import color, exif, files, images, xmp
from maskgan.errors import MissingExtraError, OutputError
from maskgan.picture import Pixels, Source, decoded, load, name_of, opened, orientation
from maskgan.provenance import Provenance, has_content_credentials, to_xmp

FORMATS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".heic": "HEIF",
    ".heif": "HEIF",
}
"""Suffixes of files that can be written, and Pillow's names of their formats."""
MAX_SIDE = {"JPEG": 65_500, "WEBP": 16_383}
"""Longest side in pixels that a format can hold."""
MAX_SEGMENT = 65_500
"""Most bytes of EXIF or XMP that a JPEG can hold."""
IPTC_RESOURCE = 0x0404
"""Where Photoshop's block in a JPEG holds the IPTC record."""
XMP_TEXT = "XML:com.adobe.xmp"
"""PNG text that holds XMP."""
LOST_CREDENTIALS = "the photo's Content Credentials (C2PA) do not cover this and were left out"


@dataclass(frozen=True)
class JpegEncoding:
    """How strongly a JPEG was compressed, or less strongly."""

    luma: tuple[int, ...]
    """Quantisation table of the brightness, 64 values row by row."""
    chroma: tuple[int, ...]
    subsampling: int
    """Of the colours: 0 = none (4:4:4), 1 = 4:2:2, 2 = 4:2:0."""


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo as it was brought."""

    pixels: Pixels
    """uint8 (H, W, 3) RGB, upright."""
    alpha: NDArray[np.uint8] | None = None
    """uint8 (H, W), 255 = opaque; None when the format or the file has none."""
    icc: bytes | None = None
    """Colour profile of the pixels; None = sRGB."""
    exif: bytes | None = None
    """EXIF block without orientation and thumbnail."""
    xmp: bytes | None = None
    """XMP packet without what only held for the file as it was."""
    iptc: bytes | None = None
    """IPTC record of a JPEG; only JPEGs can hold it."""
    dpi: tuple[float, float] | None = None
    """Pixels per inch across and down."""
    text: Mapping[str, str] = field(default_factory=dict)
    """Texts of a PNG; only PNGs can hold them."""
    format: str | None = None
    """Pillow's name of the file's format, for instance "JPEG"; None for pixels without a file."""
    encoding: JpegEncoding | None = None
    """Of JPEGs only."""
    content_credentials: bool = False
    """Whether the file was signed (C2PA); no edit can keep such a signature valid."""
    name: str = "The picture"
    """What sentences call it: its path, where it has one."""

    @property
    def suffix(self) -> str:
        """Suffix of the format the photo came in; ".png" where that cannot be written."""
        known = {kind: suffix for suffix, kind in reversed(FORMATS.items())}
        return known.get(self.format or "", ".png")


def read_photo(source: Source) -> Photo:
    """A photo from a path, bytes, PIL image or array with all that must survive an edit.

    Any mode is read: grey, palette, CMYK, 16 bits (reduced to 8), with alpha or not; of animations
    the first frame. Damaged EXIF, XMP and profiles are left out. Arrays must be uint8 (H, W, 3).
    Raises `PhotoError`, and `MissingExtraError` for HEIC where its extra is not installed.
    """
    if isinstance(source, np.ndarray):
        return Photo(images.read(source))
    with opened(source) as picture:
        name, info = name_of(source), picture.info
        load(picture, name)
        to_rgb, icc = color.to_rgb(picture)
        pixels, alpha = decoded(picture, name, to_rgb)
        block, packet = _exif_of(info), info.get("xmp")
        return Photo(
            pixels,
            alpha,
            icc,
            exif=exif.for_upright_pixels(block) if block else None,
            xmp=xmp.for_edited_photo(packet) if packet else None,
            iptc=info.get("photoshop", {}).get(IPTC_RESOURCE),
            dpi=info.get("dpi"),
            text=_texts(picture),
            # A JPEG with further pictures behind the first (MPO) is still a JPEG.
            format="JPEG" if picture.format == "MPO" else picture.format,
            encoding=_jpeg_encoding(picture),
            content_credentials=(
                not isinstance(source, Image.Image) and has_content_credentials(source)
            ),
            name=name,
        )


def save_photo(
    photo: Photo, path: str | os.PathLike[str], *, provenance: Provenance | None
) -> None:
    """Writes a photo, whole or not at all; the suffix chooses JPEG, PNG, WebP or HEIC.

    PNG and WebP keep every pixel. A JPEG is compressed as the photo was, if that was a JPEG, else
    at quality 95; it has no alpha, so hidden colours show. `provenance` is written into the XMP
    packet; None leaves the packet as it was. Raises `OutputError`, `MissingExtraError`.
    """
    kind = FORMATS.get(Path(path).suffix.lower())
    if kind is None:
        raise OutputError(
            f"Cannot write {path}: the suffix {Path(path).suffix or '(none)'} is not known; "
            f"use one of {', '.join(FORMATS)}."
        )
    packet = photo.xmp
    if provenance is not None:
        if photo.content_credentials:
            provenance = replace(provenance, summary=f"{provenance.summary}; {LOST_CREDENTIALS}")
        packet = to_xmp(photo.xmp, provenance)
    written = replace(photo, xmp=packet, alpha=None if kind == "JPEG" else photo.alpha)
    _check_fits(written, kind, path)
    with files.replacing(path) as temporary:
        {"JPEG": _write_jpeg, "PNG": _write_png, "WEBP": _write_webp, "HEIF": _write_heif}[kind](
            written, temporary
        )


def _write_jpeg(photo: Photo, path: Path) -> None:
    options: dict[str, Any] = {"quality": 95, "subsampling": 0}
    if (encoding := photo.encoding) is not None:
        tables = [list(encoding.luma), list(encoding.chroma)]
        options = {"qtables": tables, "subsampling": encoding.subsampling}
    if photo.iptc is not None and len(photo.iptc) < MAX_SEGMENT:
        options["extra"] = _photoshop_segment(photo.iptc)
    if photo.dpi is not None:
        options["dpi"] = photo.dpi
    _picture(photo).save(path, "JPEG", **options, **_metadata(photo), xmp=photo.xmp)


def _write_png(photo: Photo, path: Path) -> None:
    texts = PngInfo()
    for key, text in photo.text.items():
        texts.add_text(key, text)
    if photo.xmp is not None:
        texts.add_itxt(XMP_TEXT, photo.xmp.decode())
    options = {} if photo.dpi is None else {"dpi": photo.dpi}
    _picture(photo).save(path, "PNG", pnginfo=texts, **options, **_metadata(photo))


def _write_webp(photo: Photo, path: Path) -> None:
    # Colours under transparent pixels stay as well (exact); five times faster than Pillow's own
    # effort, and a tenth larger.
    options = {"lossless": True, "exact": True, "method": 1, "quality": 20, "xmp": photo.xmp or b""}
    _picture(photo).save(path, "WEBP", **options, **_metadata(photo))


def _write_heif(photo: Photo, path: Path) -> None:
    try:
        from pillow_heif import encode
    except ImportError as error:
        raise MissingExtraError(
            f"Cannot write {path.suffix} files without pillow-heif; install it with: "
            "pip install 'maskgan[heic]'."
        ) from error
    mode, values = "RGB", photo.pixels
    if photo.alpha is not None:
        mode, values = "RGBA", np.dstack([photo.pixels, photo.alpha])
    height, width = photo.pixels.shape[:2]
    # The faster preset takes half the time for files that are 3 % larger.
    options = {"quality": 95, "enc_params": {"preset": "fast"}, "xmp": photo.xmp}
    encode(mode, (width, height), values.tobytes(), path, **options, **_metadata(photo))


def _picture(photo: Photo) -> Image.Image:
    picture = Image.fromarray(photo.pixels)
    if photo.alpha is not None:
        picture.putalpha(Image.fromarray(photo.alpha))
    return picture


def _metadata(photo: Photo) -> dict[str, bytes]:
    """What every format can hold, as Pillow's options."""
    found = {"exif": photo.exif, "icc_profile": photo.icc}
    return {name: value for name, value in found.items() if value is not None}


def _check_fits(photo: Photo, kind: str, path: str | os.PathLike[str]) -> None:
    height, width = photo.pixels.shape[:2]
    limit = MAX_SIDE.get(kind, max(width, height))
    if max(width, height) > limit:
        raise OutputError(
            f"Cannot write {path}: the photo has {width}x{height} pixels, and this format holds at "
            f"most {limit} on a side. Save it as PNG."
        )
    longest = max(len(photo.exif or b""), len(photo.xmp or b""))
    if kind == "JPEG" and longest > MAX_SEGMENT:
        raise OutputError(
            f"Cannot write {path}: the photo carries {longest} bytes of EXIF or XMP, and JPEG "
            f"holds at most {MAX_SEGMENT}. Save it as PNG or WebP."
        )


def _exif_of(info: Mapping[Any, Any]) -> bytes | None:
    """The EXIF block; older PNGs hold it as hexadecimal digits in a text."""
    block: bytes | None = info.get("exif")
    if block is None and (text := info.get("Raw profile type exif")):
        try:
            block = bytes.fromhex("".join(text.split("\n")[3:]))
        except ValueError:
            return None
    return block


def _texts(picture: Image.Image) -> dict[str, str]:
    """The texts of a PNG without those that are held elsewhere."""
    texts: dict[str, str] = getattr(picture, "text", {})
    return {
        key: value
        for key, value in texts.items()
        if key != XMP_TEXT and not key.startswith("Raw profile type")
    }


def _jpeg_encoding(picture: Image.Image) -> JpegEncoding | None:
    """How a JPEG is compressed. Where its channels are not the three that will be written, the
    finest of its tables serve for all; turning it turns the tables."""
    if not isinstance(picture, JpegImagePlugin.JpegImageFile):
        return None
    found = [picture.quantization.get(layer[3], []) for layer in picture.layer]
    if any(len(table) != 64 for table in found):
        return None
    tables = np.asarray(found).reshape(-1, 8, 8)
    luma = chroma = tables.min(axis=0)
    subsampling = 0
    if len(tables) == 3 and picture.info.get("adobe_transform") != 0:
        luma, chroma = tables[0], tables[1:].min(axis=0)
        subsampling = max(JpegImagePlugin.get_sampling(picture), 0)
    if orientation(picture) >= 5:
        luma, chroma = luma.T, chroma.T
        # Pillow writes no colours that are halved downwards only.
        subsampling = 0 if subsampling == 1 else subsampling
    return JpegEncoding(tuple(luma.ravel().tolist()), tuple(chroma.ravel().tolist()), subsampling)


def _photoshop_segment(iptc: bytes) -> bytes:
    """The APP13 segment of a JPEG that holds an IPTC record."""
    block = b"Photoshop 3.0\0" + struct.pack(">4sHHI", b"8BIM", IPTC_RESOURCE, 0, len(iptc)) + iptc
    block += bytes(len(block) % 2)
    return struct.pack(">HH", 0xFFED, len(block) + 2) + block
