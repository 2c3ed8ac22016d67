"""What pins are worth: hidden truth gives their colours.

usage: python -m benchmarks.corrections FOLDER [--model ID] [--pins N] [--size N]

FOLDER holds pictures with true colours. Printed: PSNR and ab error without pins and with N at random places; the ab
error around one pin, in what belongs to it by the network's features; how many pixels change by more than 3 in ab out
of a pin's reach; and the time from a pin to the picture at 12 megapixels.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.metrics import chroma_error, psnr
from benchmarks.quality import Picture, read_folder, reduced, true_chroma
from colorizer.answer import Answer
from colorizer.color.grade import Chroma
from colorizer.color.lightness import luma, to_unit
from colorizer.corrections.pins import Corrections, Pin
from colorizer.corrections.spreading import Grid, alikeness, cell_of, corrected, lightness_of, standardised
from colorizer.network import Colorizer, NetworkSettings
from colorizer.picture import render
from colorizer.web.preview import PREVIEW_SIDE, jpeg_of, shrink
from colorizer.weights.local_models import locate

SAME = 0.6  # cosine of standardised features above which two places show the same thing
SHORT = 0.25  # the reach at which what lies outside is looked at
SEEN = 3.0  # a change in ab that is seen
LARGE = (3000, 4000)


@dataclass(frozen=True)
class Case:
    """One picture: RGB, luma, the network's answer, lightness and true chroma on its grid."""

    rgb: Picture
    grey: Picture
    answer: Answer
    lightness: Grid
    truth: Chroma


def cases(colorizer: Colorizer, pictures: list[Picture], settings: NetworkSettings) -> list[Case]:
    """The pictures with what the network says of each."""
    found = []
    for rgb in pictures:
        grey = luma(rgb)
        answer = colorizer.answer(grey, settings)
        truth = reduced(true_chroma(rgb), answer.chroma.shape[:2])
        found.append(Case(rgb, grey, answer, lightness_of(answer, grey), truth))
    return found


def true_pin(case: Case, place: tuple[float, float], reach: float | None = None) -> Pin:
    """A pin at this place, x and y, with the true colour there."""
    a, b = case.truth[cell_of(*place, *case.truth.shape[:2])]
    return Pin(*place, float(a), float(b), *([reach] if reach else []))


def many_pins(found: list[Case], count: int) -> list[tuple[str, float, float]]:
    """PSNR in dB and ab error without pins and with some, on average."""
    rng, rows = np.random.default_rng(0), []
    for case in found:
        pins = Corrections(tuple(true_pin(case, tuple(rng.uniform(0, 1, 2))) for _ in range(count)))
        truth = to_unit(case.rgb)
        for chroma in (case.answer.chroma, corrected(case.answer, case.lightness, pins)):
            quality = psnr(to_unit(render(case.grey, chroma)), truth)
            rows.append((quality, chroma_error(chroma, case.truth).mean()))
    plain, pinned = np.array(rows[::2]).mean(0), np.array(rows[1::2]).mean(0)
    return [("no pins", *plain), (f"{count} pins", *pinned)]


def one_pin(found: list[Case], tries: int = 5) -> tuple[float, float]:
    """The ab error in what belongs to one pin, without and with it, on average."""
    rng, errors = np.random.default_rng(1), []
    for case in found:
        if case.answer.features is None:
            continue
        features = standardised(case.answer.features)
        for _ in range(tries):
            place = tuple(rng.uniform(0, 1, 2))
            same = alikeness(features, *cell_of(*place, *case.truth.shape[:2])) >= SAME
            chroma = corrected(case.answer, case.lightness, Corrections((true_pin(case, place),)))
            errors.append([chroma_error(one, case.truth)[same].mean() for one in (case.answer.chroma, chroma)])
    plain, pinned = np.mean(errors, axis=0)
    return float(plain), float(pinned)


def outside(found: list[Case]) -> int:
    """How many pixels out of a short reach change by more than is seen, in all pictures together, a bright red pin."""
    rng, count = np.random.default_rng(2), 0
    for case in found:
        x, y = rng.uniform(0, 1, 2)
        pinned = corrected(case.answer, case.lightness, Corrections((Pin(x, y, 60, 40, SHORT),)))
        before, after = (true_chroma(render(case.grey, chroma)) for chroma in (case.answer.chroma, pinned))
        height, width = case.grey.shape
        rows, columns = np.ogrid[:height, :width]
        cells = case.truth.shape[0] * case.truth.shape[1]
        # A cell's colour is shown over the cells beside it as well: bicubic interpolation looks two cells far.
        far = np.hypot((rows / height - y) * case.truth.shape[0], (columns / width - x) * case.truth.shape[1])
        count += int((chroma_error(before, after)[far > SHORT * cells**0.5 + 2] > SEEN).sum())
    return count


def milliseconds(case: Case, rounds: int = 9) -> tuple[float, float]:
    """From a pin to the picture on the page, and to all of its 12 megapixels, median."""
    large = np.asarray(cv2.resize(case.grey, LARGE[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)
    small = shrink(large, PREVIEW_SIDE)
    times: list[tuple[float, float]] = []
    for number in range(rounds):
        pins = Corrections((Pin(0.5, number / rounds, 30, 10),))
        began = time.perf_counter()
        chroma = corrected(case.answer, case.lightness, pins)
        jpeg_of(small, PREVIEW_SIDE, chroma)
        shown = time.perf_counter()
        render(large, chroma)
        times.append((shown - began, time.perf_counter() - shown))
    page, whole = 1000 * np.median(times, axis=0)
    return float(page), float(whole)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--pins", type=int, default=10)
    parser.add_argument("--size", type=int, default=224)
    options = parser.parse_args()
    with Colorizer(locate(options.model), "opencv:cpu") as colorizer:
        found = cases(colorizer, read_folder(options.folder), NetworkSettings(options.size))
    print(f"{len(found)} pictures\n\n| | PSNR dB | ab error |\n|---|---|---|")
    for name, quality, error in many_pins(found, options.pins):
        print(f"| {name} | {quality:.2f} | {error:.2f} |")
    plain, pinned = one_pin(found)
    print(
        f"\none pin, ab error in what belongs to it: {plain:.2f} without, {pinned:.2f} with, {pinned / plain:.2f} of it"
    )
    print(f"pixels out of reach that change by more than {SEEN:g}: {outside(found)}")
    page, whole = milliseconds(found[0])
    print(f"a pin until the page's picture is made: {page:.0f} ms; until all of 12 megapixels are: {whole:.0f} ms more")


if __name__ == "__main__":
    main()
