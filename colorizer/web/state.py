"""What every tab shares: open networks, the darkroom, the desks behind their tokens, films and jobs."""

from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import streamlit as st

from colorizer.engines.choose import stored
from colorizer.engines.measure import candidates, on_request
from colorizer.engines.names import AUTO
from colorizer.errors import ColorizerError, ModelError
from colorizer.jobs.folders import DataFolder, remove
from colorizer.jobs.model import Job, State
from colorizer.jobs.store import Store, open_store
from colorizer.network import Colorizer
from colorizer.settings import settings
from colorizer.web.colouring import ColouringQueue, NetworkChoice
from colorizer.web.films.film_folder import FilmFolder, StudioFilm
from colorizer.web.films.film_inspector import FilmInspector
from colorizer.web.films.uploads import Uploads
from colorizer.web.live.viewers import Viewers
from colorizer.web.models.engine_words import running_text
from colorizer.web.models.inventory import Inventory
from colorizer.web.models.model_downloads import ModelDownloads
from colorizer.web.models.speed_measurements import SpeedMeasurements
from colorizer.web.pictures.picture_set import PictureSet, PictureSets
from colorizer.web.pictures.results import ResultQueue
from colorizer.web.preferences import PreferenceFile
from colorizer.web.saved_choices import SavedChoices
from colorizer.web.visitors import my_films, my_jobs
from colorizer.weights.local_models import ModelStatus, locate

_PICTURES, _CAME_BY_ADDRESS = "pictures", "pictures_by_address"
_OPEN_NETWORKS = 2
_IDLE = 1800.0  # seconds after which a stranger's film makes way for another's


@st.cache_resource(show_spinner=False)
def picture_sets() -> PictureSets:
    """The desks of this process."""
    return PictureSets()


@st.cache_resource(show_spinner=False)
def colouring_queue() -> ColouringQueue:
    """The darkroom of this process."""
    return ColouringQueue()


@st.cache_resource(show_spinner=False)
def result_queue() -> ResultQueue:
    """The press of this process."""
    return ResultQueue()


@st.cache_resource(show_spinner=False)
def film_folder() -> FilmFolder:
    """The films that are here."""
    return FilmFolder(DataFolder(settings().data_folder).uploads, settings().allowed_folders)


@st.cache_resource(show_spinner=False)
def uploads() -> Uploads:
    """The films that are arriving."""
    return Uploads(film_folder(), settings().max_upload, settings().quota, _clear_idle_uploads)


def _clear_idle_uploads() -> None:
    """Delete what strangers brought and do nothing with, when there is no room for others; at home that is said."""
    if settings().shared:
        for upload in store().unused_uploads(_IDLE):
            remove(upload)


@st.cache_resource(show_spinner=False)
def film_inspector() -> FilmInspector:
    """The screening room of this process."""
    return FilmInspector()


@st.cache_resource(show_spinner=False)
def viewers() -> Viewers:
    """Those who look at something live."""
    return Viewers()


@st.cache_resource(show_spinner=False)
def saved_choices() -> SavedChoices:
    """What was chosen for each film."""
    return SavedChoices(None if settings().shared else settings().data_folder / "choices.json")


@st.cache_resource(show_spinner=False)
def inventory() -> Inventory:
    """What was found out about networks on this disk."""
    return Inventory()


@st.cache_resource(show_spinner=False)
def model_downloads() -> ModelDownloads:
    """The networks that are arriving."""
    return ModelDownloads()


@st.cache_resource(show_spinner=False)
def speed_measurements() -> SpeedMeasurements:
    """The measurements of this process."""
    return SpeedMeasurements(let_go_of_networks)  # auto may choose another engine now


@st.cache_resource(show_spinner=False)
def preferences() -> PreferenceFile:
    """What the studio starts with."""
    return PreferenceFile(settings().data_folder / "studio.json")


@st.cache_resource(show_spinner=False)
def engines() -> tuple[str, ...]:
    """What networks may run on here, "auto" first; asked once, because it loads the libraries."""
    use_gpu = settings().use_gpu
    return AUTO, *candidates(use_gpu), *on_request(use_gpu)


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """The list of jobs."""
    return open_store()


def shown_films() -> list[StudioFilm]:
    """The films that the Videos page shows: whole, and not put away."""
    return [film for film in my_films(film_folder().films()) if film.is_whole and not film.is_hidden]


def shown_jobs() -> list[Job]:
    """The jobs that the Jobs page shows, in their order."""
    return my_jobs(store().jobs())


def jobs_title() -> str:
    """The name of the Jobs page, with the number of films that are still to be done."""
    try:
        counts = Counter(job.state for job in shown_jobs()) if settings().shared else store().counts()
    except ColorizerError:  # every page shows this name, and the Jobs page says what is wrong
        return "Jobs"
    number = counts[State.RUNNING] + counts[State.QUEUED]
    return f"Jobs ({number})" if number else "Jobs"


def pending(film: StudioFilm) -> list[Job]:
    """The jobs of this film that are still to be done."""
    return [job for job in shown_jobs() if job.order.source == film.path and not job.state.has_ended]


def busy() -> int:
    """How many films are being made, whoever ordered them."""
    return store().counts()[State.RUNNING]


def is_needed(film: StudioFilm) -> bool:
    """Whether a job, also one that has ended, may read this film again."""
    return any(job.order.source == film.path for job in store().jobs())


def my_picture_set() -> PictureSet:
    """The desk of this tab. Its token is in the address, so that reloading the page loses nothing."""
    mine = st.session_state.get(_PICTURES, "")
    given = st.query_params.get(_PICTURES) or mine
    picture_set = picture_sets().find(given) or picture_sets().new()
    if picture_set.token not in {mine, st.session_state.get(_CAME_BY_ADDRESS)}:
        st.session_state[_CAME_BY_ADDRESS] = given if picture_set.token == given else ""
    st.session_state[_PICTURES] = picture_set.token
    if (
        st.query_params.get(_PICTURES) != picture_set.token
    ):  # also where another page was in between: its link has no token
        st.query_params[_PICTURES] = picture_set.token
    return picture_set


def came_by_address(picture_set: PictureSet) -> bool:
    """Whether this tab came to this desk by an address that somebody else may have, too."""
    return bool(st.session_state.get(_CAME_BY_ADDRESS) == picture_set.token)


def leave_picture_set() -> None:
    """Give this tab an empty desk of its own."""
    st.session_state[_PICTURES] = st.query_params[_PICTURES] = picture_sets().new().token


def colorizer_for(network: NetworkChoice) -> Colorizer | None:
    """The open network of this recipe; None in black and white. Raises ModelError or EngineError."""
    if network.model is None:
        return None
    return _open(network.model, network.engine, network.files)


# Networks that fall out are not closed but left to the garbage collector: a picture in the making may still need one.
@st.cache_resource(show_spinner=False, max_entries=_OPEN_NETWORKS)
def _open(model: str, engine: str, files: str) -> Colorizer:  # files: where they have changed it is opened anew
    return Colorizer(locate(model), engine)


def opened(network: NetworkChoice) -> tuple[Colorizer | None, str]:
    """The open network of this recipe, and what to say where it cannot be opened."""
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


def max_upload() -> int:
    """The most bytes that a picture may have."""
    return int(st.get_option("server.maxUploadSize")) * 2**20


def close() -> None:
    """End what was going on and delete every picture; called when the server stops.

    Pictures go first: whoever stops the studio may not wait for a download to end. No one's trouble keeps the next.
    """
    later = model_downloads().close, speed_measurements().close, viewers().close, film_inspector().close
    with ExitStack() as ending:
        for end in (
            *later,
            picture_sets().close,
            result_queue().close,
            colouring_queue().close,
        ):  # the last one is called first
            ending.callback(end)
