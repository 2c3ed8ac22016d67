"""What all pages and tabs share: pictures in colour, and what was chosen for each film."""

import streamlit as st

from colorizer.inspect.picture_reading import PictureReader
from colorizer.settings import settings
from colorizer.web.colouring import ColouringQueue
from colorizer.web.saved_choices import SavedChoices


@st.cache_resource(show_spinner=False)
def colouring_queue() -> ColouringQueue:
    """The pictures and frames of films that are being coloured, or are coloured already."""
    return ColouringQueue(picture_reader().read)


@st.cache_resource(show_spinner=False)
def picture_reader() -> PictureReader:
    """What reads pictures, in processes of their own where a decoder might crash."""
    return PictureReader()


@st.cache_resource(show_spinner=False)
def saved_choices() -> SavedChoices:
    """What was chosen for each film."""
    return SavedChoices(None if settings().shared else settings().data_folder / "choices.json")
