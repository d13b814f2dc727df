"""The grader's end of a process that runs student code: it asks, waits for so long, and believes nothing."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

from autograder.sandbox import host, unsafe
from fedcourse.i18n import _

_LONGEST_MESSAGE = 20_000_000  # bytes; an honest one has at most LONGEST_MESSAGE of `executor.py`


_START_SECONDS = 120


class NotStarted(RuntimeError):
    """The process never took a request."""


class ProcessEnded(Exception):
    """The process is gone, or sends what is no message."""


class Room(Protocol):
    """Where the process runs."""

    def lost(self) -> bool:
        """Whether the room itself has ended."""

    def poll(self) -> int | None:
        """The exit code, None while the process runs."""

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the process."""

    def close(self) -> None:
        """End the process and everything it has started; may be repeated."""


class StudentProcess:
    """A process that takes the requests of `sandbox/guest/executor.py`, one at a time."""

    def __init__(self, room: Room, line: socket.socket):
        self._room = room
        self._line = line
        self._received = bytearray()
        self._searched = 0
        self.is_gone = False  # it has ended, and not because we wanted it to

    def request(self, request: dict[str, Any], seconds: float) -> None:
        """Send a request.

        Raises:
          TimeoutError: the process did not take it in time.
          ProcessEnded: it cannot take it.
        """
        self._line.settimeout(seconds)
        try:
            self._line.sendall(json.dumps(request).encode() + b"\n")
        except TimeoutError:
            raise
        except OSError:
            self.is_gone = True
            raise ProcessEnded from None

    def messages(self, seconds: float) -> Iterator[dict[str, Any]]:
        """What comes, to the message "done" that ends a request.

        Raises:
          TimeoutError: it did not come within `seconds`; more may come later.
          ProcessEnded: it never will.
        """
        deadline = monotonic() + seconds
        while True:
            yield (message := self._message(deadline))
            if message["msg_type"] == "done":
                return

    def _message(self, deadline: float) -> dict[str, Any]:
        while (end := self._received.find(b"\n", self._searched)) < 0:
            self._searched = len(self._received)
            self._receive(deadline)
        text, self._searched = bytes(self._received[:end]), 0
        del self._received[: end + 1]
        try:
            message = json.loads(text)
            if isinstance(message["msg_type"], str) and isinstance(message["content"], dict):
                return message
        except (ValueError, TypeError, KeyError, RecursionError):
            pass
        self.close()
        raise ProcessEnded

    def _receive(self, deadline: float) -> None:
        left = deadline - monotonic()
        if left <= 0:
            raise TimeoutError
        self._line.settimeout(left)
        try:
            got = self._line.recv(1_000_000)
        except TimeoutError:
            raise
        except OSError:
            got = b""
        self.is_gone = not got
        if not got or len(self._received) > _LONGEST_MESSAGE:
            self.close()
            raise ProcessEnded
        self._received += got

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in what runs."""
        self._room.interrupt()

    def has_ended(self) -> bool:
        return self._room.poll() is not None

    def close(self) -> None:
        """End the process and everything it has started; may be repeated."""
        self._line.close()
        self._room.close()


@contextmanager
def student_process(language: str, sandboxed: bool, folder: Path) -> Iterator[StudentProcess]:
    """A new process whose messages are in `language`; it works in `folder` if it is not `sandboxed`.

    Raises:
      NoSandbox: this machine cannot isolate it.
      NotStarted: it takes no request.
      SandboxEnded: what came of it is not to be blamed on student code; begin again.
    """
    environment = {"FEDCOURSE_LANG": language}
    if sandboxed:
        room, line = host.sandbox().start_executor(environment)
    else:
        room, line = unsafe.start_executor(environment, folder)
    process = StudentProcess(room, line)
    try:
        _greet(process)
        yield process
    finally:
        process.close()
        if process.is_gone and room.lost():
            raise host.SandboxEnded(_("The sandbox has ended. Grade this notebook again."))


def _greet(process: StudentProcess) -> None:
    try:
        process.request({"run": ""}, _START_SECONDS)
        for _message in process.messages(_START_SECONDS):
            pass
    except (TimeoutError, ProcessEnded):
        raise NotStarted from None
