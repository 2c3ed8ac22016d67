"""What the environment may say."""

import os
from pathlib import Path

import pytest

from colorizer.errors import SettingError
from colorizer.settings import child_environment, read_settings, set_malformed_aside, settings


def test_an_empty_environment_gives_the_defaults():
    settings = read_settings({})
    assert settings.max_megapixels == 200
    assert (settings.use_gpu, settings.engine) == ("auto", "auto")
    assert settings.cache_folder.is_absolute()
    assert settings.models_folder.name == "models"
    assert settings.workers == 1
    assert settings.allowed_folders == (Path.home(),)
    assert (settings.max_video_frames, settings.max_upload, settings.quota) == (None, None, None)


def test_every_variable_is_read():
    given = {
        "COLORIZER_MODELS_DIR": "/m", "COLORIZER_MAX_MEGAPIXELS": "12.5", "USE_GPU": "0", "COLORIZER_CACHE_DIR": "/c",
        "COLORIZER_ENGINE": "openvino",
    }  # fmt: skip
    settings = read_settings(given)
    assert (settings.cache_folder, settings.engine) == (Path("/c"), "openvino")
    assert (settings.models_folder, settings.max_megapixels, settings.use_gpu) == (Path("/m"), 12.5, "off")


def test_the_settings_of_jobs_and_uploads_are_read_in_the_units_they_are_named_by():
    given = {
        "COLORIZER_DATA_DIR": "/d", "COLORIZER_WORKERS": "3", "MAX_VIDEO_FRAMES": "10000", "MAX_UPLOAD_MB": "1.5",
        "COLORIZER_QUOTA_GB": "20", "COLORIZER_ALLOWED_FOLDERS": f"/films{os.pathsep}{os.pathsep}~/old",
    }  # fmt: skip
    settings = read_settings(given)
    assert (settings.data_folder, settings.workers, settings.max_video_frames) == (Path("/d"), 3, 10_000)
    assert (settings.max_upload, settings.quota) == (1_500_000, 20 * 10**9)
    assert settings.allowed_folders == (Path("/films"), Path.home() / "old")
    assert read_settings({"COLORIZER_ALLOWED_FOLDERS": ""}).allowed_folders == ()


FOLDERS = {
    "COLORIZER_CACHE_DIR": "cache_folder", "COLORIZER_DATA_DIR": "data_folder", "COLORIZER_MODELS_DIR": "models_folder",
}  # fmt: skip


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_is_absolute_however_it_is_named(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert getattr(read_settings({name: "./here"}), FOLDERS[name]) == tmp_path / "here"
    assert getattr(read_settings({name: "~/here"}), FOLDERS[name]) == Path.home() / "here"


def test_a_child_that_starts_elsewhere_means_the_same_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLORIZER_CACHE_DIR", raising=False)
    monkeypatch.setenv("COLORIZER_DATA_DIR", "data")
    monkeypatch.setenv("COLORIZER_MODELS_DIR", "/networks")
    told = child_environment()
    assert (told["COLORIZER_DATA_DIR"], told["COLORIZER_MODELS_DIR"]) == (str(tmp_path / "data"), "/networks")
    assert "COLORIZER_CACHE_DIR" not in told
    assert told["PATH"] == os.environ["PATH"]


def test_the_sites_that_may_frame_the_studio_are_none_unless_told():
    assert read_settings({}).framed_by == ()
    given = {"COLORIZER_FRAMED_BY": "https://a.example http://127.0.0.1:80"}
    assert read_settings(given).framed_by == ("https://a.example", "http://127.0.0.1:80")


def test_a_studio_is_shared_and_its_queue_short_only_when_told():
    assert (read_settings({}).shared, read_settings({}).queue) == (False, None)
    assert not read_settings({"COLORIZER_SHARED": "0"}).shared
    told = read_settings({"COLORIZER_SHARED": "1", "COLORIZER_QUEUE": "5"})
    assert (told.shared, told.queue) == (True, 5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COLORIZER_SHARED", "yes"),
        ("COLORIZER_QUEUE", "0"),
        ("COLORIZER_MAX_MEGAPIXELS", "many"),
        ("COLORIZER_MAX_MEGAPIXELS", "0"),
        ("COLORIZER_MAX_MEGAPIXELS", "nan"),
        ("COLORIZER_WORKERS", "0"),
        ("COLORIZER_WORKERS", "17"),
        ("MAX_VIDEO_FRAMES", "1.5"),
        ("MAX_UPLOAD_MB", "-1"),
        ("MAX_UPLOAD_MB", "inf"),
        ("COLORIZER_QUOTA_GB", "nan"),
        ("USE_GPU", "maybe"),
        ("COLORIZER_FRAMED_BY", "https://a.example;script-src"),
        ("COLORIZER_FRAMED_BY", "huggingface.co"),
        ("COLORIZER_DATA_DIR", "~nobody-of-this-name/data"),
        ("COLORIZER_MODELS_DIR", "~nobody-of-this-name/networks"),
        ("COLORIZER_ALLOWED_FOLDERS", "~nobody-of-this-name"),
    ],
)
def test_a_value_without_sense_is_refused_with_its_name_and_value(name, value):
    with pytest.raises(SettingError, match=f"{name}.*{value}"):
        read_settings({name: value})


def test_what_makes_no_sense_can_be_set_aside_and_the_rest_holds_good(monkeypatch):
    monkeypatch.setenv("COLORIZER_WORKERS", "abc")
    monkeypatch.setenv("USE_GPU", "maybe")
    monkeypatch.setenv("COLORIZER_QUOTA_GB", "2")
    settings.cache_clear()
    try:
        wrong = set_malformed_aside()
        assert set(wrong) == {"COLORIZER_WORKERS", "USE_GPU"}
        assert "'abc'" in wrong["COLORIZER_WORKERS"]
        assert (settings().workers, settings().use_gpu, settings().quota) == (1, "auto", 2 * 10**9)
        assert set_malformed_aside() == {}
    finally:
        settings.cache_clear()
