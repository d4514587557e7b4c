"""What the operations take and give as JSON, with units, ranges and examples, for /docs.

Requests are strict: unknown fields and wrong types are refused. Coordinates are pixels, x right and
y down, whole numbers at pixel centres; colours are "#rrggbb". Labels in JSON are base64 of zlib of
S x S bytes, row after row.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from maskgan.editing.face import COLOUR
from maskgan.editing.mixture import Mixture as Portions
from maskgan.editing.mixture import Portion


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, Field(strict=True), BeforeValidator(_whole)]
"""JSON knows no difference between 3 and 3.0."""
Number = Annotated[float, Field(strict=True, ge=-1e6, le=1e6, allow_inf_nan=False)]
Point = Annotated[list[Number], Field(min_length=2, max_length=2, examples=[[191.0, 242.8]])]
PackedLabels = Annotated[
    str, Field(description="Labels S x S: base64 of zlib of one byte per pixel, row after row.")
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """Why a request was not answered as wished."""

    type: str = Field(examples=["/problems/session-not-found"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(description="A sentence for the user.")
    slug: str = Field(description="The reason, for programs.", examples=["session-not-found"])


class BundleInfo(BaseModel):
    """The networks."""

    name: str
    version: str
    licence: str
    training_data: str


class ClassInfo(BaseModel):
    """One of the 19 classes."""

    id: int
    name: str = Field(examples=["u_lip"])
    title: str = Field(description="For people.", examples=["Upper lip"])
    color: str = Field(description="On screens.", examples=["#e11d48"])
    file_color: str = Field(description="In label files.", examples=["#ffff00"])
    group: Literal["face", "eyes", "mouth", "hair", "other"]


class AttributeInfo(BaseModel):
    """One slider."""

    name: str = Field(examples=["smile"])
    title: str
    description: str


class SampleInfo(BaseModel):
    """One sample face."""

    name: str
    title: str
    url: str


class LimitsInfo(BaseModel):
    """What is taken at most."""

    upload_bytes: int
    pixels: int


class AnnotationInfo(BaseModel):
    """Annotate mode."""

    count: int = Field(description="Photos.")


class Info(BaseModel):
    """What this server is and has."""

    version: str
    bundle: BundleInfo
    classes: list[ClassInfo]
    parts: dict[str, list[int]] = Field(description="Name -> ids of classes moved together.")
    attributes: list[AttributeInfo]
    samples: list[SampleInfo]
    limits: LimitsInfo
    heic: bool = Field(description="Whether HEIC files can be opened.")
    video: bool = Field(description="Whether MP4 can be written.")
    annotation: AnnotationInfo | None


class NewSession(BaseModel):
    """A session that was opened."""

    id: str


class FaceSpot(BaseModel):
    """A face of a photo, in pixels of the upright photo."""

    number: int = Field(description="In reading order, from 1.")
    box: list[float] = Field(description="x, y, width, height.")
    right_eye: list[float] = Field(description="The person's own right.")
    left_eye: list[float]
    mouth: list[float]


class PhotoInfo(BaseModel):
    """The photo of a session."""

    name: str
    width: int
    height: int
    format: str = Field(examples=["JPEG"])
    faces: list[FaceSpot] = Field(description="Empty where none was found.")


class FaceInfo(BaseModel):
    """The face that is edited."""

    size: int = Field(description="Side of the crop in pixels.")
    number: int | None = Field(description="Among the photo's faces; null where none was found.")
    count: int
    matrix: list[list[float]] = Field(description="Photo pixel (x, y, 1) to crop pixel, 3 x 3.")
    present: list[int] = Field(description="Classes that the labels show.")


class StyleInfo(BaseModel):
    """A style that regions can take."""

    id: str
    name: str
    present: list[int] = Field(description="Classes it has a look for.")
    shapes: bool = Field(description="There is a face whose parts `take_part` can take.")
    thumbnail: str = Field(description="Address of a small picture.")
    was: str | None = Field(default=None, description="What the project called it.")


class StyleUse(_Request):
    """How much of which style."""

    style: str = Field(max_length=64, description="Id of a style of this session.")
    strength: float = Field(default=1.0, ge=0, le=1, strict=True, allow_inf_nan=False)


Mixture = Annotated[
    dict[str, StyleUse],
    Field(
        description='Class name or "all" -> style.',
        max_length=32,
        examples=[{"hair": {"style": "Zx3k", "strength": 0.8}}],
    ),
]


def portions(mixture: Mixture | None) -> Portions | None:
    """The same for rendering; None stays None."""
    if mixture is None:
        return None
    return {
        region: Portion(style=use.style, strength=use.strength) for region, use in mixture.items()
    }


def uses(mixture: Portions) -> dict[str, StyleUse]:
    """The same for pages."""
    return {
        region: StyleUse(style=portion.style, strength=portion.strength)
        for region, portion in mixture.items()
    }


class SessionInfo(BaseModel):
    """What is open in a session."""

    photo: PhotoInfo | None
    faces: list[FaceSpot]
    face: FaceInfo | None
    styles: list[StyleInfo]
    mixture: Mixture = Field(description="The styles that were last asked for.")
    labels_changed: int = Field(description="Pixels whose label is not the original one.")


_ONE_FACE: list[Any] = [
    {"required": [name], "properties": {name: kind}}
    for name, kind in (
        ("number", {"type": "integer"}),
        ("points", {"type": "array"}),
        ("aligned", {"const": True}),
    )
]


class FaceChoice(_Request):
    """Which face: its number, or the three points, or the photo as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"oneOf": _ONE_FACE})
    number: Annotated[Whole, Field(ge=1, le=10_000)] | None = None
    points: list[Point] | None = Field(
        default=None,
        min_length=3,
        max_length=3,
        description="The person's right eye, left eye and mouth.",
    )
    aligned: bool | None = Field(
        default=None, strict=True, description="The photo is itself a crop in the CelebA-HQ frame."
    )
    labels: PackedLabels | None = Field(
        default=None, description="Known labels, instead of the parser's."
    )

    @model_validator(mode="after")
    def _one(self) -> FaceChoice:
        given = (self.number is not None) + (self.points is not None) + bool(self.aligned)
        if given != 1:
            raise ValueError("give one of number, points and aligned (true)")
        return self


class Changed(BaseModel):
    """How much was changed."""

    changed_pixels: int


class RandomStyle(_Request):
    """The dice."""

    seed: Whole = Field(ge=0, lt=2**53, description="The same seed, the same style.")


class ColourStyle(_Request):
    """A colour."""

    colour: str = Field(
        pattern=f"^{COLOUR}$", description="Red, green and blue.", examples=["#b5651d"]
    )


class RenderOrder(_Request):
    """What to render."""

    styles: Mixture | None = Field(default=None, description="null = as last asked for.")


class Rendered(BaseModel):
    """What was rendered."""

    changed_fraction: float = Field(description="Share of the crop that changed, 0 to 1.")
    seconds: float


Kind = Literal["photo", "crop", "labels", "comparison", "animation", "project"]
Format = Literal["png", "jpg", "webp", "heic", "gif", "mp4"]


class ExportOrder(_Request):
    """Which file to write."""

    kind: Kind
    format: Format | None = Field(
        default=None, description="null = the photo's own, PNG, or GIF; labels are PNG."
    )
    provenance: bool = Field(
        default=True, strict=True, description="Mark the file as edited by a model."
    )
    styles: Mixture | None = None
    frames: Whole = Field(default=16, ge=2, le=64, description="Of an animation.")
    state: dict[str, Any] = Field(
        default_factory=dict, description="Of a project: the page's own state, kept as it is."
    )


class OpenedProject(BaseModel):
    """A project that was opened."""

    photo: PhotoInfo
    face: FaceInfo
    labels: PackedLabels
    state: dict[str, Any] = Field(description="What the page stored.")
    styles: list[StyleInfo]
    mixture: Mixture
