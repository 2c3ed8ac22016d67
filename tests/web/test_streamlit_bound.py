"""web/security.py checks requests with a function that Streamlit does not promise to keep: what to do when it moves."""

import re
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOME = "streamlit.web.server.starlette.starlette_app_utils"
INSTALLED = version("streamlit")


def _moved(what: str) -> str:
    return (
        f"Streamlit {INSTALLED} {what}. web/security.py trusts {HOME}.validate_xsrf_token: look at it there, then "
        "raise the bound of streamlit in requirements.txt, or go back to a version inside it."
    )


def test_the_bound_ends_where_nobody_has_looked_yet() -> None:
    (low, high) = re.findall(
        r"^streamlit>=(\d+\.\d+),<(\d+\.\d+)\b", (ROOT / "requirements.txt").read_text("utf-8"), re.M
    )[0]
    major, minor = map(int, low.split("."))
    assert high == f"{major}.{minor + 1}", "one minor version at a time: the next may move what is not public"
    assert INSTALLED.startswith(f"{low}."), _moved(f"is installed, and only {low} was looked at")


def test_the_function_is_there_and_refuses_all_tokens_but_the_cookies_own() -> None:
    try:
        module = import_module(HOME)
        validate, generate = module.validate_xsrf_token, module.generate_xsrf_token_string
    except (ImportError, AttributeError) as error:
        pytest.fail(_moved(f"has moved it ({error})"))
    token, other = generate(), generate()
    assert validate(token, token) is True, _moved("refuses the cookie's own token")
    for header, cookie in ((other, token), (token, other), (None, token), (token, None), ("", ""), (None, None)):
        assert validate(header, cookie) is False, _moved("lets another token in")
