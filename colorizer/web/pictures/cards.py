"""What the page's parts are given to draw, made from the desk and the darkroom."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import Any

from colorizer.network import Colorizer
from colorizer.web.colouring import Darkroom, Proof, Recipe, failure_text
from colorizer.web.grading import followed
from colorizer.web.pictures.addresses import Look, after_url, before_url
from colorizer.web.pictures.picture_set import Desk, Picture
from colorizer.web.preview import VIEW_SIDES

THUMB_SIDE = 360
Card = dict[str, Any]


def compare_data(desk: Desk, picture: Picture, proof: Proof, look: Look) -> dict[str, Any]:
    """What the big view is given."""
    return {
        "name": picture.name,
        "width": proof.width,
        "height": proof.height,
        "before": [[side, before_url(desk, picture, side)] for side in VIEW_SIDES],
        "after": [[side, after_url(desk, picture, side, look)] for side in VIEW_SIDES],
        "compare": proof.chroma is not None,
        "grade": followed(picture.id),
    }


def gallery_cards(desk: Desk, darkroom: Darkroom, recipe_key: str) -> list[Card]:
    """A card for each picture: "waiting", "ready" or "failed", with what the gallery shows of it."""
    opened = desk.opened
    return [
        _card(desk, picture, darkroom.find(picture, recipe_key), recipe_key, is_opened=picture == opened)
        for picture in desk.pictures
    ]


def _card(desk: Desk, picture: Picture, future: Future[Proof] | None, recipe_key: str, *, is_opened: bool) -> Card:
    card: Card = {"id": picture.id, "name": picture.name, "opened": is_opened, "before": "", "after": ""}
    if future is None or not future.done() or future.cancelled():
        return card | {"state": "waiting", "text": "Waiting for its colours…" if recipe_key != "grey" else "Waiting…"}
    error = future.exception()
    if error is not None:
        return card | {"state": "failed", "text": failure_text(error)}
    return card | {
        "state": "ready",
        "text": "",
        "before": before_url(desk, picture, THUMB_SIDE),
        "after": after_url(desk, picture, THUMB_SIDE, Look(recipe_key, desk.grade(picture.id))),
    }


def ask_for_all(desk: Desk, darkroom: Darkroom, recipe: Recipe, colorizer: Colorizer | None) -> None:
    """Have every picture developed that is not yet."""
    for picture in desk.pictures:
        darkroom.soon(picture, recipe, colorizer)


def count_states(cards: Sequence[Card]) -> Iterator[int]:
    """How many are ready, waiting and failed."""
    for state in ("ready", "waiting", "failed"):
        yield sum(card["state"] == state for card in cards)


def facts_line(proof: Proof, engine: str) -> str:
    """The picture's size, and what coloured it, in one line."""
    facts = [f"{proof.width} × {proof.height} pixels"]
    if proof.provenance is not None:
        facts += [f"network: {proof.provenance.model}", engine]
    return " · ".join(facts)
