"""Random people and expressions to draw."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from maskgan.data.drawn_canvas import Color
from maskgan.data.drawn_identity import Clothes, Expression, Hair, Hat, Identity, Necklace

T = TypeVar("T")

_SKIN: tuple[Color, ...] = (
    (252, 228, 210),
    (246, 212, 188),
    (235, 192, 160),
    (217, 168, 130),
    (190, 138, 99),
    (156, 107, 74),
    (122, 82, 57),
    (92, 61, 44),
    (66, 45, 35),
)
_HAIR: dict[str, Color] = {
    "black": (34, 29, 30),
    "dark brown": (58, 40, 31),
    "brown": (92, 62, 42),
    "chestnut": (120, 72, 44),
    "ginger": (172, 88, 42),
    "dark blond": (156, 118, 72),
    "blond": (208, 170, 108),
    "grey": (142, 140, 138),
    "white": (212, 210, 206),
    "teal": (44, 116, 122),
    "rose": (188, 92, 118),
}
_EYES: tuple[Color, ...] = (
    (74, 46, 28),
    (104, 66, 36),
    (124, 94, 48),
    (92, 116, 70),
    (84, 132, 172),
    (112, 130, 142),
)
_CLOTH: tuple[Color, ...] = (
    (38, 58, 96),
    (168, 62, 58),
    (74, 110, 84),
    (226, 196, 120),
    (96, 82, 122),
    (236, 232, 224),
    (52, 54, 60),
    (112, 152, 178),
    (206, 128, 104),
    (134, 98, 74),
)
_BACKGROUNDS: tuple[Color, ...] = (
    (206, 216, 222),
    (232, 222, 206),
    (176, 196, 186),
    (214, 188, 176),
    (150, 170, 192),
    (196, 186, 206),
    (120, 132, 138),
    (92, 108, 124),
    (224, 206, 164),
    (66, 72, 84),
)


def random_expression(rng: np.random.Generator) -> Expression:
    """An expression: mostly awake and rather friendly, mouth closed in half of the cases."""
    smile = float(np.clip(rng.normal(0.48, 0.42), -1, 1))
    is_open = rng.random() < 0.5
    opening = float(rng.uniform(0.12, 0.95 if rng.random() < 0.3 else 0.5)) if is_open else 0.0
    return Expression(
        smile=smile,
        mouth_open=opening,
        brow=float(np.clip(rng.normal(0.1, 0.45), -1, 1)),
        frown=float(np.clip(rng.normal(-0.15, 0.35), -1, 1)),
        eye_opening=0.04
        if rng.random() < 0.04
        else float(np.clip(rng.normal(0.62, 0.11), 0.25, 1)),
        gaze_x=float(np.clip(rng.normal(0, 0.35), -1, 1)),
        gaze_y=float(np.clip(rng.normal(0, 0.25), -1, 1)),
    )


def random_identity(rng: np.random.Generator) -> Identity:
    """A person. Looks that commonly go together are drawn together (hair with skin, lashes with
    lip color, beards with short hair); every class of the 19 occurs within a few dozen people."""
    tone = float(rng.beta(1.1, 1.4))
    age = float(rng.beta(1.3, 2.2))
    soft = rng.random() < 0.5  # the look: finer jaw and brows, longer hair, some make-up; or not
    skin = _vary(rng, _on_ramp(_SKIN, tone), 5)
    hair_name = _hair_color(rng, tone, age)
    hair_color = _vary(rng, _HAIR[hair_name], 8)
    grown = _HAIR["brown"] if hair_name in ("teal", "rose") else hair_color
    hair = _hair(rng, tone, soft)
    beard = 0.0
    if not soft and rng.random() < 0.5:
        beard = float(rng.choice((0.35, 0.6, 1.0)))
    hats: tuple[Hat, ...] = ("beanie", "cap", "brim", "beret")
    jewels = 0.55 if soft else 0.1
    clothes: Clothes = _pick(rng, ("crew", "v", "shirt", "turtleneck"))
    necklace: Necklace = "none"
    if clothes != "turtleneck" and rng.random() < jewels:
        necklace = _pick(rng, ("chain", "beads", "pendant"))
    make_up = soft and rng.random() < 0.6
    lip: Color = (178, 44, 58) if make_up and rng.random() < 0.4 else (196, 88, 92)
    return Identity(
        seed=int(rng.integers(2**31)),
        yaw=_around(rng, 7, 18),
        pitch=_around(rng, 3.5, 9),
        roll=_around(rng, 2, 5),
        light=float(rng.uniform(-1, 1)),
        background=_vary(rng, _pick(rng, _BACKGROUNDS), 12),
        background_end=_vary(rng, _pick(rng, _BACKGROUNDS), 12),
        background_angle=float(rng.uniform(0, 360)),
        skin=skin,
        width=_around(rng, 0.4, 1),
        length=_around(rng, 0.4, 1),
        jaw=float(np.clip(rng.normal(-0.35 if soft else 0.35, 0.35), -1, 1)),
        chin=float(np.clip(rng.normal(-0.2 if soft else 0.25, 0.4), -1, 1)),
        age=age,
        freckles=float(rng.uniform(0.4, 1)) if tone < 0.45 and rng.random() < 0.25 else 0.0,
        blush=float(rng.uniform(0.2, 1)),
        eye_color=_vary(
            rng, _EYES[int(rng.integers(6 if tone < 0.4 else 3 if tone < 0.7 else 2))], 8
        ),
        eye_size=_around(rng, 0.4, 1),
        eye_tilt=_around(rng, 0.4, 1),
        lashes=float(rng.uniform(0.5, 1) if soft else rng.uniform(0, 0.35)),
        brow_color=_mix(grown, (40, 30, 26), 0.45) if age < 0.75 else grown,
        brow_thickness=float(np.clip(rng.normal(-0.4 if soft else 0.4, 0.35), -1, 1)),
        brow_arch=float(np.clip(rng.normal(0.35 if soft else -0.1, 0.4), -1, 1)),
        nose_width=float(np.clip(rng.normal(0.6 * tone - 0.3, 0.35), -1, 1)),
        nose_length=_around(rng, 0.35, 1),
        lip_color=_mix(_mix(skin, (150, 52, 60), 0.42), lip, 0.7 if make_up else 0.12),
        lip_fullness=float(np.clip(rng.normal(0.8 * tone - 0.35, 0.35), -1, 1)),
        mouth_width=_around(rng, 0.4, 1),
        ears=_around(rng, 0.4, 1),
        beard=beard,
        hair=hair,
        hair_color=hair_color,
        fringe=_pick(rng, ("open", "parted", "side", "bangs")),
        parting=float(rng.uniform(-0.6, 0.6)),
        wave=float(rng.beta(0.8, 1.2)),
        volume=float(rng.random()),
        glasses=_pick(rng, ("round", "square", "sun")) if rng.random() < 0.22 else "none",
        glasses_color=_pick(rng, ((32, 30, 32), (86, 54, 34), (150, 60, 52), (120, 122, 128))),
        hat=_pick(rng, hats) if rng.random() < 0.14 else "none",
        hat_color=_vary(rng, _pick(rng, _CLOTH), 10),
        earrings=_pick(rng, ("stud", "hoop", "drop")) if rng.random() < jewels else "none",
        necklace=necklace,
        metal=_pick(rng, ((224, 184, 92), (214, 216, 222))),
        clothes=clothes,
        cloth_color=_vary(rng, _pick(rng, _CLOTH), 10),
        pattern=_pick(rng, ("plain", "plain", "stripes", "knit")),
        shoulders=float(np.clip(rng.normal(-0.3 if soft else 0.4, 0.4), -1, 1)),
        neck=float(np.clip(rng.normal(-0.5 if soft else 0.4, 0.3), -1, 1)),
    )


def _hair(rng: np.random.Generator, tone: float, soft: bool) -> Hair:
    if soft:
        afro = 0.16 if tone > 0.55 else 0.0
        styles: tuple[Hair, ...] = ("long", "bob", "curly", "tied", "afro", "short")
        weights = [0.34, 0.22, 0.18, 0.14, afro, 0.12]
    else:
        styles = ("short", "buzz", "bald", "curly", "long", "afro")
        weights = [0.5, 0.2, 0.14, 0.08, 0.06, 0.1 if tone > 0.55 else 0.0]
    return styles[int(rng.choice(len(styles), p=np.array(weights) / sum(weights)))]


def _hair_color(rng: np.random.Generator, tone: float, age: float) -> str:
    if rng.random() < (age - 0.45) * 1.6:
        return _pick(rng, ("grey", "grey", "white"))
    if rng.random() < 0.05:
        return _pick(rng, ("teal", "rose"))
    if tone > 0.6:
        return _pick(rng, ("black", "black", "dark brown"))
    if tone > 0.35:
        return _pick(rng, ("black", "dark brown", "dark brown", "brown", "chestnut"))
    return _pick(
        rng,
        ("dark brown", "brown", "chestnut", "ginger", "dark blond", "dark blond", "blond", "black"),
    )


def _pick(rng: np.random.Generator, options: tuple[T, ...]) -> T:
    return options[int(rng.integers(len(options)))]


def _around(rng: np.random.Generator, spread: float, limit: float) -> float:
    return float(np.clip(rng.normal(0, spread), -limit, limit))


def _mix(first: Color, second: Color, share: float) -> Color:
    r, g, b = (p + (q - p) * share for p, q in zip(first, second, strict=True))
    return r, g, b


def _vary(rng: np.random.Generator, color: Color, spread: float) -> Color:
    common = rng.normal(0, spread)
    values = [float(np.clip(c + common + rng.normal(0, spread / 3), 8, 250)) for c in color]
    return values[0], values[1], values[2]


def _on_ramp(ramp: tuple[Color, ...], share: float) -> Color:
    place = share * (len(ramp) - 1)
    index = min(int(place), len(ramp) - 2)
    return _mix(ramp[index], ramp[index + 1], place - index)
