"""The widgets: files in, colours set by eye, results shown where they are made."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from IPython.display import FileLink

from colorizer.color.grade import GRADE_RANGES, Grade
from colorizer.errors import ColorizerError
from colorizer.files import write_whole
from colorizer.image.colorize import open_colorizer
from colorizer.network import Colorizer
from colorizer.notebook import texts
from colorizer.notebook.before_after import BeforeAfter, open_before_after
from colorizer.notebook.run import Run, Status
from colorizer.notebook.tasks import Action, FileTask, Made, free_target, make
from colorizer.plan import EITHER, find_sources
from colorizer.weights.catalog import DEFAULT_MODEL

_ACTIONS: tuple[tuple[str, Action], ...] = (("Colourise", "colour"), ("Convert to grayscale", "gray"))
_STEPS = {"saturation": 0.05, "hue": 1.0, "intensity": 0.05, "warmth": 0.05}
_WIDE = widgets.Layout(width="100%")
_HALF = widgets.Layout(width="50%", min_width="0")
_LABELS = {"description_width": "8em"}


def studio(
    model: str | Path = DEFAULT_MODEL, engine: str = "auto", folder: str | Path = "coloured"
) -> "NotebookStudio":
    """The studio, to be shown by the cell that it is the last line of. folder: where results go.

    Raises ModelError or EngineError where the network cannot be opened.
    """
    return NotebookStudio(open_colorizer(model, engine), Path(folder))


class NotebookStudio:
    """Everything that is shown. Each button has a method of the same meaning, for use from a cell.

    Close it, or use it as a context manager, to let go of the network.
    """

    def __init__(self, colorizer: Colorizer, folder: Path) -> None:
        self._colorizer, self._folder = colorizer, folder
        self._views: dict[Path, BeforeAfter] = {}
        self._tracks: dict[Path, Path] = {}
        self._done: dict[tuple[Path, Action, Grade], Path] = {}
        self._run: Run | None = None
        self._shown, self._room = 0, texts.INLINE_BYTES_TOGETHER
        self._make_widgets()
        self.box = self._arranged()
        self._listen()

    def add(self, *names: str | Path) -> None:
        """Take these files, folders or patterns into the list, and show the first of them."""
        try:
            found = [source.path for source in find_sources([str(name) for name in names], EITHER, self._folder)]
        except ColorizerError as error:
            self._tell_errors([str(error)])
            return
        missing = [f"{path} is not there. Check the name and the folder" for path in found if not path.exists()]
        there = [path for path in found if path.exists()]
        if there:
            self._list([*self.sources, *(path for path in there if path not in self.sources)], there[0])
        if missing:
            self._tell_errors(missing)

    def remove(self) -> None:
        """Take the file that is shown out of the list; it stays where it is."""
        left = [path for path in self.sources if path != self.choice.value]
        self._list(left, left[0] if left else None)

    @property
    def sources(self) -> list[Path]:
        """The files in the list."""
        return [path for _, path in self.choice.options]

    @property
    def grade(self) -> Grade:
        """What the sliders say."""
        return Grade(**{name: slider.value for name, slider in self.sliders.items()})

    def start(self) -> None:
        """Make every file in the list that is not made like this yet; returns at once."""
        if self._run is not None and not self._run.wait(0):
            return
        if not self.sources:
            self._tell_errors(["There is nothing to do yet. Add a picture or a film first"])
            return
        tasks = self._tasks()
        if not tasks:
            self._tell_errors(["All of this is made already. Change the colours, or add something else"])
            return
        self._tell_errors([])
        self.links.clear_output()
        for shown in self.made.children:
            shown.close()
        self.made.children, self._shown, self._room = (), 0, texts.INLINE_BYTES_TOGETHER
        self.start_button.disabled, self.cancel_button.disabled = True, False
        self._run = Run(tasks, lambda task, watch: make(task, self._colorizer, watch), self._tell)
        self._run.start()

    def cancel(self) -> None:
        """End what was started, soon; what is finished stays."""
        if self._run is not None:
            self._run.stop()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until all is made, no longer than so many seconds; whether it is."""
        return self._run is None or self._run.wait(seconds)

    def close(self) -> None:
        """Stop, and let go of the network and the widgets."""
        self.cancel()
        self.wait()
        self._colorizer.close()
        self.box.close()

    def __enter__(self) -> "NotebookStudio":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.box._repr_mimebundle_(**options)

    def _make_widgets(self) -> None:
        self.upload = widgets.FileUpload(
            accept=",".join(sorted(EITHER.read)),
            multiple=True,
            description="Upload",
            tooltip="Pictures and short films",
        )
        self.path = widgets.Text(
            placeholder="or a path: a file, a folder, *.jpg", layout=widgets.Layout(flex="1 1 auto")
        )
        self.add_button = widgets.Button(description="Add", icon="plus")
        self.remove_button = widgets.Button(description="Remove", icon="times", tooltip="Take it out of the list")
        self.choice = widgets.Dropdown(description="Shown", options=[], style=_LABELS, layout=_WIDE)
        self.action = widgets.ToggleButtons(options=_ACTIONS, style={"button_width": "auto"})
        self.sliders = {
            name: widgets.FloatSlider(
                getattr(Grade(), name), min=low, max=high, step=_STEPS[name], description=name.capitalize(),
                readout_format=".0f" if name == "hue" else ".2f", style=_LABELS, layout=_WIDE,
            )
            for name, (low, high) in GRADE_RANGES.items()
        }  # fmt: skip
        self.before, self.after = (widgets.Image(format="jpeg", layout=_WIDE) for _ in range(2))
        self.start_button = widgets.Button(description="Start", button_style="primary", icon="play")
        self.cancel_button = widgets.Button(description="Cancel", icon="stop", disabled=True)
        self.bar = widgets.FloatProgress(0, min=0, max=1, layout=widgets.Layout(flex="1 1 auto"))
        self.line, self.errors, self.made = widgets.Label(), widgets.HTML(), widgets.VBox()
        self.links = widgets.Output()

    def _arranged(self) -> Any:
        self.colours = widgets.VBox(list(self.sliders.values()))
        sides = [
            widgets.VBox([widgets.Label(name), picture], layout=_HALF)
            for name, picture in (("Before", self.before), ("After", self.after))
        ]
        self.sides = widgets.HBox(sides, layout=widgets.Layout(display="none", grid_gap="8px"))
        rows = [
            widgets.HBox([self.upload, self.path, self.add_button]),
            widgets.HTML("An upload may have about 10 MB, which is Jupyter's limit. Name larger files by their path."),
            widgets.HBox([self.choice, self.remove_button]),
            self.action,
            self.colours,
            self.sides,
            widgets.HBox([self.start_button, self.cancel_button, self.bar]),
            self.line,
            self.errors,
            self.made,
            self.links,
        ]
        return widgets.VBox(rows, layout=widgets.Layout(max_width="60em"))

    def _listen(self) -> None:
        self.upload.observe(lambda change: self._take(change["new"]), "value")
        self.add_button.on_click(lambda _: self._add_typed())
        self.path.on_msg(lambda _, said, __: self._add_typed() if said.get("event") == "submit" else None)
        self.remove_button.on_click(lambda _: self.remove())
        self.choice.observe(lambda _: self._show(), "value")
        self.action.observe(lambda _: self._show(), "value")
        for slider in self.sliders.values():
            slider.observe(lambda _: self._show(), "value")
        self.start_button.on_click(lambda _: self.start())
        self.cancel_button.on_click(lambda _: self.cancel())

    def _add_typed(self) -> None:
        """Take what the line names, by its button or by Enter; what is wrong stays there to be mended."""
        self.add(self.path.value.strip())
        if not self.errors.value:
            self.path.value = ""

    def _list(self, sources: Sequence[Path], shown: Path | None) -> None:
        self.choice.options = [(path.name, path) for path in sources]
        self.choice.value = shown
        self._show()

    def _take(self, uploads: Iterable[Mapping[str, Any]]) -> None:
        """Write what was uploaded into the folder, and add it."""
        try:
            kept = [_written(self._folder / "uploads", upload["name"], upload["content"]) for upload in uploads]
        except OSError as error:
            self._tell_errors([f"the upload cannot be written to {self._folder} ({error.strerror}). Make some room"])
            return
        for path in kept:
            self._forget(path)  # another file of the same name may have been there
        if kept:
            self.upload.value = ()  # its memory, and the same file can be taken again
            self.add(*kept)

    def _show(self) -> None:
        """Draw both sides anew; the network runs only for a file that was not shown before."""
        source, gray = self.choice.value, self.action.value == "gray"
        self.colours.layout.display = "none" if gray else ""
        self.sides.layout.display = "none"
        if source is None:
            return
        try:
            if source not in self._views:
                self._views[source] = open_before_after(source, self._colorizer)
            view = self._views[source]
            self.before.value = view.before(in_colour=gray)
            self.after.value = view.after(None if gray else self.grade)
        except ColorizerError as error:
            self._tell_errors([str(error)])
            return
        self.sides.layout.display = ""
        self._tell_errors([])

    def _tasks(self) -> Sequence[FileTask]:
        action, grade = self.action.value, self.grade
        tasks: list[FileTask] = []
        for source in self.sources:
            done = self._done.get((source, action, grade))
            if done is not None and done.exists():
                continue
            target = free_target(source, self._folder, action, frozenset(task.target for task in tasks))
            track = self._tracks.get(source) if action == "colour" else None
            track = track if track is not None and track.exists() else None
            tasks.append(FileTask(source, target, action, grade, track))
        return tasks

    def _forget(self, source: Path) -> None:
        self._views.pop(source, None)
        self._tracks.pop(source, None)
        self._done = {key: target for key, target in self._done.items() if key[0] != source}

    def _tell(self, status: Status) -> None:
        """Show how far it is; called by the clock of the run."""
        self.bar.value = texts.share_done(status)
        self.line.value = texts.closing_line(status) if status.is_over else texts.progress_line(status)
        for made in status.made[self._shown :]:
            self._show_result(made)
        self._shown = len(status.made)
        if status.is_over:
            self._tell_errors(status.failed)
            self.start_button.disabled, self.cancel_button.disabled = False, True

    def _show_result(self, made: Made) -> None:
        task = made.task
        self._done[task.source, task.action, task.grade] = task.target
        if task.is_film and task.action == "colour" and made.track is not None:
            self._tracks[task.source] = made.track
        try:
            size, text = task.target.stat().st_size, texts.result(made, self._room)
        except OSError as error:
            size, text = 0, texts.errors([f"{task.target} cannot be shown ({error.strerror}). Was it moved?"])
        shown = widgets.HTML(f'<div style="margin: 0.5em 0 1em">{text}</div>')
        self.made.children = (*self.made.children, shown)  # one widget each: the others are not sent again
        if texts.is_shown(size, self._room):
            self._room -= size
        else:
            self.links.append_display_data(FileLink(str(task.target)))  # type: ignore[no-untyped-call]

    def _tell_errors(self, lines: Sequence[str]) -> None:
        self.errors.value = texts.errors(lines)


def _written(folder: Path, name: str, content: memoryview) -> Path:
    """The upload as a file with its own name; whole or not at all."""
    target = folder / (Path(name.replace("\\", "/")).name or "upload")
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(target, content, durable=False)
    return target
