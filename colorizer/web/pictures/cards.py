"""What the parts of the Images page are given to draw, made from pictures and what is known of their colours."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from colorizer.network import Colorizer
from colorizer.web.colouring import ColouredPicture, ColouringQueue, NetworkChoice, Picture, failure_text
from colorizer.web.grading import followed
from colorizer.web.looks import Look
from colorizer.web.pictures.addresses import after_url, before_url
from colorizer.web.pictures.picture_set import PictureSet
from colorizer.web.preview import VIEW_SIDES

THUMB_SIDE = 360
Card = dict[str, Any]


def compare_data(picture_set: PictureSet, picture: Picture, coloured: ColouredPicture, look: Look) -> dict[str, Any]:
    """What the big view is given."""
    return {
        "name": picture.name,
        "width": coloured.width,
        "height": coloured.height,
        "before": [[side, before_url(picture_set, picture, side)] for side in VIEW_SIDES],
        "after": [[side, after_url(picture_set, picture, side, look)] for side in VIEW_SIDES],
        "compare": coloured.chroma is not None,
        "grade": followed(picture.id),
    }


def own_choice(picture_set: PictureSet, picture: Picture, network: NetworkChoice) -> NetworkChoice:
    """How this picture gets its colour: by the network, with what was corrected in it by hand."""
    return replace(network, corrections=picture_set.corrections(picture.id).now)


def gallery_cards(picture_set: PictureSet, colouring_queue: ColouringQueue, network: NetworkChoice) -> list[Card]:
    """A card for each picture: "waiting", "ready" or "failed", with what the gallery shows of it."""
    opened, cards = picture_set.opened, []
    for picture in picture_set.pictures:
        key = own_choice(picture_set, picture, network).key
        future = colouring_queue.find(picture, key)
        cards.append(_card(picture_set, picture, future, key, is_opened=picture == opened))
    return cards


def _card(
    picture_set: PictureSet,
    picture: Picture,
    future: Future[ColouredPicture] | None,
    network_key: str,
    *,
    is_opened: bool,
) -> Card:
    card: Card = {"id": picture.id, "name": picture.name, "opened": is_opened, "before": "", "after": ""}
    if future is None or not future.done() or future.cancelled():
        return card | {"state": "waiting", "text": "Waiting for its colours…" if network_key != "grey" else "Waiting…"}
    error = future.exception()
    if error is not None:
        return card | {"state": "failed", "text": failure_text(error)}
    return card | {
        "state": "ready",
        "text": "",
        "before": before_url(picture_set, picture, THUMB_SIDE),
        "after": after_url(picture_set, picture, THUMB_SIDE, Look(network_key, picture_set.grade(picture.id))),
    }


def ask_for_all(
    picture_set: PictureSet, colouring_queue: ColouringQueue, network: NetworkChoice, colorizer: Colorizer | None
) -> None:
    """Have every picture coloured that is not yet."""
    for picture in picture_set.pictures:
        colouring_queue.soon(picture, own_choice(picture_set, picture, network), colorizer)


def count_states(cards: Sequence[Card]) -> Iterator[int]:
    """How many are ready, waiting and failed."""
    for state in ("ready", "waiting", "failed"):
        yield sum(card["state"] == state for card in cards)


def facts_line(coloured: ColouredPicture, engine: str) -> str:
    """The picture's size, and what coloured it, in one line."""
    facts = [f"{coloured.width} × {coloured.height} pixels"]
    if coloured.provenance is not None:
        facts += [f"network: {coloured.provenance.model}", engine]
    return " · ".join(facts)
