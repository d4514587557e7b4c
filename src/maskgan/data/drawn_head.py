"""Head, ears, neck and background of a drawn face, and the geometry all other parts stand on.

Parts are given as (dx, y, z): dx to the right of the midline and y down, both in pixels of the
512 px frame, z towards the viewer with the eyes and the mouth at 0. `Head.place` turns the head and
projects: since the pivot lies between eyes and mouth, these stay where the frame wants them while
ears and nose move against each other.
"""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np
from numpy.typing import ArrayLike

from maskgan.data.drawn_canvas import (
    Canvas,
    Color,
    Floats,
    Patch,
    Points,
    channels,
    curve,
    ellipse,
    mirrored,
)
from maskgan.data.drawn_identity import Identity

MIDLINE, PIVOT = 253.75, 300.0
"""The frame's vertical axis, and the height about which the head turns."""


class Head:
    """The head of an identity on a canvas: its outline, its skin, and where its parts go."""

    def __init__(self, canvas: Canvas, identity: Identity) -> None:
        self.canvas, self.identity = canvas, identity
        self.half_width = 122 + 6 * identity.width
        self.chin_y = 458 + 10 * identity.length
        self._yaw = radians(identity.yaw)
        self._turn = _turn(self._yaw, radians(identity.pitch), radians(identity.roll))
        self.skin = self._shade_skin()

    def rng(self, stream: int) -> np.random.Generator:
        """Random numbers for one texture; each texture has its own stream, so that drawing one
        more or less changes no other."""
        return np.random.default_rng([self.identity.seed, stream])

    def place(self, points: ArrayLike) -> Points:
        """Head coordinates (N, 3) -> frame coordinates (N, 2)."""
        placed: Points = (np.asarray(points, np.float64) - (0, PIVOT, 0)) @ self._turn
        return placed + (MIDLINE, PIVOT)

    def spot(self, dx: float, y: float, z: float = 0) -> Points:
        """One point in head coordinates -> frame coordinates (2,)."""
        place: Points = self.place([[dx, y, z]])[0]
        return place

    def outline(self) -> Points:
        """The head without ears and hair, in frame coordinates."""
        who, w = self.identity, self.half_width
        jaw = w * (0.86 + 0.07 * who.jaw)
        chin = 40 + 10 * who.chin
        bottom = self.chin_y
        half = [
            (0, 30, -40),
            (0.42 * w, 37, -42),
            (0.74 * w, 64, -45),
            (0.925 * w, 116, -45),
            (0.99 * w, 178, -44),
            (w, 230, -42),
            (0.985 * w, 285, -38),
            (jaw + 4, 345, -32),
            (jaw - 14, 390 + 4 * who.jaw, -26),
            (0.5 * (jaw - 16) + 0.5 * chin + 3, 0.42 * 394 + 0.58 * (bottom - 8), -20),
            (chin, bottom - 10, -12),
            (0.5 * chin, bottom - 1, -8),
            (0, bottom, -8),
        ]
        return self.place(curve(mirrored(half), closed=True, steps=4))

    def draw_background(self) -> None:
        """A gradient between two colors with a few large soft lights."""
        canvas, who = self.canvas, self.identity
        angle = radians(who.background_angle)
        along = (canvas.x - 256) * (cos(angle) / 640) + (canvas.y - 256) * (sin(angle) / 640)
        light = 1.03 - 0.09 * ((canvas.x - 256) ** 2 + (canvas.y - 256) ** 2) / 256**2
        rng = self.rng(1)
        for _ in range(4):
            spot = canvas.glow(rng.uniform(0, 450, 2), *[float(rng.uniform(50, 130))] * 2)
            light[spot.box] += np.float32(0.08) * spot.cover
        start, end = channels(who.background), channels(who.background_end)
        np.multiply(np.clip(along + np.float32(0.5), 0, 1), end - start, out=canvas.colors)
        canvas.colors += start
        canvas.colors *= light

    def draw_neck(self) -> None:
        """Neck and the upper chest, with the shadow of the chin."""
        canvas, who = self.canvas, self.identity
        w = 74 + 9 * who.neck
        half = [(0, 340, -60), (w, 340, -70), (w - 1, 410, -70), (w + 5, 448, -60)]
        half += [(w + 40, 480, -40), (w + 90, 530, -20), (0, 530, -20)]
        points = mirrored(half)
        # The lower end belongs to the body and does not turn with the head.
        turned = self.place(points)
        still = np.stack([MIDLINE + points[:, 0], points[:, 1]], axis=1)
        share = np.clip((points[:, 1:2] - 400) / 110, 0, 1)
        patch = canvas.polygon(curve(turned * (1 - share) + still * share, closed=True, steps=5))
        canvas.paint(patch, self._within(patch) * np.float32(0.93), "neck")
        dark_side = canvas.glow((MIDLINE - 70 * np.sign(who.light), 470), 34, 90)
        canvas.tint(canvas.both(patch, dark_side), (0.88, 0.82, 0.8), 0.8)
        for dx in (-1, 1):
            start, end = (MIDLINE + dx * 34, 512), (MIDLINE + dx * 78, 494)
            bone = canvas.stroke(curve([start, (MIDLINE + dx * 52, 500), end]), 5)
            canvas.tint(canvas.both(canvas.soft(bone, 4), patch), (0.86, 0.8, 0.78), 0.6)
        under = canvas.soft(canvas.polygon(self.outline()), 9, (-8 * who.light, 20))
        canvas.tint(canvas.both(under, patch), (0.66, 0.56, 0.54))

    def draw_ears(self) -> None:
        """Both ears, labelled as the person's own left and right, unless hair hangs over them."""
        canvas, who = self.canvas, self.identity
        if who.covers_ears:
            return
        scale = 1 + 0.1 * who.ears
        shape = [(-12, -30), (4, -44), (24, -42), (33, -24), (29, 4), (18, 26), (10, 44), (-2, 45)]
        shape += [(-12, 28)]
        for side, name in ((1, "l_ear"), (-1, "r_ear")):
            base = self.half_width - 3

            def at(points: ArrayLike, side: int = side, base: float = base) -> Points:
                local = np.asarray(points, np.float64) * scale
                depth = -84 - 0.5 * local[:, 0]
                return self.place(
                    np.stack([side * (base + local[:, 0]), 284 + local[:, 1], depth], axis=1)
                )

            patch = canvas.polygon(at(curve(shape, closed=True, steps=4)))
            canvas.paint(patch, self._within(patch) * channels((1.0, 0.94, 0.93)), name)
            rim = at(curve([(2, -30), (14, -32), (22, -20), (18, 2), (10, 18)]))
            canvas.tint(
                canvas.both(canvas.soft(canvas.stroke(rim, 7), 2.5), patch), (0.74, 0.62, 0.58)
            )
            hollow = canvas.glow(at([(6, 2)])[0], 9, 15)
            canvas.tint(canvas.both(hollow, patch), (0.66, 0.52, 0.48), 0.8)

    def draw_skin(self) -> None:
        """The face itself without features: tone, cheeks, freckles, lines of age."""
        canvas, who = self.canvas, self.identity
        patch = canvas.polygon(self.outline())
        canvas.paint(patch, self._within(patch), "skin")
        for side in (-1, 1):
            cheek = canvas.glow(self.spot(side * 74, 334, -10), 38, 30)
            canvas.tint(canvas.both(cheek, patch), (1.03, 0.88, 0.87), 0.8 * who.blush)
            edge = canvas.glow(self.spot(side * 112, 372, -35), 28, 70)
            canvas.tint(canvas.both(edge, patch), (0.88, 0.82, 0.8), 0.5)
            socket = canvas.glow(self.spot(side * 62.75, 236, 0), 44, 25)
            canvas.tint(canvas.both(socket, patch), (0.9, 0.84, 0.83), 0.9)
            bag = canvas.glow(self.spot(side * 61, 268, 2), 30, 8)
            canvas.tint(canvas.both(bag, patch), (0.86, 0.8, 0.8), 0.2 + 0.6 * who.age)
        for center, radius in ((self.spot(0, 140, -5), (70, 40)), (self.spot(0, 436, 5), (22, 16))):
            canvas.tint(canvas.both(canvas.glow(center, *radius), patch), (1.06, 1.06, 1.05))
        if who.age > 0.45:
            for row in (0, 1, 2):
                y = 138 + 19 * row
                line = self.place(
                    curve([(-62, y + 4, 2), (-25, y, 14), (25, y + 1, 14), (62, y + 4, 2)])
                )
                wrinkle = canvas.soft(canvas.stroke(line, 3.2), 1.6)
                canvas.tint(canvas.both(wrinkle, patch), (0.8, 0.72, 0.7), 0.9 * (who.age - 0.4))
        if who.freckles:
            rng = self.rng(2)
            across, down = rng.normal(0, 62, 70), rng.normal(312, 24, 70)
            centers = self.place(np.stack([across, down, 12 - 0.3 * np.abs(across)], axis=1))
            radii = rng.uniform(1, 2.2, 70).tolist()
            dots = [ellipse(at, r, r) for at, r in zip(centers, radii, strict=True)]
            canvas.tint(
                canvas.both(canvas.polygon(*dots), patch), (0.8, 0.68, 0.6), who.freckles * 0.8
            )

    def draw_beard(self) -> None:
        """Stubble or a full beard over the lower face, still skin by its label."""
        canvas, who = self.canvas, self.identity
        if who.beard == 0:
            return
        w, bottom = self.half_width, self.chin_y
        outer = [(w - 2, 285, -38), (w, 340, -34), (w - 8, 400, -28), (60, bottom + 2, -14)]
        inner = [(0, 366, 12), (30, 358, 10), (66, 366, 0), (84, 340, -8), (w - 14, 285, -36)]
        area = curve(mirrored([inner[0], *inner[1:], *outer, (0, bottom + 12, -8)]), closed=True)
        patch = canvas.soft(canvas.polygon(self.place(area)), 7)
        patch = canvas.both(patch, canvas.where("skin"))
        hairs = canvas.noise(self.rng(3), 230, patch)
        full = np.float32(who.beard)
        base = channels(who.brow_color) * (1 + 0.16 * hairs)
        under = canvas.colors[:, *patch.box]
        canvas.paint(patch, under + (base - under) * (full * (0.76 + 0.13 * hairs)).clip(0, 1))

    def _shade_skin(self) -> Floats:
        """Skin colors for every pixel of the canvas, as if the head were a lit ellipsoid."""
        canvas, who = self.canvas, self.identity
        nx = (canvas.x - (MIDLINE - 30 * sin(self._yaw))) / 172
        ny = (canvas.y - 262) / 256
        nz = np.sqrt(np.maximum(1 - nx**2 - ny**2, 0.06))
        lit = (0.49 * who.light * nx - 0.42 * ny + 0.78 * nz).astype(np.float32)
        lit += 0.016 * canvas.noise(self.rng(4), 26, Patch(0, 0, lit))
        base = channels(who.skin)[..., 0]
        shadow = base * ((0.6,), (0.5,), (0.47,))
        tones = np.linspace(0, 1, 512)
        gloss = np.maximum(tones - 0.86, 0) * (255 - base) * 0.9
        ramp = shadow + (base * 1.03 - shadow) * np.minimum(tones * 1.22, 1) + gloss
        colors: Floats = ramp.astype(np.float32)[:, (np.clip(lit, 0, 1) * 511).astype(np.int32)]
        return colors

    def _within(self, patch: Patch) -> Floats:
        colors: Floats = self.skin[:, *patch.box]
        return colors


def _turn(yaw: float, pitch: float, roll: float) -> Points:
    """Rotation about the pivot and projection along z, as a matrix (3, 2) for rows of points."""
    turned = np.array([(cos(yaw), 0), (0, cos(pitch)), (sin(yaw), -sin(pitch))])
    matrix: Points = turned @ np.array([(cos(roll), sin(roll)), (-sin(roll), cos(roll))])
    return matrix


def shadow_of(color: Color, depth: float) -> Color:
    """A darker shade: `depth` 0 keeps the color, 1 is black."""
    return color[0] * (1 - depth), color[1] * (1 - depth), color[2] * (1 - depth)
