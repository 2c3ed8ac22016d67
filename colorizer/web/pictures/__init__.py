"""The Images page: pictures in, colour out."""
