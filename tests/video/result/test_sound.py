"""Sound stays with its picture, copied where the container holds it, and converted where it does not."""

from fractions import Fraction

import av
import pytest

from colorizer.video.result.containers import CONTAINERS
from colorizer.video.result.mux import join
from colorizer.video.source.probe import probe
from tests.video import films
from tests.video.films import PROGRAMS

SOUND_ENCODERS = {
    "aac": "aac", "mp3": "libmp3lame", "mp2": "mp2", "ac3": "ac3", "eac3": "eac3", "alac": "alac", "opus": "libopus",
    "vorbis": "libvorbis", "flac": "flac", "dts": "dca", "truehd": "truehd", "mlp": "mlp", "wavpack": "wavpack",
    "wmav1": "wmav1", "wmav2": "wmav2", "pcm_u8": "pcm_u8", "pcm_s16le": "pcm_s16le",
    "pcm_s24le": "pcm_s24le", "pcm_s32le": "pcm_s32le", "pcm_f32le": "pcm_f32le", "pcm_f64le": "pcm_f64le",
}  # fmt: skip


@pytest.fixture(scope="module")
def many_sounds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sounds")
    tracks = []
    for number, encoder in enumerate(SOUND_ENCODERS.values()):
        tracks += ["-map", "1:a", f"-c:a:{number}", encoder]
    films.ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.5", "-f", "lavfi", "-i", "sine=440:r=48000:d=0.5",
        "-map", "0:v", *tracks, "-ac", "2", "-strict", "experimental", "-c:v", "libx264", "-pix_fmt", "yuv420p",
        folder / "a.mkv",
    )  # fmt: skip
    return probe(folder / "a.mkv")


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("suffix", CONTAINERS)
def test_every_kind_of_sound_becomes_what_the_plan_says(many_sounds, tmp_path, suffix, program):
    assert [track.codec for track in many_sounds.others] == list(SOUND_ENCODERS)
    codec = "vp9" if suffix == ".webm" else "h264"
    _, pieces = films.segments(many_sounds, tmp_path, codec)
    report = join(pieces, many_sounds, tmp_path / f"out{suffix}", ffmpeg=PROGRAMS[program]())
    result = probe(tmp_path / f"out{suffix}")
    planned = [track.result_codec for track in report.tracks]
    if suffix in {".mp4", ".m4v"}:
        planned[planned.index("mp2")] = "mp3"  # MP4 has one number for both kinds of MPEG-1 sound
    assert [track.codec for track in result.others] == planned
    assert all(
        track.action == ("copied" if track.codec == track.result_codec else "converted") for track in report.tracks
    )
    assert suffix != ".mp4" or ("flac", "copied") in {(track.codec, track.action) for track in report.tracks}


SOUNDS = {
    "aac.mp4": ("-c:a", "aac"),
    "opus.mkv": ("-c:a", "libopus"),
    "mp2.ts": ("-c:a", "mp2"),
    "pcm.avi": ("-c:a", "pcm_s16le", "-c:v", "mpeg4"),
    "late.mkv": ("-c:a", "pcm_s16le", "-output_ts_offset", "7.3"),
    "late.mp4": ("-c:a", "aac", "-output_ts_offset", "7.3"),
}


@pytest.fixture(scope="module")
def sounding(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sounding")
    return {name: probe(films.flash_and_beep(folder / name, 4, *SOUNDS[name])) for name in SOUNDS}


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("trimmed", [False, True], ids=["whole", "trimmed"])
@pytest.mark.parametrize(("codec", "suffix"), [("h264", ".mp4"), ("h264", ".mkv"), ("h264", ".mov"), ("vp9", ".webm")])
@pytest.mark.parametrize("name", SOUNDS)
def test_flash_and_beep_stay_together(sounding, tmp_path, name, codec, suffix, trimmed, program):
    film = sounding[name]
    start, end = (film.start + Fraction(13, 10), film.start + Fraction(33, 10)) if trimmed else (None, None)
    frames, pieces = films.segments(film, tmp_path, codec, start=start, end=end)
    target = tmp_path / f"out{suffix}"
    report = join(pieces, film, target, start=start, end=end, ffmpeg=PROGRAMS[program]())
    result = probe(target)
    white = films.flashes(result)
    assert len(white) == (2 if trimmed else 4)
    loud = films.beeps(target)
    assert max(min(abs(flash - beep) for beep in loud) for flash in white) < 0.02
    with av.open(str(target)) as container:
        assert abs(container.duration / 1e6 - (2 if trimmed else 4)) < 0.1
    shifted = [second - report.shift for second in films.seconds(frames, film)]
    deviations = [abs(a - b) for a, b in zip(shifted, films.seconds(films.read(result)[0], result), strict=True)]
    assert max(deviations) <= (Fraction(1, 1000) if suffix in {".mkv", ".webm"} else 0)


def test_sound_and_picture_that_begin_apart_stay_apart(sounding, tmp_path):
    source = sounding["aac.mp4"].path
    films.ffmpeg("-itsoffset", "0.4", "-i", source, "-i", source, "-map", "0:v", "-map", "1:a", "-c", "copy",
                 tmp_path / "apart.mkv")  # fmt: skip
    film = probe(tmp_path / "apart.mkv")
    _, pieces = films.segments(film, tmp_path)
    join(pieces, film, tmp_path / "out.mp4")
    apart = films.flashes(film)[0] - films.beeps(film.path)[0]
    assert apart == pytest.approx(0.4, abs=0.03)
    assert films.flashes(probe(tmp_path / "out.mp4"))[0] - films.beeps(tmp_path / "out.mp4")[0] == pytest.approx(
        apart, abs=0.002
    )


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("channels", [1, 2])
def test_sound_that_does_not_decode_costs_no_picture_and_is_said(tmp_path, suffix, program, channels):
    films.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.4", "-f", "lavfi", "-i", "sine=440:d=0.4",
                 "-map", "0", "-map", "1", "-map", "1", "-pix_fmt", "yuv420p",
                 "-c:v", "libx264", "-c:a:0", "tta", "-c:a:1", "aac", "-ac", channels, tmp_path / "a.mkv")  # fmt: skip
    film = probe(tmp_path / "a.mkv")  # ffmpeg itself cannot read the TTA that it writes to Matroska
    _, pieces = films.segments(film, tmp_path, "vp9")
    report = join(pieces, film, tmp_path / f"out{suffix}", ffmpeg=PROGRAMS[program]())
    assert len(films.read(probe(tmp_path / f"out{suffix}"))[0]) == 10
    empty = any("sound tracks came out empty" in note for note in report.notes)
    assert empty != (report.tracks[0].action == "dropped")
