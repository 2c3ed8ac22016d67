"""What is known about a film before it is read, and what is refused."""

from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from PIL import Image

from colorizer.errors import SourceMissing, SourceTooLarge, SourceUnreadable
from colorizer.video.source.facts import Orientation, VideoTrack
from colorizer.video.source.probe import probe
from tests.video import films


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    return probe(films.rich_film(tmp_path_factory.mktemp("rich") / "rich.mkv"))


def test_size_time_and_colour_of_a_film_are_known(tmp_path):
    path = films.write(
        tmp_path / "a.mp4", films.planes(12, 64, 48, 10), films.STEADY, bits=10, codec="h264",
        full_range=True, matrix="bt2020", primaries=9, transfer=14, sample_aspect=Fraction(16, 15),
    )  # fmt: skip
    video = probe(path).video
    assert (video.width, video.height, video.bits, video.codec) == (64, 48, 10, "h264")
    assert (video.time_base, video.start_pts, video.average_rate) == (films.TICKS, 0, films.RATE)
    assert (video.full_range, video.tagged_matrix, video.primaries, video.transfer) == (True, "bt2020", 9, 14)
    assert video.is_full_range
    assert video.duration == video.declared_end == Fraction(12 * 1001, 24000)
    assert video.estimated_frames == 12
    assert video.variable_rate is False
    assert video.sample_aspect == Fraction(16, 15)
    assert video.display_size == (68, 48)


@pytest.mark.parametrize(
    ("width", "height", "matrix"), [(720, 576, "bt601"), (1280, 544, "bt709"), (1920, 1080, "bt709")]
)
def test_the_matrix_follows_the_size_where_the_source_does_not_say(width, height, matrix):
    silent = {"index": 0, "codec": "h264", "pixel_format": "yuv420p", "time_base": films.TICKS}
    assert VideoTrack(width=width, height=height, **silent).matrix == matrix
    assert VideoTrack(width=width, height=height, tagged_matrix="bt2020", **silent).matrix == "bt2020"


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_turned_film_has_its_upright_size_and_aspect(tmp_path, degrees):
    path = films.encode(
        tmp_path / "turned.mp4", films.planes(3, 64, 48), codec="libx264", rotation=degrees,
        sample_aspect_ratio=Fraction(4, 3),
    )  # fmt: skip
    video = probe(path).video
    assert video.orientation.degrees == degrees
    assert video.upright_size == ((48, 64) if degrees % 180 else (64, 48))
    assert video.upright_aspect == (Fraction(3, 4) if degrees % 180 else Fraction(4, 3))
    assert video.display_size == ((36, 64) if degrees % 180 else (85, 48))


def test_no_turn_is_upright():
    assert Orientation().degrees == 0


def test_sound_subtitles_chapters_and_attachments_are_listed(rich):
    found = [(track.kind, track.codec, track.language) for track in rich.others]
    assert found[:3] == [("audio", "aac", "eng"), ("audio", "opus", "ger"), ("subtitle", "subrip", "fre")]
    assert [track.kind for track in rich.of_kind("attachment")] == ["attachment"]
    english, german, french = rich.others[:3]
    assert english.dispositions == ("default",)
    assert (german.title, german.dispositions, german.channels) == ("Kommentar", ("comment",), 1)
    assert (french.subtitle_is_text, french.dispositions) == (True, ("forced",))
    assert [(chapter.start, chapter.end, chapter.title) for chapter in rich.chapters] == [
        (0, Fraction(3, 2), "One"), (Fraction(3, 2), 3, "Two"),
    ]  # fmt: skip
    assert rich.tags["title"] == "Ein Film"
    assert rich.size == rich.path.stat().st_size


def test_a_varying_rate_is_seen_and_said(tmp_path):
    film = probe(films.write(tmp_path / "v.mp4", films.planes(12, 32, 32), films.UNSTEADY, codec="h264"))
    assert film.video.variable_rate is True
    assert any("varies" in note for note in film.notes)


def test_interlaced_pictures_are_seen_and_said(tmp_path):
    source = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.4", "-flags", "+ildct+ilme", "-vf", "setfield=tff")
    films.ffmpeg(*source, "-c:v", "mpeg2video", tmp_path / "i.ts")
    film = probe(tmp_path / "i.ts")
    assert film.video.interlaced
    assert any("interlaced" in note for note in film.notes)


def test_a_cover_picture_is_not_the_film(tmp_path):
    Image.new("RGB", (600, 600), "red").save(tmp_path / "cover.png")
    films.rich_film(tmp_path / "plain.mp4", 1)
    films.ffmpeg(
        "-i", tmp_path / "plain.mp4", "-i", tmp_path / "cover.png", "-map", "1", "-map", "0:v", "-c", "copy",
        "-disposition:v:0", "attached_pic", tmp_path / "covered.mp4",
    )  # fmt: skip
    film = probe(tmp_path / "covered.mp4")
    assert (film.video.width, film.video.height) == (64, 48)
    assert [track.codec for track in film.of_kind("cover")] == ["png"]


def test_a_clock_that_does_not_start_at_zero_is_known(tmp_path):
    times = [pts + 90_000 * 5 for pts in range(0, 36_000, 3600)]
    film = probe(films.write(tmp_path / "late.mp4", films.planes(10, 32, 32), times, time_base=Fraction(1, 90_000)))
    assert film.start == 5
    assert film.video.start_pts == 450_000


def test_grey_film_is_grey_and_full_range_unless_it_says_otherwise(tmp_path):
    luma = films.planes(2, 32, 32)
    grey = probe(films.encode(tmp_path / "g.mkv", luma, pixel_format="gray", codec="ffv1")).video
    assert (grey.is_grey, grey.is_rgb, grey.is_full_range) == (True, False, True)
    said = probe(films.encode(tmp_path / "s.mkv", luma, pixel_format="gray", codec="ffv1", color_range=1)).video
    assert said.is_full_range is False


def test_an_animated_gif_is_a_film(tmp_path):
    pictures = [Image.fromarray(luma) for luma in films.planes(5, 33, 21)]
    pictures[0].save(tmp_path / "a.gif", save_all=True, append_images=pictures[1:], duration=[40, 80, 40, 200, 40])
    film = probe(tmp_path / "a.gif")
    assert (film.video.width, film.video.height, film.video.is_rgb, film.video.is_full_range) == (33, 21, True, True)


def test_a_folder_of_numbered_pictures_is_a_film(tmp_path):
    for number in (2, 10, 1):
        Image.fromarray(np.full((20, 30), 20 * number, np.uint8)).save(tmp_path / f"scan {number}.png")
    (tmp_path / "notes 3.txt").write_text("not a picture")
    film = probe(tmp_path, folder_rate=Fraction(18))
    assert (film.container, film.video.estimated_frames, film.video.time_base) == ("folder", 3, Fraction(1, 18))
    assert film.duration == Fraction(3, 18)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
@pytest.mark.parametrize(("orientation", "degrees"), [(1, 0), (3, 180), (6, 270), (8, 90)])
def test_pictures_with_exif_become_a_film_the_right_way_up(tmp_path, suffix, orientation, degrees):
    exif = Image.Exif()
    exif[0x0112] = orientation
    for number in range(2):
        Image.fromarray(np.full((20, 30), 90 + number, np.uint8)).save(tmp_path / f"{number}{suffix}", exif=exif)
    assert probe(tmp_path).video.orientation.degrees == degrees


def _sound_only(path):
    films.ffmpeg("-f", "lavfi", "-i", "sine=d=0.2", path)


BAD = {
    "empty.mp4": lambda path: path.write_bytes(b""),
    "text.mkv": lambda path: path.write_text("Dear diary, " * 50),
    "noise.avi": lambda path: path.write_bytes(np.random.default_rng(0).bytes(5000)),
    "zeros.mp4": lambda path: path.write_bytes(bytes(4000)),
    "header.mp4": lambda path: path.write_bytes(b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(30)),
    "sound.m4a": _sound_only,
    "picture.png": lambda path: Image.new("RGB", (20, 20)).save(path),
    "folder": lambda path: path.mkdir(),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_a_film_is_refused_with_its_name(tmp_path, name):
    BAD[name](tmp_path / name)
    with pytest.raises(SourceUnreadable, match=name.replace(".", r"\.")):
        probe(tmp_path / name)


def test_a_missing_file_is_called_missing(tmp_path):
    with pytest.raises(SourceMissing, match="nothing\\.mp4"):
        probe(tmp_path / "nothing.mp4")


def test_a_film_cut_off_before_its_index_is_refused_with_the_reason(tmp_path):
    path = films.write(tmp_path / "a.mp4", films.planes(12, 64, 48), films.STEADY)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(SourceUnreadable, match="index is missing"):
        probe(path)


PLAYLISTS = {
    "ffconcat.avi": "ffconcat version 1.0\nfile {victim}\n",
    "concat.mp4": "ffconcat version 1.0\nfile 'file:{victim}'\n",
    "hls.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:1,\n{victim}\n#EXT-X-ENDLIST\n",
    "hls.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n",
    "call.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n",
    "list.xspf": '<?xml version="1.0"?>\n<playlist version="1"><trackList><track><location>{victim}</location></track>'
    "</trackList></playlist>",
    "dash.mpd": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"></MPD>',
}


@pytest.mark.parametrize("name", PLAYLISTS)
def test_a_list_that_names_other_files_is_refused(tmp_path, name):
    victim = films.write(tmp_path / "victim.mp4", films.planes(3, 32, 32), films.STEADY[:3])
    (tmp_path / name).write_text(PLAYLISTS[name].format(victim=victim))
    with pytest.raises(SourceUnreadable, match="names other files or addresses"):
        probe(tmp_path / name)


def test_a_pattern_in_a_file_name_opens_that_file_only(tmp_path):
    films.encode(tmp_path / "a%03d.mkv", films.planes(2, 32, 32))
    assert probe(tmp_path / "a%03d.mkv").video.width == 32
    with pytest.raises(SourceUnreadable):
        Image.new("L", (8, 8)).save(tmp_path / "b001.png")
        (tmp_path / "b%03d.png").write_bytes((tmp_path / "b001.png").read_bytes())
        probe(tmp_path / "b%03d.png")


@pytest.mark.parametrize(
    "name", ["mit Leer zeichen.mkv", 'it\'s "quoted".mkv', "größe.mkv", "-y.mkv", "a:b.mkv", "two\nlines.mkv"]
)
def test_any_file_name_opens(tmp_path, name):
    films.encode(tmp_path / "plain.mkv", films.planes(2, 32, 32)).rename(tmp_path / name)
    assert probe(tmp_path / name).video.width == 32


@pytest.mark.parametrize("codec", ["ffv1", "mpeg4", "mjpeg"])
@pytest.mark.parametrize("suffix", [".mkv", ".avi"])
def test_more_pixels_than_the_limit_are_refused_with_their_number(tmp_path, codec, suffix):
    pixel_format = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = films.encode(
        tmp_path / f"big{suffix}", films.planes(2, 640, 480), codec=codec, pixel_format=pixel_format,
        time_base=1 / films.RATE, times=[0, 1],
    )  # fmt: skip
    with pytest.raises(SourceTooLarge, match="640 x 480"):
        probe(path, max_megapixels=0.3)
    assert probe(path, max_megapixels=0.31).video.width == 640


def test_a_claim_of_sixteen_thousand_columns_is_refused_before_decoding(tmp_path):
    path = films.encode(tmp_path / "small.mkv", films.planes(2, 64, 48))
    data = path.read_bytes()
    width, height = bytes((0xB0, 0x81, 64)), bytes((0xBA, 0x81, 48))  # Matroska's PixelWidth and PixelHeight
    assert data.count(width) == data.count(height) == 1
    data = data.replace(width, bytes((0xB0, 0x82, 0x3F, 0xFF))).replace(height, bytes((0xBA, 0x82, 0x3A, 0x98)))
    path.write_bytes(data)
    with pytest.raises(SourceTooLarge, match="16383 x 15000"):
        probe(path)


def test_a_damaged_beginning_does_not_hide_the_frames_after_it(tmp_path):
    path = films.encode(tmp_path / "a.avi", films.planes(8, 64, 48), codec="mjpeg", pixel_format="yuvj420p",
                        time_base=1 / films.RATE, times=range(8))  # fmt: skip
    with av.open(str(path)) as container:
        first = next(container.demux(video=0))
        place, size = first.pos, first.size
    data = bytearray(path.read_bytes())
    data[place + 8 : place + 8 + size // 2] = bytes(size // 2)
    path.write_bytes(data)
    assert probe(path).video.width == 64


@pytest.mark.parametrize(("transfer", "name"), [(16, "PQ"), (18, "HLG"), (1, None), (2, None)])
def test_hdr_is_said(tmp_path, transfer, name):
    source = films.write(
        tmp_path / "a.mkv", films.planes(2, 64, 48, 10), (0, 1001), bits=10, codec="hevc", matrix="bt2020",
        primaries=9, transfer=transfer,
    )  # fmt: skip
    notes = [note for note in probe(source).notes if "HDR" in note]
    assert bool(notes) == bool(name)
    assert all(f"({name})" in note for note in notes)


@pytest.mark.parametrize(("target", "rate"), [("ntsc-dv", Fraction(30000, 1001)), ("pal-dv", Fraction(25))])
def test_raw_dv_has_the_rate_of_its_standard(tmp_path, target, rate):
    films.ffmpeg("-f", "lavfi", "-i", "testsrc2=d=1", "-target", target, tmp_path / "a.dv")
    film = probe(tmp_path / "a.dv")
    frames, _ = films.read(film)
    assert film.video.average_rate == rate
    assert abs(film.video.estimated_frames - len(frames)) <= 1
    assert not film.video.variable_rate
    assert not [note for note in film.notes if "rate" in note]
    assert {after.pts - before.pts for before, after in pairwise(frames)} == {1 / rate / film.video.time_base}
