"""What every test starts from: an engine that is the same everywhere, and a cache of its own."""

import pytest
from hypothesis import settings as hypothesis_settings

from colorizer.settings import settings

hypothesis_settings.register_profile("studio", deadline=None)  # machines are busy; a slow example is no wrong one
hypothesis_settings.load_profile("studio")


@pytest.fixture(scope="session", autouse=True)
def _own_world(tmp_path_factory):
    """Nothing is measured, and nothing of the user's own cache is read or written, here and in processes of ours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLORIZER_ENGINE", "opencv:cpu")
        patch.setenv("COLORIZER_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        settings.cache_clear()
        yield
    settings.cache_clear()
