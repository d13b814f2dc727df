"""The grader's end of a process that runs student code: it asks, waits for so long, and believes nothing."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from fedcourse.i18n import _
from fedgrader.guest.deadline import Deadline, Usage
from fedgrader.running.sandbox import host, unsafe

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

    def usage(self) -> Usage:
        """What the process and those it has started have computed and waited for."""

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

    def deadline(self, seconds: float) -> Deadline:
        """`seconds` of the process's own computing from now on."""
        return Deadline(seconds, self.usage)

    def usage(self) -> Usage:
        """What the process and those it has started have computed and waited for."""
        return self._room.usage()

    def request(self, request: dict[str, Any], deadline: Deadline) -> None:
        """Send a request.

        Raises:
          TimeoutError: the process did not take it in time.
          ProcessEnded: it cannot take it.
        """
        text = json.dumps(request).encode() + b"\n"
        try:
            while text:
                self._line.settimeout(deadline.until_next_look())
                with suppress(TimeoutError):
                    text = text[self._line.send(text) :]
        except TimeoutError:
            raise
        except OSError:
            self.is_gone = True
            raise ProcessEnded from None

    def messages(self, deadline: Deadline) -> Iterator[dict[str, Any]]:
        """What comes, to the message "done" that ends a request.

        Raises:
          TimeoutError: it did not come in time; more may come later.
          ProcessEnded: it never will.
        """
        while True:
            yield (message := self._message(deadline))
            if message["msg_type"] == "done":
                return

    def _message(self, deadline: Deadline) -> dict[str, Any]:
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

    def _receive(self, deadline: Deadline) -> None:
        self._line.settimeout(deadline.until_next_look())
        try:
            got = self._line.recv(1_000_000)
        except TimeoutError:  # look at the deadline again
            return
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
    room: Room
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
        deadline = process.deadline(_START_SECONDS)
        process.request({"run": ""}, deadline)
        for _message in process.messages(deadline):
            pass
    except (TimeoutError, ProcessEnded):
        raise NotStarted from None
