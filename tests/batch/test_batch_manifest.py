"""Manifests: what a line may say, and the sentence for what it may not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from maskgan.batch.manifest import AttributeEdit, Job, check_manifest, read_manifest
from maskgan.errors import ConfigError

PLAIN = {"photo": "a.jpg", "labels": "a.png", "output": "a-edited.png"}


def write(folder: Path, *lines: dict[str, Any] | str) -> Path:
    path = folder / "jobs.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def test_every_field_arrives(tmp_path: Path) -> None:
    full = {
        "photo": "in/a.jpg",
        "labels": "a.png",
        "source_labels": "b.png",
        "style": "/else/where/c.jpg",
        "regions": ["hair", "u_lip"],
        "attribute": {"name": "smile", "strength": -0.5},
        "output": "deep/down/a.webp",
        "face": 2,
    }
    path = write(tmp_path, PLAIN, "", "   ", full)
    first, second = read_manifest(path)
    assert (first.line, first.job) == (1, Job(**PLAIN))
    assert (second.line, second.folder) == (4, str(tmp_path))
    assert second.job == Job(
        photo="in/a.jpg",
        labels="a.png",
        source_labels="b.png",
        style="/else/where/c.jpg",
        regions=("hair", "u_lip"),
        attribute=AttributeEdit(name="smile", strength=-0.5),
        output="deep/down/a.webp",
        face=2,
    )
    assert set(second.inputs) == {
        tmp_path / "in" / "a.jpg",
        tmp_path / "a.png",
        tmp_path / "b.png",
        Path("/else/where/c.jpg"),
    }
    assert check_manifest(path, tmp_path / "results") == 2


def test_a_mark_at_the_beginning_and_foreign_letters(tmp_path: Path) -> None:
    path = tmp_path / "jobs.jsonl"
    text = json.dumps(PLAIN | {"photo": "\u00e9t\u00e9.jpg"}, ensure_ascii=False)
    path.write_bytes(text.encode("utf-8-sig"))
    (entry,) = read_manifest(path)
    assert entry.job.photo == "\u00e9t\u00e9.jpg"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{photo: a}", "this is not JSON"),
        ('["a.jpg"]', r'found \["a.jpg"\]; expected a JSON object'),
        ({"labels": "a.png", "output": "b.png"}, "Option photo is required"),
        ({"photo": "a.jpg", "labels": "a.png"}, "Option output is required"),
        (PLAIN | {"label": "a.png"}, "Unknown option label"),
        (PLAIN | {"photo": 3}, "photo got 3; expected str"),
        (PLAIN | {"photo": ""}, "photo is empty"),
        (PLAIN | {"aligned": "yes"}, "aligned got 'yes'; expected bool"),
        ({"photo": "a.jpg", "output": "b.png"}, "asks for no edit"),
        (PLAIN | {"regions": ["hair"]}, "give it with style"),
        (PLAIN | {"project": "e.mgp"}, "cannot be given with labels; write another line"),
        (PLAIN | {"project": ""}, "project is empty"),
        (PLAIN | {"aligned": True, "point": [1, 2]}, "point chooses a face .* aligned says it is"),
        (PLAIN | {"face": 1, "point": [1, 2]}, "face and point each say"),
        (PLAIN | {"point": [1, 2], "points": [[1, 2], [3, 4], [5, 6]]}, "point and points each"),
        (PLAIN | {"point": [1]}, r"point got \[1\]; expected"),
        (PLAIN | {"points": [[1, 2], [3, 4]]}, "points got"),
        (PLAIN | {"point": [1, float("nan")]}, "point holds what is no number"),
        (PLAIN | {"style": "s.jpg", "regions": []}, "regions is empty"),
        (PLAIN | {"style": "s.jpg", "regions": ["hare"]}, "there is no region 'hare'"),
        (PLAIN | {"face": 0}, "face is 0; expected the number of a face, from 1"),
        (PLAIN | {"face": 1, "aligned": True}, "aligned says it is one"),
        (PLAIN | {"attribute": {"name": "smile"}}, "attribute.strength is required"),
        (PLAIN | {"attribute": {"name": "smile", "strength": 1.5}}, "expected -1 to 1"),
        (PLAIN | {"attribute": {"name": "smirk", "strength": 1}}, "there is no attribute 'smirk'"),
        (
            '{"photo": "a", "output": "b.png", "attribute": {"name": "smile", "strength": NaN}}',
            "attribute.strength is nan",
        ),
        (PLAIN | {"output": "../b.png"}, "expected a name inside the folder"),
        (PLAIN | {"output": "/tmp/b.png"}, "expected a name inside the folder"),
        (PLAIN | {"output": "b"}, "expected a picture's file name"),
        (PLAIN | {"output": "errors.jsonl"}, "which the batch keeps for itself"),
        (PLAIN | {"output": ".partial/b.png"}, "which the batch keeps for itself"),
    ],
)
def test_a_line_that_cannot_be_is_named(
    tmp_path: Path, line: dict[str, Any] | str, sentence: str
) -> None:
    path = write(tmp_path, PLAIN, "", line)
    with pytest.raises(ConfigError, match=rf"jobs\.jsonl, line 3: .*{sentence}"):
        check_manifest(path, tmp_path / "results")


@pytest.mark.parametrize("other", ["a-edited.png", "A-Edited.png", "./a-edited.png"])
def test_two_lines_cannot_write_one_file(tmp_path: Path, other: str) -> None:
    path = write(tmp_path, PLAIN, PLAIN | {"output": other})
    with pytest.raises(ConfigError, match=r"line 2: .* is written by line 1 already"):
        check_manifest(path, tmp_path / "results")


def test_no_line_overwrites_what_a_line_reads(tmp_path: Path) -> None:
    path = write(tmp_path, PLAIN | {"output": "b.jpg"}, PLAIN | {"photo": "b.jpg"})
    assert check_manifest(path, tmp_path / "results") == 2
    with pytest.raises(ConfigError, match=r"line 1: output b.jpg would overwrite .* line 2 reads"):
        check_manifest(path, tmp_path)


def test_a_manifest_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none.jsonl cannot be read: No such file"):
        check_manifest(tmp_path / "none.jsonl", tmp_path)
    with pytest.raises(ConfigError, match=r"holds no lines"):
        check_manifest(write(tmp_path, ""), tmp_path)
    (tmp_path / "jobs.jsonl").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    with pytest.raises(ConfigError, match=r"not a text file in UTF-8"):
        check_manifest(tmp_path / "jobs.jsonl", tmp_path)
