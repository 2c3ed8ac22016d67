"""Who visits a studio that strangers share, and what addresses may name; at home everything is everybody's."""

import secrets

import streamlit as st

from colorizer.settings import settings

JOB, FILM = "job", "film"  # what an address may name: its id cannot be guessed, so whoever knows it may see it
KEPT_HOURS = 3  # of what strangers brought and had made
_VISITOR = "visitor"


def visitor_id() -> str:
    """What the films of this visitor are marked with; empty at home."""
    if not settings().shared:
        return ""
    token: str = st.session_state.setdefault(_VISITOR, secrets.token_hex(12))
    return token
