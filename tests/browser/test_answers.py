"""How soon the studio answers."""

import http.client
import sys
import time
from urllib.parse import urlsplit

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop does not run on Windows")
def test_a_small_answer_does_not_wait_for_the_acknowledgement_of_its_head(studio):
    connection = http.client.HTTPConnection(urlsplit(studio).netloc)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        connection.request("GET", "/_stcore/health")
        connection.getresponse().read()
        times.append(time.perf_counter() - start)
    connection.close()
    assert min(times) < 0.03  # delayed acknowledgements take 40 ms, each time
