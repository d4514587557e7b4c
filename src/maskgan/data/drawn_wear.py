"""What a drawn person wears: clothes, necklace, glasses, hat, earrings."""

from __future__ import annotations

import numpy as np

from maskgan.data.drawn_canvas import Color, Patch, Points, channels, curve, ellipse, mirrored
from maskgan.data.drawn_features import EYE_DX, EYE_Y
from maskgan.data.drawn_head import MIDLINE, Head, shadow_of


def draw_clothes(head: Head) -> None:
    """Shoulders with a neckline; the body does not turn with the head."""
    canvas, who = head.canvas, head.identity
    w = 76 + 9 * who.neck
    wide = 214 + 22 * who.shoulders
    neckline = {
        "crew": [(0, 507), (40, 501), (w - 4, 478), (w + 6, 462)],
        "v": [(0, 540), (20, 522), (w - 12, 478), (w + 10, 460)],
        "shirt": [(0, 520), (20, 512), (w - 8, 470), (w + 2, 446)],
        "turtleneck": [(0, 449), (40, 446), (w - 12, 438), (w + 4, 428)],
    }[who.clothes]
    shoulder = [(w + 26, 462), (w + 62, 474), (wide - 20, 488), (wide + 30, 520), (wide + 40, 560)]
    inner, outer = curve(neckline, steps=6), curve(shoulder, steps=6)
    half = np.concatenate([inner, outer, [[0.0, 560.0]]])
    right = np.concatenate([half[:1], half[1:-1], half[-1:]])
    patch = canvas.polygon(_still(mirrored(right)))
    _paint_cloth(head, patch, who.cloth_color, "cloth")
    border = _still(np.concatenate([inner[::-1] * (-1, 1), inner]))
    throw = canvas.soft(canvas.stroke(border + np.array([0, -3]), 7), 3)
    canvas.tint(canvas.both(throw, canvas.where("neck")), (0.72, 0.62, 0.6), 0.8)
    if who.clothes == "shirt":
        for side in (-1, 1):
            collar = [
                (3, 516),
                (w - 10, 470),
                (w + 4, 444),
                (w + 24, 468),
                (w - 4, 500),
                (w - 34, 516),
            ]
            flap = canvas.polygon(_still(np.array(collar, np.float64) * (side, 1)))
            canvas.tint(canvas.both(canvas.soft(flap, 3, (0, 3)), patch), (0.6, 0.6, 0.62))
            _paint_cloth(head, flap, shadow_of(who.cloth_color, -0.07), "cloth")
    else:
        hem = canvas.both(canvas.stroke(border, 15 if who.clothes != "turtleneck" else 5), patch)
        canvas.tint(hem, (0.86, 0.86, 0.87))
    if who.clothes == "turtleneck":
        lines = [_still(np.array([(dx * 0.97, 440.0), (dx, 478.0)])) for dx in range(-84, 85, 12)]
        ribs = canvas.polygon(*(canvas.stroke_outline(line, 2.4) for line in lines))
        canvas.tint(canvas.both(ribs, patch), (0.84, 0.84, 0.85))
        roll = canvas.soft(canvas.stroke(_still(curve([(-w, 470), (0, 486), (w, 470)])), 7), 3)
        canvas.tint(canvas.both(roll, patch), (0.74, 0.74, 0.76))
    under = canvas.soft(canvas.polygon(head.outline()), 10, (-8 * who.light, 22))
    canvas.tint(canvas.both(under, patch), (0.62, 0.6, 0.62), 0.9)


def draw_necklace(head: Head) -> None:
    """A chain, beads or a pendant around the neck, labelled where it lies."""
    canvas, who = head.canvas, head.identity
    if who.necklace == "none":
        return
    w = 72 + 9 * who.neck
    drop = 492 if who.clothes in ("v", "shirt") else 486
    line = _still(
        curve([(-w - 2, 446), (-0.62 * w, 474), (0, drop), (0.62 * w, 474), (w + 2, 446)])
    )
    canvas.tint(canvas.soft(canvas.stroke(line + np.array([0, 4]), 5), 2), (0.7, 0.62, 0.6), 0.7)
    if who.necklace == "beads":
        pearl = who.metal if who.seed % 2 else (238, 232, 224)
        length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
        places = np.arange(4, length[-1], 9.4)
        centers = np.stack([np.interp(places, length, line[:, k]) for k in (0, 1)], axis=1)
        _balls(head, centers, 4.9, pearl, "neck_l")
        return
    canvas.paint(canvas.stroke(line, 4.2), who.metal, "neck_l")
    canvas.tint(canvas.stroke(line + np.array([0, 1.3]), 1.2), (0.66, 0.6, 0.5), 0.8)
    if who.necklace == "pendant":
        _balls(head, np.array([[MIDLINE, drop + 8.0]]), 8.5, who.metal, "neck_l")


def draw_glasses(head: Head) -> None:
    """Glasses, labelled with their lenses; through clear lenses the eyes keep their labels."""
    canvas, who = head.canvas, head.identity
    if who.glasses == "none":
        return
    color: Color = (30, 28, 30) if who.glasses == "sun" else who.glasses_color
    for side in (-1, 1):
        hinge, ear = (EYE_DX + 47, EYE_Y - 8, -2), (head.half_width + 3, EYE_Y - 3, -60)
        arm = head.place(np.array([hinge, ear]) * (side, 1, 1))
        canvas.paint(canvas.stroke(arm, 6), shadow_of(color, 0.1), "eye_g")
    for side in (-1, 1):
        _draw_lens(head, side, color)
    bridge = head.place(curve([(-21, EYE_Y + 2, 26), (0, EYE_Y - 6, 32), (21, EYE_Y + 2, 26)]))
    canvas.paint(canvas.stroke(bridge, 5.5), color, "eye_g")


def _draw_lens(head: Head, side: int, color: Color) -> None:
    canvas, who = head.canvas, head.identity
    outline = _lens_outline(head, side)
    lens = canvas.polygon(outline)
    eye = "l_eye" if side > 0 else "r_eye"
    seen = canvas.both(canvas.where(eye), lens)
    thrown = canvas.soft(canvas.stroke(_ring(outline) + np.array([0, 5]), 6), 3)
    canvas.tint(thrown, (0.74, 0.68, 0.66))
    if who.glasses == "sun":
        fade = np.clip((canvas.grid(lens)[1] - EYE_Y + 30) / 80, 0, 1).astype(np.float32)
        canvas.paint(lens, channels((26, 26, 28)) + np.float32(44) * fade, "eye_g", 0.97)
    else:
        canvas.paint(lens, (226, 236, 242), "eye_g", 0.1)
        canvas.mark(seen, eye)
    x, y = outline.mean(axis=0)
    for shift, width in ((-13, 9), (2, 4)):
        gleam = np.array([[x + shift - 12, y + 40], [x + shift + 18, y - 40]])
        streak = canvas.both(canvas.stroke(gleam, width), lens)
        canvas.paint(streak, (255, 255, 255), opacity=0.14)
    rim = canvas.stroke(_ring(outline), 4.0 if who.glasses == "round" else 5.5)
    canvas.paint(rim, color, "eye_g")
    canvas.paint(canvas.stroke(outline[21:38], 1.2), (255, 255, 255), opacity=0.22)


def _lens_outline(head: Head, side: int) -> Points:
    """The rim (40, 2) around one lens, in frame coordinates; the upper half comes last."""
    if head.identity.glasses == "round":
        flat = ellipse((EYE_DX + 3, EYE_Y + 6), 42, 38)
    else:
        round_shape = ellipse((0, 0), 1, 1)
        corners = np.sign(round_shape) * np.abs(round_shape) ** 0.55
        corners[:, 0] *= 1 - 0.1 * np.clip(corners[:, 1], 0, 1)
        radii = (47, 36) if head.identity.glasses == "sun" else (46, 31)
        flat = corners * radii + (EYE_DX + 4, EYE_Y + 7)
    depth = 24 - 0.36 * (flat[:, 0] - 20)
    return head.place(np.column_stack([side * flat[:, 0], flat[:, 1], depth]))


def draw_hat(head: Head) -> None:
    """A beanie, cap, brimmed hat or beret."""
    canvas, who, w = head.canvas, head.identity, head.half_width
    if who.hat == "none":
        return
    color = who.hat_color
    if who.hat == "beret":
        lean = 1 if who.parting > 0 else -1
        shape = [(-w - 6, 138), (-w - 22, 92), (-w + 2, 34), (-40, 4), (60, -2), (w + 16, 30)]
        shape += [(w + 52, 88), (w + 26, 132), (70, 128), (0, 122), (-70, 126)]
        points = np.array([(lean * x, y, -30) for x, y in shape], np.float64)
        crown = head.place(curve(points, closed=True))
        band = [
            (-w - 5, 150, -46),
            (-70, 128, -16),
            (0, 122, -6),
            (70, 128, -16),
            (w + 5, 150, -46),
        ]
    else:
        top = {"beanie": -6, "cap": 4, "brim": -34}[who.hat]
        full = {"beanie": 13, "cap": 7, "brim": 2}[who.hat]
        half = [(0, top, -45), (64, top + 10, -48), (w - 8, 48, -50), (w + full, 112, -52)]
        half += [(w + full, 168, -52), (w - 18, 158, -30), (58, 142, -12), (0, 138, -4)]
        crown = head.place(curve(mirrored(half), closed=True))
        band = [
            (-w - 12, 160, -50),
            (-72, 133, -14),
            (0, 124, -4),
            (72, 133, -14),
            (w + 12, 160, -50),
        ]
    patch = canvas.polygon(crown)
    extra: list[Patch] = []
    if who.hat == "brim":
        rim = ellipse((0, 142), w + 92, 31)
        depth = -30 + 34 * (rim[:, 1:] - 142) / 31
        extra.append(canvas.polygon(head.place(np.concatenate([rim, depth], axis=1))))
    elif who.hat == "cap":
        visor = [(-w + 2, 150, -30), (-84, 128, -4), (0, 120, 8), (84, 128, -4), (w - 2, 150, -30)]
        visor += [(w - 2, 180, 0), (74, 190, 50), (0, 193, 62), (-74, 190, 50), (-w + 2, 180, 0)]
        extra.append(canvas.polygon(head.place(curve(visor, closed=True, steps=4))))
    for part in (patch, *extra):
        shade = canvas.soft(part, 9, (-4 * who.light, 14))
        for name in ("skin", "hair", "l_ear", "r_ear"):
            canvas.tint(canvas.both(shade, canvas.where(name)), (0.64, 0.56, 0.54), 0.75)
    _paint_dome(head, patch, color, knit=who.hat == "beanie")
    fold = canvas.stroke(head.place(curve(band)), 34 if who.hat == "beanie" else 20)
    if who.hat == "beanie":
        canvas.tint(canvas.both(canvas.soft(fold, 3, (0, -3)), patch), (0.7, 0.7, 0.72))
        _paint_dome(head, fold, shadow_of(color, -0.08), knit=True)
    elif who.hat == "brim":
        canvas.paint(canvas.both(fold, patch), shadow_of(color, 0.45))
    elif who.hat == "cap":
        for dx in (-56, 0, 56):
            seam = [(dx * 0.4, 6, -20), (dx * 0.9, 60, -10), (dx, 128, 0)]
            canvas.tint(
                canvas.both(canvas.stroke(head.place(curve(seam)), 1.8), patch), (0.72, 0.72, 0.74)
            )
    else:
        line = head.place(curve(band))
        ends = np.minimum(np.minimum(np.arange(len(line)), np.arange(len(line))[::-1]) / 5, 1)
        canvas.tint(canvas.soft(canvas.stroke(line, 9 * ends), 2), (0.7, 0.7, 0.72), 0.8)
        _paint_dome(head, canvas.stroke(line, 13 * ends), shadow_of(color, 0.14), knit=False)
    for part in extra:
        seat = canvas.soft(part, 4, (0, -5))
        canvas.tint(canvas.both(seat, patch), (0.6, 0.6, 0.62))
        _paint_dome(head, part, shadow_of(color, 0.2), knit=False)
        edge = canvas.both(canvas.soft(part, 3, (0, -7)), part)
        canvas.paint(edge, shadow_of(color, -0.1), opacity=0.45)


def draw_earrings(head: Head) -> None:
    """An earring below each ear that shows; hidden ears wear none."""
    canvas, who = head.canvas, head.identity
    if who.earrings == "none" or who.covers_ears:
        return
    for side, ear in ((1, "l_ear"), (-1, "r_ear")):
        lobe = head.spot(side * (head.half_width + 2), 284 + 42 * (1 + 0.1 * who.ears), -86)
        near = canvas.both(canvas.glow(lobe, 8, 10), canvas.where(ear))
        if near.cover.max(initial=0) < 0.4:
            continue
        if who.earrings == "hoop":
            ring = ellipse(lobe + np.array([0, 19]), 14, 19)
            canvas.paint(canvas.stroke(_ring(ring), 4.4), who.metal, "ear_r")
            canvas.tint(canvas.stroke(ring[2:16] * 1.0, 1.4), (0.62, 0.56, 0.48), 0.8)
        elif who.earrings == "drop":
            canvas.paint(
                canvas.stroke(np.stack([lobe, lobe + np.array([0, 18])]), 2.6), who.metal, "ear_r"
            )
            _balls(head, lobe[None] + (0, 25), 8.5, who.metal, "ear_r")
        _balls(head, lobe[None], 6.0 if who.earrings == "stud" else 4.2, who.metal, "ear_r")


def _balls(head: Head, centers: Points, radius: float, color: Color, name: str) -> None:
    """Shining balls at `centers` (N, 2)."""
    canvas = head.canvas
    layers = (
        (0.0, 1.0, shadow_of(color, 0.34)),
        (0.1, 0.75, shadow_of(color, 0.12)),
        (0.22, 0.45, shadow_of(color, -0.1)),
        (0.34, 0.2, (255.0, 255.0, 255.0)),
    )
    for shift, share, tone in layers:
        lit = centers + np.array([shift, -shift]) * radius
        patch = canvas.polygon(*(ellipse(center, share * radius, share * radius) for center in lit))
        canvas.paint(patch, tone)
        if share == 1:
            canvas.mark(patch, name)


def _paint_cloth(head: Head, patch: Patch, color: Color, name: str) -> None:
    canvas, who = head.canvas, head.identity
    x, y = canvas.grid(patch)
    folds = canvas.noise(head.rng(13), 9, patch)
    weave = canvas.noise(head.rng(14), 200, patch)
    light = 1 + 0.05 * folds + 0.03 * weave - 0.1 * np.abs((x - MIDLINE) / 256) ** 2
    light = light + 0.06 * who.light * (x - MIDLINE) / 256
    if who.pattern == "stripes":
        light = light - 0.22 * (np.sin((y + 0.02 * (x - MIDLINE) ** 2 / 10) / 3.4) > 0.3)
    elif who.pattern == "knit":
        light = light + 0.07 * np.sin(x / 2.2) * np.cos(y / 2.6 + np.abs(np.sin(x / 4.4)))
    canvas.paint(patch, (channels(color) * light).astype(np.float32), name)


def _paint_dome(head: Head, patch: Patch, color: Color, knit: bool) -> None:
    canvas, who = head.canvas, head.identity
    x, y = canvas.grid(patch)
    weave = canvas.noise(head.rng(15), 200, patch)
    across = (x - MIDLINE) / 150
    light = 1.02 - 0.26 * across**2 + 0.14 * who.light * across - 0.0012 * (y - 60) + 0.025 * weave
    if knit:
        light = light * (0.92 + 0.1 * np.cos(across * 62 / np.sqrt(1 + 0.2 * across**2)))
    canvas.paint(patch, (channels(color) * light).astype(np.float32), "hat")


def _ring(outline: Points) -> Points:
    return np.concatenate([outline, outline[:2]])


def _still(points: Points) -> Points:
    moved: Points = points + np.array([MIDLINE, 0.0])
    return moved
