import socket
import tempfile
import threading
from collections import namedtuple
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorizer.errors import DownloadFailed, OutputError
from colorizer.weights import integrity
from colorizer.weights.catalog import STARTER
from colorizer.weights.download import download
from colorizer.weights.local_models import part_path, verify
from tests.mirror import give, in_turn, redirect, refuse, serve
from tests.rows import CONTENTS, NAMES, made_up, put_files

WEIGHTS = CONTENTS["weights"]
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 204800\n"
PAGE = b"<!DOCTYPE html><title>Sign in</title>" + bytes(3000)
PATIENCE = 0.4


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def mirror():
    with serve() as running:
        yield running


@pytest.fixture
def models(tmp_path):
    """A models folder in which only the weights are missing."""
    put_files(tmp_path / "madeup", "prototxt", "centres")
    return tmp_path


def get(models, *urls, **options):
    """Download the made-up network, its weights from these addresses; the bytes that are then in their place."""
    local = download(made_up({"weights": urls}), models, **{"patience": PATIENCE, **options})
    left = [path.name for path in (models / "madeup").iterdir()]
    assert sorted(left) == sorted(NAMES.values()), "something was left behind"
    return local.paths["weights"].read_bytes()


def part_of(models):
    return part_path(models / "madeup" / NAMES["weights"])


def dead_address():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}/net"


def bad_mirrors(mirror):
    """Every way in which an address can fail, and what is to be said of it."""
    flipped = b"?" + WEIGHTS[1:]
    return {
        dead_address(): "could not be reached (Connection refused)",
        mirror.put("/gone", refuse(404)): "answered 404 Not Found",
        mirror.put("/empty", refuse(204)): "answered 204 No Content",
        mirror.put("/page", give(PAGE)): "answered with an HTML page, not the file itself",
        mirror.put("/pointer", give(POINTER)): "answered with a Git LFS pointer, not the file itself",
        mirror.put(
            "/short", give(WEIGHTS[:-100])
        ): "has a file that is too short by 100 bytes (204700 instead of 204800)",
        mirror.put("/long", give(WEIGHTS + b"+")): "has a file that is too long by 1 bytes (204801 instead of 204800)",
        mirror.put("/other", give(flipped)): "gave a file that is of the right size, but not the right file",
        mirror.put("/silent", mirror.silence()): "sent nothing for 0.4 seconds",
        mirror.put("/file", redirect("file:///etc/passwd")): "answered 302",
        mirror.put("/ftp", redirect("ftp://127.0.0.1/net")): "could not be reached (unknown url type: ftp)",
        mirror.put("/round", redirect("/round")): "answered 302",
        mirror.put("/away", redirect("/gone")): "answered 404 Not Found",
    }


def test_mirrors_are_tried_in_order_until_one_gives_the_file(mirror, models):
    bad = bad_mirrors(mirror)
    good = mirror.put("/good", redirect("/moved"))
    mirror.put("/moved", give(WEIGHTS))
    unused = mirror.put("/unused", give(WEIGHTS))
    assert get(models, *bad, good, unused) == WEIGHTS
    first_asked = list(dict.fromkeys(path for path, _ in mirror.asked))
    given_order = [url.removeprefix(mirror.address) for url in [*bad, good] if url.startswith(mirror.address)]
    assert first_asked == [*given_order, "/moved"]


def test_when_no_address_works_each_is_named_with_its_answer_and_with_what_to_do(mirror, models):
    bad = bad_mirrors(mirror)
    with pytest.raises(DownloadFailed) as failure:
        get(models, *bad)
    lines = str(failure.value).splitlines()
    assert lines[0] == "net.caffemodel (205 kB) could not be downloaded. Tried:"
    for line, (url, answer) in zip(lines[1:], bad.items(), strict=False):
        assert line.startswith(f"  {url} {answer}")
    assert str(models / "madeup") in lines[-1]
    assert "colorizer models import FILE" in lines[-1]
    assert not (models / "madeup" / NAMES["weights"]).exists()


def test_a_download_that_brought_nothing_leaves_no_folder(mirror, models):
    with pytest.raises(DownloadFailed):
        get(models, mirror.put("/gone", refuse(404)))
    assert not (models / "madeup" / NAMES["weights"]).exists()
    assert not [path for path in models.glob("madeup") if not any(path.iterdir())]


def test_every_file_is_tried_even_when_an_earlier_one_cannot_be_had(mirror, tmp_path):
    model = made_up({"prototxt": (mirror.put("/a", refuse(500)),), "weights": (mirror.put("/b", give(WEIGHTS)),)})
    with pytest.raises(DownloadFailed, match=r"net\.prototxt(?s:.)*centres\.npy") as failure:
        download(model, tmp_path)
    assert "net.caffemodel" not in str(failure.value)
    assert {file.file.role: file.state for file in verify(model, tmp_path).files}["weights"] == "present"


def test_a_connection_that_breaks_is_continued_where_it_stopped(mirror, models):
    url = mirror.put(
        "/net", in_turn(give(WEIGHTS, stop_after=70_000), give(WEIGHTS, stop_after=100_000), give(WEIGHTS))
    )
    assert get(models, url) == WEIGHTS
    assert mirror.asked == [("/net", None), ("/net", "bytes=70000-"), ("/net", "bytes=170000-")]


def test_the_next_mirror_goes_on_where_a_slow_one_fell_silent(mirror, models):
    slow = mirror.put("/slow", in_turn(give(WEIGHTS, stop_after=50_000), mirror.silence()))
    assert get(models, slow, mirror.put("/quick", give(WEIGHTS))) == WEIGHTS
    assert mirror.asked[-1] == ("/quick", "bytes=50000-")


def test_the_next_run_goes_on_where_the_last_one_failed(mirror, models):
    url = mirror.put("/net", in_turn(give(WEIGHTS, stop_after=90_000), refuse(503)))
    with pytest.raises(DownloadFailed, match="answered 503"):
        get(models, url)
    mirror.put("/net", give(WEIGHTS))
    assert get(models, url) == WEIGHTS
    assert mirror.asked[-1] == ("/net", "bytes=90000-")


def test_a_server_without_ranges_sends_the_file_anew(mirror, models):
    url = mirror.put("/net", in_turn(give(WEIGHTS, stop_after=90_000, ranges=False), give(WEIGHTS, ranges=False)))
    assert get(models, url) == WEIGHTS


def test_a_server_that_refuses_ranges_is_asked_for_the_whole_file(mirror, models):
    part_of(models).write_bytes(WEIGHTS[:1000])
    url = mirror.put("/net", in_turn(refuse(416), give(WEIGHTS)))
    assert get(models, url) == WEIGHTS
    assert mirror.asked == [("/net", "bytes=1000-"), ("/net", None)]


def test_a_server_that_sends_another_part_is_asked_for_the_whole_file(mirror, models):
    part_of(models).write_bytes(WEIGHTS[:1000])
    wrong = refuse(206, {"Content-Range": f"bytes 0-0/{len(WEIGHTS)}"})
    assert get(models, mirror.put("/net", in_turn(wrong, give(WEIGHTS)))) == WEIGHTS


@pytest.mark.parametrize("size", [1, 100_000, len(WEIGHTS), len(WEIGHTS) + 10])
def test_a_wrong_beginning_is_thrown_away_and_the_file_fetched_anew(mirror, models, size):
    part_of(models).write_bytes(b"?" * size)
    assert get(models, mirror.put("/net", give(WEIGHTS))) == WEIGHTS
    assert mirror.asked[-1] == ("/net", None)


def test_a_wrong_file_is_fetched_anew_once_and_not_for_ever(mirror, models):
    part_of(models).write_bytes(WEIGHTS[:1000])
    url = mirror.put("/net", give(bytes(len(WEIGHTS))))
    with pytest.raises(DownloadFailed, match="SHA-256"):
        get(models, url)
    assert mirror.asked == [("/net", "bytes=1000-"), ("/net", None)]
    assert not part_of(models).exists()


def test_a_download_that_was_complete_but_not_yet_in_place_asks_no_server(mirror, models):
    part_of(models).write_bytes(WEIGHTS)
    assert get(models, mirror.put("/net", refuse(500))) == WEIGHTS
    assert mirror.asked == []


def test_a_mirror_with_a_shorter_file_leaves_the_good_beginning_alone(mirror, models):
    part_of(models).write_bytes(WEIGHTS[:1000])
    short = [mirror.put(path, give(WEIGHTS[:size])) for path, size in [("/a", 900), ("/b", 2000)]]
    page = mirror.put("/page", give(PAGE, ranges=False))
    with pytest.raises(DownloadFailed, match=r"(?s)too short by 203900 .*too short by 202800 .*HTML page"):
        get(models, *short, page)
    assert part_of(models).read_bytes() == WEIGHTS[:1000]


def test_a_file_without_end_is_cut_off_one_byte_after_its_size(mirror, models):
    url = mirror.put("/net", give(bytes(len(WEIGHTS) * 20), chunked=True))
    with pytest.raises(DownloadFailed, match="sent more than the 204800 bytes"):
        get(models, url)
    assert part_of(models).stat().st_size == len(WEIGHTS)
    assert get(models, mirror.put("/good", give(WEIGHTS))) == WEIGHTS


def test_a_short_file_of_unannounced_length_is_reported(mirror, models):
    url = mirror.put("/net", give(WEIGHTS[:-10], chunked=True))
    with pytest.raises(DownloadFailed, match="too short by 10 bytes"):
        get(models, url)


@settings(max_examples=15)
@given(stops=st.lists(st.integers(0, len(WEIGHTS)), max_size=3))
def test_wherever_the_connection_breaks_the_file_arrives_whole(stops):
    with serve() as mirror, tempfile.TemporaryDirectory() as folder:
        urls = [mirror.put(f"/{n}", give(WEIGHTS, stop_after=stop)) for n, stop in enumerate(stops)]
        put_files(Path(folder) / "madeup", "prototxt", "centres")
        assert get(Path(folder), *urls, mirror.put("/good", give(WEIGHTS))) == WEIGHTS


def test_progress_tells_bytes_and_address_and_never_goes_back(mirror, models):
    told = []
    url = mirror.put("/net", in_turn(give(WEIGHTS, stop_after=70_000), give(WEIGHTS)))
    get(models, url, progress=told.append)
    assert {(each.file.name, each.address) for each in told} == {(NAMES["weights"], url)}
    done = [each.done for each in told]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, len(WEIGHTS))


def test_a_stopped_download_keeps_what_arrived_and_can_go_on(mirror, models):
    stop = threading.Event()
    url = mirror.put("/net", give(WEIGHTS))
    with pytest.raises(DownloadFailed, match="was stopped"):
        get(models, url, progress=lambda told: told.done and stop.set(), cancelled=stop.is_set)
    arrived = part_of(models).stat().st_size
    assert 0 < arrived < len(WEIGHTS)
    assert get(models, url) == WEIGHTS
    assert mirror.asked[-1] == ("/net", f"bytes={arrived}-")


def test_two_downloads_at_once_bring_the_file_once_and_whole(mirror, models):
    begun, results = threading.Event(), []

    def slow(told):
        begun.set()
        waiting.wait(5)

    waiting = threading.Event()
    url = mirror.put("/net", give(WEIGHTS))
    threads = [threading.Thread(target=lambda: results.append(get(models, url, progress=slow)))]
    threads[0].start()
    assert begun.wait(5)
    told = []

    def watch(progress):
        told.append(progress.address)
        waiting.set()

    threads.append(threading.Thread(target=lambda: results.append(get(models, url, progress=watch))))
    threads[1].start()
    for thread in threads:
        thread.join(20)
    assert results == [WEIGHTS, WEIGHTS]
    assert set(told) == {"another download"}
    assert len(mirror.asked) == 1


def test_a_download_that_waits_for_another_can_be_stopped(mirror, models):
    url = mirror.put("/net", give(WEIGHTS))

    def meanwhile(told):
        with pytest.raises(DownloadFailed, match="was stopped"):
            download(made_up({"weights": (url,)}), models, cancelled=lambda: True)

    assert get(models, url, progress=meanwhile) == WEIGHTS


def test_a_whole_model_is_left_alone_and_a_damaged_file_replaced(mirror, models):
    put_files(models / "madeup")
    url = mirror.put("/net", give(WEIGHTS))
    assert get(models, url) == WEIGHTS
    assert mirror.asked == []
    (models / "madeup" / NAMES["weights"]).write_bytes(POINTER)
    assert get(models, url) == WEIGHTS


def test_a_damaged_file_stays_until_a_good_one_is_here(mirror, models):
    (models / "madeup" / NAMES["weights"]).write_bytes(POINTER)
    with pytest.raises(DownloadFailed):
        get(models, mirror.put("/net", refuse(404)))
    assert (models / "madeup" / NAMES["weights"]).read_bytes() == POINTER


def test_a_full_disk_is_noticed_before_anything_is_asked_for(mirror, models, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(integrity.shutil, "disk_usage", lambda _: usage(10**6, 10**6, 1000))
    with pytest.raises(OutputError, match=r"1 kB of free space, and 205 kB are needed"):
        get(models, mirror.put("/net", give(WEIGHTS)))
    assert mirror.asked == []


def test_a_models_folder_that_cannot_be_made_is_an_output_error(tmp_path):
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(OutputError, match="COLORIZER_MODELS_DIR"):
        download(made_up(), tmp_path / "models")


def test_a_disk_that_fails_while_writing_is_not_taken_for_a_bad_address(mirror, models):
    part_of(models).mkdir()
    with pytest.raises(OutputError, match="Could not write into"):
        get(models, mirror.put("/a", give(WEIGHTS)), mirror.put("/b", give(WEIGHTS)))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_disk_that_runs_full_meanwhile_is_one_clear_line(mirror, models):
    part_of(models).symlink_to("/dev/full")
    with pytest.raises(OutputError, match="No space left on device"):
        get(models, mirror.put("/net", give(WEIGHTS)))


@pytest.mark.parametrize("below", [".", "madeup"])
def test_files_are_taken_from_a_folder_by_their_hashes_and_no_address_is_asked(mirror, tmp_path, below):
    source = tmp_path / "stick" / below
    put_files(source)
    (source / NAMES["weights"]).rename(source / "Datei (1).bin")
    model = made_up({"weights": (mirror.put("/net", give(WEIGHTS)),)})
    local = download(model, tmp_path / "models", from_folder=tmp_path / "stick")
    assert local.paths["weights"].read_bytes() == WEIGHTS
    assert mirror.asked == []
    assert (source / "Datei (1).bin").exists()


def test_a_folder_without_the_files_is_told_with_what_it_has_instead(tmp_path):
    put_files(tmp_path / "stick", "prototxt")
    (tmp_path / "stick" / NAMES["weights"]).write_bytes(POINTER)
    with pytest.raises(DownloadFailed, match=r"net\.caffemodel is not in .*; .*is a Git LFS pointer") as failure:
        download(made_up(), tmp_path / "models", from_folder=tmp_path / "stick")
    assert "centres.npy is not in" in str(failure.value)
    assert "net.prototxt" not in str(failure.value)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DownloadFailed, match="nowhere cannot be read as a folder"):
        download(made_up(), tmp_path / "models", from_folder=tmp_path / "nowhere")


def test_the_bundled_model_is_there_without_a_download(tmp_path):
    assert download(STARTER, tmp_path).model is STARTER
    assert not list(tmp_path.iterdir())
