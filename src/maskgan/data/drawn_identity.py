"""Who is drawn and with what expression: plain values.

An `Identity` holds everything that stays when the expression changes: looks, pose, light,
background. Numbers without a unit are in -1..1 around an average face, or in 0..1 where 0 is none.
Colors are RGB in 0..255. Knows nothing about pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from maskgan.data.drawn_canvas import Color

Hair = Literal["bald", "buzz", "short", "bob", "long", "curly", "afro", "tied"]
Fringe = Literal["open", "parted", "side", "bangs"]
Glasses = Literal["none", "round", "square", "sun"]
Hat = Literal["none", "beanie", "cap", "brim", "beret"]
Earrings = Literal["none", "stud", "hoop", "drop"]
Necklace = Literal["none", "chain", "beads", "pendant"]
Clothes = Literal["crew", "v", "shirt", "turtleneck"]
Pattern = Literal["plain", "stripes", "knit"]


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A person, the pose of the head, the light and the background."""

    seed: int
    """Chooses textures and grain."""
    yaw: float
    """Degrees; positive turns the face towards larger x."""
    pitch: float
    """Degrees; positive looks up."""
    roll: float
    """Degrees; positive leans clockwise."""
    light: float
    """Where the light comes from: -1 smaller x, 1 larger x."""
    background: Color
    background_end: Color
    background_angle: float
    """Degrees; direction from the first background color to the second."""
    skin: Color
    width: float
    length: float
    """Of the lower face."""
    jaw: float
    """1 is square, -1 tapers."""
    chin: float
    """Width of the chin."""
    age: float
    """0..1: lines of the face."""
    freckles: float
    blush: float
    eye_color: Color
    eye_size: float
    eye_tilt: float
    """1 lifts the outer corners."""
    lashes: float
    brow_color: Color
    brow_thickness: float
    brow_arch: float
    nose_width: float
    nose_length: float
    lip_color: Color
    lip_fullness: float
    mouth_width: float
    ears: float
    """Size."""
    beard: float
    """0..1: none, stubble, full."""
    hair: Hair
    hair_color: Color
    fringe: Fringe
    parting: float
    """Where the hair parts, -1..1 across the head."""
    wave: float
    volume: float
    """0..1."""
    glasses: Glasses
    glasses_color: Color
    hat: Hat
    hat_color: Color
    earrings: Earrings
    necklace: Necklace
    metal: Color
    """Of earrings and necklace."""
    clothes: Clothes
    cloth_color: Color
    pattern: Pattern
    shoulders: float
    neck: float
    """Width."""

    @property
    def covers_ears(self) -> bool:
        """True where the hair hangs over the ears; with an open forehead long hair is tucked
        behind them."""
        tucked = self.hair in ("bob", "long") and self.fringe == "open"
        return self.hair in ("bob", "long", "curly", "afro") and not tucked


@dataclass(frozen=True, kw_only=True)
class Expression:
    """What a face does; the default is at rest."""

    smile: float = 0.1
    """-1 turns the corners of the mouth down, 1 up and out."""
    mouth_open: float = 0.0
    """0 closed, 1 wide open."""
    brow: float = 0.0
    """-1 lowers the eyebrows, 1 raises them."""
    frown: float = 0.0
    """1 draws the inner ends of the eyebrows down, -1 lifts them."""
    eye_opening: float = 0.6
    """0 closed, 0.6 at rest, 1 wide."""
    gaze_x: float = 0.0
    """1 looks as far as possible towards larger x."""
    gaze_y: float = 0.0
    """1 looks as far as possible down."""
