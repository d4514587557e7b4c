"""Label maps for a folder of photos, which makes the folder a dataset."""

from __future__ import annotations

from pathlib import Path

from tqdm import tqdm

from maskgan import images
from maskgan.editing.editor import Editor
from maskgan.errors import PhotoError

PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


def label_folder(
    editor: Editor, photos: Path, output: Path, aligned: bool = False, progress: bool = True
) -> int:
    """Writes STEM.png into the folder `output` for every photo in the folder `photos` and returns
    how many were written; without `aligned` they are of the crop of its largest face. Label maps
    that are there already are left alone, so a stopped run goes on where it was. Raises
    `PhotoError` for a folder without photos or a photo that cannot be used.
    """
    files = sorted(path for path in photos.iterdir() if path.suffix.lower() in PHOTO_SUFFIXES)
    if not files:
        raise PhotoError(f"{photos} holds no photos (jpg, png or webp).")
    output.mkdir(parents=True, exist_ok=True)
    todo = [path for path in files if not (output / f"{path.stem}.png").exists()]
    for path in tqdm(todo, unit="photo", desc="parse", disable=None if progress else True):
        labels = editor.photo(path, aligned).labels
        images.write_labels(output / f"{path.stem}.png", labels)
    return len(todo)
