import json

from colorizer.color.grade import Grade
from colorizer.network import Colorizer
from colorizer.web.colouring import Darkroom, Recipe
from colorizer.web.pictures.addresses import Look
from colorizer.web.pictures.cards import compare_data, facts_line, gallery_cards
from colorizer.web.pictures.page import summary
from colorizer.web.pictures.picture_set import Desk

RECIPE = Recipe()


def test_errors_stand_beside_the_picture_they_belong_to(
    desk: Desk, png: bytes, darkroom: Darkroom, colorizer: Colorizer
) -> None:
    good, bad, waiting = desk.add("good.png", png), desk.add("bad.png", b"bad"), desk.add("later.png", png + b"2")
    for picture in (good, bad):
        darkroom.now(picture, RECIPE, colorizer)
    cards = {card["name"]: card for card in gallery_cards(desk, darkroom, RECIPE.key)}
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
    desk: Desk, png: bytes, darkroom: Darkroom, colorizer: Colorizer
) -> None:
    picture = desk.add("a.png", png)
    darkroom.now(picture, RECIPE, colorizer)
    before = gallery_cards(desk, darkroom, RECIPE.key)[0]
    desk.set_grade(picture.id, Grade(warmth=0.25))
    after = gallery_cards(desk, darkroom, RECIPE.key)[0]
    assert before["before"] == after["before"]
    assert before["after"] != after["after"]
    assert "warmth=0.25" in after["after"]


def test_the_parts_are_given_plain_json(desk: Desk, png: bytes, darkroom: Darkroom, colorizer: Colorizer) -> None:
    picture = desk.add('</script><img src=x onerror=alert(1)>"ü.png', png)
    proof = darkroom.now(picture, RECIPE, colorizer).result()
    look = Look(RECIPE.key, Grade())
    for data in (compare_data(desk, picture, proof, look), gallery_cards(desk, darkroom, RECIPE.key)):
        assert json.loads(json.dumps(data)) == data
        assert "onerror" not in json.dumps([value for value in str(data).split() if "api/pictures" in value])


def test_black_and_white_has_nothing_to_compare(desk: Desk, png: bytes, darkroom: Darkroom) -> None:
    picture = desk.add("a.png", png)
    proof = darkroom.now(picture, Recipe(model=None), None).result()
    assert not compare_data(desk, picture, proof, Look("grey"))["compare"]
    assert facts_line(proof, "") == "64 × 48 pixels"
