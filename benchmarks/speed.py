"""How fast films are: ours, the loop that everyone writes first, and a bare transcode, on the same clip in one run.

usage: python -m benchmarks.speed [--size 480p|1080p|...] [--seconds N] [--model ID|FOLDER] [--grain L] [--skip-loop]

The clip is drawn: textured pictures that move, cuts, and film grain, encoded as H.264. The plain loop decodes with
cv2.VideoCapture, runs the network on every frame in float Lab, and writes with cv2.VideoWriter. The transcode decodes
and encodes the same frames with the encoder settings of ours. Both run before ours and after it, so that a
machine whose speed changes is fair to all. Beside the frames a second stands the time of all cores for a frame, which
other programs hardly change.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from colorizer.network import Colorizer
from colorizer.speed import GRAIN, RATE, write_clip
from colorizer.video.film import colorize_film
from colorizer.video.result.video_spec import VideoSpec
from colorizer.video.source.probe import probe
from colorizer.video.source.reader import FilmReader
from colorizer.weights.local_models import LocalModel, locate

SIZES = {"480p": (854, 480), "720p": (1280, 720), "1080p": (1920, 1080), "2160p": (3840, 2160)}


def plain_loop(path: Path, target: Path, local: LocalModel, most: int) -> int:
    """Frames made by the loop that everyone writes first: every frame through the network, float Lab, VideoWriter."""
    net = cv2.dnn.readNetFromCaffe(str(local.paths["prototxt"]), str(local.paths["weights"]))
    centres = np.load(local.paths["centres"]).astype(np.float32)
    net.getLayer(net.getLayerId("class8_ab")).blobs = [centres.T.reshape(2, -1, 1, 1).copy()]
    net.getLayer(net.getLayerId("conv8_313_rh")).blobs = [np.full((1, len(centres)), 2.606, np.float32)]
    source = cv2.VideoCapture(str(path))
    size = int(source.get(cv2.CAP_PROP_FRAME_WIDTH)), int(source.get(cv2.CAP_PROP_FRAME_HEIGHT))
    sink = cv2.VideoWriter(str(target), cv2.VideoWriter.fourcc(*"mp4v"), source.get(cv2.CAP_PROP_FPS), size)
    count = 0
    while count < most:
        there, frame = source.read()
        if not there:
            break
        lab = cv2.cvtColor(frame.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
        net.setInput(cv2.dnn.blobFromImage(cv2.resize(lab[..., 0], (224, 224)) - 50))
        ab = cv2.resize(net.forward()[0].transpose(1, 2, 0), size)
        bgr = cv2.cvtColor(np.dstack([lab[..., 0], ab]), cv2.COLOR_LAB2BGR)
        sink.write(np.clip(255 * bgr, 0, 255).astype(np.uint8))
        count += 1
    source.release()
    sink.release()
    return count


def transcode(path: Path, target: Path) -> int:
    """Frames decoded and encoded again by PyAV, planes handed over as they are, with our encoder settings."""
    count = 0
    with av.open(str(path)) as source, av.open(str(target), "w") as sink:
        decoded = source.streams.video[0]
        decoded.thread_type = "AUTO"
        rate = decoded.average_rate
        spec = VideoSpec(decoded.width, decoded.height, decoded.time_base or 1 / Fraction(RATE), rate)
        encoded = sink.add_stream("libx264", rate=rate, options=spec.encoder_options())
        encoded.width, encoded.height, encoded.pix_fmt = spec.width, spec.height, spec.pixel_format
        for frame in source.decode(decoded):
            sink.mux(encoded.encode(frame))
            count += 1
        sink.mux(encoded.encode(None))
    return count


def decode(path: Path) -> int:
    """Frames read by our reader and thrown away."""
    with FilmReader(path, probe(path)) as reader:
        return sum(1 for _ in reader)


def colour(path: Path, target: Path, colorizer: Colorizer) -> int:
    """Frames coloured by us with the usual settings."""
    report = colorize_film(path, target, colorizer).as_dict()
    print(f"network runs {report['network_runs']}, shots {report['shots']}")
    return int(report["frames"])


def cpu_seconds() -> float:
    """Time that all cores have spent on this process and on its children that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def peak_megabytes() -> float:
    """The most memory that this process has had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10  # bytes on a Mac, kilobytes elsewhere


def timed(name: str, work: Callable[[], int]) -> float:
    """Seconds for one frame of this work, which gives its number of frames; a line about it is printed."""
    start, cpu = time.perf_counter(), cpu_seconds()
    frames = work()
    taken, cpu = (time.perf_counter() - start) / frames, (cpu_seconds() - cpu) / frames
    print(f"{name:12s} {1 / taken:8.2f} frames a second {1000 * cpu:8.1f} ms of all cores a frame", flush=True)
    return taken


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="480p")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--grain", type=float, default=GRAIN, help="levels of noise; 0 is a clip that encodes fast")
    parser.add_argument("--skip-loop", action="store_true")
    parser.add_argument("--loop-frames", type=int, default=48, help="frames for the plain loop, which is slow, in all")
    options = parser.parse_args()
    width, height = SIZES[options.size]
    local = locate(options.model)
    if not options.skip_loop and "prototxt" not in local.paths:
        parser.error(f"the plain loop runs Caffe networks, and {local.model.id} is none: add --skip-loop")
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder, "clip.mp4")
        count = write_clip(clip, width, height, options.seconds, options.grain)
        print(f"{width} x {height}, {count} frames, {clip.stat().st_size / 1e6:.1f} MB, network {local.model.id}")
        plain, coloured = Path(folder, "transcode.mp4"), Path(folder, "ours.mp4")
        timed("decode", lambda: decode(clip))

        def others() -> tuple[float, float]:
            loop = 0.0
            if not options.skip_loop:
                most = options.loop_frames // 2
                loop = timed("plain loop", lambda: plain_loop(clip, Path(folder, "loop.mp4"), local, most))
            return timed("transcode", lambda: transcode(clip, plain)), loop

        before = others()
        with Colorizer(local) as colorizer:
            ours = timed("ours", lambda: colour(clip, coloured, colorizer))
        after = others()
        bare, loop = ((one + other) / 2 for one, other in zip(before, after, strict=True))
        print(f"ours / transcode: {ours / bare:.2f} times as long")
        if not options.skip_loop:
            print(f"ours / plain loop: {loop / ours:.2f} times as fast")
    print(f"peak memory {peak_megabytes():.0f} MB")


if __name__ == "__main__":
    main()
