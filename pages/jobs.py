"""The Jobs page: what runs, what waits and what is finished."""

import streamlit as st

from colorizer.web.job_panel import job_list

st.title("Jobs")
job_list()
