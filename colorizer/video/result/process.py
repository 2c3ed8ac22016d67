"""How the process gives memory back."""

import ctypes
import sys

# The names are those of glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGE_BLOCK = 8_000_000  # bytes: the planes of a 4K frame, and nothing that is made many times a frame
_KEPT_FREE = 64_000_000  # bytes: more than the smaller blocks of a frame take together


def return_large_blocks() -> None:
    """Give blocks as large as a 4K plane back to the system as soon as they are freed, and keep what smaller ones take.

    By itself glibc comes to keep the large ones in its heap, where smaller blocks between them hold them fast: the
    memory of a 4K film then grows by a few megabytes a minute. Told so, it gives the small ones back as well, to ask
    for them again at once, which took a tenth of all time until that was told, too. Elsewhere nothing is done.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_FREE)
