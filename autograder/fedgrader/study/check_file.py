"""Check an answer that stands in a Python file, in a process of its own.

A file may hang where no signal reaches it, or end the process; so a child runs it, and the parent waits for a
bounded time, ends everything the child started, and still says what happened.
"""

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from types import ModuleType

from fedcourse.i18n import N_, _, current_language
from fedgrader.checking.looks import as_text
from fedgrader.checking.verdict import Finding, Verdict
from fedgrader.course import Refusal, load_course
from fedgrader.guest.answers import AnswerFailed, LocalAnswer, guarded, hung
from fedgrader.guest.deadline import Deadline, usage_of
from fedgrader.guest.problem import Problem
from fedgrader.study.progress import record_outcome

PATIENCE_SECONDS = 60
_LOOK_SECONDS = 0.5


class NoAnswer(Refusal):
    """There is no file to check."""


def check_file(exercise: str, path: Path) -> tuple[dict, str]:
    """The verdict on the answer that the Python file at `path` defines, as JSON data and as text.

    It counts in the learner's progress like any other.

    Raises:
      UnknownExercise: the course has no such exercise.
      NoAnswer: there is no such file.
    """
    load_course().exercise(exercise)
    if not path.is_file():
        raise NoAnswer(_("There is no file {path}.").format(path=path))
    with tempfile.TemporaryDirectory() as folder:
        outcome = Path(folder) / "verdict.json"
        code, deadline = _run_child([exercise, str(path), str(outcome)])
        if outcome.exists():
            verdict, text, is_begun = json.loads(outcome.read_text(encoding="utf-8"))
        else:
            lost = _lost(exercise, code, deadline)
            verdict, text, is_begun = lost.to_json(), as_text(lost), True
    record_outcome(exercise, verdict["points"], is_begun, verdict["passed"])
    return verdict, text


def _run_child(arguments: list[str]) -> tuple[int | None, Deadline]:
    """Exit code of the child, None when it had to be ended at the deadline; nothing it started is left."""
    environment = os.environ | {"FEDCOURSE_LANG": current_language(), "TF_CPP_MIN_LOG_LEVEL": "3"}
    child = subprocess.Popen(
        [sys.executable, "-m", "fedgrader.study.check_file", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = Deadline(PATIENCE_SECONDS, partial(usage_of, child.pid))
    try:
        while (code := child.poll()) is None and not deadline.is_over:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=_LOOK_SECONDS)
        return code, deadline
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _lost(exercise: str, code: int | None, deadline: Deadline) -> Verdict:
    """The verdict on an answer that took its process down, or had to be stopped."""
    name = exercise.split(".")[-1]
    problem = (
        hung(name, deadline)
        if code is None
        else Problem(
            called=f"{name}(…)",
            got=_("the end of the Python process (exit code {code})").format(code=code),
            expected=_("a result"),
            hint=_(
                "Take out whatever ends the process: `exit()`, `os._exit()`, or more memory than there is."
            ),
        )
    )
    return _nothing_earned(exercise, problem)


def _nothing_earned(exercise: str, problem: Problem) -> Verdict:
    max_points = float(load_course().exercise(exercise).points)
    return Verdict(exercise, 0.0, max_points, (Finding(N_("the file runs"), problem),), (), "", 0)


def _load(path: Path) -> ModuleType:
    """The file as a module, from its real place: AutoGraph needs to find the source."""
    spec = importlib.util.spec_from_file_location("answer", path)
    if spec is None or spec.loader is None:
        raise ImportError(_("{path} is not a Python file: its name must end in .py").format(path=path))
    module = importlib.util.module_from_spec(spec)
    sys.modules["answer"] = module
    spec.loader.exec_module(module)
    return module


def _check_in_this_process(exercise: str, path: Path) -> Verdict:
    # Not at the top: the parent, which only waits, need not import TensorFlow.
    from fedcourse import runtime
    from fedgrader.checking.run import choose_seed, run_check

    runtime.start()
    name = exercise.split(".")[-1]
    try:
        module = guarded(path.name, lambda: _load(path))
    except AnswerFailed as failure:
        return _nothing_earned(exercise, _does_not_load(path, failure.problem))
    if not hasattr(module, name):
        return _nothing_earned(exercise, _not_defined(name, path))
    return run_check(exercise, LocalAnswer(name, getattr(module, name)), choose_seed(exercise))


def _does_not_load(path: Path, problem: Problem) -> Problem:
    return Problem(
        called=f"python {path.name}",
        got=problem.got,
        expected=_("a file that runs to its end without an error"),
        hint=_("Run the file by itself and mend the error it shows."),
    )


def _not_defined(name: str, path: Path) -> Problem:
    return Problem(
        called=path.name,
        got=_("a file that does not define `{name}`").format(name=name),
        expected=f"def {name}(…): …",
        hint=_("Define the function under the name that the exercise gives it."),
    )


if __name__ == "__main__":
    verdict = _check_in_this_process(sys.argv[1], Path(sys.argv[2]))
    unfinished = Path(sys.argv[3] + ".part")
    outcome = [verdict.to_json(), as_text(verdict), not verdict.untouched]
    unfinished.write_text(json.dumps(outcome), encoding="utf-8")
    unfinished.replace(sys.argv[3])
