"""Where a picture comes from: the mark that an edit leaves, and what a file says of itself.

The mark is an XMP packet with IPTC's digital source type, which says that a trained model made
parts of the picture, and an entry in the history with tool, version and what was edited. Marks of
other tools are read too. Whether a mark is true is not known here: anybody can write or remove one,
and signatures (C2PA) are found, not checked (`maskgan.credentials` does).
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from PIL import ExifTags, Image

from maskgan import xmp
from maskgan.errors import PhotoError
from maskgan.picture import DAMAGE, load, opened

SOURCE_TYPE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
CREDIT = "{http://ns.adobe.com/photoshop/1.0/}Credit"
CREATOR_TOOL = xmp.XMP + "CreatorTool"
HISTORY = xmp.MEDIA + "History"
VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
EDITED_BY_MODEL = "compositeWithTrainedAlgorithmicMedia"
MADE_BY_MODEL = "trainedAlgorithmicMedia"

MEANINGS = {
    EDITED_BY_MODEL: "parts of it were made by a trained model",
    MADE_BY_MODEL: "a trained model made it",
    "algorithmicMedia": "an algorithm made it, without training data",
    "compositeSynthetic": "it is put together from parts of which some are synthetic",
    "composite": "it is put together from several parts",
    "compositeCapture": "it is put together from several photos",
    "algorithmicallyEnhanced": "an algorithm enhanced it",
    "humanEdits": "a person edited it with tools that are not generative",
    "minorHumanEdits": "a person made minor edits",
    "computationalCapture": "a camera computed it from several exposures",
    "digitalCapture": "a camera took it",
    "digitalCreation": "a person made it with digital tools",
    "digitalArt": "a person made it with digital tools",
    "negativeFilm": "it was digitised from a negative",
    "positiveFilm": "it was digitised from a positive",
    "print": "it was digitised from a print",
    "screenCapture": "it is a picture of a screen",
    "virtualRecording": "it is a recording of a virtual event",
}
"""IPTC's terms for the digital source type -> what they say."""

GENERATOR_TEXTS = ("parameters", "prompt", "workflow", "invokeai_metadata", "sd-metadata", "Dream")
"""PNG texts in which image generators keep their settings."""

CONTENT_CREDENTIALS = b"c2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71"
"""Type of the box that holds C2PA manifests; the same bytes in every file format."""

GIF_XMP = b"\x21\xff\x0bXMP DataXMP"
"""What stands before the XMP packet of a GIF."""


@dataclass(frozen=True)
class Provenance:
    """What an edit says of itself in the file it writes."""

    tool: str
    version: str
    summary: str
    """What was edited, in words, for instance "hair and upper lip repainted"."""


@dataclass(frozen=True)
class Event:
    """One entry of a picture's history; fields are empty where the file does not name them."""

    agent: str
    """Tool and version."""
    action: str
    parameters: str


@dataclass(frozen=True)
class Marks:
    """What a file says of its own origin; None or empty where it says nothing."""

    source_type: str | None = None
    """Term of IPTC's vocabulary, for instance "digitalCapture"."""
    creator_tool: str | None = None
    software: str | None = None
    """The EXIF tag Software: what wrote the file last, or the firmware of the camera."""
    credit: str | None = None
    history: tuple[Event, ...] = ()
    generator_texts: tuple[str, ...] = ()
    """Names of the PNG texts that hold settings of an image generator."""
    content_credentials: bool = False
    """Whether there is a C2PA manifest, valid or not."""
    damaged_xmp: bool = False

    @property
    def by_model(self) -> bool:
        """Whether the file says that a trained model had part in the picture."""
        return self.source_type in (EDITED_BY_MODEL, MADE_BY_MODEL) or bool(self.generator_texts)


def to_xmp(existing: bytes | None, provenance: Provenance) -> bytes:
    """An XMP packet with the mark of an edit; everything else that `existing` says stays.

    A picture that a trained model made as a whole keeps that stronger mark, and the name of the
    tool that created a picture stays too. A damaged packet is replaced.
    """
    try:
        packet = xmp.Packet(existing)
    except xmp.XmpError:
        packet = xmp.Packet()
    agent = xmp.printable(f"{provenance.tool} {provenance.version}")
    if _term(packet.value(SOURCE_TYPE)) != MADE_BY_MODEL:
        packet.remove(lambda name: name == SOURCE_TYPE)
        packet.add(SOURCE_TYPE).text = VOCABULARY + EDITED_BY_MODEL
    if packet.value(CREATOR_TOOL) is None:
        packet.remove(lambda name: name == CREATOR_TOOL)
        packet.add(CREATOR_TOOL).text = agent
    events = _events(packet)
    if events is None:
        packet.remove(lambda name: name == HISTORY)
        events = ElementTree.SubElement(packet.add(HISTORY), xmp.RDF + "Seq")
    event = ElementTree.SubElement(events, xmp.RDF + "li", {xmp.RDF + "parseType": "Resource"})
    for field, text in (
        ("action", "edited"),
        ("softwareAgent", agent),
        ("parameters", xmp.printable(provenance.summary)),
    ):
        ElementTree.SubElement(event, xmp.EVENT + field).text = text
    return packet.to_bytes()


def read_provenance(path: str | os.PathLike[str]) -> Marks:
    """What the picture in a file says of its own origin. Raises `PhotoError` when the file is not a
    picture; damaged pixels do not matter."""
    with opened(path, minimum=1) as picture:
        return _marks(picture, path)


def describe(path: str | os.PathLike[str], credentials: Sequence[str] = ()) -> list[str]:
    """What the picture in a file says of its own origin, in sentences. `credentials` is what is
    known of its Content Credentials (`maskgan.credentials.describe`). Raises `PhotoError` when the
    file is not a picture."""
    with opened(path, minimum=1) as picture:
        width, height = picture.size
        sentences = [f"{os.fspath(path)} is a {picture.format} picture of {width}x{height} pixels."]
        try:
            load(picture, "The picture")
        except PhotoError as error:
            sentences.append(str(error))
        marks = _marks(picture, path)
    if marks.source_type is not None:
        meaning = MEANINGS.get(marks.source_type, "a term that is not known here")
        sentences.append(f"Its digital source type is {marks.source_type}: {meaning}.")
    if marks.creator_tool is not None:
        sentences.append(f"It names the tool that created it: {marks.creator_tool}.")
    if marks.software is not None and marks.software != marks.creator_tool:
        sentences.append(f"It names the software that wrote it: {marks.software}.")
    if marks.credit is not None:
        sentences.append(f"It gives credit to: {marks.credit}.")
    # Tools note every save; the same words once are enough.
    sentences += dict.fromkeys(map(_sentence, marks.history))
    if marks.generator_texts:
        names = ", ".join(marks.generator_texts)
        sentences.append(f"It holds settings of an image generator (PNG text: {names}).")
    if marks.content_credentials:
        sentences += credentials or [
            "It carries Content Credentials (C2PA), which are not checked here: that takes the "
            "extra c2pa, or another C2PA tool."
        ]
    if marks.damaged_xmp:
        sentences.append("Its XMP packet is damaged, so marks in it cannot be read.")
    if not marks.by_model:
        sentences.append(
            "No mark says that a trained model had part in it. That proves nothing: marks are "
            "easily removed, and many tools write none."
        )
    return sentences


def has_content_credentials(source: str | os.PathLike[str] | bytes) -> bool:
    """Whether a file, or the bytes of one, holds a C2PA manifest, valid or not."""
    if isinstance(source, bytes):
        return CONTENT_CREDENTIALS in source
    with open(source, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.find(CONTENT_CREDENTIALS) >= 0


def _marks(picture: Image.Image, path: str | os.PathLike[str]) -> Marks:
    data = picture.info.get("xmp")
    if picture.format == "GIF":
        data = _gif_packet(path)
    damaged = False
    try:
        packet = xmp.Packet(data)
    except xmp.XmpError:
        packet, damaged = xmp.Packet(), True
    try:
        software = picture.getexif().get(ExifTags.Base.Software)
    except DAMAGE:
        software = None
    return Marks(
        source_type=_term(packet.value(SOURCE_TYPE)),
        creator_tool=_shown(packet.value(CREATOR_TOOL)),
        software=_shown(software or picture.info.get("Software")),
        credit=_shown(packet.value(CREDIT)),
        history=tuple(map(_event, events if (events := _events(packet)) is not None else ())),
        generator_texts=tuple(name for name in GENERATOR_TEXTS if name in picture.info),
        content_credentials=has_content_credentials(path),
        damaged_xmp=damaged,
    )


def _gif_packet(path: str | os.PathLike[str]) -> bytes | None:
    """The XMP packet of a GIF, which Pillow does not look for: it stands uncut behind its name and
    ends where the bytes 1, 255, 254, ... lead other readers out of it."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        start = data.find(GIF_XMP)
        end = data.find(b"\1\xff\xfe\xfd", start)
        return data[start + len(GIF_XMP) : end] if 0 <= start < end else None


def _term(value: str | None) -> str | None:
    """The last part of a term's address; bare terms are taken as they are."""
    return _shown(value.rstrip("/").rsplit("/", 1)[-1]) if value else None


def _shown(value: object) -> str | None:
    return xmp.printable(value) or None if isinstance(value, str) else None


def _events(packet: xmp.Packet) -> ElementTree.Element | None:
    """The list of entries of a packet's history."""
    history = packet.find(HISTORY)
    return None if history is None else history.find(xmp.RDF + "Seq")


def _event(item: ElementTree.Element) -> Event:
    """An entry of a history, whose fields are attributes or elements at any depth."""
    fields = {child.tag: child.text or "" for child in item.iter()}
    for child in item.iter():
        fields.update(child.attrib)
    agent, action, parameters = (
        xmp.printable(fields.get(xmp.EVENT + name, ""))
        for name in ("softwareAgent", "action", "parameters")
    )
    return Event(agent, action, parameters)


def _sentence(event: Event) -> str:
    doing = f"{event.action or 'changed'}, {event.parameters}".removesuffix(", ")
    return f"Its history names {event.agent or 'an unnamed tool'}: {doing}."
