"""The studio in a Jupyter notebook: `from colorizer.notebook import studio`, then `studio()` in a cell."""

from colorizer.errors import ColorizerError

try:
    import ipywidgets  # noqa: F401  asked for here, so that its absence is told in one line
except ModuleNotFoundError as missing:
    raise ColorizerError(
        'the notebook needs ipywidgets. Install it with: pip install ".[notebook]" in the checkout'
    ) from missing

from colorizer.notebook.panel import NotebookStudio, studio

__all__ = ["NotebookStudio", "studio"]
