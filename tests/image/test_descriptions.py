"""Captions, keywords and comments, in whatever old form they come: kept in their own place and told in XMP."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, IptcImagePlugin, PngImagePlugin

from colorizer.image import iptc
from colorizer.image.reading import read_picture
from colorizer.image.values import SaveOptions
from colorizer.image.writing import encode_picture
from tests.image.drawn import arrow, saved, xmp_packet
from tests.image.test_metadata import FORMATS, PROVENANCE, facts

DC, PHOTOSHOP = "{http://purl.org/dc/elements/1.1/}", "{http://ns.adobe.com/photoshop/1.0/}"
COMMENT = "{http://ns.adobe.com/exif/1.0/}UserComment"
CAPTION = (
    (1, 90, b"\x1b%G"), (2, 120, "Der Hafen, Öl auf Holz".encode()), (2, 25, b"ships"), (2, 25, b"harbour"),
    (2, 80, b"A. Maker"), (2, 110, b"City archive"), (2, 55, b"19320714"), (2, 60, b"101500+0100"),
)  # fmt: skip


def records(*entries):
    return b"".join(
        bytes([0x1C, record, dataset]) + struct.pack(">H", len(data)) + data for record, dataset, data in entries
    )


def with_segment(jpeg, block):
    irb = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(block)) + block + b"\0" * (len(block) % 2)
    part = b"Photoshop 3.0\0" + irb
    return jpeg[:2] + b"\xff\xed" + struct.pack(">H", len(part) + 2) + part + jpeg[2:]


def captioned(kind, block, **options):
    """A picture of this kind with an IPTC block, as other programs write it."""
    image = Image.fromarray(arrow())
    if kind == "JPEG":
        return with_segment(saved(image, "JPEG", **options), block)
    if kind == "TIFF":
        return saved(image, "TIFF", tiffinfo={33723: block}, **options)
    irb = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(block)) + block + b"\0" * (len(block) % 2)
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Raw profile type iptc", f"\niptc\n{len(irb):8}\n{irb.hex()}\n")
    return saved(image, "PNG", pnginfo=texts, **options)


def result_of(data, written, **options):
    picture = read_picture(data)
    return encode_picture(picture.luma, picture, SaveOptions(written, **options), PROVENANCE)


@pytest.mark.parametrize("written", FORMATS)
@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG"])
def test_iptc_captions_are_told_in_xmp_in_every_format(kind, written):
    data = captioned(kind, records(*CAPTION))
    assert read_picture(data).notes == ()
    said = facts(read_picture(result_of(data, written)).metadata.xmp)
    assert said[f"{DC}description"] == ["Der Hafen, Öl auf Holz"]
    assert said[f"{DC}subject"] == ["ships", "harbour"]
    assert said[f"{DC}creator"] == ["A. Maker"]
    assert said[f"{PHOTOSHOP}Credit"] == "City archive"
    assert said[f"{PHOTOSHOP}DateCreated"] == "1932-07-14T10:15:00+01:00"


@pytest.mark.parametrize("written", ["JPEG", "TIFF"])
@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG"])
def test_other_programs_find_the_iptc_block_in_jpeg_and_tiff(kind, written):
    with Image.open(io.BytesIO(result_of(captioned(kind, records(*CAPTION)), written))) as image:
        found = IptcImagePlugin.getiptcinfo(image)
    assert found[(2, 110)] == b"City archive"
    assert found[(2, 25)] == [b"ships", b"harbour"]


def test_a_preview_of_the_old_pixels_in_the_iptc_block_is_dropped():
    picture = read_picture(captioned("JPEG", records(*CAPTION, (2, 200, b"\0\1"), (2, 202, b"PREVIEW"))))
    assert b"PREVIEW" not in picture.metadata.iptc
    assert b"City archive" in picture.metadata.iptc


def test_latin_letters_without_a_word_about_their_code_are_read():
    data = captioned("JPEG", records((2, 120, "Großmutter".encode("latin-1"))))
    assert facts(read_picture(data).metadata.xmp)[f"{DC}description"] == ["Großmutter"]


def test_what_the_sources_xmp_says_already_is_not_said_again():
    data = captioned("JPEG", records((2, 5, b"Another title"), *CAPTION), xmp=xmp_packet(1))
    said = facts(read_picture(data).metadata.xmp)
    assert said[f"{DC}title"] == ["Großmutter & Hund"]
    assert said[f"{PHOTOSHOP}Credit"] == "City archive"


@pytest.mark.parametrize("kind", ["JPEG", "GIF", "PNG"])
@pytest.mark.parametrize("written", FORMATS)
def test_comments_are_kept_where_a_format_has_a_place_and_told_in_xmp(kind, written):
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("Comment", "Hafen, östlich")
    options = {"pnginfo": texts} if kind == "PNG" else {"comment": "Hafen, östlich".encode()}
    data = result_of(saved(Image.fromarray(arrow()), kind, **options), written)
    assert facts(read_picture(data).metadata.xmp)[COMMENT] == ["Hafen, östlich"]
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        if written == "JPEG":
            assert image.info["comment"].decode() == "Hafen, östlich"
        if written == "PNG":
            assert image.text["Comment"] == "Hafen, östlich"


def test_every_comment_of_a_jpeg_is_kept():
    jpeg = saved(Image.fromarray(arrow()), "JPEG", comment=b"second")
    jpeg = jpeg[:2] + b"\xff\xfe\x00\x07first" + jpeg[2:]
    assert read_picture(jpeg).metadata.comment == "first\nsecond"


def test_the_texts_of_a_png_are_told_in_xmp():
    texts = PngImagePlugin.PngInfo()
    for name, text in (("Title", "Harbour"), ("Author", "A. Maker"), ("Description", "Ships"), ("Copyright", "none")):
        texts.add_text(name, text, zip=name == "Title")
    said = facts(read_picture(result_of(saved(Image.fromarray(arrow()), "PNG", pnginfo=texts), "WEBP")).metadata.xmp)
    names = [f"{DC}{name}" for name in ("title", "creator", "description", "rights")]
    assert [said[name] for name in names] == [["Harbour"], ["A. Maker"], ["Ships"], ["none"]]


@pytest.mark.parametrize("written", FORMATS)
def test_captions_and_comments_are_left_out_where_the_metadata_is(written):
    data = result_of(captioned("JPEG", records(*CAPTION), comment=b"Harbour"), written, strip_metadata=True)
    for said in (b"City archive", b"Harbour", b"Maker"):
        assert said not in data


def test_a_block_that_is_too_large_or_no_block_at_all_is_said():
    for block in (b"no such thing", b"\x1c\2"):
        picture = read_picture(captioned("JPEG", block))
        assert picture.notes == ("its IPTC block is damaged or too large, and was not kept",)
    many = records(*((2, 25, b"k" * 60) for _ in range(2000)))
    picture = read_picture(captioned("TIFF", many))
    assert "its IPTC block is damaged or too large, and was not kept" in picture.notes
    encode_picture(picture.luma, picture, SaveOptions("JPEG"), PROVENANCE)


@given(st.binary(max_size=100), st.booleans())
def test_no_bytes_in_the_place_of_iptc_raise(data, plain):
    block = data if plain else records((2, 120, data), (2, 55, data), (2, 60, data), (1, 90, data)) + data
    iptc.properties(block)
    assert iptc.cleaned(iptc.cleaned(block) or b"") == iptc.cleaned(block)
    iptc.block_in(b"8BIM\x04\x04" + data)
