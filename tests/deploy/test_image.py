"""What a container is filled with, and how it behaves: without a container. Filling takes some seconds, once."""

import json
import re
import subprocess
from pathlib import Path

import yaml

from tests.deploy.conftest import DOCKERFILE, ROOT, Image, in_the_context, instruction

SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]


def test_hadolint_has_nothing_to_say():
    from sysconfig import get_path

    said = subprocess.run([f"{get_path('scripts')}/hadolint", DOCKERFILE], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_everything_that_is_copied_is_in_the_context():
    copied = [
        name
        for line in DOCKERFILE.read_text("utf-8").splitlines()
        if line.startswith("COPY ") and "--from" not in line and line != "COPY . ."
        for name in line.split()[1:-1]
    ]
    assert copied
    for name in [*copied, *in_the_context()]:
        assert (ROOT / name).exists()
    for name in copied:
        assert any(Path(name).is_relative_to(place) for place in in_the_context())


def test_the_nvidia_image_has_all_packages_of_the_other_one_and_is_otherwise_the_same():
    (name,) = SERVICES["studio-nvidia"]["build"]["args"].values()
    assert list(SERVICES["studio-nvidia"]["build"]["args"]) == [instruction("ARG").partition("=")[0]]
    copied = re.findall(r"^COPY (.*) \S+/?$", DOCKERFILE.read_text("utf-8").split("RUN ")[0], re.MULTILINE)
    assert name in " ".join(copied).split(), "it is not there yet when it is needed"
    more, gpu = (line for line in (ROOT / name).read_text("utf-8").splitlines() if not line.startswith("#"))
    assert (ROOT / name).parent.joinpath(more.removeprefix("-r ")).resolve() == ROOT / "requirements.txt"
    assert gpu.startswith("onnxruntime-gpu[cuda,cudnn]~=")


def test_compose_publishes_on_this_computer_only_and_keeps_data_and_models():
    studio, nvidia = SERVICES["studio"], SERVICES["studio-nvidia"]
    port = instruction("EXPOSE")
    (published,) = studio["ports"]
    assert published.startswith("127.0.0.1:")
    assert published.endswith(f":{port}")
    assert {volume.split(":")[1] for volume in studio["volumes"]} == set(json.loads(instruction("VOLUME")))
    assert nvidia["extends"] == "studio"
    assert int(studio["stop_grace_period"].removesuffix("s")) > 10  # Docker's own patience is shorter than a download's
    named = re.findall(r"^docker compose up ([a-z-]+)$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert named
    assert set(named) <= set(SERVICES)


def test_the_volumes_are_open_to_the_images_user_and_to_any_other_of_group_0(image: Image):
    assert f"--chown={instruction('USER').partition(':')[0]}:0 /volumes /" in DOCKERFILE.read_text("utf-8")
    for volume in json.loads(instruction("VOLUME")):
        assert (image.root / volume.strip("/")).stat().st_mode & 0o777 == 0o775


def test_no_installer_is_left_in_the_environment(image: Image):
    programs = {path.name for path in (image.prefix / "bin").iterdir()}
    assert "colorizer" in programs
    assert not [name for name in programs if name.startswith(("pip", "wheel"))]


def test_the_doctor_is_content_and_finds_the_network_inside(image: Image):
    said = image.run(["colorizer", "doctor"], COLUMNS="400")
    assert said.returncode == 0, said.stdout + said.stderr
    assert str(image.prefix / "lib") in said.stdout
    assert "problem" not in said.stdout


def test_the_studio_is_healthy_and_writes_nothing_but_to_its_volumes(image: Image):
    before = image.files()
    with image.started() as studio:
        check = json.loads(instruction("HEALTHCHECK").split("CMD ")[1])
        assert image.run(check, STREAMLIT_SERVER_PORT=str(studio.port)).returncode == 0
        assert studio.status("/") == 200
        assert studio.status("/", Host="elsewhere.example") == 400
        log = studio.log
    assert image.run(check).returncode != 0
    changed = {path for path, time in image.files().items() if before.get(path) != time}
    assert changed - {str(log), str(image.root)} == set()
    assert "Traceback" not in log.read_text("utf-8")
    assert "xternal" not in log.read_text("utf-8")  # an address that would be asked for far away


def test_a_command_colours_a_picture_into_the_volume(image: Image):
    picture = "import cv2, numpy, sys; cv2.imwrite(sys.argv[1], numpy.full((24, 32), 90, numpy.uint8))"
    assert image.run(["python", "-c", picture, f"{image.data}/old.png"]).returncode == 0
    said = image.run(["colorizer", "image", f"{image.data}/old.png", "-o", f"{image.data}/new.png"])
    assert said.returncode == 0, said.stderr
    assert (image.data / "new.png").stat().st_uid == image.identity.get("user", (image.data).stat().st_uid)


def test_sigterm_ends_the_studio_at_once(image: Image):
    with image.started() as studio:
        studio.process.terminate()
        assert studio.process.wait(10) in {0, -15}
