import json

from colorizer.color.grade import Grade
from colorizer.network import Colorizer
from colorizer.web.colouring import ColouringQueue, NetworkChoice
from colorizer.web.looks import Look
from colorizer.web.pictures.cards import compare_data, facts_line, gallery_cards
from colorizer.web.pictures.page import summary
from colorizer.web.pictures.picture_set import PictureSet

NETWORK = NetworkChoice()


def test_errors_stand_beside_the_picture_they_belong_to(
    picture_set: PictureSet, png: bytes, colouring_queue: ColouringQueue, colorizer: Colorizer
) -> None:
    good, bad, waiting = (
        picture_set.add("good.png", png),
        picture_set.add("bad.png", b"bad"),
        picture_set.add("later.png", png + b"2"),
    )
    for picture in (good, bad):
        colouring_queue.now(picture, NETWORK, colorizer)
    cards = {card["name"]: card for card in gallery_cards(picture_set, colouring_queue, NETWORK)}
    assert {name: card["state"] for name, card in cards.items()} == {
        "good.png": "ready", "bad.png": "failed", "later.png": "waiting",
    }  # fmt: skip
    assert "bad.png" in cards["bad.png"]["text"]
    assert cards["bad.png"]["after"] == ""
    assert cards["good.png"]["text"] == ""
    assert cards["good.png"]["opened"]
    assert not cards["later.png"]["opened"]
    assert waiting.id in {card["id"] for card in cards.values()}
    assert summary(list(cards.values())) == "3 pictures · 1 still waiting · 1 with a problem"


def test_the_gallery_shows_each_picture_in_its_own_grade(
    picture_set: PictureSet, png: bytes, colouring_queue: ColouringQueue, colorizer: Colorizer
) -> None:
    picture = picture_set.add("a.png", png)
    colouring_queue.now(picture, NETWORK, colorizer)
    before = gallery_cards(picture_set, colouring_queue, NETWORK)[0]
    picture_set.set_grade(picture.id, Grade(warmth=0.25))
    after = gallery_cards(picture_set, colouring_queue, NETWORK)[0]
    assert before["before"] == after["before"]
    assert before["after"] != after["after"]
    assert "warmth=0.25" in after["after"]


def test_the_parts_are_given_plain_json(
    picture_set: PictureSet, png: bytes, colouring_queue: ColouringQueue, colorizer: Colorizer
) -> None:
    picture = picture_set.add('</script><img src=x onerror=alert(1)>"ü.png', png)
    coloured = colouring_queue.now(picture, NETWORK, colorizer).result()
    look = Look(NETWORK.key, Grade())
    for data in (
        compare_data(picture_set, picture, coloured, look),
        gallery_cards(picture_set, colouring_queue, NETWORK),
    ):
        assert json.loads(json.dumps(data)) == data
        assert "onerror" not in json.dumps([value for value in str(data).split() if "api/pictures" in value])


def test_black_and_white_has_nothing_to_compare(
    picture_set: PictureSet, png: bytes, colouring_queue: ColouringQueue
) -> None:
    picture = picture_set.add("a.png", png)
    coloured = colouring_queue.now(picture, NetworkChoice(model=None), None).result()
    assert not compare_data(picture_set, picture, coloured, Look("grey"))["compare"]
    assert facts_line(coloured, "") == "64 × 48 pixels"
