"""Where the studio listens: API_HOST and API_PORT, and Streamlit's own variables where both are set."""

import subprocess

import pytest

from tests.deploy.conftest import ROOT, Image, instruction

API = {"API_HOST": "0.0.0.0", "API_PORT": "9000"}
OWN = {"STREAMLIT_SERVER_ADDRESS": "127.0.0.2", "STREAMLIT_SERVER_PORT": "9001"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "- -"),
        (API, "0.0.0.0 9000"),
        (OWN, "127.0.0.2 9001"),
        (API | OWN, "127.0.0.2 9001"),
        ({"API_PORT": "9000"}, "- 9000"),
        ({"API_PORT": ""}, "- -"),
        ({"API_HOST": "::1", "STREAMLIT_SERVER_PORT": "9001"}, "::1 9001"),
    ],
)
def test_streamlits_variables_win_and_ours_fill_the_gaps(given: dict[str, str], said: str):
    script = '. deploy/address.sh; echo "${STREAMLIT_SERVER_ADDRESS--} ${STREAMLIT_SERVER_PORT--}"'
    ran = subprocess.run(["sh", "-euc", script], cwd=ROOT, env=given, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == said


def test_make_studio_and_the_container_ask_for_it():
    assert "\t. deploy/address.sh && exec $(BIN)/streamlit run app.py\n" in (ROOT / "Makefile").read_text("utf-8")
    assert "\n. ./address.sh\n" in (ROOT / "deploy" / "start.sh").read_text("utf-8")
    assert not [name for name in OWN if f"{name}=" in instruction("ENV")]  # or nothing else could say it


def test_a_container_listens_at_the_port_it_is_given(image: Image):
    with image.started("API_PORT", API_HOST="127.0.0.1") as studio:
        assert studio.status("/") == 200
