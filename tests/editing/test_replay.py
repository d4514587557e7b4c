"""Operations on labels as data: the same as the tools they name, and sentences for all else."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import numpy as np
import pytest
from face_maps import SIZE, face
from hypothesis import given, settings
from hypothesis import strategies as st

from maskgan import images
from maskgan.editing import accessories, attributes, layers, masks, parts, shapes, spectacles
from maskgan.editing.packed import decode_region, encode_region
from maskgan.editing.replay import TOOLS, apply_tool, replay
from maskgan.errors import ConfigError, LabelsError, MaskganError
from maskgan.labels import IDS

LABELS, OTHER = face(), face(2, 1, mouth=1.4, hair=0.9)
STROKE = shapes.stroke((SIZE, SIZE), [(40, 66), (56, 66)], 3)
REGION = encode_region(STROKE)


def whole(region: np.ndarray) -> str:
    return base64.b64encode(zlib.compress(np.packbits(region).tobytes())).decode()


@pytest.mark.parametrize(
    ("tool", "params", "expected"),
    [
        ("paint", {"class": 10, "region": REGION}, masks.paint(LABELS, STROKE, 10)),
        (
            "paint",
            {"class": "mouth", "region": whole(STROKE), "only": [1], "locked": ["u_lip"]},
            masks.paint(LABELS, STROKE, 10, only=[1], locked=["u_lip"]),
        ),
        (
            "attributes",
            {"strengths": {"smile": 0.8, "eye_opening": -0.5}},
            attributes.apply_all(LABELS, {"smile": 0.8, "eye_opening": -0.5}),
        ),
        ("grow", {"classes": [11, 12], "radius": 2}, masks.grow(LABELS, (11, 12), 2)),
        ("shrink", {"part": "hair", "radius": 3, "only": [1]}, masks.shrink(LABELS, 13, 3)),
        ("smooth", {"classes": ["nose"], "radius": 2.5}, masks.smooth(LABELS, 2, 2.5)),
        ("clean_islands", {"min_pixels": 40}, masks.clean_islands(LABELS, None, 40)),
        ("erase", {"region": REGION}, masks.erase(LABELS, STROKE)),
        ("erase", {"part": "mouth"}, masks.erase(LABELS, "mouth")),
        (
            "transform",
            {"part": "nose", "matrix": [[1.2, 0, -9], [0, 1, 2]]},
            parts.transform_part(LABELS, "nose", np.array([[1.2, 0, -9], [0, 1, 2]])),
        ),
        (
            "mirror",
            {"classes": [6, 7], "source": "right", "axis": 50},
            parts.mirror_part(LABELS, "brows", source="right", axis=50),
        ),
        ("spectacles", {"locked": ["hair"]}, spectacles.put_on(LABELS, locked=["hair"])),
        ("cap", {"locked": ["skin"]}, accessories.put_on_cap(LABELS, locked=["skin"])),
        ("earrings", {"only": ["hair"]}, accessories.put_on_earrings(LABELS, only=["hair"])),
        ("necklace", {}, accessories.put_on_necklace(LABELS)),
        (
            "take_part",
            {"part": "mouth", "style": "s"},
            parts.take_part(LABELS, OTHER, "mouth", align=True),
        ),
    ],
)
def test_operations_do_what_the_tools_do(
    tool: str, params: dict[str, Any], expected: np.ndarray
) -> None:
    params = json.loads(json.dumps(params))
    before = LABELS.copy()
    result = apply_tool(LABELS, tool, params, {"s": OTHER})
    np.testing.assert_array_equal(result, expected)
    np.testing.assert_array_equal(LABELS, before)
    if tool != "clean_islands":
        assert (result != LABELS).any()


def test_glasses_and_hats_that_are_erased_are_taken_off() -> None:
    worn = spectacles.put_on(LABELS)
    for names in ({"part": "glasses"}, {"classes": ["eye_g"], "locked": ["nose"]}):
        over = {"locked": names["locked"]} if "locked" in names else {}
        result = apply_tool(worn, "erase", names)
        np.testing.assert_array_equal(result, spectacles.take_off(worn, **over))
    worn = accessories.put_on_cap(LABELS)
    result = apply_tool(worn, "erase", {"part": "hat"})
    np.testing.assert_array_equal(result, accessories.take_off_hat(worn))
    assert (result != masks.erase(worn, "hat")).any()


def test_every_tool_is_tried_above() -> None:
    marks: Any = test_operations_do_what_the_tools_do.pytestmark  # type: ignore[attr-defined]
    assert {case[0] for case in marks[0].args[1]} == TOOLS.keys()


def test_locked_classes_stay_under_sliders() -> None:
    moved = apply_tool(LABELS, "attributes", {"strengths": {"face_width": 1}, "locked": [13]})
    assert (moved != LABELS).any()
    assert (moved[LABELS == 13] == 13).all()


def test_operations_follow_one_another() -> None:
    steps = [
        {"op": "paint", "class": 3, "region": REGION},
        {"op": "grow", "classes": [3], "radius": 2},
    ]
    expected = masks.grow(masks.paint(LABELS, STROKE, 3), 3, 2)
    np.testing.assert_array_equal(replay(LABELS, steps), expected)
    same = replay(LABELS, [])
    assert not np.shares_memory(same, LABELS)
    np.testing.assert_array_equal(same, LABELS)
    assert same is not LABELS


def test_maps_of_another_size_change_only_where_the_operation_did() -> None:
    large = images.resize_labels(LABELS, (200, 200))
    steps = [{"op": "paint", "class": 3, "region": REGION}]
    result = replay(large, steps, size=SIZE)
    changed = images.resize_labels((STROKE & (LABELS != 3)).astype(np.uint8), (200, 200)) > 0
    np.testing.assert_array_equal(result != large, changed)
    assert set(np.unique(result[changed])) == {3}


@pytest.mark.parametrize(
    ("tool", "params", "sentence"),
    [
        ("paintt", {}, "There is no tool 'paintt'; the tools are paint"),
        ("paint", {"class": 1}, "paint needs the parameter 'region'"),
        ("paint", {"class": 1, "region": REGION, "size": 3}, "no parameter 'size'"),
        ("paint", {"class": 19, "region": REGION}, "ids go from 0 to 18"),
        ("paint", {"class": [1], "region": REGION}, "not a class"),
        ("paint", {"class": 1, "region": 5}, "The region is not"),
        ("paint", {"class": 1, "region": "%%"}, "cannot be decoded"),
        ("paint", {"class": 1, "region": REGION | {"rect": [90, 90, 9, 9]}}, "not inside"),
        ("paint", {"class": 1, "region": REGION | {"rect": [0, 0, 1.5, 9]}}, "whole numbers"),
        ("paint", {"class": 1, "region": REGION | {"rect": [0, 0, 96, 96]}}, "cut short"),
        ("attributes", {"strengths": 3}, "no object|not an object"),
        ("attributes", {"strengths": {"smile": 3}}, "expected a number from -1 to 1"),
        ("attributes", {"strengths": {"smile": "1"}}, "expected a number from -1 to 1"),
        ("attributes", {"strengths": {"grin": 1}}, "no attribute 'grin'"),
        ("grow", {"classes": [10], "radius": 1e9}, "from 0 to 512"),
        ("grow", {"classes": [10], "radius": True}, "from 0 to 512"),
        ("grow", {"classes": 1.5, "radius": 1}, "no class and no short list"),
        ("grow", {"classes": list(range(19)) * 4, "radius": 1}, "no short list"),
        ("grow", {"radius": 1}, "one of classes and part"),
        ("grow", {"classes": [3], "radius": 1}, "has no eye_g"),
        ("erase", {}, "one of classes and part"),
        ("erase", {"part": "nose", "region": REGION}, "one of region, classes and part"),
        ("transform", {"part": "nose", "matrix": [[1, 0], [0, 1]]}, "shape \\(2, 3\\)"),
        ("transform", {"part": "nose", "matrix": [[1, 0, 0], [0, 1]]}, "two rows of three"),
        ("transform", {"part": 3, "matrix": [[1, 0, 0], [0, 1, 0]]}, "part is no text"),
        ("mirror", {"part": "nose"}, "no left and right side"),
        ("mirror", {"part": "eyes", "source": "up"}, "left or right"),
        ("take_part", {"part": "nose", "style": "x"}, "no reference face 'x'"),
        ("take_part", {"part": "nose", "style": "s", "align": 1}, "true or false"),
    ],
)
def test_what_cannot_be_done_is_said(tool: str, params: dict[str, Any], sentence: str) -> None:
    with pytest.raises((LabelsError, ConfigError), match=sentence):
        apply_tool(LABELS, tool, params, {"s": OTHER})


@pytest.mark.parametrize("step", [3, {}, {"op": 5}, {"op": "grow", "classes": [3], "radius": 1}])
def test_a_list_says_which_operation_it_was(step: Any) -> None:
    good = {"op": "paint", "class": 1, "region": REGION}
    with pytest.raises(MaskganError, match=r"^Operation 2: "):
        replay(LABELS, [good, step])


def test_a_region_that_inflates_too_far_is_refused_before_it_does() -> None:
    bomb = base64.b64encode(zlib.compress(bytes(100_000_000), 9)).decode()
    with pytest.raises(ConfigError, match="more bytes"):
        decode_region(bomb, (SIZE, SIZE))


@settings(deadline=None)
@given(st.integers(1, 20), st.integers(1, 20), st.randoms(use_true_random=False))
def test_regions_survive_the_way_there_and_back(height: int, width: int, random: Any) -> None:
    region = np.array([random.random() < 0.3 for _ in range(height * width)]).reshape(height, width)
    coded = json.loads(json.dumps(encode_region(region)))
    np.testing.assert_array_equal(decode_region(coded, (height, width)), region)
    x, y, w, h = coded["rect"]
    named = {"rect": {"x": x, "y": y, "w": w, "h": h}, "bits": coded["bits"]}
    np.testing.assert_array_equal(decode_region(named, (height, width)), region)
    np.testing.assert_array_equal(decode_region(whole(region), (height, width)), region)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([*IDS, *layers.PARTS, "s", "left", REGION["bits"], ""]),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(["rect", "bits", "smile"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_whatever_it_is_given_it_answers_with_labels_or_a_sentence(data: st.DataObject) -> None:
    tool = data.draw(st.sampled_from(sorted(TOOLS)))
    names = st.sampled_from(TOOLS[tool].parameters)
    params = data.draw(st.dictionaries(names, VALUES))
    try:
        result = apply_tool(LABELS, tool, params, {"s": OTHER})
    except (LabelsError, ConfigError):
        return
    layers.check(result)


def test_operations_know_whether_the_photo_goes_on() -> None:
    labels = face(size=256)
    # Hair down to the cheeks, which grows.
    beside = np.isin(labels, (0, 18)) & (np.abs(np.arange(256) - 128) < 80)
    beside &= (np.arange(256) > 100)[:, None] & (np.arange(256) < 240)[:, None]
    labels[beside] = 13
    longer = {"op": "attributes", "strengths": {"hair_length": 1}}
    last = [
        np.nonzero(replay(labels, [longer], goes_on=part) == 13)[0].max() for part in (False, True)
    ]
    assert last[1] < last[0] == 255


def test_hair_that_is_taken_ends_within_a_photo_that_goes_on() -> None:
    other = OTHER.copy()
    other[40:, :20] = other[40:, 44:] = 13
    take = {"op": "take_part", "part": "hair", "style": "s"}
    cut_off, ends = (
        replay(LABELS, [take], {"s": other}, goes_on=goes_on) for goes_on in (False, True)
    )
    assert (cut_off[-1] == 13).sum() > 20
    assert not (ends[-1] == 13).any()
    assert not (ends[:, [0, -1]] == 13).any()
    # What is cut is what was there before, and the rest is as it was taken.
    cut = ends != cut_off
    assert (cut_off[cut] == 13).all()
    np.testing.assert_array_equal(ends[cut], LABELS[cut])
    assert (ends == 13).sum() > 0.5 * (cut_off == 13).sum()
    # Own hair stays wherever it ends.
    own = replay(LABELS, [take], {"s": other})
    again = replay(own, [take], {"s": own}, goes_on=True)
    assert (again[-1] == 13).sum() >= 0.9 * (own[-1] == 13).sum()
