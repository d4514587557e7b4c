"""Pictures that follow each other, as one file: GIF, WebP or MP4, or a folder of PNGs.

Pictures are uint8 (H, W, 3) of one size. A loop goes there and back and rests at both ends. The
mark of an edit goes where the format has room: XMP in GIF, WebP and PNG, the comment in MP4 and
GIF. MP4 needs PyAV (extra `video`). Knows no faces.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from PIL import Image

from maskgan.errors import ConfigError, MissingExtraError, OutputError
from maskgan.images import Pixels
from maskgan.photo import Photo, save_photo
from maskgan.provenance import EDITED_BY_MODEL, GIF_XMP, Provenance, to_xmp

Format = Literal["gif", "webp", "mp4"]

FORMATS: tuple[Format, ...] = get_args(Format)
FRAME_MS = 50
"""Milliseconds that a picture is shown; whole hundredths of a second, in which GIF counts."""
REST_MS = 600
"""Milliseconds that the first and the last picture are shown."""
COLORS = 255
"""Colours of a GIF; one of 256 is left for "as before"."""
PALETTE_PIXELS = 1 << 15
"""About how many pixels a GIF's palette is made of: more take much longer, for colours that are no
nearer."""
WEBP_QUALITY = 90
MP4_QUALITY = "18"
"""Constant rate factor of H.264; 18 is hard to tell from the original."""


def encode(
    frames: Iterable[Pixels],
    format: Format,
    *,
    loop: bool = True,
    provenance: Provenance | None = None,
) -> bytes:
    """The bytes of a moving picture. The same pictures give the same GIF or WebP to the byte; MP4s
    may differ in what nobody sees.

    loop: there and back, without end where the format can say so; else once and only there.
    Raises `ConfigError` for an unknown format or pictures that do not fit together, and
    `MissingExtraError` for MP4 where PyAV is not installed.
    """
    check_format(format)
    pictures = list(frames)
    shapes = {(picture.shape, str(picture.dtype)) for picture in pictures}
    if len(pictures) < 2 or len(shapes) != 1 or pictures[0].shape[2:] != (3,):
        raise ConfigError(
            f"{len(pictures)} frames of {len(shapes)} sizes were given; expected at least two of "
            "one size, uint8 (height, width, 3)."
        )
    order = list(range(len(pictures)))
    if loop:
        order += order[-2:0:-1]
    rests = [REST_MS if n in (0, len(pictures) - 1) else FRAME_MS for n in order]
    writer = {"gif": _gif, "webp": _webp, "mp4": _mp4}[format]
    return writer(pictures, order, rests, loop, provenance)


def format_of(path: Path) -> Format | None:
    """The format of a file by its suffix; None for a folder of PNGs, which has no suffix. Raises
    `OutputError` for another suffix or a place that cannot be written, `MissingExtraError`."""
    if not path.suffix or path.is_dir():
        check_folder(path)
        return None
    for format in FORMATS:
        if path.suffix.lower() == f".{format}":
            check_format(format)
            return format
    raise OutputError(
        f"Cannot write {path}: the suffix {path.suffix} is not known; use "
        f"{', '.join(f'.{format}' for format in FORMATS)}, or a name without one for a folder of "
        "PNGs."
    )


def check_format(format: str) -> None:
    """Raises `ConfigError` for an unknown format and `MissingExtraError` for one that cannot be
    written here, before anything is rendered for it."""
    if format not in FORMATS:
        raise ConfigError(f"There is no format {format!r}; use one of {', '.join(FORMATS)}.")
    if format == "mp4":
        _av()


def write_folder(
    frames: Iterable[Pixels], folder: Path, *, provenance: Provenance | None = None
) -> int:
    """Writes pictures as 0001.png, 0002.png, ... into a new folder, all or none, and returns how
    many. Those that equal the first one get no mark. Raises `OutputError`."""
    check_folder(folder)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.absolute().parent))
    try:
        count, first = 0, None
        for count, picture in enumerate(frames, 1):
            first = picture if first is None else first
            mark = None if np.array_equal(picture, first) else provenance
            save_photo(Photo(picture), partial / f"{count:04}.png", provenance=mark)
        partial.chmod(0o755)
        partial.replace(folder)
    except OSError as error:
        raise OutputError(f"Cannot write {folder}: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return count


def check_folder(folder: Path) -> None:
    """Raises `OutputError` when a folder cannot be made here or holds something already."""
    if not folder.absolute().parent.is_dir():
        raise OutputError(
            f"Cannot write {folder}: the folder around it does not exist. Create it or choose "
            "another place."
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder} is there already; give a new or empty folder.")


def _gif(
    pictures: Sequence[Pixels],
    order: Sequence[int],
    rests: Sequence[int],
    loop: bool,
    provenance: Provenance | None,
) -> bytes:
    palette = _palette(pictures)
    # Dithering spreads errors sideways; without this, still parts of the picture would simmer.
    indices: list[Pixels] = []
    for number, picture in enumerate(pictures):
        found = np.asarray(
            Image.fromarray(picture).quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
        )
        if number:
            same = (picture == pictures[number - 1]).all(axis=2)
            found = np.where(same, indices[-1], found)
        indices.append(found)
    images = []
    for values in indices:
        image = Image.fromarray(values)
        image.putpalette(palette.getpalette() or [])
        images.append(image)
    options: dict[str, Any] = {"loop": 0} if loop else {}
    if provenance is not None:
        options["comment"] = _sentence(provenance).encode("ascii", "replace")
    buffer = io.BytesIO()
    images[order[0]].save(
        buffer,
        "GIF",
        save_all=True,
        append_images=[images[n] for n in order[1:]],
        duration=list(rests),
        disposal=1,
        optimize=False,
        **options,
    )
    data = buffer.getvalue()
    return data if provenance is None else _with_xmp(data, to_xmp(None, provenance))


def _palette(pictures: Sequence[Pixels]) -> Image.Image:
    """One palette for all pictures; what moves counts as much as everything else together."""
    chosen = [pictures[n] for n in np.linspace(0, len(pictures) - 1, 4).astype(int).tolist()]
    every = np.concatenate([picture.reshape(-1, 3) for picture in chosen])
    moving = np.zeros(pictures[0].shape[:2], np.bool_)
    for picture in chosen[1:]:
        moving |= (picture != chosen[0]).any(axis=2)
    moved = np.concatenate([picture[moving] for picture in chosen])
    parts = [
        part[:: max(len(part) * 2 // PALETTE_PIXELS, 1)] for part in (every, moved) if len(part)
    ]
    if len(parts) > 1 and len(parts[1]) < len(parts[0]):
        parts[1] = np.tile(parts[1], (len(parts[0]) // len(parts[1]), 1))
    sample = Image.fromarray(np.concatenate(parts)[None])
    return sample.quantize(COLORS, method=Image.Quantize.MEDIANCUT, kmeans=1)


def _with_xmp(gif: bytes, packet: bytes) -> bytes:
    """A GIF with an XMP packet behind its global palette. The packet is not cut into blocks: the
    258 bytes behind it lead readers that know no XMP out of it."""
    behind = 13 + (3 << (gif[10] & 7) + 1 if gif[10] & 0x80 else 0)
    trailer = b"\1" + bytes(range(255, -1, -1)) + b"\0"
    return gif[:behind] + GIF_XMP + packet + trailer + gif[behind:]


def _webp(
    pictures: Sequence[Pixels],
    order: Sequence[int],
    rests: Sequence[int],
    loop: bool,
    provenance: Provenance | None,
) -> bytes:
    images = [Image.fromarray(picture) for picture in pictures]
    buffer = io.BytesIO()
    images[order[0]].save(
        buffer,
        "WEBP",
        save_all=True,
        append_images=[images[n] for n in order[1:]],
        duration=list(rests),
        loop=0 if loop else 1,
        quality=WEBP_QUALITY,
        method=4,
        xmp=b"" if provenance is None else to_xmp(None, provenance),
    )
    return buffer.getvalue()


def _mp4(
    pictures: Sequence[Pixels],
    order: Sequence[int],
    rests: Sequence[int],
    loop: bool,
    provenance: Provenance | None,
) -> bytes:
    av = _av()
    buffer = io.BytesIO()
    height, width = (size + size % 2 for size in pictures[0].shape[:2])
    with av.open(buffer, "w", format="mp4") as container:
        if provenance is not None:
            container.metadata["comment"] = _sentence(provenance)
        codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
        stream = container.add_stream(codec, rate=1000 // FRAME_MS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"crf": MP4_QUALITY, "preset": "medium"} if codec == "libx264" else {}
        if codec == "mpeg4":
            stream.bit_rate = 8 * width * height
        # Said in the file, since players guess by the size: BT.601, sRGB, 16 to 235.
        context = stream.codec_context
        context.colorspace, context.color_primaries, context.color_trc = 6, 1, 13
        context.color_range = 1
        shown = 0
        for number, rest in zip(order, rests, strict=True):
            picture = pictures[number]
            odd = ((0, height - picture.shape[0]), (0, width - picture.shape[1]), (0, 0))
            frame = av.VideoFrame.from_ndarray(np.pad(picture, odd, mode="edge"), format="rgb24")
            frame = frame.reformat(
                format="yuv420p", dst_colorspace="ITU601", dst_color_range="MPEG"
            )
            for _ in range(rest // FRAME_MS):
                frame.pts, shown = shown, shown + 1
                container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()


def _av() -> Any:
    try:
        import av
    except ImportError as error:
        raise MissingExtraError(
            "MP4 needs PyAV; install it with: pip install 'maskgan[video]'. GIF and WebP need "
            "nothing more."
        ) from error
    return av


def _sentence(provenance: Provenance) -> str:
    """The mark in words, for formats whose readers look at comments."""
    return (
        f"Edited with {provenance.tool} {provenance.version}, {provenance.summary}. Digital source "
        f"type: {EDITED_BY_MODEL} (parts were made by a trained model)."
    )
