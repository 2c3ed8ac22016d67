"""What the Models page shares between tabs, and every page's open networks."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from colorizer.engines.choose import measured, stored
from colorizer.engines.exported import digest
from colorizer.engines.measure import Measurement, candidates, on_request
from colorizer.engines.names import AUTO
from colorizer.errors import ColorizerError, ModelError
from colorizer.network import Colorizer
from colorizer.network_check import NetworkCheck, checked
from colorizer.settings import settings
from colorizer.web.colouring import NetworkChoice
from colorizer.web.models.engine_words import running_text
from colorizer.web.models.inventory import Inventory
from colorizer.web.models.model_downloads import ModelDownloads
from colorizer.web.models.network_tasks import NetworkTasks
from colorizer.web.preferences import PreferenceFile
from colorizer.web.wording import plain
from colorizer.weights.local_models import ModelStatus, locate

_OPEN_NETWORKS = 2


@st.cache_resource(show_spinner=False)
def inventory() -> Inventory:
    """What was found out about networks on this disk."""
    return Inventory()


@st.cache_resource(show_spinner=False)
def model_downloads() -> ModelDownloads:
    """The networks that are arriving; each is tried when it is here."""
    checks = network_checks()
    return ModelDownloads(lambda local: checks.order(local.model.id, digest(local)))


@st.cache_resource(show_spinner=False)
def speed_measurements() -> NetworkTasks[tuple[Measurement, ...]]:
    """The measurements of this process."""
    return NetworkTasks(
        "measurement",
        lambda local, tell: measured(local, fresh=True, tell=tell),
        let_go_of_networks,  # auto may choose another engine now
    )


@st.cache_resource(show_spinner=False)
def network_checks() -> NetworkTasks[NetworkCheck]:
    """The networks that this process tries; each by its name and the digest of its files."""
    return NetworkTasks("network-check", lambda local, tell: checked(local, fresh=True, tell=tell))


@st.cache_resource(show_spinner=False)
def preferences() -> PreferenceFile:
    """What the studio starts with."""
    return PreferenceFile(settings().data_folder / "studio.json")


@st.cache_resource(show_spinner=False)
def engines() -> tuple[str, ...]:
    """What networks may run on here, "auto" first; asked once, because it loads the libraries."""
    use_gpu = settings().use_gpu
    return AUTO, *candidates(use_gpu), *on_request(use_gpu)


def colorizer_for(network: NetworkChoice) -> Colorizer | None:
    """The open network of this choice; None in black and white. Raises ModelError or EngineError."""
    if network.model is None:
        return None
    return _open(network.model, network.engine, network.files)


# Networks that fall out are not closed but left to the garbage collector: a picture in the making may still need one.
@st.cache_resource(show_spinner=False, max_entries=_OPEN_NETWORKS)
def _open(model: str, engine: str, files: str) -> Colorizer:  # files: where they have changed it is opened anew
    return Colorizer(locate(model), engine)


def opened(network: NetworkChoice) -> tuple[Colorizer | None, str]:
    """The open network of this choice, and what to say where it cannot be opened."""
    try:
        return colorizer_for(network), ""
    except ColorizerError as error:
        return None, str(error)


def default_engine() -> str:
    """What networks run on where nobody chose for this one: the Models page's choice, or auto where that cannot be."""
    chosen = preferences().read().engine
    return chosen if settings().engine == AUTO and chosen in engines() else AUTO


def engine_text(network: NetworkChoice, colorizer: Colorizer) -> str:
    """What this network runs on, with its speed where that was measured."""
    return running_text(colorizer.info, network.engine, stored(colorizer.local), settings())


def let_go_of_networks() -> None:
    """Open networks anew when they are next needed: their files, or what auto chooses, have changed."""
    _open.clear()


def own_networks() -> list[ModelStatus]:
    """The networks in folders of their own that can be used at this moment."""
    folders = map(Path, preferences().read().folders)
    return [inventory().own(folder) for folder in folders if not own_problem(folder)]


def own_problem(folder: Path) -> str:
    """Why the network in this folder cannot be used; empty where it can."""
    try:
        inventory().own(folder)
    except ModelError as error:
        return str(error)
    return ""


FAILED = "models_failed"


def name_of(status: ModelStatus) -> str:
    """The name of this network for `locate` and the preferences."""
    return status.model.id if status.model.in_catalog else str(status.folder)


def attempt(act: Callable[[], object]) -> None:
    """Do this; an error is shown when the page is drawn next."""
    try:
        act()
    except ColorizerError as error:
        st.session_state[FAILED] = [str(error)]


def say_once(key: str, say: Callable[[str], object]) -> None:
    """Show the messages that are kept under this key, once."""
    for message in st.session_state.pop(key, ()):
        say(plain(message))
