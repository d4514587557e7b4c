"""The mark that an edit leaves, and what files say of themselves."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from xml.dom import minidom

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from maskgan import xmp
from maskgan.errors import PhotoError
from maskgan.photo import Photo, read_photo, save_photo
from maskgan.provenance import (
    CONTENT_CREDENTIALS,
    EDITED_BY_MODEL,
    Event,
    Marks,
    Provenance,
    describe,
    read_provenance,
    to_xmp,
)

PROVENANCE = Provenance("maskgan", "1.2", "hair & upper lip <repainted>")
TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
MEDIA = "http://ns.adobe.com/xap/1.0/mm/"
EVENT = "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
NO_MARK = (
    "No mark says that a trained model had part in it. That proves nothing: marks are easily "
    "removed, and many tools write none."
)

ADOBE = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 9.1">
 <rdf:RDF xmlns:rdf="{RDF}">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmpMM="{MEDIA}" xmlns:stEvt="{EVENT}" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
    xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:old="http://example.org/x/1.0/"
    xmlns:Iptc4xmpExt="{EXTENSION}"
    xmp:CreatorTool="Camera 5" xmp:Rating="4" tiff:Orientation="6"
    photoshop:Instructions="first&#xA;second" photoshop:Credit="Ann Example"
    Iptc4xmpExt:DigitalSourceType="{TERMS}digitalCapture">
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">Snow \u2744</rdf:li></rdf:Alt></dc:title>
   <old:thing>kept</old:thing>
   <xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType="Resource"/></rdf:Alt></xmp:Thumbnails>
   <xmpMM:History><rdf:Seq>
    <rdf:li stEvt:action="saved" stEvt:softwareAgent="Adobe Lightroom 7.0"/>
    <rdf:li stEvt:action="saved" stEvt:softwareAgent="Adobe Lightroom 7.0"/>
   </rdf:Seq></xmpMM:History>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>{" " * 2000}
<?xpacket end="w"?>""".encode()


def pixels() -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(2).integers(0, 256, (40, 48, 3), dtype=np.uint8)


def saved(folder: Path, suffix: str, provenance: Provenance | None, **fields: Any) -> Path:
    path = folder / f"photo{suffix}"
    save_photo(Photo(pixels(), **fields), path, provenance=provenance)
    return path


def packet_with(inside: str) -> bytes:
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">{inside}</rdf:RDF>'
        "</x:xmpmeta>"
    ).encode()


def texts(packet: bytes, namespace: str, name: str) -> list[str]:
    """Texts of all elements of a name, as a parser other than the package's finds them."""
    found = minidom.parseString(packet).getElementsByTagNameNS(namespace, name)
    return ["".join(part.data for part in element.childNodes) for element in found]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
@pytest.mark.parametrize("existing", [None, ADOBE])
def test_the_mark_is_in_the_file(tmp_path: Path, suffix: str, existing: bytes | None) -> None:
    path = saved(tmp_path, suffix, PROVENANCE, xmp=existing)
    with Image.open(path) as picture:
        packet = picture.info["xmp"]
    assert packet.startswith(b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>')
    assert packet.endswith(b'<?xpacket end="w"?>')
    assert texts(packet, EVENT, "softwareAgent") == ["maskgan 1.2"]
    assert texts(packet, EVENT, "parameters") == ["hair & upper lip <repainted>"]
    assert texts(packet, EXTENSION, "DigitalSourceType") == [TERMS + EDITED_BY_MODEL]
    marks = read_provenance(path)
    assert marks.by_model
    assert marks.source_type == EDITED_BY_MODEL
    assert marks.creator_tool == ("maskgan 1.2" if existing is None else "Camera 5")
    assert marks.history[-1] == Event("maskgan 1.2", "edited", "hair & upper lip <repainted>")


def test_pillow_reads_the_mark(tmp_path: Path) -> None:
    pytest.importorskip("defusedxml", reason="Pillow reads XMP with defusedxml only")
    path = saved(tmp_path, ".jpg", PROVENANCE, xmp=ADOBE)
    with Image.open(path) as picture:
        found = picture.getxmp()["xmpmeta"]["RDF"]["Description"]
    assert found["DigitalSourceType"] == TERMS + EDITED_BY_MODEL
    assert found["CreatorTool"] == "Camera 5"
    assert found["History"]["Seq"]["li"][-1]["softwareAgent"] == "maskgan 1.2"


def test_what_others_wrote_stays() -> None:
    document = minidom.parseString(to_xmp(ADOBE, PROVENANCE))
    description = document.getElementsByTagNameNS(RDF, "Description")
    assert len(description) == 1
    # Under the prefixes they were written with: many readers look for those.
    attributes = dict(description[0].attributes.items())
    assert attributes["xmp:Rating"] == "4"
    assert attributes["xmp:CreatorTool"] == "Camera 5"
    assert attributes["photoshop:Instructions"] == "first\nsecond"
    assert document.getElementsByTagName("dc:title")[0].getElementsByTagName("rdf:li")[
        0
    ].firstChild.data == ("Snow \u2744")
    assert document.getElementsByTagName("old:thing")[0].firstChild.data == "kept"
    events = document.getElementsByTagName("xmpMM:History")[0].getElementsByTagName("rdf:li")
    assert [event.getAttribute("stEvt:softwareAgent") for event in events] == (
        ["Adobe Lightroom 7.0"] * 2 + [""]
    )
    # The camera's own source type is no longer true.
    assert "Iptc4xmpExt:DigitalSourceType" not in attributes


def test_a_second_edit_adds_to_the_history(tmp_path: Path) -> None:
    first = to_xmp(None, PROVENANCE)
    second = to_xmp(first, Provenance("maskgan", "2.0", "mouth repainted"))
    path = saved(tmp_path, ".png", None, xmp=second)
    marks = read_provenance(path)
    assert marks.creator_tool == "maskgan 1.2"
    assert [event.agent for event in marks.history] == ["maskgan 1.2", "maskgan 2.0"]
    assert texts(second, EXTENSION, "DigitalSourceType") == [TERMS + EDITED_BY_MODEL]


@pytest.mark.parametrize(
    "written",
    [
        f'<rdf:Description xmlns:e="{EXTENSION}" '
        f'e:DigitalSourceType="{TERMS}trainedAlgorithmicMedia"/>',
        f'<rdf:Description xmlns:e="{EXTENSION}"><e:DigitalSourceType '
        f'rdf:resource="{TERMS}trainedAlgorithmicMedia"/></rdf:Description>',
        f'<rdf:Description/><rdf:Description xmlns:e="{EXTENSION}"><e:DigitalSourceType>'
        " trainedAlgorithmicMedia </e:DigitalSourceType></rdf:Description>",
    ],
)
def test_a_stronger_mark_is_never_weakened(tmp_path: Path, written: str) -> None:
    path = saved(tmp_path, ".png", PROVENANCE, xmp=packet_with(written))
    assert read_provenance(path).source_type == "trainedAlgorithmicMedia"
    assert any("a trained model made it" in sentence for sentence in describe(path))


def test_without_provenance_the_packet_stays_to_the_byte(tmp_path: Path) -> None:
    clean = packet_with('<rdf:Description xmlns:a="b:" a:c="d"/>') + b"\n   "
    path = saved(tmp_path, ".webp", None, xmp=clean)
    assert read_photo(path).xmp == clean
    assert read_photo(saved(tmp_path, ".png", None)).xmp is None


def test_what_no_longer_holds_is_taken_out() -> None:
    stale = xmp.for_edited_photo(
        ADOBE.replace(
            b'xmp:Rating="4"',
            b'xmp:Rating="4" xmlns:note="http://ns.adobe.com/xmp/note/" '
            b'note:HasExtendedXMP="0123" xmlns:hdr="http://ns.adobe.com/hdr-gain-map/1.0/" '
            b'hdr:Version="1.0" xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" '
            b'GCamera:MotionPhoto="1" GCamera:MotionPhotoVersion="1" GCamera:Other="stays"',
        )
    )
    assert stale is not None
    for gone in (b"Orientation", b"Thumbnails", b"HasExtended", b"hdr", b"MotionPhoto"):
        assert gone not in stale
    for kept in (b'xmp:Rating="4"', b'GCamera:Other="stays"', b"digitalCapture", b"Snow"):
        assert kept in stale


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"<x:xmpmeta",
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>',
        ADOBE[:-300].replace(b"</rdf:RDF>", b""),
        ADOBE.decode().encode("utf-16"),
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + packet_with("<rdf:Description/>"),
        packet_with("<rdf:Description>" * 5000 + "</rdf:Description>" * 5000),
    ],
)
def test_damaged_packets_are_replaced(damaged: bytes) -> None:
    with pytest.raises(xmp.XmpError):
        xmp.Packet(damaged)
    assert xmp.for_edited_photo(damaged) is None
    assert to_xmp(damaged, PROVENANCE) == to_xmp(None, PROVENANCE)


def test_prefixes_that_clash_are_told_apart() -> None:
    packet = to_xmp(
        packet_with(
            '<rdf:Description xmlns:a="one:" a:b="1"/><rdf:Description xmlns:a="two:" a:b="2"/>'
            '<rdf:Description xmlns="three:"><b>3</b></rdf:Description>'
        ),
        PROVENANCE,
    )
    document = minidom.parseString(packet)
    descriptions = document.getElementsByTagNameNS(RDF, "Description")
    assert descriptions[0].getAttributeNS("one:", "b") == "1"
    assert descriptions[1].getAttributeNS("two:", "b") == "2"
    assert texts(packet, "three:", "b") == ["3"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_words_give_a_packet_that_is_well_formed(summary: str, version: str) -> None:
    packet = to_xmp(None, Provenance("maskgan", version, summary))
    [found] = texts(packet, EVENT, "parameters")
    letters = [letter if letter.isprintable() else " " for letter in summary]
    assert found == "".join(letters).strip()


def png_with(texts: dict[str, str]) -> bytes:
    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    buffer = io.BytesIO()
    Image.fromarray(pixels()).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def test_sentences_for_a_file_without_marks(tmp_path: Path) -> None:
    path = saved(tmp_path, ".png", None)
    assert read_provenance(path) == Marks()
    assert describe(path) == [f"{path} is a PNG picture of 48x40 pixels.", NO_MARK]


def test_sentences_for_an_edited_file(tmp_path: Path) -> None:
    path = saved(tmp_path, ".jpg", PROVENANCE)
    assert describe(path) == [
        f"{path} is a JPEG picture of 48x40 pixels.",
        "Its digital source type is compositeWithTrainedAlgorithmicMedia: parts of it were made by "
        "a trained model.",
        "It names the tool that created it: maskgan 1.2.",
        "Its history names maskgan 1.2: edited, hair & upper lip <repainted>.",
    ]


def test_sentences_for_marks_of_other_tools(tmp_path: Path) -> None:
    path = saved(tmp_path, ".webp", None, xmp=ADOBE)
    assert describe(path)[1:] == [
        "Its digital source type is digitalCapture: a camera took it.",
        "It names the tool that created it: Camera 5.",
        "It gives credit to: Ann Example.",
        "Its history names Adobe Lightroom 7.0: saved.",
        NO_MARK,
    ]
    path = tmp_path / "generated.png"
    path.write_bytes(png_with({"parameters": "a face, Steps: 20", "Software": "Painter\x1b[31m 2"}))
    assert describe(path)[1:] == [
        "It names the software that wrote it: Painter [31m 2.",
        "It holds settings of an image generator (PNG text: parameters).",
    ]
    block = Image.Exif()
    block[0x0131] = "Firmware 3"
    path = saved(tmp_path, ".jpg", None, exif=block.tobytes())
    assert "It names the software that wrote it: Firmware 3." in describe(path)
    strange = packet_with(f'<rdf:Description xmlns:e="{EXTENSION}" e:DigitalSourceType="a/b/new"/>')
    path = saved(tmp_path, ".png", None, xmp=strange)
    assert describe(path)[1] == "Its digital source type is new: a term that is not known here."


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_content_credentials_are_named_and_their_loss_is_written(
    tmp_path: Path, suffix: str
) -> None:
    data = saved(tmp_path, suffix, None).read_bytes() + b"jumd" + CONTENT_CREDENTIALS
    path = tmp_path / f"signed{suffix}"
    path.write_bytes(data)
    assert any("Content Credentials (C2PA)" in sentence for sentence in describe(path))
    for source in (path, data):
        photo = read_photo(source)
        assert photo.content_credentials
        save_photo(photo, tmp_path / f"edited{suffix}", provenance=PROVENANCE)
        marks = read_provenance(tmp_path / f"edited{suffix}")
        assert not marks.content_credentials
        assert marks.history[-1].parameters == (
            "hair & upper lip <repainted>; the photo's Content Credentials (C2PA) do not cover "
            "this and were left out"
        )


def test_sentences_for_damaged_files(tmp_path: Path) -> None:
    whole = saved(tmp_path, ".jpg", PROVENANCE).read_bytes()
    path = tmp_path / "short.jpg"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    sentences = describe(path)
    assert sentences[1].startswith("The picture is damaged or cut short")
    assert read_provenance(path).by_model
    bad = saved(tmp_path, ".png", None, xmp=b"<x:xmpmeta")
    assert describe(bad)[1:] == [
        "Its XMP packet is damaged, so marks in it cannot be read.",
        NO_MARK,
    ]
    for data, sentence in ((b"", "is empty"), (b"not a picture", "is not a picture")):
        path.write_bytes(data)
        with pytest.raises(PhotoError, match=sentence):
            describe(path)
    with pytest.raises(PhotoError, match="cannot be read: No such file"):
        read_provenance(tmp_path / "nothing.jpg")
