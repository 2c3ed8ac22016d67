"""What a decoder does with a file that it crashes over, or never ends with: a stand-in for picture_reading."""

import os
import signal
import sys
import time
from pathlib import Path

if b"never ends" in Path(sys.argv[1]).read_bytes():
    time.sleep(60)
os.kill(os.getpid(), signal.SIGSEGV)
