"""Moving pictures as files: what is shown, for how long, and what they say of themselves."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from maskgan.editing.film import FORMATS, FRAME_MS, REST_MS, Format, encode, write_folder
from maskgan.errors import ConfigError, OutputError
from maskgan.images import Pixels
from maskgan.provenance import Provenance, read_provenance

MARK = Provenance("maskgan", "0.0", "a smile")
HEIGHT, WIDTH = 65, 67
COUNT = 9


@pytest.fixture(scope="module")
def way() -> list[Pixels]:
    """A bright block that moves over a dark slope."""
    row, column = np.mgrid[:HEIGHT, :WIDTH]
    ground = np.dstack([row + 20, column + 40, (row + column) // 2]).astype(np.uint8)
    pictures = []
    for number in range(COUNT):
        picture = ground.copy()
        picture[20:40, 5 * number : 5 * number + 16] = (240, 180, 150)
        pictures.append(picture)
    return pictures


def shown(data: bytes) -> Iterator[tuple[Pixels, int]]:
    """The pictures of a GIF or WebP and how many milliseconds each is shown."""
    with Image.open(io.BytesIO(data)) as file:
        for picture in ImageSequence.Iterator(file):
            pixels = np.asarray(picture.convert("RGB"))
            yield pixels, int(picture.info["duration"])


@pytest.mark.parametrize("format", ["gif", "webp"])
def test_a_loop_goes_there_and_back(way: list[Pixels], format: Format) -> None:
    data = encode(way, format)
    pictures, times = zip(*shown(data), strict=True)
    assert list(times) == [REST_MS, *[FRAME_MS] * (COUNT - 2), REST_MS, *[FRAME_MS] * (COUNT - 2)]
    for number, picture in enumerate(pictures):
        expected = way[min(number, 2 * (COUNT - 1) - number)]
        assert np.abs(picture.astype(int) - expected).mean() < 4
    with Image.open(io.BytesIO(data)) as file:
        assert file.info["loop"] == 0
    assert data == encode(iter(way), format)
    assert len(list(shown(encode(way, format, loop=False)))) == COUNT


def test_still_parts_of_a_gif_do_not_simmer(way: list[Pixels]) -> None:
    still = np.ones((HEIGHT, WIDTH), np.bool_)
    for picture in way:
        still &= (picture == way[0]).all(axis=2)
    assert 0.5 < still.mean() < 1
    pictures = [picture for picture, _ in shown(encode(way, "gif"))]
    for picture in pictures:
        np.testing.assert_array_equal(picture[still], pictures[0][still])


def test_an_mp4_plays_everywhere_and_holds_its_ends(way: list[Pixels]) -> None:
    av = pytest.importorskip("av", reason="the extra video is not installed")
    data = encode(way, "mp4", provenance=MARK)
    with av.open(io.BytesIO(data)) as file:
        stream = file.streams.video[0]
        assert (stream.width, stream.height) == (WIDTH + 1, HEIGHT + 1)
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert "a smile" in file.metadata["comment"]
        pictures = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
    rest = REST_MS // FRAME_MS
    assert len(pictures) == 2 * rest + 2 * (COUNT - 2)
    for number, expected in ((0, way[0]), (rest - 1, way[0]), (rest + COUNT - 2, way[-1])):
        found = pictures[number][:HEIGHT, :WIDTH].astype(int)
        assert np.abs(found - expected).mean() < 4


@pytest.mark.parametrize("format", ["gif", "webp"])
def test_the_mark_can_be_read_back(way: list[Pixels], format: Format, tmp_path: Path) -> None:
    path = tmp_path / f"marked.{format}"
    path.write_bytes(encode(way, format, provenance=MARK))
    marks = read_provenance(path)
    assert marks.by_model
    assert marks.history[0].parameters == "a smile"
    assert len(list(shown(path.read_bytes()))) == 2 * (COUNT - 1)
    path.write_bytes(encode(way, format))
    assert not read_provenance(path).by_model
    with Image.open(io.BytesIO(encode(way, "gif", provenance=MARK))) as file:
        assert b"a smile" in file.info["comment"]


def test_a_folder_is_written_whole_or_not_at_all(way: list[Pixels], tmp_path: Path) -> None:
    assert write_folder(way, tmp_path / "frames", provenance=MARK) == COUNT
    names = sorted(path.name for path in (tmp_path / "frames").iterdir())
    assert names == [f"{number:04}.png" for number in range(1, COUNT + 1)]
    with Image.open(tmp_path / "frames" / "0005.png") as file:
        np.testing.assert_array_equal(np.asarray(file), way[4])
    assert not read_provenance(tmp_path / "frames" / "0001.png").by_model
    assert read_provenance(tmp_path / "frames" / "0009.png").by_model
    with pytest.raises(OutputError, match="there already"):
        write_folder(way, tmp_path / "frames")
    with pytest.raises(OutputError, match="folder around it does not exist"):
        write_folder(way, tmp_path / "none" / "frames")

    def stopped() -> Iterator[Pixels]:
        yield way[0]
        raise OutputError("stopped.")

    with pytest.raises(OutputError, match="stopped"):
        write_folder(stopped(), tmp_path / "half")
    assert [path.name for path in tmp_path.iterdir()] == ["frames"]


def test_pictures_that_do_not_fit_together_are_refused(way: list[Pixels]) -> None:
    for pictures in ([], way[:1], [way[0], way[1][:-1]], [way[0][..., 0]] * 2):
        with pytest.raises(ConfigError, match="at least two of one size"):
            encode(pictures, "gif")
    with pytest.raises(ConfigError, match=f"use one of {', '.join(FORMATS)}"):
        encode(way, "avi")  # type: ignore[arg-type]
