"""Where jobs and uploads lie on the disk, and how much of it they take."""

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from colorizer.errors import OutputError
from colorizer.files import size_text

FORGOTTEN_AFTER = 86_400.0  # seconds after which an upload that nobody goes on with may be cleared away

_PUT_AWAY = "removed"


@dataclass(frozen=True)
class Usage:
    """Bytes on disk: of the jobs' files, of uploads, what is free there, and the quota (None: there is none).

    pictures: of those that are being coloured, where the quota counts them.
    """

    jobs: int
    uploads: int
    free: int
    quota: int | None
    pictures: int = 0

    @property
    def over(self) -> int:
        """Bytes above the quota; 0 within it."""
        taken = self.jobs + self.uploads + self.pictures
        return max(0, taken - self.quota) if self.quota is not None else 0


@dataclass(frozen=True)
class DataFolder:
    """The studio's own folder: the list of jobs, a folder for each job, uploads and logs.

    An upload is one entry of `uploads`, a file or a folder; a job's source may be it or lie in it.
    """

    root: Path

    @property
    def database(self) -> Path:
        """The list of jobs."""
        return self.root / "jobs.sqlite"

    @property
    def jobs(self) -> Path:
        """One folder for each job."""
        return self.root / "jobs"

    @property
    def uploads(self) -> Path:
        """One entry for each upload."""
        return self.root / "uploads"

    @property
    def pictures(self) -> Path:
        """The pictures of the Images page, where there is a quota."""
        return self.root / "pictures"

    @property
    def logs(self) -> Path:
        """What the workers write down."""
        return self.root / "logs"

    @property
    def trial_lock(self) -> Path:
        """The file that a trial holds while it measures, so that nothing else of the studio's runs beside it."""
        return self.root / "trial.lock"

    def lock(self, slot: int) -> Path:
        """The file that the worker of this number holds as long as it lives."""
        return self.root / f"worker-{slot}.lock"

    def upload_of(self, source: Path) -> Path | None:
        """The upload that this source is, or lies in; None for a film from elsewhere."""
        if not source.is_relative_to(self.uploads) or source == self.uploads:
            return None
        return self.uploads / source.relative_to(self.uploads).parts[0]

    def make(self) -> None:
        """Make the folders that are missing. Raises OutputError."""
        for folder in (self.root, self.jobs, self.uploads, self.logs):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise OutputError(
                    f"the folder {folder} cannot be made ({error.strerror}). Set COLORIZER_DATA_DIR to another one"
                ) from error

    def usage(self, quota: int | None) -> Usage:
        """How much all of it takes at this moment. Raises OutputError."""
        self.make()
        free = shutil.disk_usage(self.root).free
        return Usage(size_on_disk(self.jobs), size_on_disk(self.uploads), free, quota, size_on_disk(self.pictures))


def demand_room(usage: Usage) -> None:
    """Return where the quota is kept. Raises OutputError."""
    if usage.over:
        raise OutputError(
            f"films and uploads take {size_text(usage.jobs + usage.uploads)}, and the quota is "
            f"{size_text(usage.quota or 0)}. Delete some of them, or raise COLORIZER_QUOTA_GB"
        )


def size_on_disk(path: Path) -> int:
    """Bytes of all files in the folder and below; what vanishes meanwhile counts nothing."""
    total = 0
    folders = [os.fspath(path)]
    while folders:
        with suppress(FileNotFoundError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                    continue
                with suppress(FileNotFoundError):
                    total += entry.stat(follow_symlinks=False).st_size
    return total


def remove(path: Path) -> None:
    """Delete the file or the folder with all in it; nothing happens where it is gone, or cannot be deleted now."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def put_away(upload: Path) -> None:
    """Mark an upload, a folder, that its user removed and a job still needs: it goes with the last of these."""
    (upload / _PUT_AWAY).touch()


def bring_back(upload: Path) -> None:
    """Take the mark away again: its user brought it once more."""
    (upload / _PUT_AWAY).unlink(missing_ok=True)


def is_put_away(upload: Path) -> bool:
    """Whether its user removed this upload, and it stays for a job alone."""
    return (upload / _PUT_AWAY).exists()


def last_touch(path: Path) -> float:
    """When the file or folder was last changed; never, where it is gone by now."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
