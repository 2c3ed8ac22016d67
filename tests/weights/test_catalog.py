from dataclasses import replace
from decimal import Decimal, localcontext

import pytest

from colorizer.errors import ModelUnknown
from colorizer.weights.catalog import (
    CATALOG,
    DDCOLOR,
    DEFAULT_MODEL,
    ECCV16,
    GREY_RAMP,
    PREPROCESSED,
    STARTER,
    ModelFile,
    find_model,
)  # fmt: skip
from colorizer.weights.local_models import verify

FILE = ModelFile("weights", "net.caffemodel", 10, "0" * 64)


def test_every_model_is_found_by_its_id_and_ids_are_unique():
    assert [find_model(model.id) for model in CATALOG] == list(CATALOG)


def test_the_default_model_needs_no_download():
    assert find_model(DEFAULT_MODEL).bundled


def test_the_files_of_the_bundled_model_are_the_ones_its_row_describes():
    found = verify(STARTER)
    assert found.state == "present", [file.flaw or file.path for file in found.files if file.state != "present"]


def test_every_file_that_is_not_bundled_has_an_address_and_a_name_of_its_own_in_its_model():
    for model in CATALOG:
        assert len({file.name for file in model.files}) == len(model.files)
        assert model.bundled or all(file.urls for file in model.files)


def test_an_unknown_name_is_answered_with_the_names_there_are():
    with pytest.raises(ModelUnknown, match=r"'nosuch'.*starter, eccv16, ddcolor"):
        find_model("nosuch")


def test_a_row_tells_its_kind_its_size_and_its_files():
    assert (ECCV16.runs_on, DDCOLOR.runs_on) == ("caffe", "onnx")
    assert ECCV16.size == 9945 + 128946764 + 5088
    assert ECCV16.file("centres").name == "pts_in_hull.npy"
    with pytest.raises(ValueError, match="eccv16 has no file of the kind onnx"):
        ECCV16.file("onnx")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "../net.caffemodel"),
        ("name", "/net.caffemodel"),
        ("size", 0),
        ("size", -1),
        ("sha256", "abc"),
        ("sha256", "G" * 64),
        ("urls", ("ftp://example.org/net",)),
        ("urls", ("https://example.org/net", "file:///net")),
    ],
)
def test_a_file_that_cannot_be_is_refused(field, value):
    with pytest.raises(ValueError, match=field):
        replace(FILE, **{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("files", ()),
        ("files", (FILE,)),
        ("files", (FILE, FILE)),
        ("files", (*DDCOLOR.files, *ECCV16.files)),
        ("multiple", 0),
        ("default_size", 0),
        ("default_size", 225),
        ("fixed_size", 256),
        ("cell", 0),
        ("cell", 3),
    ],
)
def test_a_model_that_cannot_be_is_refused(field, value):
    with pytest.raises(ValueError, match=field):
        replace(ECCV16, **{field: value})


def test_what_networks_are_given_of_a_grey_ramp_is_what_the_published_formulas_say():
    """Nothing here but the formulas: sRGB's curve (IEC 61966-2-1) and L* of the luminance (CIE 1976)."""
    with localcontext() as exact:
        exact.prec = 40
        shares = [Decimal(level) / 255 for level in GREY_RAMP]
        linear = [
            v / Decimal("12.92")
            if v <= Decimal("0.04045")
            else ((v + Decimal("0.055")) / Decimal("1.055")) ** Decimal("2.4")
            for v in shares
        ]
        lightness = [
            Decimal(29**3) / 27 * y if y <= Decimal(6**3) / 29**3 else 116 * y ** (1 / Decimal(3)) - 16 for y in linear
        ]
    assert [float(value - 50) for value in lightness] == pytest.approx(PREPROCESSED["lightness"], abs=1e-4)
    assert [float(value) for value in shares] == pytest.approx(PREPROCESSED["grey-rgb"], abs=1e-5)
