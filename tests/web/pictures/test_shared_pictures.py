"""Pictures in a studio that strangers share: they count, and they end."""

import time
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from colorizer.jobs.folders import DataFolder
from colorizer.settings import settings
from colorizer.web.pictures import state as picture_state
from colorizer.web.pictures.picture_limits import PictureLimits, PictureRoom
from colorizer.web.pictures.picture_set import PictureSets
from colorizer.web.visitors import KEPT_HOURS


def test_among_strangers_pictures_lie_where_the_quota_counts_them_and_idle_sets_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("COLORIZER_SHARED", "1"), ("COLORIZER_QUOTA_GB", "1"), ("COLORIZER_DATA_DIR", str(tmp_path))):
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    st.cache_resource.clear()
    picture_sets = picture_state.picture_sets()
    picture_set = picture_sets.new()
    picture_set.add("a.png", bytes(1000))
    data = DataFolder(tmp_path)
    usage = data.usage(500)
    assert usage.pictures >= 1000
    assert usage.over >= 500
    picture_set.last_use -= KEPT_HOURS * 3600 + 1
    with picture_state.ending_unused_sets(every=0.01):
        deadline = time.monotonic() + 10
        while picture_sets.find(picture_set.token) is not None and time.monotonic() < deadline:
            picture_set.last_use -= KEPT_HOURS * 3600 + 1
            time.sleep(0.01)
    assert picture_sets.find(picture_set.token) is None
    picture_sets.close()
    st.cache_resource.clear()
    settings.cache_clear()


def test_a_page_says_that_no_more_visitors_fit_in(monkeypatch: pytest.MonkeyPatch) -> None:
    full = PictureSets(PictureRoom(PictureLimits(sets=1)))
    full.new().add("a.png", b"1")
    monkeypatch.setattr(picture_state, "picture_sets", lambda: full)
    page = AppTest.from_function(_images_page).run()
    assert "visitors have pictures here" in page.error[0].value
    assert not page.markdown
    full.close()


def _images_page() -> None:
    import streamlit as st

    from colorizer.web.pictures import state

    state.my_picture_set()
    st.markdown("drawn")
