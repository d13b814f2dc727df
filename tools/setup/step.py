"""One step of the set-up: a command that runs in quiet, and one line that tells how far it is."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.setup import ROOT

BAR = 10  # characters
TICK_SECONDS = 0.2
_NAME = 44  # characters; with the rest of the line it fits into the 80 of a terminal


class StepFailed(Exception):
    """The command of a step failed; the message is all that it wrote."""


class Line:
    """The line of one step: rewritten on a terminal, elsewhere begun and then ended."""

    def __init__(self, name: str) -> None:
        """Begin it."""
        self._name = name
        self._begin = time.time()
        self._moves = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self._width = 0
        if not self._moves:
            print(name, end=" ... ", flush=True)

    def show(self, part: "float | None") -> None:
        """Say how far the step is, from 0 to 1, or None where nobody knows."""
        if self._moves:
            self._write("" if part is None else bar(part))

    def end(self, how: str) -> None:
        """Say for the last time how it went."""
        if self._moves:
            self._write(how)
            print(flush=True)
        else:
            print(how, self._duration(), flush=True)

    def _write(self, text: str) -> None:
        line = " ".join([self._name.ljust(_NAME), self._duration().rjust(9), text])
        line = line[: shutil.get_terminal_size().columns - 1]  # a wrapped line could not be rewritten
        print("\r" + line.ljust(self._width), end="", flush=True)
        self._width = len(line)

    def _duration(self) -> str:
        minutes, seconds = divmod(int(time.time() - self._begin), 60)
        return f"{minutes} min {seconds:2} s" if minutes else f"{seconds} s"


def bar(part: float) -> str:
    """A part from 0 to 1, as `[#####     ]  50 %`; more than 1 is all."""
    done = int(min(part, 1) * BAR)
    return "[{}] {:4.0%}".format(("#" * done).ljust(BAR), min(part, 1)).replace("%", " %")


def run(name: str, command: "list[str]", environment: "dict[str, str]", total: int = 0) -> None:
    """Run a command in the course's folder; `total` is the number of bytes it will write, 0 if unknown.

    Raises:
      StepFailed: it could not be run, or ended with another code than 0.
    """
    line, how = Line(name), "stopped"
    with tempfile.TemporaryFile() as log:
        try:
            process = subprocess.Popen(
                command, cwd=str(ROOT), env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        except OSError as error:
            line.end("failed")
            raise StepFailed(str(error)) from None
        try:
            while not _ended(process):
                line.show(written_bytes(process.pid) / total if total else None)
            how = "failed" if process.returncode else "done"
        finally:  # an interrupt as well
            process.kill()
            process.wait()
            line.end(how)
        if process.returncode:
            log.seek(0)
            raise StepFailed(log.read().decode(errors="replace").strip())


def _ended(process: subprocess.Popen) -> bool:
    """Whether it has ended, at once or within a tick."""
    try:
        process.wait(TICK_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def written_bytes(pid: int) -> int:
    """What a process and those it has started have written so far; 0 where the system does not tell."""
    own = Path(f"/proc/{pid}")
    try:
        counted = dict(line.split(": ") for line in (own / "io").read_text().splitlines())
        children = " ".join((task / "children").read_text() for task in (own / "task").iterdir())
    except OSError:
        return 0
    return int(counted["wchar"]) + sum(written_bytes(int(child)) for child in children.split())
