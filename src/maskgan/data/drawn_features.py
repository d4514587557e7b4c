"""Eyes, eyebrows, nose and mouth of a drawn face: the parts that an expression moves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from maskgan.data.drawn_canvas import Points, channels, curve, mirrored
from maskgan.data.drawn_head import Head, shadow_of
from maskgan.data.drawn_identity import Expression

EYE_DX, EYE_Y, MOUTH_Y = 62.75, 243.1, 381.5
"""Where the CelebA-HQ frame has the eyes, left and right of the midline, and the mouth."""


def draw_eyes(head: Head, expression: Expression) -> None:
    """Both eyes with lids and lashes; closed eyes keep a line that is labelled as the eye."""
    for side, name in ((1, "l_eye"), (-1, "r_eye")):
        _draw_eye(head, expression, side, name)


def _draw_eye(head: Head, expression: Expression, side: int, name: str) -> None:
    canvas, who = head.canvas, head.identity
    w = 27 * (1 + 0.08 * who.eye_size)
    opening = expression.eye_opening
    up = 20 * (1 + 0.1 * who.eye_size) * opening
    down = 3.5 + 7.5 * opening - 2 * max(expression.smile, 0)
    tilt = 1.2 + 2.2 * who.eye_tilt

    def at(u: NDArray[np.float64], y: NDArray[np.float64]) -> Points:
        """u: -1 inner corner .. 1 outer corner; y: below the line through the corners."""
        dx = side * (EYE_DX + u * w)
        return head.place(np.stack([dx, EYE_Y + 1 + y - tilt * u, -7 * (u + 0.1)], axis=1))

    u = np.linspace(-1, 1, 21)
    arch = 1 - np.abs(u - 0.04 * (1 - u**2)) ** 2.3
    upper_y = -up * arch + (1 - opening) * 2.5 * arch
    lower_y = np.maximum(down * (1 - np.abs(u - 0.12 * (1 - u**2)) ** 2.2), upper_y)
    upper, lower = at(u, upper_y), at(u, lower_y)
    white = canvas.polygon(np.concatenate([upper, lower[::-1]]))
    base = channels(who.skin)
    canvas.paint(white, channels((206, 205, 203)) + 0.1 * base, name)
    gaze = np.array([6.5 * expression.gaze_x, 3.5 * expression.gaze_y])
    center = head.spot(side * EYE_DX, EYE_Y - 1.5, 2) + gaze
    radius = 12.6 * (1 + 0.06 * who.eye_size)
    dark = shadow_of(who.eye_color, 0.62)
    light = tuple(np.clip(np.asarray(who.eye_color) * 1.45 + 12, 0, 255))
    iris = canvas.both(canvas.ellipse(center, radius, radius), white)
    canvas.paint(iris, dark)
    ring = canvas.both(canvas.ellipse(center, radius * 0.86, radius * 0.86), white)
    canvas.paint(ring, who.eye_color)
    glow = canvas.both(canvas.glow(center + (0, radius * 0.4), radius * 0.6, radius * 0.45), ring)
    canvas.paint(glow, (light[0], light[1], light[2]), opacity=0.8)
    x, y = canvas.grid(ring)
    angle = np.arctan2(y - float(center[1]), x - float(center[0]))
    canvas.tint(ring, 1 + 0.14 * np.sin(11 * angle))
    pupil = canvas.ellipse(center, radius * 0.42, radius * 0.42)
    canvas.paint(canvas.both(pupil, white), (16, 13, 14))
    lid = canvas.soft(canvas.stroke(upper, 11), 3)
    canvas.tint(canvas.both(lid, white), (0.52, 0.48, 0.5), 0.85)
    shine = center + np.array([3.6 * (1 if who.light > 0 else -1), -4.2])
    canvas.paint(canvas.both(canvas.ellipse(shine, 2.9, 2.9), white), (255, 255, 255), opacity=0.95)
    corner = canvas.both(canvas.glow(at(np.array([-0.97]), np.array([1.0]))[0], 5, 4), white)
    canvas.paint(corner, (196, 120, 112), opacity=0.7)
    _draw_lids(head, side, name, upper, lower, opening)


def _draw_lids(
    head: Head, side: int, name: str, upper: Points, lower: Points, opening: float
) -> None:
    canvas, who = head.canvas, head.identity
    lash_color = shadow_of(who.brow_color, 0.55)
    taper = np.sin(np.linspace(0.12, 0.9, 21) * np.pi) ** 0.7
    canvas.paint(canvas.stroke(upper, taper * (3.2 + 2.4 * who.lashes)), lash_color, name)
    canvas.tint(canvas.soft(canvas.stroke(lower, 1.6), 0.9), (0.62, 0.48, 0.46), 0.8)
    # The fold of the upper lid follows the eye: near it when the eye is wide, high when closed.
    fold = upper[2:-1] - np.array([0, 8 + 5 * (1 - opening)])
    canvas.tint(canvas.soft(canvas.stroke(fold, 2.4), 1.2), (0.66, 0.54, 0.52), 0.75)
    if who.lashes > 0.45:
        tip = upper[-1] + np.array([side * 5.5 * who.lashes, -3.5])
        wing = np.stack([upper[-4], upper[-1], tip])
        canvas.paint(canvas.stroke(wing, np.array([4.0, 3.2, 0])), lash_color, name)


def draw_brows(head: Head, expression: Expression) -> None:
    """Both eyebrows, thick inside and tapering out, in hairs."""
    canvas, who = head.canvas, head.identity
    lift = 9 * expression.brow
    inner = -7 * expression.frown
    thick = 9.5 * (1 + 0.38 * who.brow_thickness)
    arch = 9 + 5 * who.brow_arch
    for side, name in ((1, "l_brow"), (-1, "r_brow")):
        u = np.linspace(-1, 1, 17)
        y = 208 - lift - arch * (1 - 0.7 * (u - 0.3) ** 2) * 0.75 + 5 * np.clip(u, 0, 1) ** 2
        y = y - inner * 0.4 * (1 - u)
        line = head.place(np.stack([side * (66 + 37 * u), y, 10 - 14 * (u + 1)], axis=1))
        width = thick * np.interp(u, [-1, -0.9, -0.4, 0.3, 1], [0.55, 0.85, 1, 0.8, 0.12])
        patch = canvas.stroke(line, width)
        canvas.tint(canvas.soft(patch, 2.5), (0.82, 0.77, 0.75), 0.8)
        hairs = canvas.noise(head.rng(5), 230, patch)
        color = channels(who.brow_color) * (1.02 + 0.13 * hairs)
        canvas.paint(patch, color, name, 0.86)


def draw_nose(head: Head) -> None:
    """The nose: mostly light and shadow. Its label is the trapezoid that annotators draw."""
    canvas, who = head.canvas, head.identity
    side = 1 if who.light > 0 else -1
    half = 33 * (1 + 0.2 * who.nose_width)
    base = 331 + 6 * who.nose_length
    right = [(0, 238, 16), (10, 240, 12), (12, 268, 20), (19, 292, 26), (half - 3, base - 26, 14)]
    right += [
        (half, base - 11, 12),
        (half - 7, base + 1, 10),
        (14, base + 5, 22),
        (0, base + 7, 26),
    ]
    shape = canvas.polygon(head.place(curve(mirrored(right), closed=True, steps=4)))
    canvas.mark(shape, "nose")
    tip = head.spot(0, base - 17, 46)
    bridge = head.place(curve([(-side * 13, 236, 8), (-side * 14, 268, 16), (-side * 22, 305, 22)]))
    shade = canvas.soft(canvas.stroke(bridge, np.linspace(6, 15, len(bridge))), 6)
    canvas.tint(shade, (0.78, 0.7, 0.67), 0.62)
    under = canvas.glow(head.spot(0, base + 6, 20), half * 0.75, 7)
    canvas.tint(under, (0.66, 0.55, 0.52), 0.62)
    for dx in (-1, 1):
        wing = [
            (dx * (half - 9), base - 27, 14),
            (dx * half, base - 13, 12),
            (dx * (half - 7), base, 12),
        ]
        crease = canvas.soft(canvas.stroke(head.place(curve(wing)), 3.4), 2)
        canvas.tint(crease, (0.7, 0.56, 0.52), 0.85)
        nostril = canvas.soft(
            canvas.ellipse(head.spot(dx * half * 0.44, base - 1, 26), 8, 3.6), 1.3
        )
        canvas.tint(nostril, (0.42, 0.3, 0.28), 0.9)
    gloss = 0.1 + 0.1 * float(np.mean(who.skin)) / 255
    ridge = head.place(curve([(side * 2, 246, 22), (side * 3, 282, 34), (side * 2, base - 22, 46)]))
    canvas.paint(canvas.soft(canvas.stroke(ridge, 6), 4), (255, 246, 236), opacity=gloss)
    canvas.paint(canvas.glow(tip + (side * 4, -3), 8, 7), (255, 248, 240), opacity=gloss * 1.6)


def draw_mouth(head: Head, expression: Expression) -> None:
    """Lips, and between open lips a dark inside with teeth and tongue."""
    canvas, who = head.canvas, head.identity
    smile, gap = expression.smile, expression.mouth_open
    w = 47 * (1 + 0.09 * who.mouth_width) * (1 + 0.2 * smile - 0.16 * max(gap - 0.3, 0))
    full = 1 + 0.4 * who.lip_fullness
    u = np.linspace(-1, 1, 25)
    dome = 1 - u**2
    corner = MOUTH_Y - 1 - 10 * smile * np.abs(u) ** 1.6 + 4.5 * smile
    opened = 40 * gap
    bow = np.exp(-((np.abs(u) - 0.2) ** 2) / 0.03) - 0.55 * np.exp(-(u**2) / 0.012)
    upper_in = corner - 0.34 * opened * dome**0.8 + 1.2 * np.exp(-(u**2) / 0.03) * (gap < 0.05)
    lower_in = np.maximum(corner + 0.66 * opened * dome**0.62, upper_in)
    thin = 1 - 0.16 * abs(smile) - 0.15 * gap
    upper_out = upper_in - thin * full * (8.2 * dome**0.7 + 3.0 * bow * dome)
    lower_out = lower_in + thin * full * 13.5 * dome**0.75

    def at(y: NDArray[np.float64]) -> Points:
        return head.place(np.stack([u * w, y, 12 * dome - 8], axis=1))

    def between(first: NDArray[np.float64], second: NDArray[np.float64]) -> Points:
        return np.concatenate([at(first), at(second)[::-1]])

    if smile > 0.15:
        for dx in (-1, 1):
            fold = [(dx * 38, 334, 10), (dx * 56, 352, 2), (dx * (w + 17), 384 - 6 * smile, -8)]
            line = canvas.soft(canvas.stroke(head.place(curve(fold)), 4), 3)
            canvas.tint(line, (0.84, 0.75, 0.72), 0.2 + 0.45 * smile)
    below = canvas.glow(head.spot(0, float(lower_out[12]) + 7, 4), 30, 8)
    canvas.tint(below, (0.78, 0.7, 0.68), 0.75)
    inside = canvas.polygon(between(upper_in, lower_in))
    if gap > 0.05:
        canvas.paint(inside, (74, 24, 28), "mouth")
        tongue = canvas.glow(head.spot(0, float(lower_in[12]) - 2, 0), w * 0.5, 0.3 * opened)
        canvas.paint(canvas.both(tongue, inside), (186, 84, 86), opacity=0.85)
        edge = upper_in + np.minimum(3 + 0.36 * opened, 15) * dome**0.35
        teeth = canvas.both(canvas.polygon(between(upper_in, edge)), inside)
        canvas.paint(teeth, (240, 236, 226))
        tips = at(edge)[3:-2:3]
        roots = [np.stack([tip - (0, 16), tip]) for tip in tips]
        gaps = canvas.polygon(*(canvas.stroke_outline(root, 0.9) for root in roots))
        canvas.tint(canvas.both(gaps, teeth), (0.84, 0.8, 0.78), 0.6)
        canvas.tint(
            canvas.both(canvas.soft(canvas.stroke(at(upper_in), 8), 3), inside), (0.5, 0.42, 0.42)
        )
    color = channels(who.lip_color)
    for outline, name, gain in (
        (between(upper_out, upper_in), "u_lip", 0.86),
        (between(lower_in, lower_out), "l_lip", 1.0),
    ):
        patch = canvas.polygon(outline)
        grooves = canvas.noise(head.rng(6), 70, patch)
        canvas.paint(patch, color * gain * (1 + 0.04 * grooves), name, 0.93)
    lower_lip = canvas.where("l_lip")
    shine = canvas.glow(head.spot(5 * who.light, float(lower_in[12]) + 6 * full, 10), w * 0.36, 3.6)
    canvas.paint(canvas.both(shine, lower_lip), (255, 232, 228), opacity=0.34)
    if gap <= 0.05:
        seam = canvas.soft(canvas.stroke(at(upper_in), 2.4), 0.8)
        canvas.tint(seam, (0.46, 0.34, 0.34), 0.9)
    for index, dx in ((0, -2), (-1, 2)):
        dimple = at(upper_in)[index] + np.array([dx, 0])
        canvas.tint(canvas.glow(dimple, 5, 4), (0.7, 0.58, 0.56), 0.7)
