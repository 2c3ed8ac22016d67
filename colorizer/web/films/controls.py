"""How a film is to be made: what for, which part of it, and the details."""

from dataclasses import asdict

import streamlit as st

from colorizer.errors import SettingError
from colorizer.inspect.film_facts import FilmFacts
from colorizer.video.colour.propagate import LONGEST_WAIT, Steadiness
from colorizer.video.film_settings import Encoding, Range
from colorizer.video.result.codecs import CODECS, codec_row
from colorizer.web.durations import clock_text
from colorizer.web.films.film_choices import Choices, beyond_text, trimmed
from colorizer.web.films.film_folder import StudioFilm
from colorizer.web.films.findings import Findings
from colorizer.web.jobs.job_words import encoding_text
from colorizer.web.models.controls import network_controls
from colorizer.web.purposes import CODEC_TITLES, Purpose
from colorizer.web.saved_choices import SavedChoices

_AS_ABOVE, _AS_NEEDED = "As chosen above", "As the motion needs it"
_STEADY = Steadiness()
_OWN_COLOUR = {False: "Colour it anew", True: "Leave it"}
KEEP_COLOUR = "keep-colour"


def own_colour_control(saved_choices: SavedChoices, film: StudioFilm, found: Findings) -> None:
    """Draw, where the film has colours of its own, that it has, and the choice of what becomes of them."""
    if not any(found.coloured):
        return
    where = "This film is" if all(found.coloured) else "Parts of this film are"
    with st.container(border=True, key="film-coloured", horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/info: {where} in colour already.", width="content")
        st.segmented_control(
            "Colours that are there", [False, True], format_func=_OWN_COLOUR.__getitem__, required=True,
            key=saved_choices.recall(film.id, KEEP_COLOUR, False), label_visibility="collapsed",
        )  # fmt: skip


def keeps_colour(saved_choices: SavedChoices, film: StudioFilm) -> bool:
    """Whether this film's shots that have colour already are left alone."""
    return bool(saved_choices.value(film.id, KEEP_COLOUR))


def trim_controls(saved_choices: SavedChoices, film: StudioFilm, facts: FilmFacts) -> Range | None:
    """Draw where the film is to begin and to end; the part that makes, None, with the reason, where it makes none."""
    length = clock_text(facts.length) if facts.length is not None else "the end"
    begin, end = st.columns(2)
    start_text = begin.text_input(
        "From", key=saved_choices.recall(film.id, "from", ""), placeholder="0:00",
        help="Minutes and seconds, such as 1:30. Empty: from the beginning.",
    )  # fmt: skip
    end_text = end.text_input(
        "To", key=saved_choices.recall(film.id, "to", ""), placeholder=length,
        help="Minutes and seconds, such as 2:45.5. Empty: to the end.",
    )  # fmt: skip
    trim, problem = read_trim(start_text, end_text, facts)
    if trim is None:
        st.error(problem)
    elif beyond := beyond_text(end_text, facts):
        st.caption(f":material/info: {beyond}")
    return trim


def read_trim(start_text: str, end_text: str, facts: FilmFacts) -> tuple[Range | None, str]:
    """The part of the film between these times, or what is wrong with them."""
    try:
        return trimmed(start_text, end_text, facts), ""
    except SettingError as error:
        return None, str(error)


def detail_controls(
    saved_choices: SavedChoices, film: StudioFilm, found: Findings, purpose: Purpose, crf: float | None
) -> Choices:
    """Draw what few people need; all choices for this film together."""
    interlaced = found.facts is not None and found.facts.interlaced
    encoding, suffix = _encoding(saved_choices, film, purpose, crf)
    steadiness = _steadiness(saved_choices, film)
    deinterlace = interlaced and st.checkbox(
        "Smooth the combed edges (deinterlace)", key=saved_choices.recall(film.id, "deinterlace", False),
        help="This film is interlaced: each frame holds two moments. Without this, the picture stays exactly as it is.",
    )  # fmt: skip
    if not any(found.coloured):  # else the choice stands above the frames
        label = "Leave shots alone that have colour already"
        st.checkbox(label, key=saved_choices.recall(film.id, KEEP_COLOUR, False))
    keep = keeps_colour(saved_choices, film)
    return Choices(encoding, suffix, steadiness, keep, deinterlace, network_controls())


def written_as(
    saved_choices: SavedChoices, film: StudioFilm, purpose: Purpose, crf: float | None, choices: Choices
) -> None:
    """Draw what will be written; where that is another file than the purpose says, the way back to it."""
    if choices.encoding == _encoding_for(purpose, crf) and choices.suffix == purpose.suffix:
        st.caption(purpose.says)
        return
    file = encoding_text(choices.suffix, asdict(choices.encoding))
    st.warning(f"Written as {file}, as Advanced says: not as it is chosen here.", icon=":material/info:")
    st.button(
        f"Back to {purpose.title}", icon=":material/undo:", key=f"back-{film.id}", width="stretch",
        on_click=saved_choices.choose, args=(film.id, "codec", _AS_ABOVE),
    )  # fmt: skip


def _encoding_for(purpose: Purpose, crf: float | None) -> Encoding:
    return Encoding(purpose.codec, crf, lossless=purpose.lossless)


def _encoding(
    saved_choices: SavedChoices, film: StudioFilm, purpose: Purpose, crf: float | None
) -> tuple[Encoding, str]:
    key = saved_choices.recall(film.id, "codec", _AS_ABOVE)
    chosen = str(st.selectbox("Codec", [_AS_ABOVE, *CODECS], key=key, format_func=_codec_title))
    if chosen == _AS_ABOVE:
        return _encoding_for(purpose, crf), purpose.suffix
    codec, suffix, lossless, crf = chosen, codec_row(chosen).suffixes[0], chosen == "ffv1", None
    if (usual := codec_row(codec).quality) is not None:
        crf = st.number_input(
            "CRF", 0.0, 63.0 if codec in {"av1", "vp9"} else 51.0, step=1.0, format="%.0f",
            key=saved_choices.recall(film.id, f"crf-{codec}", float(usual)), help="Lower is better and larger.",
        )  # fmt: skip
    return Encoding(codec, crf, lossless=lossless), suffix


def _steadiness(saved_choices: SavedChoices, film: StudioFilm) -> Steadiness:
    steady = st.slider(
        "Steadiness", 0.0, 1.0, step=0.05, key=saved_choices.recall(film.id, "steady", _STEADY.steady),
        help="How firmly colours are held over time. 0: each key frame decides anew. 1: hardly any change in a shot.",
    )  # fmt: skip
    every = st.selectbox(
        "Key frames every", range(LONGEST_WAIT + 1), key=saved_choices.recall(film.id, "key-every", 0),
        format_func=lambda value: f"{value} frame{'s' if value > 1 else ''}" if value else _AS_NEEDED,
        help="The network colours key frames; between them, colour follows the motion. More of them take longer.",
    )  # fmt: skip
    return Steadiness(every or None, steady)


def _codec_title(codec: str) -> str:
    return CODEC_TITLES.get(codec, codec)
