"""What the server is and has: version, model, classes, sliders, samples, limits."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from maskgan import __version__, labels
from maskgan.editing.attributes import ATTRIBUTES
from maskgan.editing.layers import PARTS
from maskgan.web import gallery, schemas
from maskgan.web.descriptions import PREFIX
from maskgan.web.services import Served

__all__ = ["router"]

router = APIRouter(tags=["server"])

Group = Literal["face", "eyes", "mouth", "hair", "other"]
GROUPS: dict[Group, tuple[str, ...]] = {
    "face": ("skin", "nose", "l_ear", "r_ear", "neck"),
    "eyes": ("l_eye", "r_eye", "l_brow", "r_brow", "eye_g"),
    "mouth": ("mouth", "u_lip", "l_lip"),
    "hair": ("hair", "hat"),
    "other": ("background", "cloth", "ear_r", "neck_l"),
}
"""How a palette orders the classes."""
PNG: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"image/png": {}}, "description": "The picture."}
}


@router.get("/info", summary="What this server is and has")
async def info(request: Request, services: Served) -> schemas.Info:
    """Version, model, classes with their colours, parts, sliders, samples and limits."""
    manifest, annotation = services.manifest, request.app.state.annotation
    return schemas.Info(
        version=__version__,
        bundle=schemas.BundleInfo(
            name=manifest.name,
            version=manifest.version,
            licence=manifest.licence,
            training_data=manifest.training_data,
        ),
        classes=[_class(index) for index in range(labels.NUM_CLASSES)],
        parts={name: list(ids) for name, ids in PARTS.items()},
        attributes=[
            schemas.AttributeInfo(
                name=name, title=name.replace("_", " ").capitalize(), description=said
            )
            for name, said in ATTRIBUTES.items()
        ],
        samples=[
            schemas.SampleInfo(
                name=sample.name, title=sample.title, url=f"{PREFIX}/samples/{sample.name}"
            )
            for sample in gallery.samples_in().values()
        ],
        limits=schemas.LimitsInfo(
            upload_bytes=services.limits.upload_bytes, pixels=services.limits.pixels
        ),
        heic=find_spec("pillow_heif") is not None,
        video=find_spec("av") is not None,
        annotation=(None if annotation is None else schemas.AnnotationInfo(count=len(annotation))),
    )


@router.get("/samples/{name}", summary="A sample face", response_class=Response, responses=PNG)
async def sample(
    name: Annotated[str, Path(max_length=64, description="As /info lists it.")],
) -> Response:
    """An aligned crop, 512 pixels a side."""
    data = gallery.find(name).photo.read_bytes()
    return Response(data, 200, {"Cache-Control": "no-cache"}, "image/png")


def _class(index: int) -> schemas.ClassInfo:
    name = labels.LABELS[index]
    return schemas.ClassInfo(
        id=index,
        name=name,
        title=labels.TITLES[index],
        color="#{:02x}{:02x}{:02x}".format(*labels.PALETTE_SCREEN[index]),
        file_color="#{:02x}{:02x}{:02x}".format(*labels.PALETTE_A[index]),
        group=next(group for group, names in GROUPS.items() if name in names),
    )
