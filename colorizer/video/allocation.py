"""How the process gives memory back."""

import ctypes
import sys

_M_MMAP_THRESHOLD = -3  # glibc's malloc.h
_LARGE_BLOCK = 8_000_000  # bytes: the planes of a 4K frame, and nothing that is made many times a frame


def return_large_blocks() -> None:
    """Give blocks as large as a 4K plane back to the system as soon as they are freed.

    By itself glibc comes to keep them in its heap, where smaller blocks between them hold them fast: the memory of a
    4K film then grows by a few megabytes a minute. Elsewhere than on glibc nothing is done.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
