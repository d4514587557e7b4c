"""Ears that hair hides: where they are, and which of them a face shows."""

from __future__ import annotations

import numpy as np
import pytest
from face_maps import face

from maskgan.editing import ears, head
from maskgan.labels import IDS, Labels

LEFT, RIGHT, HAIR, NOSE = (IDS[name] for name in ("l_ear", "r_ear", "hair", "nose"))


def covered(size: int = 256) -> Labels:
    """A face whose ears are below its hair."""
    labels = face(size=size)
    labels[np.isin(labels, (LEFT, RIGHT))] = HAIR
    return labels


def hidden(labels: Labels) -> dict[int, ears.Ear]:
    found = head.find(labels)
    assert found is not None
    return {ear.index: ear for ear in ears.hidden(labels, found)}


def turned(by: float) -> Labels:
    """A face whose nose is to the right of the middle of its eyes, in shares of their distance."""
    labels = covered()
    apart = 20 * 256 / 96
    nose = np.roll(labels == NOSE, round(by * apart), axis=1)
    labels[labels == NOSE] = IDS["skin"]
    labels[nose] = NOSE
    return labels


def test_hair_hides_one_on_each_side() -> None:
    found, own = hidden(covered()), head.find(covered())
    assert own is not None
    assert set(found) == {LEFT, RIGHT}
    # The person's left is at the larger x.
    assert own.middle < found[LEFT].inner < found[LEFT].outer
    assert own.middle > found[RIGHT].inner > found[RIGHT].outer
    for ear in found.values():
        assert own.level - 0.1 * own.half_height < ear.top < ear.bottom < own.ears
        region = ear.region((256, 256))
        rows, columns = np.nonzero(region)
        assert rows.min() == pytest.approx(ear.top, abs=1)
        assert rows.max() == pytest.approx(ear.bottom, abs=1)
        assert columns.min() == pytest.approx(min(ear.inner, ear.outer), abs=1)
        assert columns.max() == pytest.approx(max(ear.inner, ear.outer), abs=1)
        # Wider above than below.
        upper, lower = (region[round(at)].sum() for at in np.quantile(rows, (0.25, 0.8)))
        assert upper > lower


def test_they_are_the_same_in_larger_pictures() -> None:
    small, large = hidden(covered(128)), hidden(covered(512))
    for index, ear in small.items():
        for name in ("inner", "outer", "top", "bottom"):
            assert 4 * getattr(ear, name) == pytest.approx(getattr(large[index], name), abs=8)


def test_the_more_a_face_turns_away_from_one_the_wider_it_is_seen() -> None:
    def width(labels: Labels, index: int) -> float:
        found = hidden(labels)
        return abs(found[index].outer - found[index].inner) if index in found else 0.0

    turns = [turned(by) for by in (-0.05, 0.0, 0.05)]
    # The nose goes to the person's left: the right ear comes to the front.
    right, left = ([width(labels, index) for labels in turns] for index in (RIGHT, LEFT))
    assert right[0] < right[1] < right[2]
    assert left[0] > left[1] > left[2]
    assert set(hidden(turned(0.2))) == {RIGHT}
    assert set(hidden(turned(-0.2))) == {LEFT}


def test_an_ear_that_is_seen_elsewhere_is_not_hidden() -> None:
    labels = face(size=256)
    labels[labels == RIGHT] = HAIR
    higher = np.roll(labels == LEFT, -20, axis=0)
    labels[labels == LEFT] = HAIR
    labels[higher] = LEFT
    assert set(hidden(labels)) == {RIGHT}


@pytest.mark.parametrize("name", ["nose", "l_eye"])
def test_without_eyes_and_a_nose_nobody_knows(name: str) -> None:
    labels = covered()
    labels[labels == IDS[name]] = IDS["skin"]
    assert not hidden(labels)
    # Eyes whose sides are exchanged are those of nobody.
    labels = covered()
    eyes = labels == IDS["l_eye"], labels == IDS["r_eye"]
    labels[eyes[0]], labels[eyes[1]] = IDS["r_eye"], IDS["l_eye"]
    assert not hidden(labels)


def test_a_face_shows_the_ears_that_hair_does_not_cover() -> None:
    labels = face(size=256)
    assert set(ears.shown(labels)) == {LEFT, RIGHT}
    lower = (labels == LEFT) & (np.arange(256)[:, None] < 150)
    labels[lower] = HAIR
    assert ears.shown(labels) == [RIGHT]
    assert ears.shown(covered()) == []
    # Without a head to compare them with, any that are seen are.
    labels = face(size=256)
    labels[np.isin(labels, (IDS["l_eye"], IDS["r_eye"]))] = IDS["skin"]
    assert set(ears.shown(labels)) == {LEFT, RIGHT}
