"""The Jobs page: what runs, what waits and what is finished, or the one job that the address names."""

import streamlit as st

from colorizer.web.jobs.details import job_view
from colorizer.web.jobs.page import job_list
from colorizer.web.visitors import JOB

opened = st.query_params.get(JOB)

# A link from this page to itself leaves the browser's address as it was: it is said once more, so that reloading works.
if opened:
    st.query_params[JOB] = opened
    job_view(opened)
else:
    st.query_params.clear()
    st.title("Jobs")
    job_list()
