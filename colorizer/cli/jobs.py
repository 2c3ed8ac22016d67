"""`colorizer jobs`: the films that the studio has in hand, seen and steered from a terminal."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from colorizer.cli.terminal import one_line, print_table
from colorizer.errors import ColorizerError
from colorizer.files import size_text
from colorizer.jobs.folders import FORGOTTEN_AFTER, remove
from colorizer.jobs.model import Job, State
from colorizer.jobs.slots import recover_dead
from colorizer.jobs.store import Store, open_store

Item = TypeVar("Item")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its verbs."""
    parser = subparsers.add_parser("jobs", help="list, stop and retry the films that the studio makes")
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    verb = verbs.add_parser("list", help="what runs, waits and has ended")
    verb.add_argument("--json", action="store_true", help="the same as JSON, for programs")
    verb.set_defaults(run=run, verb=_list)
    verb = verbs.add_parser("show", help="all that is known about one job")
    verb.add_argument("id", metavar="ID")
    verb.add_argument("--json", action="store_true", help="the same as JSON, for programs")
    verb.set_defaults(run=run, verb=_show)
    verb = verbs.add_parser("cancel", help="stop jobs; what they have finished stays until they are forgotten")
    verb.add_argument("ids", nargs="+", metavar="ID")
    verb.set_defaults(run=run, verb=_cancel)
    verb = verbs.add_parser(
        "retry", help="queue failed or cancelled jobs again; they go on with what they had finished"
    )
    verb.add_argument("ids", nargs="+", metavar="ID")
    verb.set_defaults(run=run, verb=_retry)
    verb = verbs.add_parser(
        "clean", help="forget cancelled and failed jobs, and delete uploads that no job was made of"
    )
    verb.add_argument("--done", action="store_true", help="finished films too: they are deleted with their results")
    verb.set_defaults(run=run, verb=_clean)


def run(options: argparse.Namespace) -> int:
    """Do what the verb says; 1 where any of it failed."""
    store = open_store()
    recover_dead(store, "ended without a word")  # what says "running" here does run
    verb: Callable[[Store, argparse.Namespace], int] = options.verb
    return verb(store, options)


def _list(store: Store, options: argparse.Namespace) -> int:
    jobs = store.jobs()
    if options.json:
        print(json.dumps([as_dict(job) for job in jobs], indent=1))
        return 0
    print_table(("job", "film", "state", "progress", "left", "size", "note"), [_row(job) for job in jobs])
    usage = store.usage()
    quota = f" of a quota of {size_text(usage.quota)}" if usage.quota is not None else ""
    print(
        f"{len(jobs)} jobs in {store.data.root}: {size_text(usage.jobs)} of films and {size_text(usage.uploads)} of "
        f"uploads{quota}, {size_text(usage.free)} free"
    )
    return 0


def _row(job: Job) -> tuple[str, ...]:
    state = f"{job.state} ({job.position}.)" if job.position else str(job.state)
    share = f"{job.fraction:.0%}" if job.fraction is not None else f"{job.frames} frames" if job.frames else ""
    left = f"{job.seconds_left:.0f} s" if job.seconds_left is not None else ""
    size = size_text(job.bytes) if job.bytes else ""
    return job.id, one_line(job.order.title), state, share, left, size, one_line(job.note or job.doing)


def _show(store: Store, options: argparse.Namespace) -> int:
    job = store.find(options.id)
    if options.json:
        print(json.dumps(as_dict(job), indent=1))
        return 0
    told = as_dict(job) | {"stage": job.doing, "reason": job.note, "setback": ""}  # in words
    said = {name: value for name, value in told.items() if name != "settings" and value not in {None, ""}}
    print_table(("about", job.id), [(name, one_line(str(value))) for name, value in said.items() if name != "id"])
    return 0


def as_dict(job: Job) -> dict[str, Any]:
    """The job in plain values, its order's among them."""
    order = json.loads(job.order.as_json())
    times = {name: getattr(job, name) for name in ("created", "started", "ended")}
    return {
        "id": job.id,
        **{name: order[name] for name in ("title", "action", "source", "model", "engine", "regrades")},
        "state": job.state,
        "stage": job.stage,
        "position": job.position,
        "frames": job.frames,
        "expected": job.expected,
        "shots": job.shots,
        "fps": round(job.fps, 3),
        "seconds_left": job.seconds_left,
        **{name: time.isoformat(timespec="seconds") if time else None for name, time in times.items()},
        "attempts": job.attempts,
        "reason": job.reason,
        "setback": job.setback,
        "ran_on": job.engine,
        "result": str(job.result) if job.result else None,
        "bytes": job.bytes,
        "settings": order["settings"],
    }


def _cancel(store: Store, options: argparse.Namespace) -> int:
    return _each(options.ids, lambda job_id: _told(store.cancel(job_id)))


def _retry(store: Store, options: argparse.Namespace) -> int:
    return _each(options.ids, lambda job_id: _told(store.retry(job_id)))


def _told(job: Job) -> str:
    if job.wish:
        return f"{job.id} ({job.order.title}) will be cancelled in a moment"
    return f"{job.id} ({job.order.title}) is {job.state}"


def _clean(store: Store, options: argparse.Namespace) -> int:
    gone = {State.CANCELLED, State.FAILED} | ({State.DONE} if options.done else set())
    before = store.usage()

    def delete(job: Job) -> str:
        store.delete(job.id)
        return f"{job.id} ({job.order.title}) is forgotten"

    status = _each([job for job in store.jobs() if job.state in gone], delete)
    for upload in store.unused_uploads(FORGOTTEN_AFTER):
        remove(upload)
    store.sweep()
    after = store.usage()
    print(f"{size_text(max(0, before.jobs + before.uploads - after.jobs - after.uploads))} are free again")
    return status


def _each(items: Iterable[Item], act: Callable[[Item], str]) -> int:
    """Do it to each and say what came of it; 1 where one failed, which does not stop the others."""
    status = 0
    for item in items:
        try:
            print(one_line(act(item)))
        except ColorizerError as error:
            print(one_line(f"colorizer: {error}"), file=sys.stderr)
            status = 1
    return status
