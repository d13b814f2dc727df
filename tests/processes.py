"""Processes that tests watch and wait for: as long as a busy machine needs, and no longer than needed."""

import os
import socket
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil

PATIENCE = 600  # seconds after which something hangs, on however busy a machine


def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for the event; fails where it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def of_us() -> set[psutil.Process]:
    """Our living descendants; orphans come to us, for `conftest` made us a subreaper.

    Less those of the browser, which the tests of a process share, and which starts and ends some as it likes.
    """
    return {
        process
        for process in psutil.Process().children(recursive=True)
        if process.status() != psutil.STATUS_ZOMBIE and "chrom" not in process.name()
    }


def running(marker: str) -> list[psutil.Process]:
    """The living processes with `marker` on their command line."""
    live = []
    for process in psutil.process_iter(["cmdline", "status"]):
        if marker in (process.info["cmdline"] or []) and process.info["status"] != psutil.STATUS_ZOMBIE:
            live.append(process)
    return live


def environment() -> dict[str, str]:
    """Ours, in which nbgrader finds the programs it starts."""
    return os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def answers(address: str) -> bool:
    """Whether a server is there by now."""
    try:
        urllib.request.urlopen(address, timeout=60).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
