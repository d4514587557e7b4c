"""Another look for what keeps its shape: other colours, the same details, nothing beside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from maskgan.editing import attributes, regions
from maskgan.editing.accessories import put_on_cap
from maskgan.editing.dye import KEEPS, Dyed, dye
from maskgan.editing.editor import Editor, Face
from maskgan.editing.face import Style
from maskgan.editing.hair import Hair
from maskgan.editing.layers import member
from maskgan.editing.recolouring import MOST
from maskgan.editing.regions import Region
from maskgan.editing.wisps import REACH
from maskgan.errors import ConfigError
from maskgan.evaluation.colors import lab
from maskgan.images import Floats, Pixels
from maskgan.labels import IDS, NUM_CLASSES, Labels
from maskgan.samples import FOLDER

SIDE = 256
LIPS = (IDS["u_lip"], IDS["l_lip"])
LABELS = np.ones((SIDE, SIDE), np.uint8)
LABELS[100:140, 80:180] = LIPS[1]
LABELS[40:60, 60:120] = IDS["l_brow"]
OWN, OTHER = (
    Style(np.full((NUM_CLASSES, 2), code, np.float32), np.ones(NUM_CLASSES)) for code in (0, 1)
)


def photo() -> Pixels:
    """Grey with folds."""
    folds = 20 * np.sin(np.arange(SIDE) * 1.3)[None, :, None]
    return np.rint(np.full((SIDE, SIDE, 3), 120) + folds).astype(np.uint8)


def dyed(
    shift: tuple[int, int, int],
    looks: tuple[int, ...] = LIPS,
    crop: Pixels | None = None,
    look: Style = OTHER,
) -> Dyed:
    """By a generator that draws flat grey, and in the other look shifted."""

    def render(crop: Pixels, labels: Labels, style: Style, where: Region) -> Pixels:
        flat = 100 + style.codes[0, 0] * np.array(shift)
        return np.where(where[:, :, None], flat, crop).astype(np.uint8)

    return dye(render, photo() if crop is None else crop, LABELS, OWN, look, looks)


def test_the_own_look_changes_nothing() -> None:
    np.testing.assert_array_equal(dyed((0, 0, 0)).crop, photo())


def test_colours_change_and_details_stay() -> None:
    found, inner = dyed((40, -20, 0)), np.s_[108:132, 90:170]
    change = found.crop[inner].astype(float) - photo()[inner]
    moved = change.mean(axis=(0, 1))
    assert moved[0] > 40
    assert moved[1] < -20
    assert moved[2] == pytest.approx(0, abs=3)
    assert change.std(axis=(0, 1)).max() < 0.25 * photo()[inner].std()


def test_nothing_beside_changes() -> None:
    found = dyed((60, 0, 0))
    lips = member(LABELS, LIPS)
    assert found.region[lips].all()
    assert not found.region[~regions.dilate(lips, 3)].any()
    np.testing.assert_array_equal(found.crop[~found.region], photo()[~found.region])
    np.testing.assert_array_equal(dyed((60, 0, 0), (IDS["hat"],)).crop, photo())


def test_hair_gets_darker_in_proportion() -> None:
    labels = np.full((SIDE, SIDE), IDS["hair"], np.uint8)
    crop = photo()
    crop[:, 100] = 230

    def render(crop: Pixels, labels: Labels, style: Style, where: Region) -> Pixels:
        return np.full_like(crop, 140 if style is OWN else 60)

    darker = dye(render, crop, labels, OWN, OTHER, (IDS["hair"],)).crop.astype(float)
    usual = np.median(darker)
    assert usual == pytest.approx(120 * 60 / 140, abs=12)
    assert darker[:, 100].mean() < 230 * 0.6


def test_single_hairs_are_dyed_and_what_is_seen_between_them_is_not() -> None:
    """The outline of labels is a line, that of hair is none."""
    labels = np.zeros((512, 512), np.uint8)
    labels[200:] = IDS["hair"]
    crop = np.full((512, 512, 3), (60, 90, 60), np.uint8)
    crop[200:] = 200
    crop[194:200, 100:400:12] = 200  # hairs that leave the outline
    crop[200:205, 106:400:12] = (60, 90, 60)  # the hedge behind them
    crop[100:110, 200:300] = 200  # something else as bright, further away

    def render(crop: Pixels, labels: Labels, style: Style, where: Region) -> Pixels:
        return np.full_like(crop, 200 if style is OWN else 100)

    found = dye(render, crop, labels, OWN, OTHER, (IDS["hair"],))
    darker, ground = found.crop.astype(int), crop.astype(int)
    assert darker[300:, 100:400].mean() < 120
    assert darker[195:199, 100:400:12].mean() < 140
    assert np.abs(darker - ground)[200:204, 106:400:12].max() < 15
    assert np.abs(darker - ground)[194:200, 106:400:12].max() < 15
    np.testing.assert_array_equal(darker[:180], ground[:180])
    np.testing.assert_array_equal(found.crop[~found.region], crop[~found.region])


def test_what_gets_brighter_keeps_its_shade_and_its_tint() -> None:
    crop = np.full((SIDE, SIDE, 3), (150, 108, 72), np.uint8)
    crop[:, :130] = crop[:, :130] // 3
    crop[:, 160:] = (250, 180, 120)
    change = dyed((40, 40, 40), crop=crop).crop.astype(float) - crop
    shade, light = change[110:130, 90:115], change[110:130, 138:150]
    assert 5 < shade.mean() < 0.7 * light.mean()
    # Beyond white there is no more red to add: green and blue would make it grey.
    shine = (crop + change)[110:130, 168:176].mean(axis=(0, 1))
    assert shine[0] > 250
    assert shine[1] < 225


def test_gloss_stays_as_bright_and_shadows_go_along() -> None:
    crop = photo()
    crop[118:122, 120:124] = 220
    crop[118:122, 140:144] = 40
    darker = dyed((-50, -50, -50), crop=crop).crop.astype(int)
    lips = np.median(darker[108:132, 90:170])
    assert darker[119, 121].mean() - lips > 85
    assert lips - darker[119, 141].mean() < 75


def test_skin_between_the_hairs_of_a_brow_keeps_its_colour() -> None:
    crop = photo()
    crop[40:60, 60:120] = 180
    crop[40:60, 60:120:3] = 40
    fairer = dyed((40, 40, 40), (IDS["l_brow"],), crop).crop.astype(int)
    assert fairer[50, 91].mean() == pytest.approx(180, abs=12)
    assert fairer[50, 90].mean() > 70


def eyes(
    shifts: dict[int, tuple[int, int, int]], crop: Pixels, *looks: int, drawn: Floats | float = 100
) -> Pixels:
    """Two eyes dyed by a generator that draws them so and, in the other look, shifts each."""
    labels = np.ones((SIDE, SIDE), np.uint8)
    labels[EYES[0]], labels[EYES[1]] = IDS["r_eye"], IDS["l_eye"]

    def render(crop: Pixels, labels: Labels, style: Style, where: Region) -> Pixels:
        flat = np.full(crop.shape, 1.0) * drawn
        for index, shift in shifts.items():
            flat[labels == index] += style.codes[0, 0] * np.array(shift)
        return np.where(where[:, :, None], flat, crop).astype(np.uint8)

    return dye(render, crop, labels, OWN, OTHER, looks).crop


EYES = np.s_[100:124, 40:90], np.s_[100:124, 150:200]
INNER = np.s_[106:118, 50:80], np.s_[106:118, 160:190]


def test_both_eyes_get_one_colour() -> None:
    shifts = {IDS["r_eye"]: (40, 0, 0), IDS["l_eye"]: (0, 0, 40)}
    found = eyes(shifts, photo(), *shifts)
    one, other = (found[inner].mean(axis=(0, 1)) for inner in INNER)
    before = [photo()[inner].mean(axis=(0, 1)) for inner in INNER]
    np.testing.assert_allclose(one - before[0], other - before[1], atol=1.5)
    assert (one - before[0])[0] == pytest.approx((one - before[0])[2], abs=1.5)
    assert (one - before[0])[0] > 20
    # An eye that is dyed alone has its own.
    alone = eyes(shifts, photo(), IDS["r_eye"])
    moved = alone[INNER[0]].mean(axis=(0, 1)) - before[0]
    assert moved[0] > 40
    assert moved[2] == pytest.approx(0, abs=1.5)
    np.testing.assert_array_equal(alone[EYES[1]], photo()[EYES[1]])


def test_nothing_gets_darker_than_black_for_the_sake_of_the_other_eye() -> None:
    shifts = {IDS["r_eye"]: (-95, -95, -95), IDS["l_eye"]: (0, 0, 0)}
    drawn = np.full((SIDE, SIDE, 3), 100.0)
    drawn[100:124, 150:170] = 2
    with np.errstate(invalid="raise"):
        found = eyes(shifts, photo(), *shifts, drawn=drawn)
    for inner in INNER:
        assert found[inner].mean() < photo()[inner].mean() - 30


@pytest.mark.parametrize("shift", [-60, 60])
def test_the_white_of_an_eye_gets_no_darker(shift: int) -> None:
    crop = np.full((SIDE, SIDE, 3), 90, np.uint8)
    whites = np.zeros((SIDE, SIDE), np.bool_)
    for rows, columns in EYES:
        whites[rows, columns.start : columns.start + 14] = True
    crop[whites] = 190
    colours = dict.fromkeys((IDS["r_eye"], IDS["l_eye"]), (shift, shift, shift))
    change = eyes(colours, crop, *colours).astype(int) - crop
    iris = change[108:116, 68:82]
    white = change[108:116, 44:50]
    assert np.sign(iris.mean()) == np.sign(shift)
    assert abs(iris.mean()) > 30
    if shift < 0:
        assert abs(white).max() <= 1
    else:
        assert white.mean() > 30


@pytest.fixture(scope="module")
def donor(editor: Editor) -> Face:
    """Somebody else."""
    found = sorted((FOLDER / "faces").glob("*.labels.png"))[0]
    photo = found.with_name(found.name.replace(".labels", ""))
    return editor.photo(photo, aligned=True, labels=found)


def means(crop: Pixels, labels: Labels) -> Floats:
    return lab(crop)[member(labels, LIPS)].mean(axis=0)


def alike(one: Pixels, other: Pixels, where: Region) -> float:
    """How much the finest details of two pictures have in common, -1..1."""
    both = where[:, 1:] & where[:, :-1]
    fine = [np.diff(each.astype(float).mean(axis=2), axis=1)[both] for each in (one, other)]
    return float(np.corrcoef(*fine)[0, 1])


def test_lips_take_another_colour_and_stay_the_person_s(
    editor: Editor, face: Face, donor: Face
) -> None:
    result = editor.render(face, face.labels, {"u_lip": donor, "l_lip": donor})
    own, new, wanted = (
        means(crop, labels)
        for crop, labels in (
            (face.crop, face.labels),
            (result.crop, face.labels),
            (donor.crop, donor.labels),
        )
    )
    way = wanted - own
    assert (new - own) @ way > 0.4 * way @ way
    assert alike(face.crop, result.crop, regions.erode(member(face.labels, LIPS), 4)) > 0.9


@pytest.mark.parametrize("bending", [True, False])
def test_lips_that_get_another_shape_as_well_are_moved_in_their_new_colour(
    editor: Editor, face: Face, donor: Face, bending: bool
) -> None:
    wanted = attributes.apply(face.labels, "smile", 0.6)
    look = {"u_lip": donor, "l_lip": donor}
    still, smiling = (
        editor.render(face, labels, look, bending=bending) for labels in (face.labels, wanted)
    )
    apart = means(still.crop, face.labels) - means(smiling.crop, wanted)
    assert np.linalg.norm(apart) < 6
    assert np.linalg.norm(means(face.crop, face.labels) - means(smiling.crop, wanted)) > 8
    np.testing.assert_array_equal(smiling.crop[~smiling.changed], face.crop[~smiling.changed])


def test_a_little_of_a_look_changes_little(editor: Editor, face: Face, donor: Face) -> None:
    little, much = (
        editor.render(face, face.labels, {"skin": face.style.mixed("skin", donor.style, share)})
        for share in (0.02, 1)
    )
    skin = face.labels == IDS["skin"]
    changes = [np.abs(each.crop.astype(int) - face.crop)[skin].mean() for each in (little, much)]
    assert changes[0] < 2
    assert changes[1] > 3 * changes[0]


def test_what_the_photo_does_not_show_is_drawn(editor: Editor, face: Face, donor: Face) -> None:
    assert IDS["hat"] in KEEPS
    assert not (face.labels == IDS["hat"]).any()
    wanted = face.labels.copy()
    wanted[:60, 160:350] = IDS["hat"]
    look = Style(donor.style.codes, np.ones_like(donor.style.present))
    hat = editor.render(face, wanted, {"hat": look})
    assert (hat.crop != face.crop).any(axis=2)[:50, 170:340].mean() > 0.9


def test_dyed_hair_keeps_its_strands_and_its_outline(editor: Editor, face: Face) -> None:
    hair = face.labels == IDS["hair"]
    for change in (-1, 1):
        codes = face.style.codes.copy()
        codes[IDS["hair"]] += change
        result = editor.render(face, face.labels, {"hair": Style(codes, face.style.present)})
        assert not (result.changed & ~regions.dilate(hair, REACH)).any()
        inner = regions.erode(hair, 8)
        assert (result.crop != face.crop).any(axis=2)[inner].mean() > 0.9
        fine = [
            np.diff(each.astype(float).mean(axis=2), axis=1) for each in (face.crop, result.crop)
        ]
        both = inner[:, 1:] & inner[:, :-1]
        assert np.corrcoef(fine[0][both], fine[1][both])[0, 1] > 0.9


def test_a_rim_of_hair_is_dyed_and_not_drawn(editor: Editor, face: Face, donor: Face) -> None:
    hair = face.labels == IDS["hair"]
    shorn = face.labels.copy()
    shorn[regions.erode(hair, 5)] = IDS["skin"]
    worn = editor.photo(face.crop, aligned=True, labels=shorn)
    assert Hair.of(worn.crop, shorn).bare
    rim = shorn == IDS["hair"]
    found = editor.render(worn, shorn, {"hair": donor}).crop
    assert (found != face.crop).any(axis=2)[rim].mean() > 0.8
    assert alike(face.crop, found, rim) > 0.8


def test_who_has_too_little_hair_to_dye_gets_new_hair_with_that_look(
    editor: Editor, face: Face, donor: Face
) -> None:
    bald = face.labels.copy()
    bald[bald == IDS["hair"]] = IDS["background"]
    bald[60:70, 200:240] = IDS["hair"]
    shaven = editor.photo(face.crop, aligned=True, labels=bald)
    wanted = bald.copy()
    wanted[20:110, 150:360] = IDS["hair"]
    own, other = (
        editor.render(shaven, wanted, look, bending=False).crop[40:90, 180:330].mean(axis=(0, 1))
        for look in (None, {"hair": donor})
    )
    assert np.abs(own - other).max() > 8


def test_a_look_of_a_photo_comes_near_its_colour_whatever_is_drawn() -> None:
    wanted = np.array([150, 105, 70])
    colours = np.full((NUM_CLASSES, 3), np.nan, np.float32)
    colours[LIPS[1]] = wanted
    look, lips = replace(OTHER, colours=colours), LIPS[1] == LABELS
    for drawn in ((20, 0, -20), (60, -40, 0)):
        found = dyed(drawn, look=look).crop
        np.testing.assert_allclose(found[lips].mean(axis=0), wanted, atol=3)
        assert np.corrcoef(photo()[120, 90:170, 0], found[120, 90:170, 0])[0, 1] > 0.98
    # A pale mouth in the shade is not painted black.
    colours[LIPS[1]] = 2
    darkest = dyed((0, 0, 0), look=look).crop[lips].mean()
    assert darkest > photo()[lips].mean() / MOST - 5


@pytest.mark.parametrize("wide", [4, 40], ids=["details", "light"])
def test_gloss_on_orange_skin_is_not_lavender_on_pale_skin(wide: int) -> None:
    skin, gloss, pale = (190, 120, 80), (230, 185, 165), np.array([185, 150, 140])
    crop = np.full((SIDE, SIDE, 3), skin, np.uint8)
    stripes = np.arange(SIDE) // wide % 2 == 1
    crop[:, stripes] = gloss
    colours = np.full((NUM_CLASSES, 3), np.nan, np.float32)
    colours[LIPS[1]] = pale
    found = dyed((0, 20, 40), crop=crop, look=replace(OTHER, colours=colours)).crop
    lips = found[108:132, 90:170].astype(float)
    np.testing.assert_allclose(found[LIPS[1] == LABELS].mean(axis=0), pale, atol=3)
    bright = lips[:, stripes[90:170]].mean(axis=(0, 1))
    assert bright.mean() > lips.mean() + 5, "it is still gloss"
    red, green, blue = bright
    assert red > green > blue


def test_pale_skin_in_bright_light_keeps_its_tint() -> None:
    crop = np.full((SIDE, SIDE, 3), (180, 120, 85), np.uint8)
    light = np.arange(SIDE) // 40 % 2 == 1
    crop[:, light] = (250, 200, 170)
    colours = np.full((NUM_CLASSES, 3), np.nan, np.float32)
    colours[LIPS[1]] = 235, 205, 190
    found = dyed((40, 60, 70), crop=crop, look=replace(OTHER, colours=colours)).crop
    red, green, _ = found[120, 140]
    assert light[140]
    assert red == 255
    # Brighter than white, red alone would be cut.
    assert green < 230


@pytest.mark.parametrize("index", [IDS["l_brow"], IDS["l_eye"]])
def test_brows_get_no_whiter_than_skin_and_eyes_do_not_glow(index: int) -> None:
    """However bright the light is on the face whose look they get."""
    labels = np.ones((SIDE, SIDE), np.uint8)
    labels[40:60, 60:120] = index
    part, crop = labels == index, photo()
    crop[part] = 40
    crop[part & (np.arange(SIDE) % 3 == 0)] = 100
    colours = np.full((NUM_CLASSES, 3), 250, np.float32)

    def render(crop: Pixels, labels: Labels, style: Style, where: Region) -> Pixels:
        return np.full_like(crop, 60 if style is OWN else 120)

    found = dye(render, crop, labels, OWN, replace(OTHER, colours=colours), (index,)).crop[part]
    assert crop[part].mean() + 20 < found.mean() < 1.2 * photo().mean()
    if index == IDS["l_brow"]:
        assert found.mean() < 0.9 * photo().mean()


@pytest.mark.parametrize("colour", [(214, 170, 110), (60, 90, 190), (20, 16, 16)])
@pytest.mark.parametrize("name", ["face", "faces/face-3"])
def test_hair_gets_a_colour_that_is_chosen(
    editor: Editor, name: str, colour: tuple[int, int, int]
) -> None:
    face = editor.photo(FOLDER / f"{name}.png", aligned=True)
    result = editor.render(face, face.labels, {"hair": face.style.coloured(colour)})
    hair = regions.erode(face.labels == IDS["hair"], 4)
    found, before = (each[hair].astype(float) for each in (result.crop, face.crop))
    np.testing.assert_allclose(found.mean(axis=0), colour, atol=25)
    # Strands stay.
    around = np.corrcoef(found.mean(axis=1), before.mean(axis=1))[0, 1]
    assert around > 0.5
    far = ~regions.dilate(face.labels == IDS["hair"], REACH + 4)
    np.testing.assert_array_equal(result.crop[far], face.crop[far])


def test_lips_clothes_and_eyes_get_a_colour_that_is_chosen(editor: Editor) -> None:
    face = editor.photo(FOLDER / "faces" / "face-3.png", aligned=True)
    red, blue = face.style.coloured("#b01030"), face.style.coloured((60, 120, 200))
    names = {"u_lip": red, "l_lip": red, "cloth": red, "l_eye": blue, "r_eye": blue}
    result = editor.render(face, face.labels, names)
    lips = regions.erode(member(face.labels, LIPS), 2)
    cloth = regions.erode(face.labels == IDS["cloth"], 4)
    for part in (lips, cloth):
        np.testing.assert_allclose(result.crop[part].mean(axis=0), (176, 16, 48), atol=30)
    eyes = member(face.labels, (IDS["l_eye"], IDS["r_eye"]))
    bluer = result.crop[eyes].astype(float) - face.crop[eyes]
    assert (bluer[:, 2] - bluer[:, 0]).mean() > 15
    # Their whites stay white.
    white = eyes & (face.crop.min(axis=2) > 150)
    assert result.crop[white].min(axis=1).mean() > 0.9 * face.crop[white].min(axis=1).mean()


def test_a_new_hat_has_the_colour_that_is_chosen(editor: Editor) -> None:
    face = editor.photo(FOLDER / "faces" / "face-3.png", aligned=True)
    wanted = put_on_cap(face.labels)
    result = editor.render(face, wanted, {"hat": face.style.coloured((170, 40, 40))})
    hat = regions.erode(wanted == IDS["hat"], 10)
    np.testing.assert_allclose(result.crop[hat].mean(axis=0), (170, 40, 40), rtol=0.3, atol=12)


def test_no_colour_can_be_chosen_for_what_is_drawn(editor: Editor) -> None:
    face = editor.photo(FOLDER / "face.png", aligned=True)
    with pytest.raises(ConfigError, match=r"can be chosen for .*hair.*, not for background"):
        editor.render(face, face.labels, {"background": face.style.coloured("#336699")})


def test_fair_hair_has_more_of_its_tint_in_the_shade(editor: Editor) -> None:
    face = editor.photo(FOLDER / "face.png", aligned=True)
    hair = regions.erode(face.labels == IDS["hair"], 8)
    result = editor.render(face, face.labels, {"hair": face.style.coloured("#d9b36c")})
    found = result.crop[hair].astype(float)
    bright = found.mean(axis=1)
    low, middle, high = np.quantile(bright, (0.2, 0.4, 0.6))
    shade = found[bright < low].mean(axis=0)
    usual = found[(bright > middle) & (bright < high)].mean(axis=0)
    # Brown: further from green than fair hair is.
    assert shade[0] / shade[1] > 1.08 * usual[0] / usual[1]
    assert shade[2] / shade[1] < 0.85 * usual[2] / usual[1]
