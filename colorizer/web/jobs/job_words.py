"""What is said of jobs and of what became of them: pure functions."""

import json
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from colorizer.color.grade import Grade
from colorizer.files import size_text
from colorizer.jobs.folders import Usage
from colorizer.jobs.model import FilmOrder, Job, State
from colorizer.video.report import report_path
from colorizer.web.durations import about_text, clock_text, duration_text
from colorizer.web.grading import preset_of
from colorizer.web.purposes import CODEC_TITLES

ICONS = {
    State.RUNNING: ":material/autoplay:", State.QUEUED: ":material/schedule:", State.PAUSED: ":material/pause_circle:",
    State.DONE: ":material/check_circle:", State.FAILED: ":material/error:", State.CANCELLED: ":material/cancel:",
}  # fmt: skip
_WORDS = {
    State.QUEUED: "waiting", State.PAUSED: "paused", State.DONE: "finished",
    State.FAILED: "could not be finished", State.CANCELLED: "cancelled",
}  # fmt: skip
# Where the words for a measure change. Those of the CDC are ours: 0.02 shows when two versions run side by side.
_STEADINESS = ((0.002, "as steady as the black-and-white film"), (0.02, "steady"), (0.05, "slightly restless"))
_COLOURFULNESS = ((8.0, "hardly any colour"), (18.0, "muted"), (35.0, "natural"), (50.0, "strong"))
_CHANGED = {"saturation": "saturation {:.2f}", "hue": "hue {:+.0f}°", "intensity": "intensity {:.2f}",
            "warmth": "warmth {:+.2f}"}  # fmt: skip
_ENOUGH = 24  # frames, before which the time that is left would be a guess
_UNTOUCHED = 0.005  # levels of 255 that two decimals show as 0.00


def state_text(job: Job) -> str:
    """Where a job stands, in a few words."""
    if job.wish:
        return {"cancel": "is being cancelled", "pause": "is being paused"}[job.wish]
    if job.state is State.QUEUED and job.position is not None:
        return "next in line" if job.position == 1 else f"number {job.position} in line"
    if job.doing:
        return job.doing
    if job.result is not None:
        return f"{_WORDS[job.state]}, {size_text(job.result.stat().st_size)}"
    return _WORDS[job.state]


def note_text(job: Job) -> str:
    """What else there is to say of a job, under its user's name for the film; empty where there is nothing."""
    if job.state is State.DONE and job.setback and not job.reason:
        return "the work broke off once and went on; nothing is missing"
    return job.note.replace(job.order.source.name, job.order.title)


def order_text(order: FilmOrder) -> str:
    """What tells an order from another one for the same film: the kind of file, the part of it and the colours."""
    grade, trim = order.settings.grade, order.settings.range
    words = [order.suffix.removeprefix(".").upper()]
    if trim.start is not None or trim.end is not None:
        end = "its end" if trim.end is None else clock_text(trim.end)
        words.append(f"{clock_text(trim.start or Fraction(0))} to {end}")
    words.append("black and white" if order.action == "gray" else preset_of(grade) or grade_text(grade))
    if order.action == "regrade":
        words.append("colours changed later")
    return " · ".join(words)


def progress_text(job: Job) -> str:
    """How far a job is: frames, how many a second, and the time that is left."""
    if job.stage == "joining":
        return f"all {job.frames:,} frames are made"
    words = [f"{job.frames:,} of about {job.expected:,} frames" if job.expected else f"{job.frames:,} frames"]
    if job.fps > 0:
        words.append(f"{job.fps:.1f} a second")
    if job.seconds_left is not None and job.frames >= _ENOUGH:
        words.append(f"about {about_text(job.seconds_left)} left")
    return " · ".join(words)


def usage_text(usage: Usage) -> str:
    """How much of the disk films and results take, and how long they stay."""
    taken = f"Films and results take {size_text(usage.jobs + usage.uploads)}"
    free = f"{size_text(usage.free)} are free"
    if usage.quota is None:
        return f"{taken}; {free}. They are kept until you delete them."
    return f"{taken} of {size_text(usage.quota)}; {free}. Where they need more, the oldest results are deleted."


def read_report(job: Job) -> dict[str, Any] | None:
    """The report of a finished job; None where there is none."""
    try:
        told: dict[str, Any] = json.loads(report_path(job.target).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return told


def report_rows(job: Job, report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the report says, for people: name and value of each line."""
    frames, shots = report["frames"], report["shots"]
    yield "Frames", f"{frames:,}" + (f" in {shots:,} shot{'s' if shots != 1 else ''}" if shots else "")
    yield "Network", network_text(job, report)
    if report["fps"]:
        again = "" if report["frames_this_run"] == frames else ", in the last run"
        yield "Speed", f"{report['fps']:.1f} frames a second, {duration_text(report['seconds'])}{again}"
    if job.order.action != "gray":
        yield "Steadiness", f"{_word(report['cdc_excess'], _STEADINESS, 'restless')} ({report['cdc_excess']:+.4f})"
        yield (
            "Colourfulness",
            f"{_word(report['colourfulness_abs'], _COLOURFULNESS, 'very strong')} "
            + (f"({report['colourfulness_abs']:.0f})"),
        )
    yield "Brightness", brightness_text(report["luma_error"])
    if report["frames_with_their_own_colour"]:
        yield "Left alone", f"{report['frames_with_their_own_colour']:,} frames that had colour already"
    if report["repaired_frames"]:
        yield "Repaired", f"{report['repaired_frames']:,} damaged frames"
    yield "Sound and subtitles", tracks_text(report["tracks"])
    yield "Colours", grade_text(job.order.settings.grade)
    yield "Written as", encoding_text(job.order.suffix, report["made_with"]["settings"]["encoding"])
    if job.order.action == "colour":
        steadiness = job.order.settings.steadiness
        every = f", a key frame every {steadiness.key_every}" if steadiness.key_every else ""
        yield "Held steady", f"{steadiness.steady:.2f} of 1{every}"


def network_text(job: Job, report: Mapping[str, Any]) -> str:
    """Which network ran how often, and on what."""
    made_with = report["made_with"]
    if job.order.action == "gray":
        return "none: the colours were taken out"
    where = f"{made_with.get('model', '')}, {made_with.get('engine', '')}"
    if job.order.action == "regrade":
        return f"did not run again: these are the colours of {where}"
    runs = report["network_runs"]
    return f"{where}; looked at {runs:,} frame{'s' if runs != 1 else ''}, the others follow the motion"


def brightness_text(error: float) -> str:
    """How far the result's luma is from the source's, in levels of 255."""
    if error < _UNTOUCHED:
        return "untouched: 0.00 of 255 levels from the original"
    return f"the original's; the encoder changed it by {error:.2f} of 255 levels"


def tracks_text(tracks: Sequence[Mapping[str, Any]]) -> str:
    """What became of sound, subtitles and attachments."""
    words = []
    for track in tracks:
        name = f"{track['kind']} ({track['codec']})"
        became = f"converted to {track['result_codec']}" if track["action"] == "converted" else track["action"]
        words.append(f"{name} {became}" + (f": {track['reason']}" if track["reason"] else ""))
    return "; ".join(words) or "none in the film"


def encoding_text(suffix: str, encoding: Mapping[str, Any]) -> str:
    """How the result is written."""
    if suffix == ".gif":
        return "GIF"
    words = [CODEC_TITLES.get(encoding["codec"], encoding["codec"]), suffix.removeprefix(".").upper()]
    if encoding["lossless"] and "lossless" not in words[0]:
        words.append("lossless")
    if encoding["crf"] is not None:
        words.append(f"CRF {encoding['crf']:g}")
    return ", ".join(words)


def grade_text(grade: Grade) -> str:
    """The grade in words."""
    plain, chosen = Grade().as_dict(), grade.as_dict()
    changed = [text.format(chosen[name]) for name, text in _CHANGED.items() if chosen[name] != plain[name]]
    return ", ".join(changed) or "as the network said"


def _word(value: float, words: Sequence[tuple[float, str]], beyond: str) -> str:
    return next((word for limit, word in words if value < limit), beyond)
