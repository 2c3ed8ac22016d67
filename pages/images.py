"""The Images page: pictures in, colour out, at once."""

import streamlit as st

from colorizer.web.pictures.adding_pictures import arrival_controls, say_given, welcome
from colorizer.web.pictures.page import bench
from colorizer.web.state import my_desk

desk = my_desk()
say_given(desk)

if desk.pictures:
    bench(desk)
    st.space("small")
    st.markdown("**Add more pictures**")
    arrival_controls(desk)
else:
    welcome(desk)
