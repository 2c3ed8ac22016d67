"""Draws the pictures of docs/how-it-works.md: the program's own answers to a landscape that it draws itself."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from colorizer import Colorizer, locate, read_picture, render
from colorizer.color.grade import Chroma
from colorizer.color.lightness import Samples, luma
from colorizer.color.upsample import guided_chroma
from colorizer.sample import sample_picture
from colorizer.video.colour.paint import LONGEST, SHORTEST
from colorizer.video.colour.propagate import Coloured, Steadiness, propagate
from colorizer.video.colour.shots import small_luma

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"
_PAPER, _INK, _FAINT, _ACCENT = "#fafaf9", "#26251f", "#d8d6d1", "#a8501c"
_GAP, _LINE = 12, 18  # pixels
_PANEL = 300  # pixels wide

Rgb = NDArray[np.uint8]
Grey = NDArray[np.uint8]


def main() -> None:
    """Draw them all anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    grey: Grey = read_picture(sample_picture()).luma
    with Colorizer(locate("starter"), "opencv:cpu") as colorizer:
        chroma = colorizer.chroma(grey)
        _save("luma", _luma_is_sacred(grey, chroma))
        _save("chroma", _chroma_is_small(grey, chroma))
        _save("shots", _shots_and_key_frames(grey, colorizer))
    _save("segments", _segments())


def _luma_is_sacred(grey: Grey, chroma: Chroma) -> Image.Image:
    coloured = render(grey, chroma)
    back = luma(coloured)
    off = int(np.abs(back.astype(int) - grey).max())
    how = f"off by {off} of 255 at most" if off else "the same in every pixel"
    return _row((_rgb(grey), coloured, _rgb(back)), ("the picture", "in colour", f"turned back to grey: {how}"))


def _chroma_is_small(grey: Grey, chroma: Chroma) -> Image.Image:
    """The house with its surroundings, at the network's own resolution and at the picture's."""
    rows, columns = chroma.shape[:2]
    shape = grey.shape[::-1]
    answer = cv2.resize(_colours_alone(chroma), shape, interpolation=cv2.INTER_NEAREST)
    guided = cv2.resize(_colours_alone(guided_chroma(chroma, grey)), shape, interpolation=cv2.INTER_CUBIC)
    near = slice(220, 620), slice(440, 1040)
    return _row(
        (answer[near], guided[near], render(grey, chroma)[near]),
        (
            f"a part of the network's {columns} x {rows} colours",
            "made finer along the picture's edges",
            "with the luma",
        ),
    )


def _colours_alone(chroma: Chroma) -> Rgb:
    """The chroma at one lightness, as RGB, made twice as strong to be seen."""
    lab = np.dstack([np.full(chroma.shape[:2], 65, np.float32), 2 * chroma])
    return np.asarray(np.rint(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB) * 255), np.uint8)


def _shots_and_key_frames(grey: Grey, colorizer: Colorizer) -> Image.Image:
    """Nine frames of a film of two shots, as they come in and in colour."""
    moving = [grey[80:620, left : left + 720] for left in range(0, 220, 45)]
    other = [np.ascontiguousarray(grey[260:700, 40 + step : 627 + step][:, ::-1]) for step in range(0, 120, 30)]
    coloured: list[Rgb] = []
    marks: list[str] = []
    for shot in (moving, other):
        frames = [np.asarray(cv2.resize(frame, (480, 360), interpolation=cv2.INTER_AREA), np.uint8) for frame in shot]
        guides = [small_luma(frame, 8, True) for frame in frames]
        answers = list(
            propagate(zip(guides, frames, strict=True), (360, 480), colorizer.chroma, Steadiness(key_every=4))
        )
        coloured += [render(frame, answer.chroma) for frame, answer in zip(frames, answers, strict=True)]
        marks += [_mark(answer) for answer in answers]
    return _film(coloured, marks, cut=len(moving))


def _mark(answer: Coloured) -> str:
    return "key" if answer.is_key else ""


def _film(coloured: Sequence[Rgb], marks: Sequence[str], cut: int) -> Image.Image:
    width, height, gap = 100, 75, 8
    image = Image.new("RGB", (gap + len(coloured) * (width + gap) + 2 * gap, 4 * _GAP + 2 * height + 3 * _LINE), _PAPER)
    draw, font = ImageDraw.Draw(image), _font()
    places = [gap + number * (width + gap) + (2 * gap if number >= cut else 0) for number in range(len(coloured))]
    top, low = _GAP + _LINE, 2 * _GAP + 2 * _LINE + height
    draw.text((gap, _GAP - 4), "The network sees the key frames only", _INK, font)
    draw.text((gap, low - _LINE - 4), "Between them, colour follows the motion, from both sides", _INK, font)
    for left, rgb, mark in zip(places, coloured, marks, strict=True):
        small = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA)
        above = small if mark else _rgb(luma(small))
        image.paste(Image.fromarray(above), (left, top))
        image.paste(Image.fromarray(small), (left, low))
        if mark:
            draw.rectangle((left - 3, top - 3, left + width + 2, top + height + 2), outline=_ACCENT, width=3)
    keys = [left for left, mark in zip(places, marks, strict=True) if mark]
    middle = low + height + 14
    for first, last in ((keys[0], keys[1]), (keys[2], keys[3])):
        start, end = first + width // 2, last + width // 2
        draw.line((start, middle, end, middle), _ACCENT, 2)
        for tip, way in ((start, 1), (end, -1)):
            centre = (start + end) // 2 - way * 6
            draw.polygon(((centre, middle), (centre - way * 8, middle - 5), (centre - way * 8, middle + 5)), _ACCENT)
            draw.ellipse((tip - 4, middle - 4, tip + 4, middle + 4), _ACCENT)
    line = places[cut] - (3 * gap) // 2
    for y in range(_GAP, image.height - _GAP, 8):
        draw.line((line, y, line, y + 4), _INK, 2)
    draw.text((line + 8, image.height - _GAP - _LINE + 8), "a cut: nothing is carried across", _INK, font)
    return image


def _segments() -> Image.Image:
    """A film in the making: what is finished, what is being made, what is still to come."""
    image = Image.new("RGB", (896, 122), _PAPER)
    draw, font = ImageDraw.Draw(image), _font()
    lengths = (118, 92, 131, 104, 96, 127, 110, 98)
    says = f"The film, in segments of {SHORTEST} to {LONGEST} seconds that end at a cut or a key frame"
    draw.text((_GAP, 10), says, _INK, font)
    left = _GAP
    for number, length in enumerate(lengths):
        box = (left, 36, left + length - 4, 76)
        draw.rectangle(box, _ACCENT if number < 3 else _PAPER, _ACCENT if number <= 3 else _FAINT, 2)
        if number == 3:
            draw.rectangle((left, 36, left + 40, 76), "#e2a076")
        left += length
    draw.text((_GAP, 92), "finished: kept whatever happens", _ACCENT, font)
    draw.text((_GAP + 353, 92), "begun: made anew after a stop", _INK, font)
    draw.text((_GAP + 600, 92), "to come", _INK, font)
    return image


def _row(pictures: Sequence[Samples], captions: Sequence[str]) -> Image.Image:
    """Pictures of one width beside each other, each with its caption below."""
    small = [
        cv2.resize(picture, (_PANEL, round(picture.shape[0] * _PANEL / picture.shape[1])), interpolation=cv2.INTER_AREA)
        for picture in pictures
    ]
    height = max(picture.shape[0] for picture in small)
    image = Image.new("RGB", (_GAP + len(small) * (_PANEL + _GAP), height + 3 * _GAP + _LINE), _PAPER)
    draw = ImageDraw.Draw(image)
    for number, (picture, caption) in enumerate(zip(small, captions, strict=True)):
        left = _GAP + number * (_PANEL + _GAP)
        image.paste(Image.fromarray(picture), (left, _GAP))
        draw.text((left, height + 2 * _GAP - 4), caption, _INK, _font(13))
    return image


def _rgb(grey: Grey) -> Rgb:
    return np.repeat(grey[..., None], 3, axis=2)


def _font(size: int = 14) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _save(name: str, image: Image.Image) -> None:
    """A PNG with a palette of its own: a third of the size."""
    image.quantize(256).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
