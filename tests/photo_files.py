"""Photo files as cameras and programs write them, made by hand where Pillow writes none."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, TiffImagePlugin

ORIENTATION = ExifTags.Base.Orientation


def scene(height: int = 96, width: int = 128) -> NDArray[np.uint8]:
    """Smooth shapes and a little grain, as a photo has, without any symmetry."""
    row, column = np.mgrid[0:height, 0:width].astype(float)
    noise = np.random.default_rng(7).normal(0, 4, (height, width, 3))
    waves = [
        128 + 90 * np.sin(column / 17) * np.cos(row / 23),
        60 + column + row / 3,
        200 - row - column / 5,
    ]
    return np.clip(np.stack(waves, axis=2) + noise, 0, 255).astype(np.uint8)


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def camera_exif(orientation: int = 1, thumbnail: bool = True) -> bytes:
    """EXIF as cameras write it: maker, date, place, maker's note, orientation, thumbnail."""
    block = Image.Exif()
    block[ExifTags.Base.Make] = "Maker"
    block[ExifTags.Base.Model] = "Model 5"
    block[ORIENTATION] = orientation
    block[ExifTags.Base.DateTime] = "2024:05:06 07:08:09"
    details = block.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = "2024:05:06 07:08:09"
    details[ExifTags.Base.FNumber] = TiffImagePlugin.IFDRational(28, 10)
    details[ExifTags.Base.MakerNote] = b"Nikon\0\2\x10\0\0" + bytes(range(64))
    place = block.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef] = "N"
    place[ExifTags.GPS.GPSLatitude] = (48.0, 51.0, 24.5)
    data = block.tobytes()
    return with_thumbnail(data) if thumbnail else data


def with_thumbnail(block: bytes) -> bytes:
    """Adds a second directory with a JPEG thumbnail behind everything else."""
    buffer = io.BytesIO()
    Image.fromarray(scene()).resize((32, 24)).save(buffer, "JPEG")
    tiff = bytearray(block[6:])
    order = "<" if tiff[:2] == b"II" else ">"
    first = struct.unpack_from(order + "I", tiff, 4)[0]
    link = first + 2 + 12 * struct.unpack_from(order + "H", tiff, first)[0]
    struct.pack_into(order + "I", tiff, link, len(tiff))
    picture = buffer.getvalue()
    start = len(tiff) + 2 + 2 * 12 + 4
    tiff += struct.pack(order + "H", 2)
    tiff += struct.pack(order + "HHII", 0x0201, 4, 1, start)
    tiff += struct.pack(order + "HHII", 0x0202, 4, 1, len(picture))
    return block[:6] + bytes(tiff) + bytes(4) + picture


def png(width: int, height: int, bits: int, kind: int, pixels: bytes) -> bytes:
    """A PNG written by hand, for what Pillow does not write."""

    def chunk(name: bytes, body: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + checksum

    head = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    chunks = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def gray_profile(gamma: float) -> bytes:
    """A colour profile of grey with a pure power as its curve."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    return profile(b"GRAY", b"XYZ ", {b"kTRC": curve, b"wtpt": white})


def cmyk_profile() -> bytes:
    """A colour profile in which black ink gives Lab (0, 0, 0), cyan ink Lab (50, 0, 0), a grey,
    and paper Lab (100, 0, 0), whatever the other inks do."""
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0])
    table += struct.pack(">9i", *(65536 * np.eye(3, dtype=int)).ravel().tolist())
    table += bytes(range(256)) * 4
    for node in range(16):
        table += bytes([0 if node & 1 else 128 if node & 8 else 255, 128, 128])
    table += bytes(range(256)) * 3
    return profile(b"CMYK", b"Lab ", {b"A2B0": table})


def profile(space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        table += name + struct.pack(">II", start + len(body), len(tag))
        body += tag + bytes(-len(tag) % 4)
    head = struct.pack(
        ">I4sI4s4s4s", start + len(body), b"lcms", 0x02400000, b"prtr", space, connection
    )
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head + bytes(128 - len(head)) + table + body
