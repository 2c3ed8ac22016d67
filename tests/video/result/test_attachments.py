"""Files that a Matroska film carries: pictures and fonts stay attachments, with their names and types."""

from io import BytesIO

import av
import pytest
from PIL import Image

from colorizer.video.film import gray_film
from colorizer.video.film_settings import FilmSettings, Range
from tests.video import films


def _picture(path, kind):
    Image.new("RGB", (30, 20), (200, 30, 30)).save(path, kind)
    return path


def _film(folder, name="a.mkv"):
    """A film with a JPEG, a PNG, a TIFF and a font attached, under names with spaces and quotes."""
    attached = {
        "the cover.jpg": ("image/jpeg", "JPEG"),
        "it's a still.png": ("image/png", "PNG"),
        "scan.tif": ("image/tiff", "TIFF"),
        "letters.ttf": ("application/x-truetype-font", ""),
    }
    arguments = []
    for number, (title, (mime, kind)) in enumerate(attached.items()):
        if kind:
            _picture(folder / title, kind)
        else:
            (folder / title).write_bytes(b"\0\1\0\0" + bytes(200))
        arguments += ["-attach", folder / title, f"-metadata:s:t:{number}", f"mimetype={mime}",
                      f"-metadata:s:t:{number}", f"filename={title}"]  # fmt: skip
    films.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", "-f", "lavfi", "-i", "sine=d=1", "-c:v", "libx264",
                 "-c:a", "aac", *arguments, folder / name)  # fmt: skip
    return folder / name


def _attached(path):
    """Name, type and bytes of every file that is attached, in order; and how many tracks of pictures there are."""
    found = {}
    with av.open(str(path)) as container:
        for stream in container.streams:
            if stream.type == "attachment":
                found[stream.metadata["filename"]] = (stream.metadata["mimetype"], bytes(stream.data))
            elif stream.disposition & av.stream.Disposition.attached_pic:
                packet = next(container.demux(stream))
                found[stream.metadata["filename"]] = (stream.metadata["mimetype"], bytes(packet))
                container.seek(0)
        tracks = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    return found, len(tracks)


@pytest.mark.parametrize("part", [Range(), Range(max_frames=10)])
def test_pictures_and_fonts_stay_attachments_with_their_names_and_types(tmp_path, part):
    source = _film(tmp_path)
    before, _ = _attached(source)
    report = gray_film(source, tmp_path / "out.mkv", FilmSettings(range=part))
    after, tracks = _attached(tmp_path / "out.mkv")
    assert after == before
    assert len(before) == 4
    assert tracks == 1
    assert {track.action for track in report.mux.tracks} == {"copied"}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_cover_of_another_container_becomes_one_and_an_attached_one_a_cover(tmp_path):
    _picture(tmp_path / "cover.jpg", "JPEG")
    films.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", "-i", tmp_path / "cover.jpg", "-map", 0, "-map", 1,
                 "-c:v:0", "libx264", "-c:v:1", "copy", "-disposition:v:1", "attached_pic",
                 tmp_path / "a.mp4")  # fmt: skip
    gray_film(tmp_path / "a.mp4", tmp_path / "out.mkv")
    attached, tracks = _attached(tmp_path / "out.mkv")
    assert attached == {"cover.jpg": ("image/jpeg", (tmp_path / "cover.jpg").read_bytes())}
    assert tracks == 1
    gray_film(tmp_path / "out.mkv", tmp_path / "back.mp4")
    with av.open(str(tmp_path / "back.mp4")) as container:
        (cover,) = [s for s in container.streams.video if s.disposition & av.stream.Disposition.attached_pic]
        assert Image.open(BytesIO(bytes(next(container.demux(cover))))).size == (30, 20)
