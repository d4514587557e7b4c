"""The manifest of a bundle: what its graphs are, what goes in and comes out, how edits are done.

`manifest.json` beside the ONNX files, read strictly: a file of another format, an unknown field or
a graph that is missing is refused with a sentence. Knows no ONNX Runtime and no PyTorch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from maskgan import config
from maskgan.errors import BundleError, ConfigError

FORMAT = 1
"""The manifest format this version reads and writes."""

MANIFEST = "manifest.json"
"""File name of the manifest inside a bundle."""

GRAPHS: tuple[str, ...] = ("parser", "encoder", "generator")
"""The graphs of a bundle. B = 1; P, E, G the manifest's sizes; S its code width.

    parser     image float32 (1, 3, P, P) in [-1, 1], size int64 (2,) = (height, width)
               -> labels uint8 (1, height, width)
    encoder    image float32 (1, 3, E, E) in [-1, 1], labels int64 (1, E, E)
               -> codes float32 (1, 19, S), present float32 (1, 19), 1 = there is a code for the
               class. Kind "regional": a class that occurs has a code of its own. Kind "whole":
               each row is the one code of the face, which says how any class looks.
    generator, kind "regional"
               photo float32 (1, 3, H, W) in [-1, 1], normal noise of deviation 0.5 where erased;
               erase float32 (1, 1, H, W), 1 = render anew,
               labels int64 (1, H, W), codes, present; H and W multiples of 16
               -> render float32 (1, 3, H, W) in [-1, 1]
    generator, kind "whole"
               labels int64 (1, H, W), code float32 (1, S), a row of the codes; H = W = G, of
               networks that take any size multiples of the manifest's stride
               -> render float32 (1, 3, H, W) in [-1, 1]
    generator, kind "attributes", whose bundle holds no encoder
               photo float32 (1, 3, G, G) in [-1, 1], attributes float32 (1, A) in 0..1, in the
               manifest's order: what the render shall have
               -> render float32 (1, 3, G, G) in [-1, 1]
"""

MASK_VAE: tuple[str, ...] = ("mask_encoder", "mask_decoder", "mask_space")
"""The graphs of a MaskVAE; a bundle holds all of them or none."""

OPTIONAL: tuple[str, ...] = ("detector", *MASK_VAE)
"""Graphs that a bundle may hold besides. M, R, D the size, the noise and the number of directions
that the manifest says of its MaskVAE; N the numbers of its code.

    detector   image float32 (1, 3, H, W) in [-1, 1], H and W multiples of 32
               -> scores float32 (1, H/8, W/8) in 0..1, points float32 (1, 3, 2, H/8, W/8): right
               eye, left eye and mouth, each as (x, y) in pixels from the centre of the 8x8 cell

    mask_encoder   labels int64 (1, M, M) -> code float32 (1, N), the mean of the map's codes
    mask_decoder   code -> logits float32 (1, 19, M, M)
    mask_space     noise float32 (1, R) of N(0, 1), strengths float32 (1, D)
                   -> drawn float32 (1, N), a code as faces have it; step float32 (1, N), what the
                   strengths of the directions add to a code
"""

STRIDE = 16
"""Heights and widths of a regional generator are multiples of this."""


@dataclass(frozen=True, kw_only=True)
class GraphEntry:
    """One graph of a bundle."""

    file: str
    """Name of the ONNX file inside the bundle's folder."""
    sha256: str
    """Hex digest of the file."""

    def __post_init__(self) -> None:
        if not self.file or Path(self.file).name != self.file:
            raise ValueError(f"file is {self.file!r}; expected a plain file name in the bundle.")


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Where the face lies in an aligned crop, in pixels (x, y); left and right are the person's
    own. The defaults are the CelebA-HQ frame."""

    size: int = 512
    """Side of the square crop that the coordinates refer to."""
    left_eye: tuple[float, float] = (316.5, 243.4)
    """Centre of the left eye."""
    right_eye: tuple[float, float] = (191.0, 242.8)
    """Centre of the right eye."""
    mouth: tuple[float, float] = (253.4, 381.5)
    """Centre of the mouth."""


@dataclass(frozen=True, kw_only=True)
class EditRules:
    """How edits are done with the bundle; lengths in pixels at the generator's size."""

    dilate: int = 6
    """The changed region grows by this radius before it is rendered anew."""
    feather: int = 4
    """Width over which the render fades into the photo, inside the grown region."""
    reach: int = 0
    """Skin up to this far from where a feature changes follows it (cheeks a smile); 0 = none does.
    Only a generator that renders regions can."""
    carry: bool = False
    """What an edit moves takes the photo along (`maskgan.editing.bending`, `carrying`), and what is
    new is made of it (`strands`, `ground`); likewise."""
    smooth: bool = False
    """Renders lose the pattern of one pixel dark and one bright that the generator leaves."""

    def __post_init__(self) -> None:
        if min(self.dilate, self.feather, self.reach) < 0:
            raise ValueError(
                f"dilate {self.dilate}, feather {self.feather}, reach {self.reach}: expected 0 or "
                "more."
            )


@dataclass(frozen=True, kw_only=True)
class MaskVaeEntry:
    """What there is to know about a bundle's MaskVAE."""

    size: int
    """Side of its label maps in pixels."""
    noise: int
    """Numbers that a new face is drawn from."""
    directions: tuple[str, ...] = ()
    """Sliders (`maskgan.editing.attributes`) that are directions of its codes."""

    def __post_init__(self) -> None:
        if min(self.size, self.noise) < 1:
            raise ValueError(f"size {self.size}, noise {self.noise}: expected 1 or more.")


@dataclass(frozen=True, kw_only=True)
class BundleManifest:
    """What `manifest.json` says about a bundle."""

    format: Literal[1] = 1
    """Version of this file's format."""
    kind: Literal["regional", "whole", "attributes"] = "regional"
    """What the generator does: "regional" = it renders a part of a photo from a code per class;
    "whole" = it draws the whole face from labels and one code; "attributes" = it changes the whole
    photo into named attributes and knows no labels."""
    name: str
    """Name of the model, for people."""
    version: str
    """Version of the model, for people."""
    label_order: Literal["A"] = "A"
    """Order of the label ids that the graphs read and write."""
    parser_size: int
    """Side of the parser's input in pixels."""
    encoder_size: int
    """Side of the style encoder's input in pixels."""
    generator_size: int
    """Side in pixels of the face crop that the generator was trained on."""
    detail_size: int | None = None
    """Side in pixels of the largest face crop on which it was trained to render parts; None = the
    same as `generator_size`."""
    code_width: int
    """Numbers in the style code of one class, or of the face."""
    stride: int = STRIDE
    """Heights and widths that the generator takes are multiples of this."""
    attributes: tuple[str, ...] = ()
    """Names of what a generator of the kind "attributes" changes."""
    frame: Frame = field(default_factory=Frame)
    """Where the face lies in a crop."""
    edit: EditRules = field(default_factory=EditRules)
    """How edits are done."""
    mask_vae: MaskVaeEntry | None = None
    """The MaskVAE, where the bundle holds one."""
    graphs: dict[str, GraphEntry]
    """Graph name -> its file."""
    training_data: str
    """What the networks were trained on, one sentence."""
    licence: str
    """Terms under which the networks may be used."""
    metrics: dict[str, Any] = field(default_factory=dict)
    """Measured quality, by name."""

    def __post_init__(self) -> None:
        whole = self.kind != "regional"
        if whole and (self.edit.reach or self.edit.carry):
            raise ValueError(
                f"edit.reach is {self.edit.reach} and edit.carry is {self.edit.carry}; expected 0 "
                "and false of a generator that draws the whole face."
            )
        if bool(self.attributes) != (self.kind == "attributes"):
            raise ValueError(
                f"kind is {self.kind!r} and attributes are {list(self.attributes)}; expected names "
                "for the kind 'attributes' and for no other."
            )
        if self.stride < 1 or (not whole and self.stride != STRIDE):
            wanted = "at least 1" if whole else f"{STRIDE} of a regional generator"
            raise ValueError(f"stride is {self.stride}; expected {wanted}.")
        sizes = {"parser_size": STRIDE, "encoder_size": self.stride, "generator_size": self.stride}
        for size, stride in sizes.items():
            value = getattr(self, size)
            if value <= 0 or value % stride:
                raise ValueError(f"{size} is {value}; expected a multiple of {stride}.")
        detail = self.detail_size
        if whole and detail is not None:
            raise ValueError(
                f"detail_size is {detail}; a generator that draws the whole face has none."
            )
        if detail is not None and (detail < self.generator_size or detail % STRIDE):
            raise ValueError(
                f"detail_size is {detail}; expected a multiple of {STRIDE} from generator_size, "
                f"{self.generator_size}."
            )
        needed = graphs_of(self.kind)
        missing = [name for name in needed if name not in self.graphs]
        if missing:
            raise ValueError(f"the graphs lack {', '.join(missing)}; expected {', '.join(needed)}.")
        given = [name for name in MASK_VAE if name in self.graphs]
        if given and (len(given) < len(MASK_VAE) or self.mask_vae is None):
            raise ValueError(
                f"of a MaskVAE there is {', '.join(given)}; expected {', '.join(MASK_VAE)} and "
                "mask_vae, or nothing."
            )
        if self.mask_vae is not None and not given:
            raise ValueError(f"mask_vae is given without its graphs, {', '.join(MASK_VAE)}.")
        unknown = [name for name in self.graphs if name not in (*GRAPHS, *OPTIONAL)]
        if unknown:
            raise ValueError(
                f"the graphs hold {', '.join(unknown)}; known: {', '.join((*GRAPHS, *OPTIONAL))}."
            )


def graphs_of(kind: str) -> tuple[str, ...]:
    """The graphs that a bundle of a kind must hold."""
    return tuple(name for name in GRAPHS if kind != "attributes" or name != "encoder")


def read_manifest(folder: Path) -> BundleManifest:
    """The manifest of a bundle folder; the graphs are not looked at. Raises `BundleError`."""
    path = folder / MANIFEST
    try:
        values = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise BundleError(
            f"{folder} holds no {MANIFEST}; expected a bundle as `maskgan export` writes it."
        ) from error
    except (OSError, ValueError) as error:
        raise BundleError(f"{path} cannot be read: {error}.") from error
    if not isinstance(values, dict):
        raise BundleError(f"{path} is not a manifest; expected a JSON object.")
    # These two first: a bundle of another version fails on the version, not on a field.
    found = values.get("format")
    if type(found) is not int or found != FORMAT:
        raise BundleError(
            f"{path} has format {found!r}; this version reads format {FORMAT}. "
            "Export the bundle again or install the maskgan that wrote it."
        )
    if values.get("label_order") != "A":
        raise BundleError(
            f"{path} has label order {values.get('label_order')!r}; expected 'A'. "
            "Export the bundle again."
        )
    try:
        return config.from_dict(BundleManifest, values)
    except ConfigError as error:
        raise BundleError(f"{path} is not a valid manifest: {error}") from error
