"""The Live page: the camera, a screen or a film in colour as it comes."""

import streamlit as st

from colorizer.web.live.page import live_page

st.title("Live, in colour")
live_page()
