"""Packs: a dataset folder at one size inside one uncompressed zip, small enough to carry."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from tqdm import tqdm

from maskgan import files, images
from maskgan.data.folder import FaceFolder
from maskgan.errors import ConfigError, DatasetError

START_QUALITY = 92
"""WebP quality of the first attempt."""
LOWEST_QUALITY = 60
"""Below this a pack would teach artefacts instead of faces."""


def pack(
    folders: Sequence[str | Path],
    output: str | Path,
    *,
    size: int = 256,
    max_mib: float | None = None,
    progress: bool = True,
) -> int:
    """Writes the labelled faces of dataset folders, scaled to `size`, into the zip file `output`
    and returns their number. The split of every face is kept, and so are
    attributes that all folders know.

    With `max_mib` the quality is lowered until the pack fits; `DatasetError` says how far off it is
    when even the lowest does not. Whole or not at all: an attempt that is too large is never seen
    under the output's name.
    """
    if size < images.MIN_SIDE:
        raise ConfigError(f"size is {size}; expected at least {images.MIN_SIDE} pixels.")
    sources = [FaceFolder(folder) for folder in folders]
    quality = START_QUALITY
    with files.replacing(output) as temporary:
        while True:
            count = _write(sources, temporary, size, quality, progress)
            mib = temporary.stat().st_size / 2**20
            if max_mib is None or mib <= max_mib:
                return count
            if quality <= LOWEST_QUALITY:
                raise DatasetError(
                    f"{count} faces at {size} px take {mib:.2f} MiB at WebP quality {quality}, "
                    f"more than {max_mib} MiB; pack fewer faces or a smaller size."
                )
            # The file grows about as fast as this from quality 60 to 92.
            quality = max(LOWEST_QUALITY, min(quality - 4, int(quality * max_mib / mib)))


def _write(sources: list[FaceFolder], path: Path, size: int, quality: int, progress: bool) -> int:
    faces: dict[str, dict[str, Any]] = {}
    attributes = [source.attributes() for source in sources]
    names = _shared_attributes(attributes)
    # Stems of several folders may collide, and so may the names of the folders.
    prefixes = [f"{number:02d}-" if len(sources) > 1 else "" for number in range(len(sources))]
    todo = [
        (source, stem, prefix + stem, split, known.get(stem, {}))
        for source, prefix, known in zip(sources, prefixes, attributes, strict=True)
        for stem, split in sorted(source.splits().items())
        if stem in source.labelled
    ]
    if not todo:
        places = ", ".join(str(source.path) for source in sources)
        raise DatasetError(f"No labelled face in {places}; expected images/ and labels/.")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        bar = tqdm(todo, unit="face", desc="pack", disable=None if progress else True)
        for source, stem, name, split, known in bar:
            photo = images.resize(source.photo(stem), (size, size))
            labels = images.resize_labels(source.labels(stem), (size, size))
            buffer = io.BytesIO()
            Image.fromarray(photo).save(buffer, "WEBP", quality=quality, method=4)
            archive.writestr(f"images/{name}.webp", buffer.getvalue())
            archive.writestr(f"labels/{name}.png", images.encode_labels(labels))
            faces[name] = {"split": split}
            if names and known:
                faces[name]["attributes"] = [known[each] for each in names]
        described = {"format": 1, "attribute_names": names, "faces": faces}
        archive.writestr("dataset.json", json.dumps(described))
    return len(todo)


def _shared_attributes(attributes: list[Mapping[str, Mapping[str, int]]]) -> list[str]:
    """The names of the attributes that are known in every folder that knows any."""
    known = [list(next(iter(faces.values()))) for faces in attributes if faces]
    return [name for name in known[0] if all(name in names for names in known)] if known else []
