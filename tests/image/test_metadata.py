"""EXIF, XMP, resolution and provenance: kept where they are true, made right where they are not."""

import io
import struct
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from colorizer import __version__
from colorizer.image import ifd, xmp
from colorizer.image.metadata import Shape, SourceMetadata, exif_parts, for_result
from colorizer.image.reading import read_picture
from colorizer.image.values import Metadata, Provenance, SaveOptions
from colorizer.image.writing import encode_picture
from tests.image.drawn import arrow, exif_bytes, noise, saved, source, xmp_packet

PROVENANCE = Provenance("starter", {"net.caffemodel": "00ff"}, "OpenCV <CPU> & more", {"size": "224", "note": "]]>\0"})
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF")
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
OWN = "{urn:colorizer:provenance:}"


def loaded(blob):
    exif = Image.Exif()
    exif.load(blob)
    return exif


def facts(packet):
    """The packet's properties: name to text, or to a list of texts."""
    root = ElementTree.fromstring(packet.decode().split("?>", 1)[1].rsplit("<?", 1)[0])
    found = {}
    for description in root.iter(f"{RDF}Description"):
        found |= description.attrib
        for child in description:
            entries = [entry.text for entry in child.iter(f"{RDF}li")]
            assert child.tag not in found, "a property may stand once only"
            found[child.tag] = entries or child.text
    return found


@pytest.mark.parametrize("written", FORMATS)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_metadata_comes_back_from_every_format(written, channels, kind):
    original = read_picture(saved(Image.fromarray(arrow()), "PNG", exif=exif_bytes(orientation=8), dpi=(300, 150)))
    pixels = noise(*original.luma.shape, channels, np.uint8).astype(kind)
    back = read_picture(encode_picture(pixels, original, SaveOptions(written), PROVENANCE)).metadata
    exif = loaded(back.exif)
    assert (exif[306], exif[274]) == ("1953:07:14 10:00:00", 1)
    assert "Zö".encode() + b"ki" in back.exif
    camera, place = exif.get_ifd(34665), exif.get_ifd(34853)
    assert (camera[36867], camera[37500]) == ("1953:07:14 10:00:00", b"maker")
    assert (camera[40962], camera[40963]) == original.luma.shape[::-1]
    assert (place[1], place[2]) == ("N", (52.0, 31.0, 12.0))
    assert back.dpi == pytest.approx((150, 300), rel=1e-3)
    assert facts(back.xmp)["{http://ns.adobe.com/xap/1.0/}CreatorTool"] == f"colorizer {__version__}"


@pytest.mark.parametrize("written", FORMATS)
def test_other_programs_find_the_metadata_where_they_look(written):
    original = read_picture(saved(Image.fromarray(arrow()), "PNG", exif=exif_bytes(), dpi=(300, 150)))
    with Image.open(io.BytesIO(encode_picture(original.luma, original, SaveOptions(written), PROVENANCE))) as image:
        image.load()
        assert image.getexif()[306] == "1953:07:14 10:00:00"
        assert image.getexif().get_ifd(34853)[1] == "N"
        packet = image.info.get("xmp") or image.info["XML:com.adobe.xmp"]
        assert b"compositeWithTrainedAlgorithmicMedia" in (packet.encode() if isinstance(packet, str) else packet)
        if written != "WEBP":
            assert [round(float(value)) for value in image.info["dpi"]] == [300, 150]


@pytest.mark.parametrize("written", FORMATS)
def test_stripping_drops_what_is_personal_and_keeps_the_resolution_and_the_provenance(written):
    metadata = Metadata(exif_bytes(), xmp_packet(1), (300, 150), None)
    options = SaveOptions(written, strip_metadata=True)
    back = read_picture(
        encode_picture(noise(8, 8), source(noise(8, 8), metadata=metadata), options, PROVENANCE)
    ).metadata
    assert back.dpi == pytest.approx((300, 150), rel=1e-3)
    assert b"1953" not in (back.exif or b"")
    assert b"Hund" not in back.xmp
    assert facts(back.xmp)[f"{OWN}Model"] == "starter"
    bare = encode_picture(noise(8, 8), source(noise(8, 8), metadata=metadata), options, None)
    again = read_picture(bare).metadata
    assert again.dpi == pytest.approx((300, 150), rel=1e-3)
    assert replace(again, dpi=None, exif=None) == Metadata()
    for said in (b"Zorki", b"1953", b"maker", b"Hund", b"Scanner"):
        assert said not in bare


def test_provenance_says_how_the_picture_was_made_and_survives_any_letter():
    said = facts(xmp.with_provenance(None, PROVENANCE))
    assert said["{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"] == (
        "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
    )
    assert said[f"{OWN}Engine"] == "OpenCV <CPU> & more"
    assert said[f"{OWN}ModelHashes"] == ["net.caffemodel=00ff"]
    assert said[f"{OWN}Settings"] == ["size=224", "note=]]>\ufffd"]


@given(st.text(max_size=20), st.text(max_size=20))
def test_provenance_is_valid_xml_whatever_a_model_is_called(model, value):
    said = facts(xmp.with_provenance(xmp_packet(), Provenance(model, {value: value}, model, {model: value})))
    assert said["{http://purl.org/dc/elements/1.1/}title"] == ["Großmutter & Hund"]


def test_the_sources_packet_is_kept_and_its_stale_parts_are_replaced():
    packet = xmp.with_provenance(xmp.cleaned(xmp_packet()), PROVENANCE)
    again = facts(xmp.with_provenance(packet, PROVENANCE))
    assert again["{http://purl.org/dc/elements/1.1/}title"] == ["Großmutter & Hund"]
    assert "{http://ns.adobe.com/tiff/1.0/}Orientation" not in again
    assert again["{http://ns.adobe.com/xap/1.0/}CreatorTool"] == f"colorizer {__version__}"


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"<not xml",
        b"<a/>",
        xmp_packet().decode().encode("utf-16"),
        b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]>' + xmp_packet(),
        b"<x>" * 5000 + b"</x>" * 5000,
        xmp_packet().replace(b"Hund", b"Hund" * 20_000),
    ],
)
def test_a_packet_that_cannot_be_kept_is_replaced(packet):
    assert xmp.cleaned(packet) is None
    assert facts(xmp.with_provenance(packet, PROVENANCE))[f"{OWN}Model"] == "starter"


def test_what_is_lost_is_said():
    shape = Shape(4, 4, False, False)
    metadata, notes = for_result(SourceMetadata(exif=b"II*\0rubbish", xmp=b"<", iptc=b"?"), shape)
    assert metadata == Metadata()
    assert notes == (
        "its EXIF data is damaged or too large, and was not kept",
        "its XMP data is damaged or too large, and was not kept",
        "its IPTC block is damaged or too large, and was not kept",
    )


def test_a_large_maker_note_goes_before_the_rest_does():
    note = ifd.Field(ifd.BYTES, bytes(70_000))
    date = ifd.Field(2, b"1953:07:14 10:00:00\0")
    blob = ifd.header_bytes("<", 8) + ifd.structure("<", 8, {306: date}, {34665: {37500: note, 36867: date}})
    metadata, notes = for_result(SourceMetadata(exif=blob), Shape(4, 4, False, False))
    assert notes == ()
    assert exif_parts(metadata.exif).below[34665] == {36867: date}


def test_previews_of_the_old_pixels_are_dropped():
    image = Image.fromarray(arrow())
    exif = Image.Exif()
    exif.load(b"Exif\0\0" + exif_bytes())
    with_preview = bytearray(exif.tobytes())
    count = struct.unpack_from("<H" if with_preview[6:8] == b"II" else ">H", with_preview, 14)[0]
    struct.pack_into("<I" if with_preview[6:8] == b"II" else ">I", with_preview, 16 + 12 * count, len(with_preview) - 6)
    with_preview += (
        struct.pack("<HHHII" if with_preview[6:8] == b"II" else ">HHHII", 1, 513, 4, 1, 0) + bytes(4) + b"PREVIEW"
    )
    metadata = read_picture(saved(image, "JPEG", exif=bytes(with_preview))).metadata
    assert b"PREVIEW" not in metadata.exif
    assert loaded(metadata.exif)[306] == "1953:07:14 10:00:00"


def test_a_description_in_which_imagej_speaks_of_the_old_file_is_dropped():
    for text, kept in (("ImageJ=1.53\nimages=3", False), ("Grandma", True)):
        metadata = read_picture(saved(Image.fromarray(arrow()), "TIFF", tiffinfo={270: text})).metadata
        assert (metadata.exif is not None and text.encode() in metadata.exif) == kept


def test_exif_says_srgb_when_the_profile_was_applied():
    found = SourceMetadata(exif=exif_bytes())
    for profiled, space in ((True, 1), (False, 65535)):
        metadata, _ = for_result(found, Shape(4, 4, False, profiled))
        assert loaded(metadata.exif).get_ifd(34665)[40961] == space
        assert (metadata.icc is not None) == profiled


@pytest.mark.parametrize("order", "<>")
def test_a_structure_comes_back_field_by_field(order):
    main = {306: ifd.Field(2, b"now\0"), 315: ifd.Field(2, b"a longer name\0"), 282: ifd.rational_field(order, 299.99)}
    below = {34853: {1: ifd.Field(2, b"N\0")}}
    blob = ifd.header_bytes(order, 8) + ifd.structure(order, 8, main, below)
    parts = exif_parts(blob)
    assert {tag: field for tag, field in parts.main.items() if tag != 34853} == main
    assert parts.below == below
    assert ifd.rational(parts.main[282], order) == pytest.approx(299.99, abs=1e-4)


@given(st.binary(max_size=200))
def test_no_bytes_in_the_place_of_exif_or_xmp_raise(data):
    for start in (b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"):
        metadata, _ = for_result(SourceMetadata(exif=start + data, xmp=data), Shape(4, 4, True, True))
        if metadata.exif:
            encode_picture(noise(4, 4), source(noise(4, 4), metadata=metadata), SaveOptions("TIFF"))
