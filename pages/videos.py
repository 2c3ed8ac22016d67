"""The Videos page: films in, a look at their colours, and off to the queue."""

import streamlit as st

from colorizer.web.films.adding_films import adding_films, films_welcome
from colorizer.web.films.page import films_page, say_missing
from colorizer.web.films.state import shown_films

films = shown_films()
say_missing(films)

if films:
    films_page(films)
    st.space("small")
    st.markdown("**Add more films**")
    adding_films(roomy=False)
else:
    films_welcome()
