"""The studio as a Hugging Face Space: strangers share it."""

import re
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import yaml

from colorizer.sample import sample_picture
from tests.browser.conftest import browser, switches  # noqa: F401  fixtures
from tests.deploy.conftest import ROOT, Image, instruction

SPACE = {"SPACE_ID": "someone/colorizer", "SPACE_HOST": "someone-colorizer.hf.space"}
CARD = (ROOT / "deploy" / "space" / "README.md").read_text("utf-8")
ASK = """
from colorizer.settings import settings
s = settings()
print(s.allowed_folders, s.max_megapixels, s.max_upload, s.max_video_frames, s.quota, s.workers, s.queue, s.shared)
"""


def _settings(image: Image, **more: str) -> str:
    said = image.run(["sh", "-euc", '. ./limits.sh; python -c "$1"', "sh", ASK], **SPACE, **more)
    assert said.returncode == 0, said.stderr
    return said.stdout.strip()


def test_the_card_asks_for_docker_at_the_port_where_the_studio_listens():
    front = yaml.safe_load(CARD.split("---")[1])
    assert front["sdk"] == "docker"
    assert str(front["app_port"]) == instruction("EXPOSE")
    assert len(front["short_description"]) <= 60
    assert f"API_PORT={front['app_port']}" in instruction("ENV")


def test_a_space_has_its_limits_and_they_are_the_cards(image: Image):
    assert _settings(image) == "() 24.0 100000000 750 4000000000 1 5 True"
    for limit in ("25 MB and 24 megapixels", "100 MB and 750 frames", "4 GB"):
        assert limit in CARD
    assert 'MAX_UPLOAD_SIZE:-25}"' in (ROOT / "deploy" / "space" / "limits.sh").read_text("utf-8")


def test_the_spaces_own_variables_win_but_open_no_folder(image: Image):
    said = _settings(image, MAX_VIDEO_FRAMES="50", COLORIZER_QUOTA_GB="1", COLORIZER_ALLOWED_FOLDERS="/")
    assert said == "() 24.0 100000000 50 1000000000 1 5 True"


def test_at_home_there_are_no_such_limits(image: Image):
    said = image.run(["python", "-c", ASK]).stdout
    assert " None None None 1 None False" in said
    assert "/films" in said


def test_a_space_answers_to_its_own_name_and_forgets_what_was_there(image: Image):
    (image.data / "jobs.sqlite").write_text("from yesterday")
    with image.started(**SPACE) as studio:
        assert studio.status("/", Host=SPACE["SPACE_HOST"]) == 200
        assert studio.status("/") == 200
        assert not (image.data / "jobs.sqlite").exists() or (image.data / "jobs.sqlite").stat().st_size != 14
        log = studio.log
    assert "Traceback" not in log.read_text("utf-8")


@pytest.fixture(scope="module")
def assembled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("space") / "space"
    subprocess.run(["sh", ROOT / "deploy" / "space" / "assemble.sh", folder], check=True)
    return folder


def test_the_assembled_folder_is_a_space_with_all_that_its_image_is_made_of(assembled):
    assert (assembled / "README.md").read_text("utf-8") == CARD
    assert (assembled / "Dockerfile").read_bytes() == (ROOT / "Dockerfile").read_bytes()
    there = {str(path.relative_to(assembled)) for path in assembled.rglob("*") if path.is_file()}
    assert {"app.py", ".streamlit/config.toml", "models/starter/starter.caffemodel", "deploy/install.sh"} <= there
    assert not [name for name in there if re.search(r"__pycache__|^tests|^\.git/|egg-info", name)]


class _HubPage(BaseHTTPRequestHandler):
    """A page of another site with the studio in a frame. Its address ends in the studio's port."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        port = int(self.path.strip("/") or 0)
        self.wfile.write(f'<iframe src="http://localhost:{port}/" width="1000" height="900"></iframe>'.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def hub():
    """The address of that page: to a browser, 127.0.0.1 and localhost are two sites."""
    with HTTPServer(("127.0.0.1", 0), _HubPage) as server:
        thread = threading.Thread(target=server.serve_forever, name="hub")
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.browser
def test_a_picture_goes_in_where_another_site_shows_the_space_in_a_frame(image: Image, hub, browser, tmp_path):  # noqa: F811
    """Some seconds: only a browser knows what a frame may do."""
    picture = tmp_path / "old.png"
    picture.write_bytes(sample_picture())
    with image.started(**SPACE, COLORIZER_FRAMED_BY=hub) as studio:
        page = browser.new_page(viewport={"width": 1100, "height": 1000})
        page.set_default_timeout(20_000)
        page.goto(f"{hub}/{studio.port}")
        frame = page.frame_locator("iframe")
        frame.locator("input[type=file]").first.set_input_files(picture)
        frame.locator("img.after[data-shown]").first.wait_for()
        page.close()


def test_only_the_hub_may_show_a_space_in_a_frame(image: Image):
    said = image.run(["sh", "-euc", '. ./limits.sh; echo "$COLORIZER_FRAMED_BY"'], **SPACE).stdout
    assert said.strip() == "https://huggingface.co"
