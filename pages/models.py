"""The Models page: the networks there are, how they get here, and how fast they are."""

import streamlit as st

from colorizer.web.models.page import models_page

st.title("Models")
models_page()
