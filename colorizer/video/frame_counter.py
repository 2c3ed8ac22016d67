"""Frames of a film counted as they come and go, and told to whoever watches."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from colorizer.video.colour.paint import Painted
from colorizer.video.film_settings import Range, expected_frames
from colorizer.video.frame_preview import draw_preview
from colorizer.video.report import FilmProgress, Pace, Stage
from colorizer.video.segment import Rendering, Segment
from colorizer.video.source.facts import Film
from colorizer.video.source.reader import Frame

Watch = Callable[[FilmProgress], None]


class FrameCounter:
    """Counts the frames of one run. done: the segments of earlier ones. watch: may raise to stop the work."""

    def __init__(self, film: Film, part: Range, done: list[Segment], rendering: Rendering, watch: Watch) -> None:
        self._watch = watch
        self._rendering = rendering
        self._before = sum(segment.frames for segment in done)
        self._shots = sum(segment.shots for segment in done)
        self._most = part.max_frames
        self._expected = expected_frames(film, part)
        self._frames = 0
        self._stage: Stage = "colouring"
        self._pace = Pace()
        self.tell()

    def limited(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The frames, no more than were asked for."""
        left = None if self._most is None else self._most - self._before
        for number, frame in enumerate(frames):
            if left is not None and number >= left:
                return
            yield frame

    def count(self, painted: Painted) -> None:
        """One more frame is on its way to the encoder."""
        self._frames += 1
        self._pace.count()
        self._shots += painted.starts_shot
        self.tell(painted)

    def joins(self) -> None:
        """Every frame is made; the film is put together."""
        self._stage = "joining"
        self.tell()

    def tell(self, painted: Painted | None = None) -> None:
        """Say how far it is, with the frame that is new; whoever watches may raise to stop the work."""
        picture = partial(draw_preview, painted, self._rendering) if painted else None
        done, pace = self._before + self._frames, self._pace.per_second
        self._watch(FilmProgress(done, self._expected, self._shots, pace, picture, self._stage))
