"""Annotate mode: the photos of a folder, what is done with each, and the dataset they become.

Every photo has a number, which names its face in the dataset and stays its own when photos are
added. Labels that are saved lie in the drafts until their photo is done; then crop and labels go to
where the layout has them. What stands on disk is the state: a second start, even after a kill, goes
on where the first one stopped. Photos are only read, and nothing outside the output folder is
written. Knows no sessions and no networks.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from maskgan import images
from maskgan.alignment.similarity import Similarity
from maskgan.data.labelled import LabelledFolder
from maskgan.data.manifest import PHOTO_SUFFIXES
from maskgan.data.parts import PartTree
from maskgan.errors import LabelsError, OutputError, PhotoError
from maskgan.images import Pixels
from maskgan.labels import NUM_CLASSES, Labels
from maskgan.photo import read_photo
from maskgan.picture import decoded, opened
from maskgan.web.drafts import Drafts, Layout, Listing, Record, State
from maskgan.web.pictures import fitted, png, webp

SUFFIXES = (*PHOTO_SUFFIXES, ".heic", ".heif")
"""Files of the folder that are photos."""
Choice = Literal["started", "done", "skipped"]
"""States that a person gives a photo."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One photo as the page lists it."""

    number: int
    name: str
    state: State


@dataclass(frozen=True, kw_only=True, eq=False)
class Opening:
    """A photo on its way into a session."""

    name: str
    data: bytes
    """The photo file."""
    aligned: bool
    """True where the photo is the crop."""
    frame: Similarity | None
    """Where its face lies; None where that is not known yet."""
    labels: Labels | None
    """What was saved of its labels."""


class Annotation:
    """The photos in the folder `photos`, labelled into the folder `output`.

    layout: "dataset" = a dataset folder; "parts" = the tree of CelebAMask-HQ. aligned: the photos
    are crops in the CelebA-HQ frame already. Raises `PhotoError` for a folder without photos and
    `OutputError` for an output that holds something else. Safe to use from several threads.
    """

    def __init__(
        self, photos: Path, output: Path, layout: Layout = "dataset", aligned: bool = False
    ) -> None:
        self.photos, self.output, self.layout, self.aligned = photos, output, layout, aligned
        found = _photo_names(photos)
        _check_apart(photos, output)
        self._lock = threading.RLock()
        listing = Listing(layout=layout, aligned=aligned, names=found)
        self._drafts = Drafts(output, listing)
        self._target = PartTree(output) if layout == "parts" else LabelledFolder(output)
        self._target.announce(dict(enumerate(self._drafts.names)))
        there = set(found)
        self._names = {n: name for n, name in enumerate(self._drafts.names) if name in there}
        self._records = {number: self._drafts.record(number) for number in self._names}
        for number in self._names:
            self._mend(number)
        self._settle()

    def __contains__(self, number: object) -> bool:
        return number in self._names

    def __len__(self) -> int:
        return len(self._names)

    @property
    def id(self) -> str:
        """Tells this annotation from every other one, whatever starts there are."""
        return self._drafts.id

    @property
    def done(self) -> int:
        """How many photos are done."""
        return sum(record.state == "done" for record in self._records.values())

    def items(self) -> list[Item]:
        """All photos, in the order of their numbers."""
        return [self.item(number) for number in self._names]

    def item(self, number: int) -> Item:
        """One photo."""
        return Item(number=number, name=self._names[number], state=self._records[number].state)

    def path(self, number: int) -> Path:
        """The photo's own file."""
        return self.photos / self._names[number]

    def thumbnail(self, number: int, side: int) -> bytes:
        """A small WebP picture of the photo, no side longer than `side`. Raises `PhotoError`."""
        with opened(self.path(number)) as picture:
            # A JPEG is decoded no larger than need be, eight times faster.
            picture.draft(None, (2 * side, 2 * side))
            return webp(fitted(decoded(picture, self._names[number])[0], side))

    def open(self, number: int) -> Opening:
        """What a session needs to show a photo. Raises `PhotoError`, also where the file is not the
        one whose labels were saved, and `LabelsError`."""
        with self._lock:
            return Opening(
                name=self._names[number],
                data=self._photo(number),
                aligned=self.aligned,
                frame=self._records[number].frame,
                labels=self._saved(number),
            )

    def choose(self, number: int, frame: Similarity) -> Item:
        """Notes where the face of a photo lies. What was saved for another place, which fits no
        more, is taken away. Raises `PhotoError`, also for a crop of another size than the layout
        has."""
        side = self._target.side
        if side not in (None, frame.side):
            raise PhotoError(
                f"The crop of {self._names[number]} has {frame.side}x{frame.side} pixels; parts of "
                f"CelebAMask-HQ have {side}x{side}. Show where the face is instead."
            )
        with self._lock:
            matrix = tuple(float(value) for value in frame.matrix.ravel())
            before = self._records[number]
            if (before.matrix, before.side) != (matrix, frame.side):
                digest = hashlib.sha256(self._file(number)).hexdigest()
                self._drafts.drop(number)
                self._note(number, Record(sha256=digest, side=frame.side, matrix=matrix))
                self._follow(number)
            return self.item(number)

    def without_face(self, number: int) -> Item:
        """Notes that no face was found in a photo, unless one was pointed at."""
        with self._lock:
            record = self._records[number]
            if not record.matrix and record.state == "new":
                self._note(number, replace(record, state="no-face"))
                self._settle()
            return self.item(number)

    def save(self, number: int, data: bytes, done: bool | None = None) -> Item:
        """Keeps the labels of a photo: raw bytes S x S, row after row. done: whether they are what
        they shall be; None = as before. Raises `LabelsError` and `OutputError`."""
        with self._lock:
            record = self._records[number]
            if not record.matrix:
                raise LabelsError(
                    f"No face of {self._names[number]} is chosen yet; open the photo first."
                )
            self._drafts.keep(number, _labels_of(data, record.side))
            if done is None:
                done = record.state == "done"
            self._finish(number, "done" if done else "started")
            return self.item(number)

    def set_state(self, number: int, state: Choice) -> Item:
        """Marks a photo as done, as skipped, or as neither ("started"; without labels it is new
        again). Raises `LabelsError` for one to be done that has no labels."""
        with self._lock:
            labels = self._saved(number)
            if labels is not None:
                self._drafts.keep(number, labels)
                self._finish(number, state)
            elif state == "done":
                raise LabelsError(
                    f"{self._names[number]} has no labels yet; open it before it is done."
                )
            else:
                self._finish(number, "new" if state == "started" else state)
            return self.item(number)

    def _finish(self, number: int, state: State) -> None:
        """Lets a photo have a state, and its files follow. Its draft stays until they have, so that
        `_mend` can do it after a kill."""
        before = self._records[number]
        try:
            if state != before.state:
                self._note(number, replace(before, state=state))
            self._follow(number)
        except (LabelsError, PhotoError):
            self._note(number, replace(before, state="started"))
            self._follow(number)
            raise
        finally:
            self._settle()

    def _follow(self, number: int) -> None:
        """Brings the files of the dataset to the state of a photo."""
        if self._records[number].state != "done":
            if self._target.begun(number):
                self._target.remove(number)
        elif self._drafts.has(number):
            crop = None if self._target.has(number) else self._crop(number)
            self._target.write(number, crop, self._drafts.read(number))
            self._drafts.drop(number)

    def _mend(self, number: int) -> None:
        """Finishes what a kill interrupted, and believes the disk where it says otherwise."""
        record, drawn = self._records[number], self._drafts.has(number)
        state = record.state
        if state == "done" and not drawn and not self._target.has(number):
            state = "new"
        elif state in ("new", "started"):
            state = "started" if drawn else "new"
        try:
            if state != record.state:
                self._note(number, replace(record, state=state))
            self._follow(number)
        except (LabelsError, PhotoError):
            self._note(number, replace(record, state="started"))
            self._follow(number)

    def _settle(self) -> None:
        """Lets the dataset be complete when nothing is left to do."""
        if not any(record.state in ("new", "started") for record in self._records.values()):
            self._target.finish(self.photos.resolve().name)

    def _saved(self, number: int) -> Labels | None:
        if self._drafts.has(number):
            return self._drafts.read(number)
        return self._target.read(number) if self._target.has(number) else None

    def _crop(self, number: int) -> Pixels:
        pixels = read_photo(self._photo(number)).pixels
        frame = self._records[number].frame
        # The identity cuts nothing out, for a photo that is said to be a crop.
        aligned = frame is None or np.array_equal(frame.matrix, np.eye(3))
        return pixels if aligned or frame is None else frame.crop(pixels)

    def _photo(self, number: int) -> bytes:
        """The photo as sessions see it: its file, of which an aligned one is scaled to the size
        that the layout asks for. Raises `PhotoError`."""
        data, side = self._file(number), self._target.side
        if not self.aligned or side is None:
            return data
        pixels = read_photo(data).pixels
        height, width = pixels.shape[:2]
        if height != width or width < side:
            raise PhotoError(
                f"{self._names[number]} has {width}x{height} pixels; expected an aligned square of "
                f"at least {side}x{side}, the size of the parts."
            )
        return data if width == side else png(images.resize(pixels, (side, side)))

    def _file(self, number: int) -> bytes:
        name, known = self._names[number], self._records[number].sha256
        try:
            data = self.path(number).read_bytes()
        except OSError as error:
            raise PhotoError(f"{name} cannot be read: {error.strerror or error}.") from error
        if known and hashlib.sha256(data).hexdigest() != known:
            raise PhotoError(
                f"{name} is not the photo that was labelled: the file has changed. Put the former "
                "one back, or give the new one another name and start again."
            )
        return data

    def _note(self, number: int, record: Record) -> None:
        self._drafts.note(number, record)
        self._records[number] = record


def _photo_names(folder: Path) -> tuple[str, ...]:
    if not folder.is_dir():
        raise PhotoError(f"{folder} is not a folder; name the folder that holds the photos.")
    names = sorted(
        path.name
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
    )
    if not names:
        raise PhotoError(
            f"{folder} holds no photo; expected files that end in {', '.join(SUFFIXES)}."
        )
    return tuple(names)


def _check_apart(photos: Path, output: Path) -> None:
    """The dataset must not be written among the photos, nor over them."""
    source, target = photos.resolve(), output.resolve()
    if source == target or target in source.parents:
        raise OutputError(
            f"The photos in {photos} lie inside {output}, into which the labels are written; name "
            "another folder for the output."
        )


def _labels_of(data: bytes, side: int) -> Labels:
    if len(data) != side * side:
        raise LabelsError(
            f"The label map has {len(data)} bytes; expected {side}x{side} = {side * side}, one per "
            "pixel of the crop."
        )
    values = np.frombuffer(data, np.uint8).reshape(side, side)
    if values.max(initial=0) >= NUM_CLASSES:
        raise LabelsError(
            f"The label map holds the value {values.max()}; expected 0 to {NUM_CLASSES - 1}."
        )
    return values
