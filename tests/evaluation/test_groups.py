"""Groups of people from files and attributes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from painted_faces import painted_faces

from maskgan.errors import DatasetError
from maskgan.evaluation.groups import SMALLEST, by_group, grouped, read_groups


def test_groups_come_from_a_file_and_from_attributes(tmp_path: Path) -> None:
    path = tmp_path / "groups.csv"
    rows = [f"set{n % 2},{n:05d},{'a' if n < 9 else 'b' if n < 19 else ''}" for n in range(24)]
    path.write_text("set,id,group\n" + "\n".join(rows) + "\nset0,99999,c\n")
    told = read_groups(path)
    assert told["set1", "00001"] == "a"
    assert ("set1", "00021") not in told
    face = painted_faces(1)[0]
    faces = [
        replace(face, name=f"{n:05d}", source=f"set{n % 2}", attributes={"Male": int(n < 12)})
        for n in range(24)
    ]
    # One of them carries the name of its source, as where names are not unique.
    faces[3] = replace(faces[3], name="set1-00003")
    found = grouped(faces, told)
    assert set(found) == {"Male", "not Male", "a", "b"}
    assert "set1-00003" in found["a"]
    assert (len(found["a"]), len(found["b"]), len(found["Male"])) == (9, 10, 12)
    assert grouped(faces[: SMALLEST - 1], told) == {}


def test_a_figure_of_one_group_is_no_comparison() -> None:
    entries = {"edit/nose": [("one", {"changed": 4, "followed": 2})]}
    assert by_group(entries, {"a": ["one"], "b": ["two"]}, 0) == {}


def test_what_is_no_file_of_groups_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="Cannot read the groups in"):
        read_groups(tmp_path / "absent.csv")
    (tmp_path / "other.csv").write_text("name,age\nx,3\n")
    with pytest.raises(DatasetError, match=r"has the columns name, age; expected the columns id"):
        read_groups(tmp_path / "other.csv")
    (tmp_path / "empty.csv").write_text("id,group\n")
    with pytest.raises(DatasetError, match=r"has no rows; expected the columns id and group"):
        read_groups(tmp_path / "empty.csv")
