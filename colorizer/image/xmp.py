"""XMP packets: cleaning the source's, and saying in the result's how it was made."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from mmap import mmap
from typing import Literal
from xml.dom.minidom import Document, Element, parseString
from xml.parsers.expat import ExpatError

from colorizer import __version__
from colorizer.image.values import Provenance

Form = Literal["", "Alt", "Bag", "Seq"]
"""How a property keeps its values: one text, one in the default language, a set, a list."""

AI_MADE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
_LARGEST = 48_000  # with the provenance added, a packet must fit one JPEG segment of 64 KB
_XMLNS = "http://www.w3.org/2000/xmlns/"
_META = "adobe:ns:meta/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XMP = "http://ns.adobe.com/xap/1.0/"
_IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_TIFF = "http://ns.adobe.com/tiff/1.0/"
_EXIF = "http://ns.adobe.com/exif/1.0/"
_OWN = "urn:colorizer:provenance:"
DC = "http://purl.org/dc/elements/1.1/"
PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
_STALE = {
    (_TIFF, "Orientation"),
    (_TIFF, "ImageWidth"),
    (_TIFF, "ImageLength"),
    (_EXIF, "PixelXDimension"),
    (_EXIF, "PixelYDimension"),
    (_EXIF, "ColorSpace"),
    (_XMP, "Thumbnails"),
    (PHOTOSHOP, "ICCProfile"),
    ("http://ns.adobe.com/xmp/note/", "HasExtendedXMP"),
}
_OURS = {(_XMP, "CreatorTool"), (_IPTC_EXT, "DigitalSourceType")} | {
    (_OWN, name) for name in ("Model", "ModelHashes", "Engine", "Settings")
}
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Property:
    """One thing that a packet can say. name: with the namespace's usual prefix, such as dc:title."""

    namespace: str
    name: str
    form: Form
    values: tuple[str, ...]


def comment_property(text: str) -> Property:
    """A comment of a file, of which nobody knows whether it describes the picture."""
    return Property(_EXIF, "exif:UserComment", "Alt", (text,))


def with_properties(packet: bytes | None, properties: Iterable[Property]) -> bytes | None:
    """The packet with those properties that it does not have; None when nothing is said or it grows too large."""
    document = _parsed(packet) if packet else None
    told = [each for each in properties if document is None or not _has(document, each)]
    if not told:
        return packet
    document = document or _empty()
    root = document.getElementsByTagNameNS(_RDF, "RDF")[0]
    node = _element(document, _RDF, "rdf:Description")
    node.setAttributeNS(_XMLNS, "xmlns:rdf", _RDF)
    node.setAttributeNS(_RDF, "rdf:about", "")
    for each in told:
        node.setAttributeNS(_XMLNS, f"xmlns:{each.name.partition(':')[0]}", each.namespace)
        node.appendChild(
            _listed(document, each) if each.form else _element(document, each.namespace, each.name, each.values[0])
        )
    root.appendChild(node)
    said = _packet(document)
    return said if len(said) <= _LARGEST else None


def _has(document: Document, wanted: Property) -> bool:
    local = wanted.name.partition(":")[2]
    return any(
        node.hasAttributeNS(wanted.namespace, local) or node.getElementsByTagNameNS(wanted.namespace, local)
        for node in document.getElementsByTagNameNS(_RDF, "Description")
    )


def _empty() -> Document:
    return parseString(f'<x:xmpmeta xmlns:x="{_META}"><rdf:RDF xmlns:rdf="{_RDF}"/></x:xmpmeta>')  # noqa: S318


def cleaned(packet: bytes) -> bytes | None:
    """The packet without what no longer holds for an upright sRGB picture; None when it cannot be kept."""
    document = _parsed(packet)
    return None if document is None else _without(document, _STALE)


def orientation_in(packet: bytes) -> int:
    """The orientation that the packet asks for, 1 to 8; 1 when it says nothing."""
    found = re.search(rb"""tiff:Orientation\s*(?:=\s*["']|>)\s*([1-8])""", packet)
    return int(found[1]) if found else 1


def says_coloured(data: bytes | mmap) -> bool:
    """Whether the packet, or a file that has it somewhere inside, says that this program made the colours."""
    return data.find(_OWN.encode()) >= 0


def with_provenance(packet: bytes | None, provenance: Provenance) -> bytes:
    """A packet that says how the result was made, with all else that the source's packet says."""
    document = (_parsed(packet) if packet else None) or _empty()
    _without(document, _OURS)
    root = document.getElementsByTagNameNS(_RDF, "RDF")[0]
    root.appendChild(_description(document, provenance))
    return _packet(document)


def _description(document: Document, provenance: Provenance) -> Element:
    node = _element(document, _RDF, "rdf:Description")
    for prefix, namespace in (("rdf", _RDF), ("xmp", _XMP), ("Iptc4xmpExt", _IPTC_EXT), ("colorizer", _OWN)):
        node.setAttributeNS(_XMLNS, f"xmlns:{prefix}", namespace)
    node.setAttributeNS(_RDF, "rdf:about", "")
    node.appendChild(_element(document, _XMP, "xmp:CreatorTool", f"colorizer {__version__}"))
    node.appendChild(_element(document, _IPTC_EXT, "Iptc4xmpExt:DigitalSourceType", AI_MADE))
    node.appendChild(_element(document, _OWN, "colorizer:Model", provenance.model))
    node.appendChild(_own_bag(document, "colorizer:ModelHashes", provenance.model_hashes.items()))
    node.appendChild(_element(document, _OWN, "colorizer:Engine", provenance.engine))
    node.appendChild(_own_bag(document, "colorizer:Settings", provenance.settings.items()))
    return node


def _own_bag(document: Document, name: str, items: Iterable[tuple[str, str]]) -> Element:
    return _listed(document, Property(_OWN, name, "Bag", tuple(f"{key}={value}" for key, value in items)))


def _listed(document: Document, told: Property) -> Element:
    """A property whose values stand in a list. In an Alt, the first one is in the default language."""
    node, entries = _element(document, told.namespace, told.name), _element(document, _RDF, f"rdf:{told.form}")
    for value in told.values[:1] if told.form == "Alt" else told.values:
        entry = _element(document, _RDF, "rdf:li", value)
        if told.form == "Alt":
            entry.setAttribute("xml:lang", "x-default")
        entries.appendChild(entry)
    node.appendChild(entries)
    return node


def _element(document: Document, namespace: str, name: str, text: str | None = None) -> Element:
    node = document.createElementNS(namespace, name)
    if text is not None:
        node.appendChild(document.createTextNode(_NOT_IN_XML.sub("�", text)))
    return node


def _parsed(packet: bytes) -> Document | None:
    if len(packet) > _LARGEST:
        return None
    try:
        text = packet.decode("utf-8-sig").strip("\0 \r\n\t")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:  # entities can blow up a few bytes to gigabytes
            return None
        document = parseString(text)  # noqa: S318
        document.toxml()
    except (ExpatError, ValueError, RecursionError, AttributeError):
        return None
    return document if document.getElementsByTagNameNS(_RDF, "RDF") else None


def _without(document: Document, unwanted: set[tuple[str, str]]) -> bytes:
    for description in document.getElementsByTagNameNS(_RDF, "Description"):
        for namespace, name in unwanted:
            if description.hasAttributeNS(namespace, name):
                description.removeAttributeNS(namespace, name)
        for child in list(description.childNodes):
            if isinstance(child, Element) and (child.namespaceURI, child.localName) in unwanted:
                description.removeChild(child)
    return _packet(document)


def _packet(document: Document) -> bytes:
    body = document.documentElement
    text = f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>{body.toxml() if body else ""}<?xpacket end="w"?>'
    return text.encode()
