"""XMP packets: cleaning the source's, and saying in the result's how it was made."""

import re
from collections.abc import Iterable
from mmap import mmap
from xml.dom.minidom import Document, Element, parseString
from xml.parsers.expat import ExpatError

from colorizer import __version__
from colorizer.image.values import Provenance

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
_STALE = {
    (_TIFF, "Orientation"),
    (_TIFF, "ImageWidth"),
    (_TIFF, "ImageLength"),
    (_EXIF, "PixelXDimension"),
    (_EXIF, "PixelYDimension"),
    (_EXIF, "ColorSpace"),
    (_XMP, "Thumbnails"),
    ("http://ns.adobe.com/photoshop/1.0/", "ICCProfile"),
    ("http://ns.adobe.com/xmp/note/", "HasExtendedXMP"),
}
_OURS = {(_XMP, "CreatorTool"), (_IPTC_EXT, "DigitalSourceType")} | {
    (_OWN, name) for name in ("Model", "ModelHashes", "Engine", "Settings")
}
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
    document = _parsed(packet) if packet else None
    if document is None:
        document = parseString(f'<x:xmpmeta xmlns:x="{_META}"><rdf:RDF xmlns:rdf="{_RDF}"/></x:xmpmeta>')  # noqa: S318
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
    node.appendChild(_bag(document, "colorizer:ModelHashes", _pairs(provenance.model_hashes.items())))
    node.appendChild(_element(document, _OWN, "colorizer:Engine", provenance.engine))
    node.appendChild(_bag(document, "colorizer:Settings", _pairs(provenance.settings.items())))
    return node


def _pairs(items: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{name}={value}" for name, value in items]


def _bag(document: Document, name: str, entries: list[str]) -> Element:
    node, bag = _element(document, _OWN, name), _element(document, _RDF, "rdf:Bag")
    for entry in entries:
        bag.appendChild(_element(document, _RDF, "rdf:li", entry))
    node.appendChild(bag)
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
