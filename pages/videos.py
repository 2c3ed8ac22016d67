"""The Videos page: films in, a look at their colours, and off to the queue."""

import streamlit as st

from colorizer.web.films.adding_films import film_arrivals, film_welcome
from colorizer.web.films.page import film_bench, say_missing
from colorizer.web.state import reels

films = reels()
say_missing(films)

if films:
    film_bench(films)
    st.space("small")
    st.markdown("**Add more films**")
    film_arrivals(roomy=False)
else:
    film_welcome()
