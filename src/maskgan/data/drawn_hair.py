"""Hair of a drawn face: what hangs behind the head, what lies over the forehead, the strands."""

from __future__ import annotations

from math import radians, sin

import numpy as np

from maskgan.data.drawn_canvas import Floats, Patch, Points, channels, curve, mirrored
from maskgan.data.drawn_head import MIDLINE, Head

STRAND_TABLE = 4096
HAT_LINE = 118.0
"""Under a hat there is no hair above this height."""


def draw_back_hair(head: Head) -> None:
    """The hair behind the head, neck and shoulders."""
    who, w = head.identity, head.half_width
    v = _volume(head)
    if who.hair == "tied":
        half = [(0, 26 - v, -60), (70, 30 - v, -62), (w - 4, 80, -66), (w + 5, 190, -70)]
        half += [(w + 2, 280, -80), (60, 380, -90), (0, 390, -90)]
    elif who.hair in ("bob", "long", "curly"):
        end = {"bob": 424.0, "long": 560.0, "curly": 446.0}[who.hair]
        flare = {"bob": 20.0, "long": 26.0, "curly": 44.0}[who.hair]
        half = [(0, 22 - v, -60), (58, 29 - 0.9 * v, -62), (w - 16, 66 - 0.6 * v, -66)]
        half += [(w + 16 + 0.5 * v, 170, -70), (w + 20 + 0.7 * v, 260, -70)]
        half += [(w + flare + v, 350, -66), (w + flare + 0.6 * v, end - 22, -60)]
        half += [(w - 16, end, -60), (50, end - 14, -70), (0, end - 10, -80)]
    elif who.hair == "afro":
        half = [(0, -24 - v, -60), (104, -6 - v, -62), (w + 56 + v, 92, -66)]
        half += [(w + 72 + v, 200, -70), (w + 50 + v, 300, -70), (w - 6, 358, -80), (0, 350, -90)]
    else:
        return
    outline = _ruffle(head, curve(mirrored(half), closed=True, steps=6), 11)
    _paint_hair(head, head.canvas.polygon(head.place(outline)), dim=0.72)


def front_hair(head: Head) -> Patch | None:
    """The shape of the hair over the forehead and beside the face; None for a bald head. Under a
    hat only what hangs out of it."""
    who = head.identity
    if who.hair == "bald":
        return None
    outer = [_side(_outer_line(head, side), side) for side in (-1, 1)]
    left, right = (_hairline(head, side) for side in (-1, 1))
    outline = np.concatenate([outer[0][::-1], outer[1], right[::-1], left])
    patch = head.canvas.polygon(head.place(outline))
    if who.hat != "none":
        rows = head.canvas.y[patch.box[0]] > HAT_LINE
        patch = Patch(patch.top, patch.left, patch.cover * rows)
    return patch


def draw_front_hair(head: Head) -> None:
    """Front hair with the shadow it throws on the face."""
    canvas = head.canvas
    patch = front_hair(head)
    if patch is None:
        return
    shade = canvas.soft(patch, 6, (-4 * head.identity.light, 8))
    faint = 0.5 if head.identity.hair == "buzz" else 1.0
    canvas.tint(canvas.both(shade, canvas.where("skin")), (0.68, 0.58, 0.55), 0.85 * faint)
    _paint_hair(head, patch, dim=1.0)


def _volume(head: Head) -> float:
    """How far the hair stands off the skull, in frame pixels."""
    who = head.identity
    reach = {"buzz": 2.0, "short": 18.0, "tied": 6.0, "afro": 22.0}.get(who.hair, 15.0)
    return reach * (0.3 + 0.7 * who.volume) * (0.35 if who.hat != "none" else 1)


def _outer_line(head: Head, side: int) -> Points:
    """One half of the outer border of the front hair, from the top down to its lower tip, given
    for the right half. Short hair is combed over to the side away from its parting."""
    who, w = head.identity, head.half_width
    top = _volume(head)
    v = top * (1 - 0.7 * side * who.parting) if who.hair == "short" else top
    if who.hair == "afro":
        half = [
            (0, -24 - v, -50),
            (104, -6 - v, -55),
            (w + 56 + v, 92, -60),
            (w + 70 + v, 200, -60),
        ]
        half += [(w + 36, 280, -55), (w + 6, 300, -48)]
    elif who.covers_ears:
        end = {"bob": 412.0, "long": 540.0, "curly": 430.0}[who.hair]
        flare = {"bob": 20.0, "long": 26.0, "curly": 44.0}[who.hair]
        half = [(0, 22 - v, -50), (58, 29 - 0.9 * v, -55), (w - 16, 66 - 0.6 * v, -60)]
        half += [(w + 15 + 0.5 * v, 170, -66), (w + 20 + 0.7 * v, 260, -66)]
        half += [
            (w + flare + v, 350, -62),
            (w + flare + 0.6 * v, end - 24, -56),
            (w - 10, end, -48),
        ]
    else:
        half = [(0, 24 - top, -45), (50, 33 - 0.95 * v, -48), (90, 60 - 0.75 * v, -50)]
        half += [(w - 6 + 0.4 * v, 118, -52), (w + 1 + 0.25 * v, 186, -52), (w + 3, 240, -50)]
        half += [(w - 3, 276, -46), (w - 8, 288, -43)]
    line = curve(half, steps=6)
    return _ruffle(head, line, 12) if who.hair in ("curly", "afro") else line


def _hairline(head: Head, side: int) -> Points:
    """The border of the hair to one side of the face, from the middle of the forehead down to where
    the outer border ends."""
    who, w = head.identity, head.half_width
    tip = _outer_line(head, side)[-1]
    hangs = who.covers_ears and who.hair != "afro"
    temple: list[tuple[float, float, float]] = [(w - 20, 180, -34), (w - 13, 232, -38)]
    if hangs:
        temple += [(w - 12, 300, -34), (w - 6, 360, -40), (w - 20, min(tip[1] - 24, 450), -44)]
    fringe = "open" if who.hair in ("buzz", "tied", "afro") else who.fringe
    recede = 0.0 if hangs else 14 * max(who.age - 0.5, 0)
    start = 46 * who.parting
    knots: list[tuple[float, float, float]]
    if fringe == "bangs":
        knots = [(0, 184, 4), (40, 186, -2), (78, 193, -14), (w - 16, 214, -32), *temple[1:]]
    elif fringe == "side" and side * who.parting > 0:
        knots = [(abs(start) + 14, 98, -6), (w - 50, 122, -16), (w - 26, 158, -28), *temple]
    elif fringe == "side":
        knots = [(10, 132, 0), (52, 164, -4), (88, 184, -18), (w - 14, 204, -32), *temple[1:]]
    elif fringe == "parted":
        knots = [(0, 86, -8), (44, 112, -6), (80, 146, -16), *temple]
    else:
        knots = [
            (0, 106 - recede, -4),
            (46, 108 - 2 * recede, -8),
            (82, 128 - recede, -20),
            *temple,
        ]
    line = curve(knots)
    if fringe == "parted":
        # The parting moves the top of the line and leaves the temples.
        line[:, 0] += side * start * np.clip(1 - (line[:, 1] - 86) / 80, 0, 1)
    elif fringe == "bangs":
        # Uneven tips, as of locks of different length.
        line = curve(line, steps=3)
        fade = np.interp(np.arange(len(line)), [0, 54, 72], [1, 1, 0])
        line[:, 1] -= 7 * fade * head.rng(10).random(len(line)) ** 2
    return _side(np.concatenate([line, tip[None]]), side)


def _side(points: Points, side: int) -> Points:
    """Points given for the right half, put on the half `side` (1 right, -1 left)."""
    turned: Points = points * np.array([float(side), 1.0, 1.0])
    return turned


def _ruffle(head: Head, outline: Points, stream: int) -> Points:
    """Curls on an outline: round bumps outwards, none for straight hair."""
    who = head.identity
    size = {"curly": 8.0, "afro": 6.0, "long": 3.5 * who.wave, "bob": 2.5 * who.wave}.get(
        who.hair, 0
    )
    if size == 0:
        return outline
    # Resampled by length so that the bumps are even.
    length = np.concatenate(
        [[0], np.cumsum(np.linalg.norm(np.diff(outline[:, :2], axis=0), axis=1))]
    )
    places = np.arange(0, length[-1], 3.0)
    even = np.stack([np.interp(places, length, outline[:, k]) for k in range(3)], axis=1)
    phase = head.rng(stream).uniform(0, 6)
    pitch = 26 if who.hair == "curly" else 17 if who.hair == "afro" else 46
    bump = np.abs(np.sin(places / pitch * np.pi + phase + 0.8 * np.sin(places / 37))) - 0.4
    away = even[:, :2] - np.array([0, 210])
    away /= np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1)
    even[:, :2] += away * (size * bump)[:, None]
    return even


def _paint_hair(head: Head, patch: Patch, dim: float) -> None:
    canvas, who = head.canvas, head.identity
    if who.hat != "none" and patch.cover.size:
        rows = canvas.y[patch.box[0]] > HAT_LINE
        patch = Patch(patch.top, patch.left, patch.cover * rows)
    strands = _strands(head, patch)
    x, y = canvas.grid(patch)
    shift = -55 * sin(radians(who.yaw))
    across, down = (x - MIDLINE - shift) / 160, (y - 215) / 215
    radius = np.sqrt(across**2 + down**2)
    toward = np.clip(0.55 - 0.75 * down + 0.5 * who.light * across, 0, 1)
    band = np.exp(-(((radius - 0.72) / 0.13) ** 2)) * toward * np.clip(-down * 2 + 0.6, 0, 1)
    curly = who.hair in ("curly", "afro", "buzz")
    light = 0.86 + 0.15 * strands + 0.2 * toward - 0.2 * np.clip(radius - 0.9, 0, 0.6)
    base = channels(who.hair_color)
    gloss = (0.12 if curly else 0.3) * band * (0.7 + 0.5 * strands)
    color = base * (light * dim) + (60 + 0.55 * base) * np.clip(gloss, 0, 1)
    canvas.paint(patch, color.astype(np.float32), "hair")


def _strands(head: Head, patch: Patch) -> Floats:
    """Texture (h, w) of about unit variance: a random profile across the hair, drawn out along the
    way it falls from the parting."""
    canvas, who = head.canvas, head.identity
    x, y = canvas.grid(patch)
    shift = -55 * sin(radians(who.yaw))
    root = MIDLINE + shift + 46 * who.parting * (who.fringe in ("parted", "side"))
    if who.hair == "buzz":
        return 0.4 * canvas.noise(head.rng(8), 170, patch)
    if who.hair == "afro":
        # Ridges of smooth noise wind about like curls.
        coils, fine = canvas.noise(head.rng(7), 64, patch), canvas.noise(head.rng(8), 170, patch)
        curls: Floats = np.maximum(0.9 - 1.7 * np.abs(coils), -0.8) + 0.35 * fine
        return curls
    cloud = canvas.noise(head.rng(7), 26, patch)
    spread = np.sqrt(np.clip(1 - ((y - 250) / 250) ** 2, 0.05, 1)) * (y < 250) + (y >= 250)
    place = (x - root) / (160 * spread)
    if who.hair == "curly":
        place = place + 0.055 * np.sin(y / 8 + 9 * place + 1.6 * cloud) + 0.02 * cloud
    else:
        place = place + 0.03 * who.wave * np.sin(y / 17 + 3 * place) + 0.012 * cloud
    # Locks, strands and hairs: three random profiles of rising frequency, added up in one table.
    knots = np.linspace(0, 1, STRAND_TABLE)
    rng = head.rng(9)
    table = np.zeros(STRAND_TABLE)
    for count, weight in ((72, 0.6), (208, 0.55), (480, 0.5)):
        table += weight * np.interp(knots, np.linspace(0, 1, count), rng.standard_normal(count))
    index = ((place + 2) * (STRAND_TABLE / 4)).astype(np.int32)
    strands: Floats = table.astype(np.float32)[np.clip(index, 0, STRAND_TABLE - 1)]
    return strands
