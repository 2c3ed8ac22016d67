"""Where a film may be written, and what makes a GIF or pictures of one that was written without loss."""

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from colorizer.errors import OutputError, TargetExists
from colorizer.video.film_plan import FilmPlan
from colorizer.video.film_settings import Range
from colorizer.video.result.codecs import PICTURES
from colorizer.video.result.export import export_gif, export_pictures, refuse_filled
from colorizer.video.source.facts import Film
from colorizer.video.source.picture_folder import numbered_pictures


class Export(Protocol):
    """Makes the target of a film and gives the number of its frames; see `export_pictures`."""

    def __call__(  # noqa: D102  see above
        self, film: Film, target: Path, *, watch: Callable[[], None], before: Callable[[], None]
    ) -> int: ...


def exporter(plan: FilmPlan, *, overwrite: bool) -> Export | None:
    """What makes the result of a film that is written without loss; None where the film itself is the result."""
    if plan.exported == "gif":
        return partial(export_gif, overwrite=overwrite)
    if plan.exported not in PICTURES:
        return None
    if plan.film.container != "folder":
        return partial(export_pictures, kind=plan.exported)
    start = plan.settings.range.start
    sources = numbered_pictures(plan.film.path)[math.ceil((start or 0) / plan.film.video.time_base) :]
    names = [path.stem for path in sources] if plan.settings.range == Range() else ()
    return partial(export_pictures, kind=plan.exported, names=names, sources=sources)


def check_target(plan: FilmPlan, *, overwrite: bool) -> None:
    """Return where the target may be written. Raises OutputError for the source itself, TargetExists."""
    source, target = plan.film.path, plan.target
    if target.exists() and source.exists() and target.samefile(source):
        raise OutputError(f"{target} is the source itself. Choose another name for the result")
    if plan.exported in PICTURES:
        refuse_filled(target)
    elif target.exists() and not overwrite:
        raise TargetExists(f"{target} is there already. Choose another name, or add --overwrite")
