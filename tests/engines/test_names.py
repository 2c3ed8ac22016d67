"""The names of engines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.engines.names import AUTO, EngineName, all_names, engine_name
from colorizer.errors import EngineError


@pytest.mark.parametrize("name", all_names())
def test_every_name_there_is_can_be_given_and_says_itself(name):
    assert engine_name(name) == name
    if name != AUTO:
        assert str(EngineName.parse(name)) == name


@pytest.mark.parametrize(
    "name",
    ["", "tpu", "Auto", "opencv:", "opencv:tpu",
     "opencv:cpu:f16", "openvino:f16", "openvino:cpu:f8", "a:b:c:d", "auto:cpu"],
)  # fmt: skip
def test_a_name_that_means_nothing_is_refused_with_what_could_be_meant(name):
    with pytest.raises(EngineError, match=r"there is no engine .*(Choose|Write) "):
        engine_name(name)


@given(st.text(alphabet="abcopenvi:16f", max_size=25))
def test_any_text_is_a_name_or_our_own_error(text):
    try:
        name, said = engine_name(text), ""
    except EngineError as error:
        name, said = AUTO, str(error)
    assert name in all_names()
    assert "\n" not in said
