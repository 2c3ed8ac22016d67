"""Networks on this disk: the ones this program knows, and how they get here, whole."""
