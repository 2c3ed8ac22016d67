"""How good the colour is: luma kept, merge, upsampling, and the network itself.

usage: python -m benchmarks.quality FOLDER [--model ID] [--size N ...] [--temperature T] [--square] [--sheet FILE]

FOLDER holds pictures with true colours. The first three lines of the table use perfect chroma, reduced to a 56 x 56
grid and brought back; the rest is what the network says.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.metrics import area_under_curve, chroma_error, colourfulness, psnr
from colorizer.color.grade import Chroma
from colorizer.color.lightness import Float32, luma, to_unit
from colorizer.color.merge import merge
from colorizer.network import Colorizer, NetworkSettings
from colorizer.picture import render
from colorizer.weights.local_models import locate

GRID = (56, 56)
Picture = NDArray[np.uint8]


def read_folder(folder: Path) -> list[Picture]:
    """Every picture of the folder, (H, W, 3) RGB."""
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"})
    decoded = [cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR_RGB) for path in files]
    return [np.asarray(picture, np.uint8) for picture in decoded]


def true_chroma(rgb: Picture) -> Chroma:
    """The picture's own a* and b*, (H, W, 2)."""
    return np.asarray(cv2.cvtColor(to_unit(rgb), cv2.COLOR_RGB2LAB)[..., 1:], np.float32)


def reduced(chroma: Chroma, shape: tuple[int, int]) -> Chroma:
    """Chroma averaged onto a grid of (height, width)."""
    return np.asarray(cv2.resize(chroma, shape[::-1], interpolation=cv2.INTER_AREA), np.float32)


def plain(how: int) -> Callable[[Picture, Chroma], Float32]:
    """Upsampling by one call of OpenCV, then the same merge: what ours is compared with."""

    def render_plain(grey: Picture, chroma: Chroma) -> Float32:
        return merge(to_unit(grey), np.asarray(cv2.resize(chroma, grey.shape[::-1], interpolation=how), np.float32))

    return render_plain


def upsampling_table(pictures: list[Picture]) -> dict[str, float]:
    """Mean PSNR in dB with perfect chroma, by way of bringing it back."""
    ways: dict[str, Callable[[Picture, Chroma], Float32]] = {
        "bilinear": plain(cv2.INTER_LINEAR),
        "bicubic": plain(cv2.INTER_CUBIC),
        "ours": lambda grey, chroma: to_unit(render(grey, chroma)),
    }
    table: dict[str, list[float]] = {way: [] for way in ("merge alone, full-size chroma", *ways)}
    for rgb in pictures:
        grey, chroma, truth = luma(rgb), true_chroma(rgb), to_unit(rgb)
        exact = np.rint(merge(to_unit(grey), chroma) * 255) / 255
        table["merge alone, full-size chroma"].append(psnr(exact, truth))
        for way, bring_back in ways.items():
            table[way].append(psnr(bring_back(grey, reduced(chroma, GRID)), truth))
    return {way: float(np.mean(values)) for way, values in table.items()}


def luma_error(pictures: list[Picture]) -> tuple[float, int]:
    """Mean and largest difference in levels between the grey input and the result turned back to grey."""
    differences = [
        np.abs(luma(render(luma(rgb), reduced(true_chroma(rgb), GRID))).astype(int) - luma(rgb)) for rgb in pictures
    ]
    return float(np.mean([plane.mean() for plane in differences])), max(int(plane.max()) for plane in differences)


def network_row(colorizer: Colorizer, pictures: list[Picture], settings: NetworkSettings) -> dict[str, float]:
    """Mean PSNR, ab error, colourfulness over the truth's, and AuC of the network's own colours."""
    rows = []
    for rgb in pictures:
        chroma = colorizer.chroma(luma(rgb), settings)
        result = to_unit(render(luma(rgb), chroma))
        errors = chroma_error(chroma, reduced(true_chroma(rgb), chroma.shape[:2]))
        rows.append(
            (psnr(result, to_unit(rgb)), errors.mean(), colourfulness(result), colourfulness(to_unit(rgb)),
             area_under_curve(errors))
        )  # fmt: skip
    quality, error, colour, true_colour, auc = np.mean(rows, axis=0)
    return {"PSNR dB": quality, "ab error": error, "colourfulness ratio": colour / true_colour, "AuC %": 100 * auc}


def contact_sheet(colorizer: Colorizer, pictures: list[Picture], settings: NetworkSettings, side: int = 240) -> Picture:
    """Input, result and truth of each picture, one above the other, eight in a row."""
    columns = []
    for rgb in pictures:
        grey = luma(rgb)
        stack = (np.repeat(grey[..., None], 3, axis=2), render(grey, colorizer.chroma(grey, settings)), rgb)
        scale = side / rgb.shape[1]
        shape = (side, max(1, min(round(rgb.shape[0] * scale), side)))
        columns.append([cv2.resize(part, shape, interpolation=cv2.INTER_AREA) for part in stack])
    tall = max(part.shape[0] for parts in columns for part in parts)
    padded = [
        np.vstack([cv2.copyMakeBorder(part, 0, tall - part.shape[0], 0, 0, cv2.BORDER_CONSTANT) for part in parts])
        for parts in columns
    ]
    padded += [np.zeros_like(padded[0])] * (-len(padded) % 8)
    return np.vstack([np.hstack(padded[start : start + 8]) for start in range(0, len(padded), 8)])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--size", type=int, nargs="*", default=[224])
    parser.add_argument("--temperature", type=float, default=0.38)
    parser.add_argument("--square", action="store_true")
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args()
    pictures = read_folder(options.folder)
    print(f"{len(pictures)} pictures")
    for way, value in upsampling_table(pictures).items():
        print(f"{way:32s} {value:6.2f} dB")
    mean, largest = luma_error(pictures)
    print(f"luma error                       mean {mean:.4f}, largest {largest} levels")
    with Colorizer(locate(options.model)) as colorizer:
        for size in options.size:
            settings = NetworkSettings(size, not options.square, options.temperature)
            row = network_row(colorizer, pictures, settings)
            print(f"{options.model} {size} " + ", ".join(f"{name} {value:.2f}" for name, value in row.items()))
        if options.sheet:
            sheet = contact_sheet(colorizer, pictures, NetworkSettings(options.size[0], not options.square))
            cv2.imwrite(str(options.sheet), sheet[..., ::-1])


if __name__ == "__main__":
    main()
