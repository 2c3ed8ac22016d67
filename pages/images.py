"""The Images page: pictures in, colour out, at once."""

import streamlit as st

from colorizer.web.pictures.adding_pictures import adding_pictures, pictures_welcome, say_shared_address
from colorizer.web.pictures.page import pictures_page
from colorizer.web.pictures.state import my_picture_set

picture_set = my_picture_set()
say_shared_address(picture_set)

if picture_set.pictures:
    pictures_page(picture_set)
    st.space("small")
    st.markdown("**Add more pictures**")
    adding_pictures(picture_set)
else:
    pictures_welcome(picture_set)
