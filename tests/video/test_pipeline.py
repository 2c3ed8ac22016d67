"""Reading ahead and writing behind."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.video.pipeline import ahead, behind


def _alive(name):
    return [thread for thread in threading.enumerate() if thread.name == name]


@given(st.lists(st.integers()), st.integers(1, 4))
def test_every_item_arrives_once_and_in_order(items, depth):
    done = []
    with ahead(items, depth, "reading") as taken, behind(done.append, depth, "writing") as give:
        for item in taken:
            give(item)
    assert done == items
    assert not _alive("reading")
    assert not _alive("writing")


def test_no_more_than_the_depth_is_made_ahead():
    made = []

    def items():
        for number in range(1000):
            made.append(number)
            yield number

    with ahead(items(), 3, "reading") as taken:
        next(taken)
        time.sleep(0.2)
        assert len(made) <= 6
    assert not _alive("reading")


def test_what_the_reader_raises_comes_after_the_items_before_it():
    def items():
        yield 1
        raise OSError("the disk has gone")

    seen = []
    with pytest.raises(OSError, match="the disk has gone"), ahead(items(), 2, "reading") as taken:
        for item in taken:
            seen.append(item)  # noqa: PERF402  what came before the error counts
    assert seen == [1]


def test_what_the_writer_raises_stops_the_giver():
    def work(item):
        if item == 3:
            raise OSError("disk full")

    def give_many():
        with behind(work, 2, "writing") as give:
            for item in range(10_000):
                give(item)

    with pytest.raises(OSError, match="disk full"):
        give_many()
    assert not _alive("writing")


def test_a_failure_of_the_last_item_is_not_lost():
    def work(item):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"), behind(work, 2, "writing") as give:
        give(1)


def test_leaving_with_an_exception_drops_what_waits_and_ends_the_thread():
    done = []

    def work(item):
        time.sleep(0.05)
        done.append(item)

    with pytest.raises(KeyboardInterrupt), behind(work, 50, "writing") as give:
        for item in range(50):
            give(item)
        raise KeyboardInterrupt
    assert len(done) < 50
    assert not _alive("writing")
