"""The end of the studio."""

from contextlib import ExitStack

from colorizer.web.films.state import film_inspector
from colorizer.web.jobs.state import stills
from colorizer.web.live.state import viewers
from colorizer.web.models.state import model_downloads, network_checks, speed_measurements
from colorizer.web.pictures.state import detail_views, picture_sets, result_queue
from colorizer.web.state import colouring_queue, picture_reader


def close() -> None:
    """End what was going on and delete every picture; called when the server stops.

    Pictures go first: whoever stops the studio may not wait for a download to end. No one's trouble keeps the next.
    """
    # Downloads end before the checks: what arrives is tried.
    later = network_checks, model_downloads, speed_measurements, viewers, film_inspector, stills
    with ExitStack() as ending:
        for shared in (*later, picture_sets, detail_views, result_queue, colouring_queue, picture_reader):  # last first
            ending.callback(shared().close)
