"""The Images page: pictures in, colour out, at once."""

import streamlit as st

from colorizer.web.arrivals import arrival_controls, say_given, welcome
from colorizer.web.resources import my_desk
from colorizer.web.workbench import bench

desk = my_desk()
say_given(desk)

if desk.pictures:
    bench(desk)
    st.space("small")
    st.markdown("**Add more pictures**")
    arrival_controls(desk)
else:
    welcome(desk)
