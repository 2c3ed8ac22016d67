"""Caffe's text format."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.engines.prototxt import read_prototxt, source_of
from colorizer.errors import EngineError

TEXT = """
name: "a net" # layer { name: "of a comment" }
layer {
  name: 'conv{1}' type: "Convolution"
  bottom: "data"; top: "conv1"
  param { lr_mult: 0 } param { lr_mult: 2 }
  convolution_param { num_output: 64 kernel_h: 3 kernel_w: 5 pad: 1 pad: 2, stride: 2
    weight_filler < type: "gaussian" std: 1e-2 > }
}
layer{name:"bn" type:"BatchNorm" bottom:"conv1" top:"bn" batch_norm_param{ }}
layer { name: "sum" type: "Eltwise" bottom: "bn" bottom: "conv1" top: "sum" eltwise_param { operation: SUM } }
"""


def test_layers_come_in_order_with_what_goes_in_and_out_and_their_settings():
    conv, norm, total = read_prototxt(TEXT)
    assert (conv.name, conv.kind, conv.bottoms, conv.tops) == ("conv{1}", "Convolution", ("data",), ("conv1",))
    assert conv.pair("kernel_size", 1, "kernel") == (3, 5)
    assert conv.pair("pad", 0) == (1, 2)
    assert conv.pair("stride", 1) == (2, 2)
    assert conv.pair("dilation", 1) == (1, 1)
    assert norm.number("eps", 1e-5) == 1e-5
    assert total.bottoms == ("bn", "conv1")
    assert total.word("operation", "MAX") == "SUM"


def test_what_a_layer_takes_in_is_made_by_the_last_layer_that_worked_in_place_before_it():
    layers = read_prototxt("""
        layer { name: "data" type: "Input" top: "data" }
        layer { name: "a" type: "Convolution" bottom: "data" top: "x" }
        layer { name: "a_relu" type: "ReLU6" bottom: "x" top: "x" }
        layer { name: "b" type: "Convolution" bottom: "x" top: "y" }
        layer { name: "later" type: "ReLU" bottom: "x" top: "x" }
    """)
    assert source_of(layers, "b") == layers[2]
    assert source_of(layers, "a_relu") == layers[1]
    assert source_of(layers, "a") is source_of(layers, "data") is source_of(layers, "nowhere") is None


def test_a_setting_of_another_kind_than_asked_for_names_its_layer():
    conv, _, total = read_prototxt(TEXT)
    with pytest.raises(EngineError, match="layer sum of the network: operation must be a number, and is SUM"):
        total.number("operation", 0)
    with pytest.raises(EngineError, match=r"layer conv\{1\} .* weight_filler is not a single value"):
        conv.word("weight_filler", "")


@pytest.mark.parametrize("wrong", ["1.0", "many", "0x", "{ a: 1 }"])
def test_a_side_that_is_no_whole_number_names_its_layer(wrong):
    colon = "" if wrong[0] == "{" else ":"
    (conv,) = read_prototxt(f"layer {{ name: 'c' type: 'Convolution' convolution_param {{ pad{colon} {wrong} }} }}")
    for read in (conv.pair, conv.whole):
        with pytest.raises(EngineError, match="layer c of the network: "):
            read("pad", 0)


@pytest.mark.parametrize(
    "text",
    ["", "name: 'no layers'", "layer {", "layer { name: 'a' type: 'b' }}", "layer { name: }", "layer { : }",
     "layer {} {",
     'layer { name: "open }', "layer { type: 'nameless' }", "layer { name: 'a' type: 'b' c { } >", "a {" * 5000],
)  # fmt: skip
def test_a_text_that_is_no_network_ends_in_one_line(text):
    with pytest.raises(EngineError) as caught:
        read_prototxt(text)
    assert "\n" not in str(caught.value)


@given(st.text(alphabet="layer{}<>:\"'# \n\\name1.5", max_size=60))
def test_no_text_ends_in_anything_but_layers_or_our_own_error(text):
    try:
        found, said = bool(read_prototxt(text)), ""
    except EngineError as error:
        found, said = False, str(error)
    assert found == (not said)
    assert "\n" not in said
