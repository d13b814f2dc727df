"""Check a notebook each time it is saved, from its top to the first exercise that is not passed."""

import time
from contextlib import ExitStack
from pathlib import Path

from fedcourse.i18n import _, use_language
from fedgrader.running.student_process import StudentProcess
from fedgrader.study import notebook_run
from fedgrader.study.notebook_run import CannotStudy, Checked, StudyNotebook
from fedgrader.study.words import what_next

POLL_SECONDS = 0.3
# What every lesson's first cell imports; done while the learner still types.
_AHEAD = "import fedcourse, tensorflow_federated"
_AHEAD_SECONDS = 60


def watch(path: Path, language: str | None = None) -> None:
    """Look at the notebook now and after every save, until interrupted.

    Raises:
      CannotStudy: there is no such notebook, or it is no lesson's.
    """
    notebook, seen = notebook_run.read(path, language), None
    while True:
        use_language(notebook.language)
        with ExitStack() as stack:
            process = _ready(stack, notebook)
            notebook = _next_version(path, language, seen)
            seen = notebook.code
            print(_("{time}: running the notebook …").format(time=time.strftime("%H:%M:%S")), flush=True)
            print(what_next(notebook, _looked_at(notebook, process)), flush=True)


def _ready(stack: ExitStack, notebook: StudyNotebook) -> StudentProcess:
    process = stack.enter_context(notebook_run.started(notebook))
    deadline = process.deadline(_AHEAD_SECONDS)
    process.request({"run": _AHEAD}, deadline)
    for _message in process.messages(deadline):
        pass
    return process


def _next_version(path: Path, language: str | None, seen: list[str] | None) -> StudyNotebook:
    """Wait until the notebook's code is other than `seen`; a file that cannot be read is waited for."""
    stamp, said = None, ""
    while True:
        try:
            if (stamp_now := path.stat().st_mtime_ns) != stamp:
                notebook = notebook_run.read(path, language)
                stamp = stamp_now
                if notebook.code != seen:
                    return notebook
        except (OSError, CannotStudy) as error:
            if str(error) != said:  # once, however long it stays so
                said = str(error)
                print(said, flush=True)
        time.sleep(POLL_SECONDS)


def _looked_at(notebook: StudyNotebook, process: StudentProcess) -> list[Checked]:
    """The checks up to the first that is not passed."""
    checks = []
    for check in notebook.checks(process):
        checks.append(check)
        if not check.verdict.passed:
            break
    return checks
