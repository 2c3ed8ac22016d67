"""The notebook, run from first to last cell, and its panel, driven as its buttons drive it."""

import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import comm
import cv2
import nbformat
import numpy as np
import pytest
from ipywidgets import Widget
from nbclient import NotebookClient

from colorizer import Grade
from colorizer.errors import OutputError
from colorizer.network import Colorizer
from colorizer.notebook import NotebookStudio, studio, texts
from colorizer.notebook import panel as panel_module
from colorizer.notebook.run import Run, Status, Stopped
from colorizer.notebook.tasks import FileTask, Made, free_target, make
from colorizer.video.report import FilmProgress
from tests.models import tiny_model
from tests.video import films

NOTEBOOK = Path(__file__).parent.parent / "notebooks" / "studio.ipynb"


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "old <b>&.png"
    cv2.imwrite(str(path), np.tile(np.linspace(20, 230, 64).astype(np.uint8), (48, 1)))
    return path


@pytest.fixture
def film(tmp_path):
    return films.flash_and_beep(tmp_path / "film.mp4", 1)


@pytest.fixture
def network(tmp_path):
    """A network of three layers, which counts its runs."""
    with Colorizer(tiny_model(tmp_path / "network"), "opencv:cpu") as made:
        yield made


@pytest.fixture
def runs(network, monkeypatch):
    counted = []
    chroma = Colorizer.chroma
    monkeypatch.setattr(Colorizer, "chroma", lambda *given: counted.append(1) or chroma(*given))
    return counted


@pytest.fixture
def panel(network, tmp_path):
    with NotebookStudio(network, tmp_path / "results") as made:
        yield made


def _messages(panel):
    return panel.errors.value


def _results(panel):
    """What is shown of each file that was made."""
    return [shown.value for shown in panel.made.children]


def test_the_notebook_runs_from_first_to_last_cell(tmp_path):
    """It takes seconds: a kernel of its own is started, as in a browser."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code), "clear the outputs"
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    outputs = [output for cell in code for output in cell.outputs]
    assert {output.output_type for output in outputs} == {"execute_result"}, "nothing is printed, and nothing fails"
    assert "application/vnd.jupyter.widget-view+json" in outputs[0].data
    assert "2 made" in outputs[1].data["text/plain"]
    assert "image/png" in outputs[2].data
    assert {path.name for path in (tmp_path / "coloured").iterdir()} >= {"example-coloured.png", "example-coloured.mp4"}


def test_the_sliders_change_the_view_without_the_network(panel, picture, runs):
    panel.add(picture)
    first = panel.after.value
    for name, value in {"saturation": 2, "hue": 90, "intensity": 0.5, "warmth": 0.5}.items():
        seen = panel.after.value
        panel.sliders[name].value = value
        assert panel.after.value != seen
    assert panel.after.value != first
    assert len(runs) == 1
    assert panel.grade == Grade(2, 90, 0.5, 0.5)


def test_grayscale_hides_the_colours_and_shows_the_source_in_its_own(panel, tmp_path):
    path = tmp_path / "red.png"
    cv2.imwrite(str(path), np.full((40, 60, 3), (20, 30, 200), np.uint8))
    panel.add(path)
    grey = panel.before.value
    panel.action.value = "gray"
    assert panel.colours.layout.display == "none"
    seen = cv2.imdecode(np.frombuffer(panel.before.value, np.uint8), cv2.IMREAD_COLOR)
    assert panel.before.value != grey
    assert seen[..., 2].mean() > seen[..., 0].mean() + 100
    panel.start()
    assert panel.wait(30)
    made = cv2.imread(str(tmp_path / "results" / "red-gray.png"), cv2.IMREAD_UNCHANGED)
    assert made.ndim == 2


def test_a_film_is_shown_in_its_own_colour_when_it_turns_grey(panel, tmp_path):
    films.ffmpeg("-f", "lavfi", "-i", "color=red:s=64x48:d=1", "-pix_fmt", "yuv420p", tmp_path / "red.mp4")
    panel.add(tmp_path / "red.mp4")
    panel.action.value = "gray"
    blue, green, red = cv2.imdecode(np.frombuffer(panel.before.value, np.uint8), cv2.IMREAD_COLOR).mean((0, 1))
    assert red > 200
    assert max(blue, green) < 60


def test_a_film_comes_back_with_its_sound_to_be_played_in_the_page(panel, film, tmp_path):
    panel.add(film)
    panel.start()
    assert panel.wait(60)
    result = tmp_path / "results" / "film-coloured.mp4"
    assert len(films.beeps(result)) == len(films.beeps(film))
    (shown,) = _results(panel)
    assert '<video controls preload="metadata"' in shown
    assert "data:video/mp4;base64," in shown
    assert panel.bar.value == 1
    assert "1 made in" in panel.line.value


def test_a_film_that_was_coloured_is_graded_anew_without_the_network(panel, film, tmp_path, runs):
    panel.add(film)
    panel.start()
    assert panel.wait(60)
    ran = len(runs)
    panel.sliders["saturation"].value = 0.2
    panel.start()
    assert panel.wait(60)
    assert len(runs) == ran
    assert (tmp_path / "results" / "film-coloured-2.mp4").exists()
    assert _messages(panel) == ""


def test_what_is_made_already_is_not_made_again(panel, picture, tmp_path):
    panel.add(picture)
    for _ in range(2):
        panel.start()
        assert panel.wait(30)
    assert "made already" in _messages(panel)
    assert len(list((tmp_path / "results").iterdir())) == 1
    panel.sliders["hue"].value = 20
    panel.start()
    assert panel.wait(30)
    assert len(list((tmp_path / "results").iterdir())) == 2


def test_a_large_result_is_named_and_linked_instead_of_shown(panel, film, monkeypatch, tmp_path):
    monkeypatch.setattr(texts, "INLINE_BYTES", 100)
    panel.add(film)
    panel.start()
    assert panel.wait(60)
    (shown,) = _results(panel)
    assert "base64" not in shown
    assert "Too large to be shown here" in shown
    assert str(tmp_path / "results") in shown
    assert "film-coloured.mp4" in panel.links.outputs[0]["data"]["text/html"]


def test_results_are_sent_once_each_and_all_of_them_together_have_a_limit(panel, picture, tmp_path, monkeypatch):
    paths = [tmp_path / f"{number}.png" for number in range(4)]
    for path in paths:
        path.write_bytes(picture.read_bytes())
    panel.action.value = "gray"
    panel.add(*paths)
    one = make(FileTask(picture, tmp_path / "one.png", "gray", Grade()), None, lambda _: None)
    monkeypatch.setattr(texts, "INLINE_BYTES_TOGETHER", 3 * one.task.target.stat().st_size)
    open_comm, sent = comm.create_comm, []
    monkeypatch.setattr(Widget, "_send", lambda _, said, buffers=None: sent.append(str(said)))
    monkeypatch.setattr(comm, "create_comm", lambda **said: sent.append(str(said)) or open_comm(**said))
    for _ in range(2):  # the second time it begins anew
        sent.clear()
        panel.start()
        assert panel.wait(30)
        assert ["base64" in shown for shown in _results(panel)] == [True, True, True, False]
        assert sum(said.count("base64,") for said in sent) == 3
        assert "3-gray" in panel.links.outputs[-1]["data"]["text/html"]
        for path in (tmp_path / "results").iterdir():
            path.unlink()


def test_a_result_that_was_moved_away_is_said_and_the_panel_goes_on(panel, picture, monkeypatch):
    def make_and_move(task, network, watch):
        made = make(task, network, watch)
        task.target.rename(task.target.with_name("elsewhere.png"))
        return made

    monkeypatch.setattr(panel_module, "make", make_and_move)
    panel.add(picture)
    panel.start()
    assert panel.wait(30)
    assert "Was it moved?" in _results(panel)[0]
    assert not panel.start_button.disabled


def test_the_status_that_says_it_is_over_has_every_result():
    run = Run(_tasks(1), lambda task, watch: Made(task, ()), lambda _: None)

    class Ending:
        """A worker that makes its last file at the moment that it is asked about."""

        def is_alive(self):
            run._made.append(Made(_tasks(1)[0], ()))
            return False

    run._worker = Ending()
    status = run.status
    assert status.is_over
    assert len(status.made) == 1


def test_uploads_are_written_under_their_own_name_and_shown(panel, picture, tmp_path):
    content = memoryview(picture.read_bytes())
    now = datetime.now(UTC)
    given = {"name": "..\\..\\x/up.png", "type": "image/png", "size": 1, "content": content, "last_modified": now}
    panel.upload.value = (given,)
    assert panel.sources == [tmp_path / "results" / "uploads" / "up.png"]
    assert panel.after.value
    assert panel.upload.value == ()


def test_mistakes_are_one_line_each_and_no_letter_of_a_name_becomes_markup(panel, picture, tmp_path):
    (tmp_path / "<b>broken.png").write_bytes(b"no picture")
    panel.start()
    assert "Add a picture or a film first" in _messages(panel)
    panel.add(tmp_path / "missing.png")
    assert "missing.png is not there" in _messages(panel)
    assert panel.sources == []
    panel.add("")
    assert "without a name" in _messages(panel)
    panel.add(tmp_path / "<b>broken.png")
    assert "&lt;b&gt;broken.png" in _messages(panel)
    assert panel.sides.layout.display == "none"
    panel.add(picture)
    assert panel.sides.layout.display == ""
    assert _messages(panel) == ""
    panel.start()
    assert panel.wait(30)
    assert "1 made, 1 failed" in panel.line.value
    assert _messages(panel).count("<div") == 1
    assert "Traceback" not in _messages(panel)
    assert "old &lt;b&gt;&amp;" in _results(panel)[0]
    panel.choice.value = tmp_path / "<b>broken.png"
    panel.remove()
    assert panel.sources == [picture]


def test_a_path_is_taken_by_its_button_and_by_enter_and_stays_in_the_line_only_where_it_is_wrong(panel, picture):
    panel.path.value = f" {picture} "
    panel.add_button.click()
    assert (panel.sources, panel.path.value) == ([picture], "")
    panel.remove()
    panel.path.value = str(picture)
    panel.path._handle_custom_msg({"event": "submit"}, [])
    assert (panel.sources, panel.path.value) == ([picture], "")
    panel.path.value = "missing.png"
    panel.add_button.click()
    assert panel.path.value == "missing.png"


def test_what_there_is_to_say_of_a_result_is_said_in_a_sentence(tmp_path):
    task = FileTask(tmp_path / "a.png", tmp_path / "b.png", "gray", Grade())
    task.target.write_bytes(b"")
    shown = texts.result(Made(task, ("its <IPTC> block was not kept", "Whole.")), texts.INLINE_BYTES)
    assert "<div>Its &lt;IPTC&gt; block was not kept.</div><div>Whole.</div>" in shown


def test_a_folder_that_cannot_be_made_is_said(picture, network, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be made"):
        make(FileTask(picture, tmp_path / "file" / "x" / "y.png", "gray", Grade()), network, lambda _: None)


def test_nothing_is_overwritten_and_no_two_results_share_a_name(tmp_path):
    (tmp_path / "a-coloured.png").touch()
    taken = frozenset({tmp_path / "a-coloured-2.png"})
    assert free_target(Path("a.png"), tmp_path, "colour", taken).name == "a-coloured-3.png"
    assert free_target(Path("a.heic"), tmp_path, "gray").name == "a-gray.png"
    assert free_target(Path("a.avi"), tmp_path, "gray").name == "a-gray.mp4"


def _tasks(count):
    return [FileTask(Path(f"{n}.png"), Path(f"out-{n}.png"), "gray", Grade()) for n in range(count)]


def test_cancel_ends_a_film_at_its_next_frame_and_nothing_after_it_begins():
    begun, entered, told = [], threading.Event(), []

    def endless(task, watch):
        begun.append(task)
        while True:
            entered.set()
            watch(FilmProgress(3, 12, 1, 2.0))

    run = Run(_tasks(2), endless, told.append)
    run.start()
    assert entered.wait(10)
    assert not run.wait(0)
    run.stop()
    assert run.wait(10)
    assert len(begun) == 1
    assert told[-1].is_over
    assert told[-1].was_stopped
    assert "Start goes on from there" in texts.closing_line(told[-1])
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("colorizer-notebook")]


def test_an_error_of_the_program_is_a_line_too_and_the_rest_is_made():
    def first_fails(task, watch):
        if task.source.name == "0.png":
            raise KeyError("inner")
        return Made(task, ())

    told = []
    run = Run(_tasks(2), first_fails, told.append)
    run.start()
    assert run.wait(10)
    assert len(told[-1].made) == 1
    (line,) = told[-1].failed
    assert line.startswith("0.png: an error of the program (KeyError")


def test_a_film_that_is_stopped_goes_on_from_there(network, film, tmp_path):
    task = FileTask(film, tmp_path / "out" / "film.mp4", "colour", Grade())

    def stop_soon(progress):
        if progress.frames == 3:
            raise Stopped

    with pytest.raises(Stopped):
        make(task, network, stop_soon)
    assert not task.target.exists()
    assert make(task, network, lambda _: None).task.target.exists()


def test_the_line_has_timer_and_frames():
    status = Status(75.2, 2, (), ("x",), _tasks(1)[0], FilmProgress(30, 120, 1, 10.0), False, False)
    assert texts.progress_line(status) == (
        "1:15 · 0.png (2 of 2) · frame 30 of 120 · 10.0 frames a second · about 0:09 left"
    )
    assert texts.share_done(status) == 0.625
    assert texts.clock(3600) == "1:00:00"


def test_without_ipywidgets_the_cure_is_named(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("colorizer.notebook")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(Exception, match=r'pip install "\.\[notebook\]" in the checkout'):
        __import__("colorizer.notebook")


def test_studio_opens_the_networks_that_come_with_the_program(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with studio(folder="here") as panel:
        assert panel.sources == []
        assert "application/vnd.jupyter.widget-view+json" in panel._repr_mimebundle_()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_the_results_gives_no_results_as_sources(panel, picture, tmp_path):
    folder = tmp_path / "results"
    folder.mkdir(exist_ok=True)
    (folder / "old-coloured.png").write_bytes(picture.read_bytes())
    panel.add(tmp_path)
    assert panel.sources == [picture]


def test_a_kind_that_is_not_written_becomes_png_with_a_note(network, tmp_path):
    source = tmp_path / "a.bmp"
    cv2.imwrite(str(source), np.tile(np.linspace(20, 230, 64).astype(np.uint8), (48, 1)))
    for action in ("gray", "colour"):
        made = make(FileTask(source, tmp_path / f"{action}.png", action, Grade()), network, lambda _: None)
        assert any("BMP is not written" in note for note in made.notes)
