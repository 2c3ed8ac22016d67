"""Films that wait, run and are finished: a list on disk, and one process that works through it."""
