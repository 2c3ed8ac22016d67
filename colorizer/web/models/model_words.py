"""What the Models page says about networks: pure functions."""

import re
from dataclasses import dataclass
from typing import Literal

from colorizer.files import size_text
from colorizer.network_check import NetworkCheck
from colorizer.web.durations import duration_text
from colorizer.web.models.model_downloads import ModelDownload
from colorizer.web.wording import plain
from colorizer.weights.catalog import Model
from colorizer.weights.local_models import ModelStatus

_ROLES = {"prototxt": "the layers", "weights": "the weights", "centres": "the colours", "onnx": "the network"}
_UNREACHED = "could not be reached"
_FEW_SECONDS = 3.0


@dataclass(frozen=True)
class Badge:
    """A word or two about a network, with a colour and an icon that say the same."""

    text: str
    color: Literal["green", "gray", "red"]
    icon: str


def state_badge(status: ModelStatus) -> Badge:
    """Whether the network is on this disk, and whether it is the right one."""
    if status.state == "damaged":
        return Badge("Damaged", "red", ":material/error:")
    if status.state == "not downloaded":
        return Badge("Not on this disk", "gray", ":material/cloud_off:")
    if not status.model.in_catalog:
        return Badge("On this disk, not checked by anybody", "gray", ":material/help:")
    return Badge("On this disk, verified", "green", ":material/verified:")


def facts_text(model: Model) -> str:
    """Size, licence and, where the note does not say it already, source in one line of Markdown, addresses as links."""
    if not model.in_catalog:
        return f"{size_text(model.size)} · licence unknown"
    source = re.sub(r"https?://[^\s,]+", lambda link: f"\0{link[0]}\0", model.source).split("\0")
    shown = "".join(_link(part) if part.startswith(("http://", "https://")) else plain(part) for part in source)
    return f"{size_text(model.size)} · licence {plain(model.licence)} · {shown}"


def _link(address: str) -> str:
    return f"[{plain(address.partition('://')[2])}]({address})"


def missing_text(status: ModelStatus) -> str:
    """What of the network is here already, file by file; empty where all or nothing is."""
    arrived = status.model.size - status.missing
    if status.state != "not downloaded" or not arrived:
        return ""
    files = [
        f"{_ROLES[file.file.role]} ({'here' if file.state == 'present' else _part(file.partial, file.file.size)})"
        for file in status.files
    ]
    return f"{size_text(arrived)} of {size_text(status.model.size)} are here: {', '.join(files)}."


def _part(partial: int, size: int) -> str:
    return f"{100 * partial // size} %" if partial else "missing"


def damage_text(status: ModelStatus) -> str:
    """What is wrong with which file, and what to do; empty where nothing is."""
    flaws = [f"{file.path.name} is {file.flaw}" for file in status.files if file.state == "damaged"]
    if not flaws:
        return ""
    cure = "Install the program again" if status.model.bundled else "Download it again"
    return f"{'; '.join(flaws)}. {cure}."


def check_text(check: NetworkCheck) -> str:
    """What came out when a network was tried."""
    return f"Tried on this computer: {check.text}."


def download_label(status: ModelStatus) -> str:
    """What the button says."""
    missing = size_text(status.missing)
    if status.state == "damaged":
        return f"Download again ({missing})"
    return f"Download ({missing})" if status.missing == status.model.size else f"Go on ({missing} left)"


def progress_text(model_download: ModelDownload) -> str:
    """How far a download is, how fast it comes, and how long it will take."""
    if model_download.is_stopping:
        return "Stopping…"
    if not model_download.address:
        return "Looking for the network…"
    if "://" not in model_download.address:
        return "Another program downloads it at this moment. Waiting…"
    done, total = model_download.done, model_download.model.size
    words = [f"{size_text(done)} of {size_text(total)}"]
    if model_download.rate > 0:
        words.append(f"{size_text(round(model_download.rate))} a second")
        left = (total - done) / model_download.rate
        if left > _FEW_SECONDS:
            words.append(f"{duration_text(left)} left")
    words.append(f"from {model_download.address.partition('://')[2].partition('/')[0]}")
    return " · ".join(words)


def failure_parts(text: str, *, arrived: bool) -> tuple[str, str]:
    """A download's error as one line for everybody, and what each address answered for those who want to know.

    arrived: something of the network is here.
    """
    lines = text.splitlines()
    answers = [line.strip() for line in lines if line.startswith("  ")]
    if not answers:
        return text, ""
    if all(_UNREACHED in answer for answer in answers):
        said = "None of the addresses could be reached. Is this computer connected to the internet?"
    else:
        said = "No address gave the right file."
    if not arrived:
        return f"{said} Try again later, or bring the files yourself (below).", text
    return f"{said} What has arrived is kept: try again later, or bring the files yourself (below).", text


def removal_text(status: ModelStatus, waiting: int) -> str:
    """What removing means. waiting: films in the queue that are to be coloured with it."""
    if not status.model.in_catalog:
        text = "The studio forgets this network; its files stay where they are."
    else:
        text = f"Deletes {size_text(status.model.size - status.missing)} from this disk. It can be downloaded again."
    if waiting:
        films = "A film in the queue needs" if waiting == 1 else f"{waiting} films in the queue need"
        text += f" **{films} it and will fail.**"
    return text
