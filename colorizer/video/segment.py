"""One segment of a film: frames in, an encoded file and its piece of the chroma track out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from colorizer.color.code_values import alpha_at_depth, at_depth, limited_chroma, limited_range
from colorizer.color.grade import Grade
from colorizer.errors import OutputError
from colorizer.picture import render_planes
from colorizer.video.colour.paint import FrameSource, Painted, Painter
from colorizer.video.colour.steadiness import Meter, Sums
from colorizer.video.colour.track import ChromaPiece, write_piece
from colorizer.video.pipeline import behind, depth_for
from colorizer.video.result.video_spec import VideoSpec
from colorizer.video.result.writer import SAMPLED_FRAMES, SAMPLED_ROWS, SegmentWriter
from colorizer.video.source.facts import VideoTrack
from colorizer.video.source.reader import Frame, Plane


@dataclass(frozen=True)
class Segment:
    """What was made of one stretch of the film. start_pts: its first frame; end_pts: the next segment's, or the end.

    luma_error: mean difference of the encoded luma from the source's, in 8-bit levels, in rows of its first frames. A
    depth that was lost counts.
    """

    start_pts: int
    end_pts: int
    frames: int
    shots: int
    network_runs: int
    own_colour: int
    repaired: int
    luma_error: float
    sums: Sums

    def as_dict(self) -> dict[str, Any]:
        """The values by name, as a manifest keeps them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Segment":
        """The segment that as_dict described."""
        return cls(**{**values, "sums": Sums(**values["sums"])})


@dataclass(frozen=True)
class Rendering:
    """All that the segments of one film have in common."""

    video: VideoTrack
    spec: VideoSpec
    grade: Grade


def make_segment(
    painter: Painter,
    frames: FrameSource,
    rendering: Rendering,
    path: Path,
    *,
    piece_path: Path | None = None,
    watch: Callable[[Painted], None] = lambda _: None,
) -> Segment | None:
    """The segment that was written to `path`, its chroma to `piece_path`; None where the film had ended already.

    watch: called for each frame as it is handed to the encoder. What it raises stops the work; both files appear whole
    or not at all. Raises OutputError.
    """
    if frames.peek() is None:
        return None
    painted: list[Painted] = []
    samples: list[Plane] = []
    meter = Meter(rendering.grade)
    with SegmentWriter(path, rendering.spec, overwrite=True) as writer, _encoding(writer, rendering, meter) as give:
        for frame in painter.paint(frames):
            if len(samples) < SAMPLED_FRAMES:
                samples.append(frame.frame.luma[SAMPLED_ROWS].copy())
            give(frame)
            watch(frame)
            painted.append(_without_planes(frame))
    if not painted:
        raise OutputError(f"{path} was left without a frame")
    if piece_path:
        write_piece(piece_path, _piece(painted))
    errors = [luma_error(*pair, rendering) for pair in zip(writer.samples, samples, strict=False)]
    return _summed_up(painted, frames.peek(), sum(errors) / max(len(errors), 1), meter.sums)


@contextmanager
def _encoding(writer: SegmentWriter, rendering: Rendering, meter: Meter) -> Iterator[Callable[[Painted], None]]:
    """A function that hands a painted frame to two threads: one makes its planes and measures, the next encodes."""

    def encode(developed: tuple[Frame, tuple[Plane, ...]]) -> None:
        frame, (luma, cb, cr, *alpha) = developed
        writer.write(frame.pts, luma, cb, cr, frame.duration, *alpha)

    depth = depth_for(rendering.spec.width * rendering.spec.height)
    with behind(encode, depth, "encoding") as give_developed:

        def develop(frame: Painted) -> None:
            give_developed((frame.frame, planes(frame, rendering)))
            meter.watch(frame.guide, frame.chroma, starts_shot=frame.starts_shot)

        with behind(develop, depth, "developing") as give:
            yield give


def _summed_up(painted: list[Painted], following: Frame | None, error: float, sums: Sums) -> Segment:
    last = painted[-1].frame
    return Segment(
        painted[0].frame.pts,
        following.pts if following else last.pts + (last.duration or _usual_step(painted)),
        len(painted),
        sum(frame.starts_shot for frame in painted),
        sum(frame.network_ran for frame in painted),
        sum(frame.own_colour for frame in painted),
        sum(frame.frame.repaired for frame in painted),
        error,
        sums,
    )


def luma_error(encoded: Plane, luma: Plane, rendering: Rendering) -> float:
    """The mean difference, in 8-bit levels, between the source's luma and that of the result.

    encoded: as it decodes, in the spec's depth and range. luma: in the source's. Both of any shape.
    """
    video, spec = rendering.video, rendering.spec
    if video.is_full_range and not spec.full_range:
        luma = limited_range(luma, video.bits)
    levels = luma / (1 << (video.bits - 8)) - encoded / (1 << (spec.bits - 8))
    return float(np.abs(levels).mean())


def planes(painted: Painted, rendering: Rendering) -> tuple[Plane, ...]:
    """Y, Cb and Cr for the encoder: the source's own luma, and its chroma made at the chroma planes' size.

    Where the spec has it, how solid each pixel is comes last.
    """
    video, spec, frame = rendering.video, rendering.spec, painted.frame
    source_luma, narrowed = frame.luma, video.is_full_range and not spec.full_range  # the codec has no full range
    if narrowed:
        source_luma = limited_range(source_luma, video.bits)
    own = None
    if frame.cb is not None and frame.cr is not None and (painted.own_colour or rendering.grade.intensity < 1):
        cb, cr = (_resized(plane, spec.chroma_shape) for plane in (frame.cb, frame.cr))
        own = (limited_chroma(cb, video.bits), limited_chroma(cr, video.bits)) if narrowed else (cb, cr)
    if painted.own_colour and own is not None:
        cb, cr = own
    else:
        cb, cr = render_planes(
            source_luma,
            painted.chroma,
            rendering.grade,
            bits=video.bits,
            full_range=spec.full_range,
            matrix=spec.matrix,
            shape=spec.chroma_shape,
            own=own,
        )
    made = tuple(at_depth(plane, video.bits, spec.bits) for plane in (source_luma, cb, cr))
    return (*made, _alpha(frame, video, spec)) if spec.alpha else made


def _alpha(frame: Frame, video: VideoTrack, spec: VideoSpec) -> Plane:
    """How solid each pixel is, in the spec's depth; wholly, where the frame does not say."""
    if frame.alpha is None:
        kind = np.uint8 if spec.bits == 8 else np.uint16
        return np.full((spec.height, spec.width), (1 << spec.bits) - 1, kind)
    return alpha_at_depth(frame.alpha, video.bits, spec.bits)


def _resized(plane: Plane, shape: tuple[int, int]) -> Plane:
    if plane.shape == shape:
        return plane
    kind = cv2.INTER_AREA if plane.shape >= shape else cv2.INTER_LINEAR
    return cv2.resize(plane, shape[::-1], interpolation=kind)


def _without_planes(painted: Painted) -> Painted:
    """What is kept of a frame once it is on its way to the encoder: its time and its chroma, not its picture."""
    frame = painted.frame
    empty = np.empty((0, 0), frame.luma.dtype)
    bare = Frame(frame.pts, frame.duration, empty, repaired=frame.repaired)
    return Painted(
        bare, empty, painted.chroma, painted.starts_shot, painted.network_ran, painted.own_colour
    )  # fmt: skip


def _piece(painted: list[Painted]) -> ChromaPiece:
    return ChromaPiece(
        np.array([frame.frame.pts for frame in painted], np.int64),
        np.stack([np.rint(frame.chroma).astype(np.int8) for frame in painted]),
        np.array([frame.own_colour for frame in painted], bool),
        np.array([frame.starts_shot for frame in painted], bool),
    )


def _usual_step(painted: list[Painted]) -> int:
    """How long a frame lasts where the source does not say: as long as the one before it."""
    return painted[-1].frame.pts - painted[-2].frame.pts if len(painted) > 1 else 1
