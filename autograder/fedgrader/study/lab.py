"""JupyterLab, opened on a learner's copy of a lesson."""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from fedcourse.home import home
from fedcourse.i18n import _
from fedgrader.course import Refusal
from fedgrader.study import jupyter

_LOOK_SECONDS = 0.2
_STOPPING = (signal.SIGTERM, signal.SIGHUP)


class CannotOpen(Refusal):
    """JupyterLab did not start; the message says what it said."""


def open_lab(notebook: Path, folder: Path) -> int:
    """Run JupyterLab on `notebook`, `<language>/<lesson>.ipynb` in `folder`, until it ends; its exit code.

    Raises:
      CannotOpen: it ended before it could be reached.
      KeyboardInterrupt: it was stopped with Ctrl-C.
    """
    page = notebook.relative_to(folder).as_posix()
    ours = {"FEDCOURSE_WORK": str(folder), "FEDCOURSE_HOME": str(home().absolute())}
    with jupyter.settings(notebook.parent.name) as settings, tempfile.TemporaryFile("w+") as log:
        since = time.time()
        process = jupyter.start(folder, page, settings | ours, log)
        with _stopped_at_the_end(process):
            while (where := jupyter.address(process, page, since)) is None and process.poll() is None:
                time.sleep(_LOOK_SECONDS)
            if where is None:
                raise CannotOpen(_why_not(log))
            print(
                _("JupyterLab opens in your browser. If it does not, open this address: {address}").format(
                    address=where
                )
            )
            print(_("To stop it, press Ctrl-C here."), flush=True)
            return _wait(process)


@contextmanager
def _stopped_at_the_end(process: subprocess.Popen) -> Iterator[None]:
    """End the server with this process, however it is told to end."""

    def end(number: int, _frame: object) -> None:
        sys.exit(128 + number)  # as shells say it

    for number in _STOPPING:
        signal.signal(number, end)
    try:
        yield
    finally:
        jupyter.stop(process)


def _wait(process: subprocess.Popen) -> int:
    """Wait until the server ends; its exit code.

    Raises:
      KeyboardInterrupt: at the second Ctrl-C, since work may be unsaved; without a terminal at the first.
    """
    try:
        return process.wait()
    except KeyboardInterrupt:
        if not sys.stdin.isatty():
            raise
        print("\n" + _("Save your notebooks, then press Ctrl-C once more to stop JupyterLab."), flush=True)
        return process.wait()


def _why_not(log: IO[str]) -> str:
    log.seek(0)
    lines = [line.strip() for line in log.read().splitlines() if line.strip()]
    text = _("JupyterLab did not start; `fedcourse doctor` looks for the cause. Its last words: {reason}")
    return text.format(reason=lines[-1] if lines else "–")
