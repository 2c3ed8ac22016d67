"""Memory that is given back."""

import subprocess
import sys

import pytest

_PROGRAM = """
import ctypes, sys
from pathlib import Path

if sys.argv[1] == "returned":
    from colorizer.video.result.process import return_large_blocks
    return_large_blocks()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

libc.free(libc.malloc(30_000_000))  # from here on glibc keeps what is smaller
before, large = resident(), []
for _ in range(20):
    large.append(libc.malloc(12_000_000))
    ctypes.memset(large[-1], 1, 12_000_000)
    libc.malloc(100_000)  # stays, and lies between
for block in large:
    libc.free(block)
print(resident() - before)
"""

_AGAIN = """
import resource, sys
import numpy as np
from colorizer.video.result.process import return_large_blocks

return_large_blocks()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(100):
    np.ones(1_000_000, np.uint8), np.ones(2_000_000, np.uint8)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="tells of glibc")
def test_large_blocks_go_back_to_the_system_though_small_ones_lie_between():
    kept, returned = (
        int(subprocess.run([sys.executable, "-c", _PROGRAM, how], capture_output=True, text=True, check=True).stdout)
        for how in ("kept", "returned")
    )
    assert returned < 10_000_000
    assert kept > 10 * returned  # otherwise this shows nothing


@pytest.mark.skipif(sys.platform != "linux", reason="tells of glibc")
def test_blocks_that_are_made_for_every_frame_are_asked_of_the_system_once():
    told = subprocess.run([sys.executable, "-c", _AGAIN], capture_output=True, text=True, check=True).stdout
    pages = 3_000_000 // 4096
    assert int(told) < 3 * pages  # of 100 times as many
