"""An interlaced film that is not deinterlaced says in the result, too, that it is interlaced."""

from fractions import Fraction

import av
import numpy as np
import pytest

from colorizer.errors import SettingError
from colorizer.video.film import gray_film
from colorizer.video.film_settings import Encoding, FilmSettings
from colorizer.video.result.video_spec import VideoSpec
from colorizer.video.result.writer import SAMPLED_FRAMES, SAMPLED_ROWS
from colorizer.video.source.probe import probe
from colorizer.video.source.reader import FilmReader
from tests.video import films


def _interlaced(path, order, height=64):
    films.ffmpeg("-f", "lavfi", "-i", f"testsrc2=s=96x{2 * height}:r=50:d=0.6,format=gray", "-vf",
                 f"scale=96:{height},interlace=scan={order},format=yuv420p,setfield={order}", "-flags", "+ilme+ildct",
                 "-c:v", "mpeg2video", "-q:v", "2", path)  # fmt: skip
    return path


def _errors(source, result):
    """How far the luma of each frame is from the source's, in 8-bit levels."""
    with FilmReader(source.path, source) as before, FilmReader(result.path, result) as after:
        return [
            np.abs(one.luma / (1 << (source.video.bits - 8)) - other.luma / (1 << (result.video.bits - 8)))
            for one, other in zip(before, after, strict=True)
        ]


@pytest.mark.parametrize("order", ["tff", "bff"])
@pytest.mark.parametrize(
    ("codec", "name"), [("h264", "a.mp4"), ("h264", "a.mkv"), ("ffv1", "a.mkv"), ("prores", "a.mov")]
)  # fmt: skip
def test_the_order_of_fields_is_kept_where_the_codec_can(tmp_path, order, codec, name):
    source = probe(_interlaced(tmp_path / "fields.mpg", order))
    assert source.video.top_field_first == (order == "tff")
    report = gray_film(source.path, tmp_path / name, FilmSettings(encoding=Encoding(codec)))
    with av.open(str(tmp_path / name)) as container:
        pictures = list(container.decode(video=0))
    assert all(picture.interlaced_frame for picture in pictures)
    assert _order_of(tmp_path / name) == order
    assert not [note for note in report.notes if "does not say" in note]
    errors = _errors(source, probe(tmp_path / name))
    assert errors[0].mean() < 1
    sampled = [error[SAMPLED_ROWS].mean() for error in errors[:SAMPLED_FRAMES]]
    assert report.as_dict()["luma_error"] == pytest.approx(np.mean(sampled), abs=1e-6)
    result, source_video = probe(tmp_path / name).video, source.video
    assert (result.matrix, result.is_full_range) == (source_video.matrix, source_video.is_full_range)


def _order_of(path):
    """Which field the frames themselves say comes first: the one that a deinterlacer leaves as it is."""
    with av.open(str(path)) as container:
        picture = next(container.decode(video=0))
        graph = av.filter.Graph()
        source = graph.add_buffer(template=container.streams.video[0])
        lines = graph.add("bwdif", "mode=send_field:parity=auto:deint=interlaced")
        graph.link_nodes(source, lines, graph.add("buffersink")).configure()
        for _ in range(3):
            graph.vpush(picture)
        first = graph.vpull().to_ndarray(format="gray").astype(float)
        drawn = abs(first - picture.to_ndarray(format="gray"))  # deeper pictures are dithered on the way
    return "tff" if drawn[0::2].mean() < drawn[1::2].mean() else "bff"


@pytest.mark.parametrize(("codec", "height"), [("hevc", 64), ("av1", 64), ("h264", 66)])
def test_where_it_is_lost_that_is_said(tmp_path, codec, height):
    source = _interlaced(tmp_path / "fields.mpg", "tff", height)
    report = gray_film(source, tmp_path / "a.mp4", FilmSettings(encoding=Encoding(codec)))
    assert [note for note in report.notes if "does not say" in note]
    smooth = gray_film(source, tmp_path / "b.mp4", FilmSettings(encoding=Encoding(codec), deinterlace=True))
    assert not [note for note in smooth.notes if "does not say" in note]


@pytest.mark.parametrize("wrong", [{"codec": "av1", "fields": "tff"}, {"codec": "h264", "full_chroma": True}])
def test_what_a_codec_cannot_say_cannot_be_asked_for(wrong):
    with pytest.raises(SettingError):
        VideoSpec(64, 48, Fraction(1, 25), **wrong)
