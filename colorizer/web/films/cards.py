"""What the parts of the Videos page are given to draw, made from films and what was found out about them."""

from collections.abc import Sequence
from concurrent.futures import Future
from html import escape
from typing import Any
from urllib.parse import urlencode

from colorizer.network import Colorizer
from colorizer.web.colouring import (
    ColouredPicture,
    ColouringQueue,
    NetworkChoice,
    Picture,
    failure_text,
    finished_picture,
)
from colorizer.web.durations import clock_text
from colorizer.web.films.film_folder import StudioFilm
from colorizer.web.films.film_words import fact_rows
from colorizer.web.films.findings import Findings, findings
from colorizer.web.grading import followed
from colorizer.web.looks import Look, look_query
from colorizer.web.saved_choices import SavedChoices

FRAMES = "api/films"  # relative: the studio may live below another path
SHEET_VIEW, THUMB_VIEW = 640, 360
Card = dict[str, Any]


def frame_url(frame: Picture, side: int, look: Look | None = None) -> str:
    """The address of a frame of a film: as it was, or as it looks."""
    film, _, number = frame.id.partition("-")
    query = {"side": str(side), **(look_query(look) if look else {})}
    return f"{FRAMES}/{film}/{number}/{'after' if look else 'before'}.jpg?{urlencode(query)}"


def colour_frames(
    found: Findings, colouring_queue: ColouringQueue, network: NetworkChoice, colorizer: Colorizer | None
) -> list[Future[ColouredPicture]]:
    """All frames of the contact sheet in colour, in the making or done: the network runs once for each."""
    return [colouring_queue.soon(frame, network, colorizer) for frame in found.frames]


def sheet_data(
    film: StudioFilm,
    found: Findings,
    coloured_frames: Sequence[Future[ColouredPicture]],
    look: Look,
    left: Sequence[bool] = (),
) -> dict[str, Any]:
    """What the contact sheet is given. left: of each frame, whether its own colour stays; empty: of none."""
    facts = found.facts
    frames = []
    for number, (frame, time, future) in enumerate(zip(found.frames, found.times, coloured_frames, strict=True)):
        ready = finished_picture(future) is not None
        before, after = frame_url(frame, SHEET_VIEW), frame_url(frame, SHEET_VIEW, look) if ready else ""
        frames.append(
            {
                "time": clock_text(time),
                "before": before,
                "after": before if any(left[number : number + 1]) else after,
            }
        )
    width, height = (facts.display_width, facts.display_height) if facts else (4, 3)
    return {"width": width, "height": height, "frames": frames, "grade": followed(film.id)}


def sheet_problem(coloured_frames: Sequence[Future[ColouredPicture]]) -> str:
    """Why a frame could not be coloured; empty where none failed so far."""
    for future in coloured_frames:
        error = future.exception() if future.done() and not future.cancelled() else None
        if error is not None:
            return failure_text(error)
    return ""


def film_cards(
    films: Sequence[StudioFilm],
    opened: StudioFilm,
    colouring_queue: ColouringQueue,
    network_key: str,
    saved_choices: SavedChoices,
) -> list[Card]:
    """A card for each film: "waiting", "ready" or "failed", with what the gallery shows of it."""
    return [
        _card(film, colouring_queue, network_key, saved_choices) | {"opened": film.id == opened.id} for film in films
    ]


def _card(film: StudioFilm, colouring_queue: ColouringQueue, network_key: str, saved_choices: SavedChoices) -> Card:
    found = findings(film)
    card: Card = {"id": film.id, "name": film.name, "before": "", "after": ""}
    if found.problem:
        return card | {"state": "failed", "text": found.problem}
    frame = poster(found)
    if frame is None or found.facts is None:
        return card | {"state": "waiting", "text": "Looking at the film…"}
    length = found.facts.length
    text = clock_text(length) if length is not None else ""
    future = colouring_queue.find(frame, network_key)
    if future is not None and (failed := sheet_problem([future])):
        return card | {"state": "failed", "text": failed}
    if finished_picture(future) is None:
        return card | {"state": "waiting", "text": text}
    look = Look(network_key, saved_choices.grade(film.id))
    views = {"before": frame_url(frame, THUMB_VIEW), "after": frame_url(frame, THUMB_VIEW, look)}
    return card | views | {"state": "ready", "text": text}


_CARD_STYLE = """<style>
.film-card { display: flex; flex-wrap: wrap; gap: 12px 24px; align-items: flex-start; }
.film-card img { width: 132px; border-radius: 8px; }
.film-card dl { flex: 1; display: grid; grid-template-columns: repeat(auto-fill, minmax(120px, 1fr)); gap: 10px 20px;
  margin: 0; padding: 0; min-width: 200px; }
.film-card dt { font-size: 0.8125rem; opacity: 0.7; }
.film-card dd { margin: 0; padding: 0; overflow-wrap: anywhere; }
</style>"""


def card_html(film: StudioFilm, found: Findings) -> str:
    """The film's card: its poster, as it was, and what is known of it."""
    frame, facts = poster(found), found.facts
    if frame is None or facts is None:
        return ""
    rows = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in fact_rows(film, facts, found.shots)
    )
    shape = f"aspect-ratio: {facts.display_width} / {facts.display_height}"
    image = f'<img src="{frame_url(frame, THUMB_VIEW)}" style="{shape}" alt="A frame of {escape(film.name)}">'
    return f'{_CARD_STYLE}<div class="film-card">{image}<dl>{rows}</dl></div>'


def poster(found: Findings) -> Picture | None:
    """The frame that stands for the film: one from its first half."""
    return found.frames[(len(found.frames) - 1) // 2] if found.frames else None
