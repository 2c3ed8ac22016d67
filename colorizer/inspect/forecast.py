"""What a film will need, from what a stretch of it needed and from what films really took here: pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from statistics import median

from colorizer.jobs.model import Job, State

_REMEMBERED = 5  # films that are learned from, the latest ones
_DOUBTS = (1.0, 1.0)  # that count as two films which took just what was said: a single film teaches nothing
LEAST, MOST = 0.5, 2.0  # what was learned changes a forecast by no more


@dataclass(frozen=True)
class Measured:
    """What a trial took. frames, seconds, bytes, runs, shots: of the stretches, and of their network and shots.

    fixed: seconds that a film takes whatever its length. run_seconds: of one network run. busy: how many films were
    being made meanwhile, which a film that waits for its turn will not have beside it. spread: how many times longer a
    frame took in one stretch than in another, by what is in them or by what else the machine had to do; 1 or more.
    size_give: how many times larger, or smaller, than is said the result may be; 1 or more.
    """

    frames: int
    seconds: float
    fixed: float
    bytes: float
    runs: int
    shots: int
    run_seconds: float
    engine: str
    busy: int = 0
    spread: float = 1.0
    size_give: float = 1.0

    def seconds_for(self, frames: int, shots: int | None = None) -> float:
        """What so many frames will take, about. shots: how many they have, where that is known."""
        run = min(self.run_seconds, self.seconds / max(self.runs, 1))
        share = frames / self.frames
        runs = self.runs * share if shots is None else (self.runs - self.shots) * share + shots
        return self.fixed + share * (self.seconds - self.runs * run) + max(runs, 0.0) * run

    def bytes_for(self, frames: int) -> int:
        """What so many frames will weigh, about."""
        return round(frames * self.bytes / self.frames)


def learned(jobs: Iterable[Job]) -> float:
    """How many times longer than was forecast films took here lately, LEAST to MOST; 1 as long as little is known.

    jobs: the latest first, as Store.jobs has those that ended.
    """
    latest = list(islice((ratio for job in jobs if (ratio := _ratio(job)) is not None), _REMEMBERED))
    return min(max(median([*latest, *_DOUBTS]), LEAST), MOST)


def _ratio(job: Job) -> float | None:
    """What the job took by what was forecast; None where it was not made in one go, or nothing was forecast."""
    if job.state is not State.DONE or job.attempts != 1 or not job.order.forecast or not (job.started and job.ended):
        return None
    return (job.ended - job.started).total_seconds() / job.order.forecast
