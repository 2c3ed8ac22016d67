"""Which uploads nobody needs any more: the one rule, for pages, for `colorizer jobs clean` and for the quota."""

from collections.abc import Sequence
from pathlib import Path

from colorizer.jobs.folders import DataFolder, is_put_away, last_touch
from colorizer.jobs.model import Job


def unused(data: DataFolder, jobs: Sequence[Job], before: float) -> list[Path]:
    """The uploads that nobody needs.

    One that its user removed is kept for the jobs that may read it again. Any other is kept for every job that was made
    of it, and unless it was last touched before this moment, in seconds since 1970.
    """
    made_of = {data.upload_of(job.order.source) for job in jobs}
    read_by = {data.upload_of(job.order.source) for job in jobs if job.reads_source}
    return [
        upload
        for upload in data.uploads.iterdir()
        if (upload not in read_by if is_put_away(upload) else upload not in made_of and last_touch(upload) < before)
    ]
