"""Sliders: what they move, how it grows with the strength, and what they leave alone."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from face_maps import face
from hypothesis import given, settings
from hypothesis import strategies as st

from maskgan.editing import attributes, deformation, masks, parts, regions
from maskgan.editing.attributes import ATTRIBUTES, SLIDERS, apply, apply_all, sliders
from maskgan.errors import ConfigError, LabelsError
from maskgan.images import read_labels
from maskgan.labels import IDS, NUM_CLASSES, Labels, mirror

STRENGTHS = (-1, -0.6, -0.3, 0, 0.3, 0.6, 1)
GROUND = {"background", "skin", "neck", "cloth"}
MOVES = {
    "smile": {"mouth", "u_lip", "l_lip", "skin"},
    "mouth_open": {"mouth", "u_lip", "l_lip", "skin"},
    "lip_fullness": {"mouth", "u_lip", "l_lip", "skin"},
    "eye_opening": {"l_eye", "r_eye", "skin", "eye_g"},
    "brow_height": {"l_brow", "r_brow", "skin", "eye_g"},
    "nose_width": {"nose", "skin", "eye_g"},
    "face_width": GROUND | {"hair", "hat", "l_ear", "r_ear", "eye_g", "ear_r", "neck_l"},
    "hair_volume": {"hair", "background", "cloth"},
    "hair_length": GROUND | {"hair", "l_ear", "r_ear", "hat"},
}
"""Slider -> classes that may lose or gain pixels."""


def long_hair(size: int = 96) -> Labels:
    """A face with hair down to the shoulders on both sides."""
    labels, scale = face(size=size), size / 96
    for left, right in ((17, 26), (70, 79)):
        strand = [(left, 36), (right, 36), (right, 80), (left, 80)]
        labels = masks.paint_polygon(
            labels,
            [(x * scale, y * scale) for x, y in strand],
            "hair",
            only=("background", "l_ear", "r_ear"),
        )
    return labels


def rows_of(labels: Labels, *names: str) -> np.ndarray:
    return np.nonzero(np.isin(labels, [IDS[name] for name in names]))[0]


def columns_of(labels: Labels, *names: str) -> np.ndarray:
    return np.nonzero(np.isin(labels, [IDS[name] for name in names]))[1]


def area(labels: Labels, *names: str) -> int:
    return int(rows_of(labels, *names).size)


def corner_lift(labels: Labels) -> float:
    """How much higher the mouth's corners are than the line between the lips in its middle."""
    lips = np.isin(labels, [IDS["mouth"], IDS["u_lip"], IDS["l_lip"]])
    columns = np.flatnonzero(lips.any(axis=0))
    reach = max(len(columns) // 12, 1)
    corners = [np.nonzero(lips[:, at])[0].mean() for at in (*columns[:reach], *columns[-reach:])]
    middle = columns[len(columns) // 2]
    upper = np.nonzero(labels[:, middle] == IDS["u_lip"])[0].max()
    lower = np.nonzero(labels[:, middle] == IDS["l_lip"])[0].min()
    return float((upper + lower) / 2 - np.mean(corners))


def lip_height(labels: Labels) -> int:
    return area(labels, "u_lip", "l_lip")


MEASURES = {
    "smile": corner_lift,
    "mouth_open": lambda labels: area(labels, "mouth"),
    "lip_fullness": lip_height,
    "eye_opening": lambda labels: area(labels, "l_eye", "r_eye"),
    "brow_height": lambda labels: -rows_of(labels, "l_brow", "r_brow").mean(),
    "nose_width": lambda labels: area(labels, "nose"),
    "face_width": lambda labels: area(labels, "skin"),
    "hair_volume": lambda labels: area(labels, "hair"),
    "hair_length": lambda labels: area(labels[labels.shape[0] // 2 :], "hair"),
}


def test_every_attribute_has_a_slider_and_a_sentence() -> None:
    assert list(ATTRIBUTES) == list(SLIDERS) == list(MEASURES)
    assert all(text.endswith(".") and text.count(".") == 1 for text in ATTRIBUTES.values())


@pytest.mark.parametrize("name", ATTRIBUTES)
@pytest.mark.parametrize("size", [64, 97, 256])
def test_nothing_is_the_identity_and_the_input_is_kept(name: str, size: int) -> None:
    labels = long_hair(size)
    before = labels.copy()
    same = apply(labels, name, 0)
    assert np.array_equal(same, labels)
    assert not np.shares_memory(same, labels)
    moved = apply(labels, name, 1)
    assert (moved.dtype, moved.shape) == (np.uint8, labels.shape)
    assert np.array_equal(moved, apply(labels, name, 1))
    assert not np.array_equal(moved, labels)
    assert np.array_equal(labels, before)


@pytest.mark.parametrize("name", ATTRIBUTES)
@pytest.mark.parametrize("size", [64, 256])
def test_the_measured_quantity_grows_with_the_strength(name: str, size: int) -> None:
    labels = long_hair(size)
    measured = [MEASURES[name](apply(labels, name, strength)) for strength in STRENGTHS]
    # A mouth of ten pixels moves by whole pixels, a nose of five may not move at all.
    slack = 1.0 if size == 64 and name == "smile" else 0.0
    assert all(low <= high + slack for low, high in itertools.pairwise(measured)), measured
    if (name, size) != ("nose_width", 64):
        assert measured[0] < measured[3] < measured[-1], measured


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_a_little_moves_little(name: str) -> None:
    labels = long_hair(400)
    for strength in (-0.01, 0.01):
        assert (apply(labels, name, strength) != labels).mean() < 2e-3


@pytest.mark.parametrize("name", ATTRIBUTES)
@pytest.mark.parametrize("strength", [-1, -0.5, 0.5, 1])
def test_other_classes_stay_as_they_are(name: str, strength: float) -> None:
    labels = long_hair(256)
    lens = [(80, 101), (176, 101), (176, 130), (80, 130)]
    labels = masks.paint_polygon(labels, lens, "eye_g", only=("skin",))
    moved = apply(labels, name, strength)
    changed = moved != labels
    allowed = [IDS[part] for part in MOVES[name]]
    assert changed.any()
    assert np.isin(labels[changed], allowed).all()
    assert np.isin(moved[changed], allowed).all()


@pytest.mark.parametrize("name", ["hair_volume", "hair_length"])
@pytest.mark.parametrize("strength", [0.5, 1])
def test_hair_never_grows_over_the_face(name: str, strength: float) -> None:
    labels = long_hair(256)
    gained = (apply(labels, name, strength) == IDS["hair"]) & (labels != IDS["hair"])
    assert gained.any()
    assert not np.isin(labels[gained], [IDS["skin"], *range(2, 8), 10, 11, 12]).any()


def test_less_volume_does_not_uncover_the_head() -> None:
    labels = face(size=256)
    for strength in (-0.3, -1):
        thinner = apply(labels, "hair_volume", strength)
        assert area(thinner, "skin") == area(labels, "skin")
        assert area(thinner, "hair") > 0.5 * area(labels, "hair")


def test_a_broad_smile_shows_teeth_between_closed_lips() -> None:
    labels = face(size=256)
    labels[labels == IDS["mouth"]] = IDS["u_lip"]
    assert area(apply(labels, "smile", 0.2), "mouth") == 0
    broad = apply(labels, "smile", 1)
    assert area(broad, "mouth") > 100
    for column in np.unique(columns_of(broad, "mouth")):
        found = broad[:, column]
        order = found[np.isin(found, [10, 11, 12])]
        kept = order[np.concatenate([[True], order[1:] != order[:-1]])]
        assert kept.tolist() == [IDS["u_lip"], IDS["mouth"], IDS["l_lip"]]
    # No skin shines through between the lips.
    rows, columns = np.nonzero(np.isin(broad, [10, 11, 12]))
    for column in np.unique(columns):
        assert np.ptp(rows[columns == column]) + 1 == (columns == column).sum()


def test_specks_that_a_parser_sees_in_a_lip_make_no_holes_in_it() -> None:
    labels = face(size=256)
    labels[labels == IDS["mouth"]] = IDS["u_lip"]
    rows, columns = np.nonzero(labels == IDS["u_lip"])
    row, column = int(np.median(rows)) - 1, int(np.median(columns))
    labels[row : row + 2, column - 2 : column + 3] = IDS["mouth"]
    for name in ("smile", "mouth_open", "lip_fullness"):
        moved = apply(labels, name, 0.8)
        lips = np.isin(moved, [IDS["mouth"], IDS["u_lip"], IDS["l_lip"]])
        runs = np.diff(lips.astype(int), axis=0) == 1
        assert runs.sum(axis=0).max() == 1, name


def test_closing_the_mouth_closes_it() -> None:
    labels = face(size=256, mouth=1.2)
    closed = apply(labels, "mouth_open", -1)
    assert area(closed, "mouth") == 0
    assert area(closed, "u_lip", "l_lip") > 0.8 * area(labels, "u_lip", "l_lip")


def test_a_corner_without_a_cheek_stays() -> None:
    labels = face(size=256)
    # A hand, here hair, covers everything to the right of the mouth.
    end = columns_of(labels, "u_lip").max()
    labels[140:200, end + 1 :] = IDS["hair"]
    smiling = apply(labels, "smile", 1)
    assert columns_of(smiling, "u_lip").max() <= end
    assert columns_of(smiling, "u_lip").min() < columns_of(labels, "u_lip").min() - 2
    assert np.array_equal(smiling == IDS["hair"], labels == IDS["hair"])


def test_a_tilted_face_moves_along_its_own_axes() -> None:
    upright = face(size=256)
    for name in ("brow_height", "smile", "eye_opening", "nose_width", "mouth_open"):
        tilted = np.full_like(upright, 0)
        y, x = np.mgrid[:256, :256] - 128
        cos, sin = np.cos(np.radians(25)), np.sin(np.radians(25))
        column = np.rint(cos * x + sin * y + 128).astype(int).clip(0, 255)
        row = np.rint(cos * y - sin * x + 128).astype(int).clip(0, 255)
        tilted = upright[row, column]
        wanted = apply(upright, name, 1)[row, column]
        found = apply(tilted, name, 1)
        gained = wanted != tilted
        assert (found != wanted).sum() < 0.35 * gained.sum(), name


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_the_mirrored_face_moves_alike(name: str) -> None:
    labels = long_hair(256)
    here = apply(labels, name, 0.8)
    there = mirror(apply(mirror(labels), name, 0.8))
    assert (here != there).sum() < 0.15 * (here != labels).sum() + 30


@settings(max_examples=20, deadline=None)
@given(
    st.dictionaries(st.sampled_from(list(ATTRIBUTES)), st.floats(-1, 1), max_size=9),
    st.sets(st.sampled_from(range(1, NUM_CLASSES)), max_size=8),
    st.integers(0, 2**32 - 1),
)
def test_any_sliders_on_any_map(strengths: dict[str, float], gone: set[int], seed: int) -> None:
    generator = np.random.default_rng(seed)
    labels = parts.rotate_part(long_hair(64), "features", generator.uniform(-90, 90))
    labels[np.isin(labels, list(gone))] = 0
    # Something covers a part of the face.
    top, left = generator.integers(0, 48, 2)
    labels[top : top + 24, left : left + 24] = generator.integers(0, NUM_CLASSES)
    moved = apply_all(labels, strengths)
    assert (moved.dtype, moved.shape) == (np.uint8, labels.shape)
    ears = {IDS["l_ear"], IDS["r_ear"]}
    possible = set(np.unique(labels).tolist()) | {IDS["mouth"], IDS["skin"], 0, 17, 18} | ears
    assert set(np.unique(moved).tolist()) <= possible


@pytest.mark.parametrize("cls", range(NUM_CLASSES))
@pytest.mark.parametrize("side", [1, 3, 64])
def test_maps_of_one_class_stay(cls: int, side: int) -> None:
    labels = np.full((side, side), cls, np.uint8)
    for name in ATTRIBUTES:
        for strength in (-1, 1):
            assert np.array_equal(apply(labels, name, strength), labels)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("smile", "mouth"),
        ("mouth_open", "mouth"),
        ("lip_fullness", "mouth"),
        ("eye_opening", "eyes"),
        ("brow_height", "brows"),
        ("nose_width", "nose"),
        ("hair_volume", "hair"),
        ("hair_length", "hair"),
    ],
)
def test_what_is_not_there_is_not_moved(name: str, part: str) -> None:
    labels = masks.erase(face(), part)
    for strength in (-1, 1):
        assert np.array_equal(apply(labels, name, strength), labels)


def test_one_eye_is_enough() -> None:
    labels = masks.erase(face(size=256), "l_eye")
    opened = apply(labels, "eye_opening", 1)
    assert area(opened, "r_eye") > 1.1 * area(labels, "r_eye")
    assert not (opened == IDS["l_eye"]).any()


def test_brows_rise_alike_and_no_further_than_the_skin_below_them_can_be_drawn_out() -> None:
    free = face(size=512)

    def rise(labels: Labels, brow: str) -> float:
        return float(
            rows_of(labels, brow).mean() - rows_of(apply(labels, "brow_height", 1), brow).mean()
        )

    low = parts.move_part(free, "l_brow", 0, 8)
    room = rows_of(low, "l_eye").min() - rows_of(low, "l_brow").max()
    assert 5 < room < 12
    assert rise(low, "l_brow") < 1.2 * room < rise(free, "l_brow")
    assert rise(low, "l_brow") == pytest.approx(rise(low, "r_brow"), abs=1)
    touching = parts.move_part(free, "l_brow", 0, 18)
    assert rise(touching, "l_brow") > 2


def test_several_sliders_go_in_one_order() -> None:
    labels = long_hair(128)
    strengths = {"smile": 0.5, "hair_length": -0.7, "eye_opening": 0.4, "face_width": 1}
    turned = dict(reversed(strengths.items()))
    assert np.array_equal(apply_all(labels, strengths), apply_all(labels, turned))
    one_by_one = labels
    for name in ATTRIBUTES:
        one_by_one = apply(one_by_one, name, strengths.get(name, 0))
    assert np.array_equal(apply_all(labels, strengths), one_by_one)
    assert np.array_equal(apply_all(labels, {}), labels)


def test_a_learned_direction_takes_the_place_of_a_slider() -> None:
    labels = face()

    def grin(labels: Labels, strength: float) -> Labels:
        return masks.paint_disc(labels, (48, 65), 9 * strength, "mouth")

    slider: attributes.Slider = grin
    learned = {"smile": slider, "grin": slider}
    expected = grin(labels, 0.5)
    assert np.array_equal(apply(labels, "smile", 0.5, learned), expected)
    assert np.array_equal(apply(labels, "grin", 0.5, learned), expected)
    assert np.array_equal(apply(labels, "smile", 0, learned), labels)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda m: apply(m, "age", 1), ConfigError, "no attribute 'age'; .*smile"),
        (lambda m: apply(m, "smile", 1.5), ConfigError, "smile is 1.5; .*-1 to 1"),
        (lambda m: apply(m, "smile", float("nan")), ConfigError, "smile is nan"),
        (lambda m: apply_all(m, {"smile": 0, "age": 0}), ConfigError, "no attribute 'age'"),
        (lambda m: apply(m.astype(int), "smile", 1), LabelsError, "uint8"),
        (lambda m: apply(m + 19, "smile", 0), LabelsError, r"0\.\.18"),
    ],
)
def test_mistakes_get_a_sentence(call, error, words) -> None:
    with pytest.raises(error, match=words):
        call(face())


def test_the_frame_follows_the_eyes_or_the_usual_crop() -> None:
    labels = face(size=256)
    frame = deformation.find(labels)
    assert (frame.x, frame.y) == pytest.approx((128, 117.3), abs=1.5)
    assert (frame.cos, frame.sin) == pytest.approx((1, 0), abs=1e-3)
    assert deformation.find(mirror(mirror(labels))) == frame
    blind = deformation.find(masks.erase(labels, "eyes"))
    assert (blind.x, blind.y) == pytest.approx((0.4956 * 256, 0.4748 * 256))
    x, y = np.float32([[3, 200]]), np.float32([[7, 90]])
    back = frame.outside(*frame.inside(x, y))
    assert np.allclose(back, (x, y), atol=1e-3)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_real_faces_move_monotonously(name: str, shared_data) -> None:
    files = sorted((shared_data / "celebamask" / "labels").glob("*.png"))[::50]
    assert files
    moving = 0
    for file in files[:4]:
        labels = read_labels(file)[::2, ::2].copy()
        sums = [
            (apply(labels, name, strength) != labels).sum() for strength in (-1, -0.5, 0, 0.5, 1)
        ]
        assert sums[0] >= sums[1] >= sums[2] == 0 <= sums[3] <= sums[4], (file.name, sums)
        moving += max(sums) > 0
    assert moving >= 2


@pytest.mark.parametrize("strength", [0.5, 1])
def test_more_volume_leaves_stubble_alone(strength: float) -> None:
    labels = face(size=256)
    bald = np.where(labels == IDS["hair"], np.uint8(IDS["background"]), labels)
    top = rows_of(bald, "skin").min()
    rim = bald.copy()
    rim[top - 3 : top + 1, 90:166] = IDS["hair"]  # as the parser sees a shaven head
    np.testing.assert_array_equal(apply(rim, "hair_volume", strength), rim)
    assert area(apply(labels, "hair_volume", strength), "hair") > area(labels, "hair")


def test_thin_hair_gets_little_thicker() -> None:
    labels = face(size=512, hair=0.9)
    labels[:, 256:][labels[:, 256:] == IDS["hair"]] = IDS["background"]
    thin = regions.dilate(labels == IDS["skin"], 20)
    thin[:, :256] = False
    labels[thin & (labels == IDS["background"])] = IDS["hair"]  # close-cropped on one side
    row = 100  # above the eyes, as far from the hair's ends as from the crown
    own, more = (each[row] == IDS["hair"] for each in (labels, apply(labels, "hair_volume", 1)))
    left, right = own[:256].sum(), own[256:].sum()
    assert left > right + 20
    assert 1.4 * right < more[256:].sum() < 1.75 * right
    assert more[:256].sum() >= left + 15


def test_of_thin_hair_half_is_left() -> None:
    labels, scale = face(size=512), 512 / 96
    strand = [(x * scale, y * scale) for x, y in ((19, 36), (26, 36), (26, 90), (19, 90))]
    labels = masks.paint_polygon(labels, strand, "hair", only=("background", "r_ear"))
    row = round(60 * scale)
    own, less = (each[row] == IDS["hair"] for each in (labels, apply(labels, "hair_volume", -1)))
    assert less.sum() == pytest.approx(own.sum() / 2, abs=3)


@pytest.mark.parametrize("strength", [-1, 1])
def test_hair_that_the_picture_cuts_off_keeps_its_width_there(strength: float) -> None:
    labels = face(size=512)
    labels = np.concatenate([labels[70:], labels[-70:]])  # the crown is beyond the border
    own, moved = (each == IDS["hair"] for each in (labels, apply(labels, "hair_volume", strength)))
    widths, others = own.sum(axis=1), moved.sum(axis=1)
    assert widths[0] > 100
    assert others[0] == widths[0]
    change = np.abs(others - widths)[:100]
    assert change.max() > 20
    # No tower: step by step it gets its own outline.
    assert np.abs(np.diff(change)).max() <= 6
    # Nor a point on a head that gets narrower.
    assert strength > 0 or change[50] < 0.8 * change[99]


def test_hair_grows_down_to_the_border_only_where_the_picture_ends() -> None:
    labels = long_hair(512)
    ends, above = (
        rows_of(apply(labels, "hair_length", 1, sliders(goes_on)), "hair").max()
        for goes_on in (False, True)
    )
    assert ends == 511
    assert 480 < above < 505


def test_hair_is_not_cut_above_the_ears() -> None:
    labels = long_hair(512)
    frame = deformation.find(labels)
    shorter = apply(labels, "hair_length", -1)
    eyes = rows_of(labels, "l_eye", "r_eye").mean()
    strand = shorter[:, 100:130] == IDS["hair"]
    assert rows_of(labels, "hair").max() > eyes + 1.5 * frame.unit
    assert np.flatnonzero(strand.any(axis=1)).max() == pytest.approx(eyes + 0.8 * frame.unit, abs=8)


def test_hair_that_is_cut_has_round_corners() -> None:
    labels = long_hair(512)
    kept = apply(labels, "hair_length", -0.6) == IDS["hair"]
    end = np.flatnonzero(kept[:, 90:150].any(axis=1)).max()
    widths = kept[:, :200].sum(axis=1)
    assert widths[end] < 0.7 * widths[end - 20]
    # Strands that are narrow stay.
    thin = labels.copy()
    thin[:, 100:130][thin[:, 100:130] == IDS["hair"]] = IDS["background"]
    assert (apply(thin, "hair_length", -0.6)[end - 60, 88:100] == IDS["hair"]).any()
