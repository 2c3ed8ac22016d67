"""The Models page: the networks there are, how they get here, and how fast they are."""

import streamlit as st

from colorizer.web.models_bench import models_bench

st.title("Models")
models_bench()
