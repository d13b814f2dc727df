"""No sandbox: a process for student code with all the rights of whoever starts it."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from fedgrader.course.files import GUEST, TOOLKIT
from fedgrader.guest.deadline import Usage, usage_of

# The course's packages, wherever the process works.
_PATH = os.pathsep.join(map(str, (TOOLKIT.parent, GUEST.parents[1])))


class UnsafeRoom:
    """A process like a sandbox's, without its walls."""

    def __init__(self, process: subprocess.Popen):
        self._process = process

    def poll(self) -> int | None:
        """The exit code, None while the process runs."""
        return self._process.poll()

    def lost(self) -> bool:
        """There is no room that could end."""
        return False

    def usage(self) -> Usage:
        """What the process and those it has started have computed and waited for."""
        return usage_of(self._process.pid)

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the process."""
        self._process.send_signal(signal.SIGINT)

    def close(self) -> None:
        """End the process and its session, wait until it is gone; may be repeated."""
        _end_session(self._process.pid)
        self._process.wait()


def start_executor(environment: dict[str, str], folder: Path) -> tuple[UnsafeRoom, socket.socket]:
    """A process that runs cells in `folder`, and the socket on which it takes requests."""
    mine, its = socket.socketpair()
    with its:
        process = subprocess.Popen(
            [sys.executable, "-m", "fedgrader.guest.executor", str(its.fileno())],
            pass_fds=[its.fileno()],
            cwd=folder,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": _PATH, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    return UnsafeRoom(process), mine


def _end_session(leader: int) -> None:
    """Kill every process of the session that `leader`, a process id, leads, dead or alive."""
    ended = []
    for process in psutil.process_iter():
        with suppress(ProcessLookupError, PermissionError, psutil.Error):
            if os.getsid(process.pid) == leader:
                process.kill()
                ended.append(process)
    psutil.wait_procs(ended, timeout=2)
