"""What is said of a film, and of the time and the size of its result: pure functions."""

from collections.abc import Iterator
from fractions import Fraction

from colorizer.files import size_text
from colorizer.inspect.film_facts import FilmFacts
from colorizer.inspect.forecast import Measured
from colorizer.video.film_settings import Range
from colorizer.web.durations import clock_text, span_text
from colorizer.web.films.film_choices import frames_in, seconds_in
from colorizer.web.films.film_folder import StudioFilm
from colorizer.web.films.findings import Shots
from colorizer.web.wording import plain

# How many times longer, or shorter, than is measured a film may take: a computer has other things to do.
_GIVE, _MOST_GIVE = 1.25, 2.0


def estimate_text(
    facts: FilmFacts,
    trim: Range,
    measured: Measured | str | None,
    shots: Shots | None = None,
    learned: float = 1.0,
) -> str:
    """What is said of the time and the size of the result. learned: by which films here took longer than measured."""
    if measured is None:
        return "Measuring how long it will take on this computer…"
    if isinstance(measured, str):
        return f"How long it will take cannot be said: {plain(measured)}"
    frames, seconds = frames_in(facts, trim), seconds_in(facts, trim, shots, measured)
    if frames is None or seconds is None:
        return f"About {measured.frames / measured.seconds:.2g} frames a second on this computer."
    seconds *= learned
    alone = seconds / (1 + measured.busy)  # the films that were being made meanwhile had their share of this computer
    give = min(_GIVE * measured.spread**0.5, _MOST_GIVE)
    span, size = span_text(alone / give, seconds * give), size_span_text(measured.bytes_for(frames), measured.size_give)
    return f"About **{span}** and **{size}**."


def size_span_text(count: int, give: float) -> str:
    """About so many bytes, or `give` times fewer or more."""
    least, most = about_size_text(round(count / give)), about_size_text(round(count * give))
    if least == most:
        return least
    number, _, unit = least.rpartition(" ")
    return f"{number if most.endswith(f' {unit}') else least} to {most}"


def about_size_text(count: int) -> str:
    """About so many bytes: two digits."""
    step = 10 ** max(0, len(str(count)) - 2)
    return size_text(round(count / step) * step)


def fact_rows(film: StudioFilm, facts: FilmFacts, shots: Shots | None) -> Iterator[tuple[str, str]]:
    """What a card says of the film: name and value of each line."""
    yield "Length", clock_text(facts.length) if facts.length is not None else "not said in the file"
    size = f"{facts.width} × {facts.height}"
    if (facts.display_width, facts.display_height) != (facts.width, facts.height):
        size += f", shown as {facts.display_width} × {facts.display_height}"
    yield "Picture", size
    rate = f"{float(Fraction(facts.rate)):.5g} a second" if facts.rate else "not said in the file"
    yield "Frames", f"{rate}, changing" if facts.variable_rate else rate
    yield "File", f"{size_text(film.size)}, {facts.codec.upper()}" + (f", {facts.bits} bit" if facts.bits > 8 else "")
    yield "Sound", " · ".join(facts.sound) or "none"
    if facts.subtitles:
        yield "Subtitles", " · ".join(facts.subtitles)
    if facts.chapters:
        yield "Chapters", str(facts.chapters)
    yield "Shots", _shots_text(shots)


def _shots_text(shots: Shots | None) -> str:
    if shots is None:
        return "counting…"
    if shots.whole:
        return str(shots.shots)
    return f"{shots.shots} in the first {clock_text(Fraction(round(shots.seconds)))}" if shots.shots else "not counted"
