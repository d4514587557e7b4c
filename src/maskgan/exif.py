"""EXIF blocks of photos that are edited: what no longer holds is taken out, the rest stays.

A block is bytes as Pillow hands them out: "Exif", two zero bytes, then a small TIFF file. It is
changed in place, not written anew: camera makers' notes hold offsets into the block and would be
lost otherwise. This module knows nothing of pixels; `maskgan.images` turns them upright.
"""

from __future__ import annotations

import struct

HEADER = b"Exif\0\0"
ORIENTATION = 0x0112
JPEG_OFFSET, JPEG_LENGTH = 0x0201, 0x0202
JPEG_START = b"\xff\xd8"
STRIP_OFFSET, STRIP_LENGTH = 0x0111, 0x0117
"""Where the second directory keeps its thumbnail: a JPEG file, or one strip of pixels."""


def for_upright_pixels(block: bytes) -> bytes | None:
    """A block without the orientation, which the pixels now have, and without the thumbnail, which
    shows the photo before the edit. None when nothing is left or the block is damaged."""
    try:
        tiff = _Tiff(block.removeprefix(HEADER))
        tiff.drop_thumbnail()
        tiff.drop_orientation()
        return HEADER + bytes(tiff.data) if tiff.entries() else None
    except (struct.error, ValueError):
        return None


class _Tiff:
    """The first two directories of a TIFF file in memory: IFD0 (photo) and IFD1 (thumbnail).

    A directory is a count of entries (2 bytes), entries of 12 bytes (tag, type, count, value or
    offset of the value) and the offset of the next directory (4 bytes, 0 = none).
    """

    def __init__(self, data: bytes) -> None:
        orders = {b"II*\0": "<", b"MM\0*": ">"}
        if data[:4] not in orders:
            raise ValueError("neither byte order of TIFF")
        self.data = bytearray(data)
        self.order = orders[data[:4]]
        self.first = self._number("I", 4)

    def entries(self, directory: int | None = None) -> dict[int, int]:
        """Tag -> place of its entry; of IFD0 unless told."""
        start = self.first if directory is None else directory
        places = range(start + 2, self._end(start), 12)
        return {self._number("H", place): place for place in places}

    def drop_orientation(self) -> None:
        while (place := self.entries().get(ORIENTATION)) is not None:
            end = self._end(self.first) + 4  # with the offset of the next directory
            self.data[place:end] = self.data[place + 12 : end] + bytes(12)
            self._set("H", self.first, self._number("H", self.first) - 1)

    def drop_thumbnail(self) -> None:
        link = self._end(self.first)
        if link + 4 > len(self.data):
            self.data += bytes(4)  # Some writers leave out the link where nothing follows.
        directory = self._number("I", link)
        self._set("I", link, 0)
        try:
            entries = self.entries(directory) if directory else {}
        except struct.error:
            return  # The link led nowhere, so nothing shows the old photo.
        if JPEG_OFFSET in entries and JPEG_LENGTH in entries:
            start = self._value(entries[JPEG_OFFSET])
            # Offsets that a careless tool left behind lead to what has to stay.
            if self.data[start : start + 2] == JPEG_START:
                self._erase(start, self._value(entries[JPEG_LENGTH]))
        elif STRIP_OFFSET in entries and STRIP_LENGTH in entries:
            self._erase(self._value(entries[STRIP_OFFSET]), self._value(entries[STRIP_LENGTH]))

    def _erase(self, start: int, length: int) -> None:
        """Cuts off the end of the file, or overwrites what lies in the middle with zeros."""
        if start + length >= len(self.data):
            del self.data[max(start, self._end(self.first) + 4) :]
        else:
            self.data[start : start + length] = bytes(length)

    def _end(self, directory: int) -> int:
        return directory + 2 + 12 * self._number("H", directory)

    def _value(self, place: int) -> int:
        short = self._number("H", place + 2) == 3
        return self._number("H" if short else "I", place + 8)

    def _number(self, kind: str, place: int) -> int:
        number: int = struct.unpack_from(self.order + kind, self.data, place)[0]
        return number

    def _set(self, kind: str, place: int, value: int) -> None:
        struct.pack_into(self.order + kind, self.data, place, value)
