"""Whether a job's result will find room within the quota, asked before the work begins."""

from colorizer.errors import OutputError
from colorizer.files import size_text
from colorizer.jobs.folders import size_on_disk
from colorizer.jobs.model import Job
from colorizer.jobs.store import Store
from colorizer.video.disk_space import result_bytes
from colorizer.video.film_run import probe_film

_NAMED = 3  # of what may be deleted, the largest


def demand_room(store: Store, job: Job) -> None:
    """Return where the result fits once older results are cleared away, as they are when it is done.

    Raises OutputError, which says what else takes the room; InputError where the film cannot be read.
    """
    if store.quota is None:
        return
    settings = job.order.settings
    needed = result_bytes(probe_film(job.order.source, settings), settings, job.order.suffix)
    kept = _kept(store, job)
    room = store.quota - sum(kept.values())
    if needed <= room:
        return
    largest = sorted(kept, key=lambda name: -kept[name])[:_NAMED]
    others = ", ".join(f"{name} ({size_text(kept[name])})" for name in largest if kept[name])
    raise OutputError(
        f"about {size_text(needed)} are needed for {job.order.title}, and the quota of {size_text(store.quota)} leaves "
        f"{size_text(max(room, 0))}. {f'Delete {others}, or raise' if others else 'Raise'} COLORIZER_QUOTA_GB"
    )


def _kept(store: Store, job: Job) -> dict[str, int]:
    """What stays when older results are cleared away, by its name: uploads, and what is finished of other jobs."""
    jobs = store.jobs()
    kept: dict[str, int] = {}
    titles = {store.data.upload_of(one.order.source): one.order.title for one in jobs}
    for upload in store.data.uploads.iterdir():
        name = f"the uploaded {titles.get(upload, upload.name)}"
        kept[name] = kept.get(name, 0) + (size_on_disk(upload) if upload.is_dir() else upload.stat().st_size)
    for one in jobs:
        if one.id != job.id and (not one.state.has_ended or one.id == job.order.regrades):
            name = f"the job {one.order.title}"
            kept[name] = kept.get(name, 0) + size_on_disk(one.folder)
    return kept
