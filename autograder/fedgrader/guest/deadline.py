"""Deadlines that a busy machine does not bring nearer."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

PATIENCE = 20  # times as long on the clock, where even waiting for a processor must have an end
_LOOK_SECONDS = 1.0


class Usage(NamedTuple):
    """Seconds that a process and those it has started computed so far, and waited for a processor."""

    computed: float
    queued: float


class Deadline:
    """`seconds` that a process computes or sleeps from now on; what it waits for a processor is its own.

    `usage` tells what the process has done so far, as `usage_of` does.
    """

    def __init__(self, seconds: float, usage: Callable[[], Usage]):
        self.seconds = seconds
        self._usage = usage
        self._before = usage()
        self._started = time.monotonic()
        self._used = Usage(0.0, 0.0)

    @property
    def left(self) -> float:
        """Seconds that are left; 0 or less when the time is over."""
        now = self._usage()
        # What a process did is forgotten when it ends.
        computed = max(self._used.computed, now.computed - self._before.computed)
        queued = max(self._used.queued, now.queued - self._before.queued)
        self._used = Usage(computed, queued)
        elapsed = time.monotonic() - self._started
        return self.seconds - max(computed, elapsed - queued, elapsed / PATIENCE)

    @property
    def is_over(self) -> bool:
        return self.left <= 0

    @property
    def slept(self) -> bool:
        """Whether, so far as was looked, less than half of the time was spent computing."""
        return self._used.computed < self.seconds / 2

    def until_next_look(self) -> float:
        """Seconds on the clock until one should look again.

        Raises:
          TimeoutError: the time is over.
        """
        left = self.left
        if left <= 0:
            raise TimeoutError
        return min(_LOOK_SECONDS, max(0.05, left / 4))


def usage_of(pid: int) -> Usage:
    """What the process `pid` and those it has started did, as far as they still run.

    Without Linux's statistics of its scheduler nobody is known to have waited for a processor.
    """
    computed = queued = 0.0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                computed += sum(one.cpu_times()[:4])  # its own, and those of children it has waited for
            queued += sum(map(_queued_seconds, Path(f"/proc/{one.pid}/task").glob("*/schedstat")))
    return Usage(computed, queued)


def _queued_seconds(schedstat: Path) -> float:
    """Seconds that a thread was ready to run and had no processor (Linux, Documentation/scheduler)."""
    try:
        return int(schedstat.read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):  # it has just ended
        return 0.0
