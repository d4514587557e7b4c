"""XMP packets: properties of a picture as RDF, read and changed without losing what others wrote.

A packet is bytes, as picture files hold it. Names are "{namespace}local", as in ElementTree. The
prefixes that a packet declares are kept, since many readers look for them instead of namespaces.
This module knows how packets are built, not what any property means to this package.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
XMP = "{http://ns.adobe.com/xap/1.0/}"
XMP_NOTE = "{http://ns.adobe.com/xmp/note/}"
MEDIA = "{http://ns.adobe.com/xap/1.0/mm/}"
EVENT = "{http://ns.adobe.com/xap/1.0/sType/ResourceEvent#}"
TIFF = "{http://ns.adobe.com/tiff/1.0/}"
CAMERA = "{http://ns.google.com/photos/1.0/camera/}"

PREFIXES = {
    "{adobe:ns:meta/}": "x",
    RDF: "rdf",
    XMP: "xmp",
    MEDIA: "xmpMM",
    EVENT: "stEvt",
    "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}": "Iptc4xmpExt",
    "{http://www.w3.org/XML/1998/namespace}": "xml",
}
"""Prefixes for what a packet does not declare itself; `xml` needs no declaration."""

STALE = (
    TIFF + "Orientation",
    XMP + "Thumbnails",
    XMP_NOTE + "HasExtendedXMP",
    CAMERA + "MotionPhoto",
    CAMERA + "MicroVideo",
    "{http://ns.google.com/photos/1.0/container/}",
    "{http://ns.adobe.com/hdr-gain-map/1.0/}",
    "{http://ns.google.com/photos/1.0/depthmap/}",
)
"""What an edited photo has no more: its stored orientation, pictures of its old self, and pointers
to further parts of the file (more XMP, video, gain map, depth). Beginnings of names."""


MAX_DEPTH = 100
"""Deeper packets are refused; real ones have some ten levels."""


class XmpError(ValueError):
    """A packet is not well-formed XML in UTF-8, declares a document type, nests without end or
    holds no RDF."""


class Packet:
    """One XMP packet. `Packet()` is an empty one, `Packet(data)` an existing one. Raises
    `XmpError`."""

    def __init__(self, data: bytes | None = None) -> None:
        if data is None:
            data = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="%s"/></x:xmpmeta>' % (
                RDF[1:-1].encode()
            )
        builder = _Builder()
        parser = ElementTree.XMLParser(target=builder, encoding="utf-8")
        try:
            parser.feed(data.strip(b"\0 \t\r\n"))
            self._root: ElementTree.Element = parser.close()
        except ElementTree.ParseError as error:
            raise XmpError(f"The XMP packet is damaged ({error}).") from error
        self._prefixes = builder.prefixes
        rdf = next(self._root.iter(RDF + "RDF"), None)
        if rdf is None:
            raise XmpError("The XMP packet holds no RDF.")
        self._rdf = rdf

    def find(self, name: str) -> ElementTree.Element | None:
        """The element of a property that is not written as an attribute."""
        return next((child for _, child in self._elements() if child.tag == name), None)

    def value(self, name: str) -> str | None:
        """The text of a simple property, or of the first item of a list. None when absent."""
        for description in self._descriptions():
            if name in description.attrib:
                return description.attrib[name]
        found = self.find(name)
        if found is None:
            return None
        first = next((item for item in found.iter(RDF + "li")), found)
        return first.get(RDF + "resource") or (first.text or "").strip() or None

    def remove(self, unwanted: Callable[[str], bool]) -> bool:
        """Takes out every property whose name is unwanted; says whether there was one."""
        elements = [pair for pair in self._elements() if unwanted(pair[1].tag)]
        for description, child in elements:
            description.remove(child)
        attributes = [
            (description, name)
            for description in self._descriptions()
            for name in description.attrib
            if unwanted(name)
        ]
        for description, name in attributes:
            del description.attrib[name]
        return bool(elements or attributes)

    def add(self, name: str) -> ElementTree.Element:
        """A new, empty property of that name, to be filled."""
        first = next(self._descriptions(), None)
        if first is None:
            first = ElementTree.SubElement(self._rdf, RDF + "Description", {RDF + "about": ""})
        return ElementTree.SubElement(first, name)

    def to_bytes(self) -> bytes:
        """The packet as UTF-8, with the wrapper that lets tools find it in a file."""
        root = _with_prefixes(self._root, self._prefixes)
        text = ElementTree.tostring(root, encoding="unicode")
        return (
            f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n{text}\n<?xpacket end="w"?>'
        ).encode()

    def _descriptions(self) -> Iterator[ElementTree.Element]:
        yield from self._rdf.iterfind(RDF + "Description")

    def _elements(self) -> Iterator[tuple[ElementTree.Element, ElementTree.Element]]:
        for description in self._descriptions():
            for child in description:
                yield description, child


def for_edited_photo(data: bytes) -> bytes | None:
    """A packet without what no longer holds of the pixels alone (`STALE`); untouched when there is
    nothing of the kind. None when the packet is damaged."""
    try:
        packet = Packet(data)
    except XmpError:
        return None
    return packet.to_bytes() if packet.remove(lambda name: name.startswith(STALE)) else data


def printable(text: str, length: int = 500) -> str:
    """Text without control characters, which XML cannot hold and terminals may obey; cut short."""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()[:length]


class _Builder(ElementTree.TreeBuilder):
    """Builds the tree and notes the prefixes. Refuses document types, since XMP has none and
    entities declared there can grow without bound."""

    def __init__(self) -> None:
        super().__init__()
        self.prefixes: dict[str, str] = {}
        self._depth = 0

    def start_ns(self, prefix: str, uri: str) -> None:
        self.prefixes.setdefault(f"{{{uri}}}", prefix)

    def start(self, tag: str, attributes: dict[str, str]) -> ElementTree.Element:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise XmpError(f"The XMP packet nests more than {MAX_DEPTH} levels deep.")
        return super().start(tag, attributes)

    def end(self, tag: str) -> ElementTree.Element:
        self._depth -= 1
        return super().end(tag)

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise XmpError(f"The XMP packet declares a document type ({name}), which XMP must not.")


def _with_prefixes(root: ElementTree.Element, declared: dict[str, str]) -> ElementTree.Element:
    """A copy of a tree whose names are "prefix:local", with every prefix declared at the root."""
    chosen: dict[str, str] = {}

    def short(name: str) -> str:
        namespace, brace, local = name.rpartition("}")
        if not brace:
            return name
        namespace += brace
        if namespace not in chosen:
            wanted = declared.get(namespace) or PREFIXES.get(namespace) or "ns"
            taken = chosen.values()
            options = [wanted, *(f"{wanted}{number}" for number in range(1, len(taken) + 2))]
            chosen[namespace] = next(option for option in options if option not in taken)
        return f"{chosen[namespace]}:{local}"

    twin = copy.deepcopy(root)
    for element in twin.iter():
        element.tag = short(element.tag)
        element.attrib = {short(name): value for name, value in element.attrib.items()}
    for namespace, prefix in chosen.items():
        if prefix != "xml":
            twin.set(f"xmlns:{prefix}", namespace[1:-1])
    return twin
