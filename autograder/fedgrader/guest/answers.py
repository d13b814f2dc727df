"""The answer handle: how a check asks a student's answer without holding it.

A check calls `handle.ask(harness, **inputs)`. The harness is a small function of `fedgrader.guest.harness`
that runs beside the answer, calls it, and returns plain data; only that data comes back. `LocalAnswer` runs
it in this process, for learning; a handle with the same method can run it in another.
"""

import contextlib
import copy
import functools
import linecache
import os
import re
import signal
import sys
import sysconfig
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np

import fedcourse
from fedcourse.coach import error_text, explain
from fedcourse.i18n import _
from fedgrader.guest.deadline import Deadline, usage_of
from fedgrader.guest.plain import NotPlain, plain
from fedgrader.guest.problem import NOT_WRITTEN, Problem

DEADLINE_SECONDS = 30
_LOOK_SECONDS = 1.0
OUTPUT_LIMIT = 20_000
_NOT_THE_STUDENTS = (
    str(Path(__file__).parent.parent),
    str(Path(fedcourse.__file__).parent),
    sysconfig.get_path("stdlib"),
    "site-packages",
    str(Path(np.__file__).parent.parent),  # the sandbox calls it otherwise
    "<frozen",
    "__autograph_generated_file",
)
# AutoGraph replaces the frames of the code it rewrites by text; the star marks that code.
_AUTOGRAPH_FRAME = re.compile(r'File "(?P<file>.+?)", line (?P<number>\d+), in .+  \*$', re.MULTILINE)


class AnswerFailed(Exception):
    """The answer gave no data to compare; `problem` says why, in the learner's language."""

    def __init__(self, problem: Problem):
        super().__init__(problem.message)
        self.problem = problem


class AnswerHandle(Protocol):
    """What a check may do with an answer."""

    name: str

    def ask(self, harness: Callable[..., Any], **inputs: Any) -> Any:
        """Plain data that `harness(answer, **inputs)` returned; raises AnswerFailed."""


class Overdue(BaseException):
    """Raised inside an answer that has run for too long; no `except Exception` swallows it."""

    def __init__(self, deadline: Deadline):
        super().__init__()
        self.deadline = deadline


class TooMuchOutput(BaseException):
    """Raised inside an answer that prints without end."""


class LocalAnswer:
    """An answer in this process, called directly, with a deadline and a limit on what it prints."""

    def __init__(self, name: str, value: Any):
        self.name = name
        self._value = value

    def ask(self, harness: Callable[..., Any], **inputs: Any) -> Any:
        """Plain data that `harness(answer, **inputs)` returned.

        Raises:
          AnswerFailed: the answer raised, hung, printed without end, or returned something that is no data.
        """
        if not callable(self._value):
            raise AnswerFailed(_not_a_function(self.name, self._value))
        return guarded(self.name, lambda: plain(harness(self._value, **copy.deepcopy(inputs))))


def guarded(name: str, run: Callable[[], Any]) -> Any:
    """What `run()` returns, with a deadline and a limit on what it prints; `name` is what people call it.

    Raises:
      AnswerFailed: it raised, hung, printed without end, or returned something that is no data.
    """
    try:
        with _deadline(DEADLINE_SECONDS), _limited_output(OUTPUT_LIMIT):
            return run()
    except NotImplementedError as error:
        raise AnswerFailed(_not_written(name) if _from_stub(error) else _raised(name, error)) from None
    except NotPlain as error:
        raise AnswerFailed(_not_data(name, error)) from None
    except Overdue as overdue:
        _stop_tff()
        raise AnswerFailed(hung(name, overdue.deadline)) from None
    except TooMuchOutput:
        raise AnswerFailed(_noisy(name)) from None
    except KeyboardInterrupt:  # someone stops the cell
        raise
    except BaseException as error:
        raise AnswerFailed(_raised(name, error)) from None


def _stop_tff() -> None:
    """End what the answer asked of TFF's worker, which would go on and let nothing else run."""
    if runtime := sys.modules.get("fedcourse.runtime"):
        runtime.restart()


@contextlib.contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Raise Overdue in the main thread after `seconds` of computing, and again in case it is swallowed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    deadline = Deadline(seconds, functools.partial(usage_of, os.getpid()))

    def look(signum, frame):
        if deadline.is_over:
            raise Overdue(deadline)

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, _LOOK_SECONDS, _LOOK_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class _LimitedStream:
    """A stream that passes `limit` characters on and then raises TooMuchOutput; all else is its own."""

    def __init__(self, stream, limit: int):
        self._stream = stream
        self._left = limit

    def write(self, text: str) -> int:
        self._left -= len(text)
        if self._left < 0:
            raise TooMuchOutput
        return self._stream.write(text)

    def __getattr__(self, name):
        return getattr(self._stream, name)


@contextlib.contextmanager
def _limited_output(limit: int) -> Iterator[None]:
    """Send what the answer prints, warnings included, to stdout: stderr would cost points in nbgrader."""
    stream = _LimitedStream(sys.stdout, limit)
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        yield


def _from_stub(error: BaseException) -> bool:
    """Whether `error` is the released stub's `raise NotImplementedError`, not one the student worded."""
    return not str(error) or "raise NotImplementedError" in _student_line(error)[1]


def _student_line(error: BaseException) -> tuple[int, str]:
    """Number and text of the innermost line that is neither this package's nor a library's; else (0, "")."""
    called = [(frame.filename, frame.lineno or 0) for frame in traceback.extract_tb(error.__traceback__)]
    rewritten = [(file, int(number)) for file, number in _AUTOGRAPH_FRAME.findall(error_text(error))]
    for file, number in reversed(called + rewritten):
        if not any(mark in file for mark in _NOT_THE_STUDENTS):
            return number, linecache.getline(file, number).strip()
    return 0, ""


def _first_lines(error: BaseException) -> str:
    """The error's type and the start of its text; TensorFlow's and gRPC's can run to pages."""
    lines = error_text(error).removeprefix("in user code:").splitlines()
    told = [line.strip() for line in lines if line.strip() and not line.startswith((" " * 8, "    File "))]
    short = " ".join(told)[:300].removeprefix(f"{type(error).__name__}: ")
    return f"{type(error).__name__}: {short}" if short else type(error).__name__


def _raised(name: str, error: BaseException) -> Problem:
    number, line = _student_line(error)
    where = _("at line {number}: `{line}`").format(number=number, line=line) if line else ""
    return Problem(
        called=f"{name}(…)",
        got=" ".join([_first_lines(error), where]).strip(),
        expected=_("a result, without an error"),
        hint=explain(error) or _hint_for(name, error, line),
    )


def _hint_for(name: str, error: BaseException, line: str) -> str:
    """What to try after an error that the coach does not know; without a `line`, the call itself failed."""
    if isinstance(error, SystemExit):
        return _("Take out what ends Python, such as `exit()`: a function ends with `return`.")
    if isinstance(error, TypeError) and not line and re.search("argument|Binding inputs", str(error)):
        return _("`{name}` takes other arguments than the exercise's. Restore its line with `def`.").format(
            name=name
        )
    return _(
        "Read the last line of the error first. Then call `{name}` yourself in a new cell, with something "
        "small, and print the shape of every value on the way."
    ).format(name=name)


def _not_written(name: str) -> Problem:
    return Problem(
        called=f"{name}(…)",
        got=NOT_WRITTEN,
        expected=_("your implementation"),
        hint=_(
            "Replace `raise NotImplementedError` in `{name}` with your own code, run that cell, then "
            "run this one again. Stuck? Ask for a hint."
        ).format(name=name),
    )


def _not_a_function(name: str, value: Any) -> Problem:
    return Problem(
        called=name,
        got=_("an object of type `{type}`").format(type=type(value).__name__),
        expected=_("a function"),
        hint=_("Pass the function itself, `{name}`, not the result of calling it: no parentheses.").format(
            name=name
        ),
    )


def _not_data(name: str, error: NotPlain) -> Problem:
    return Problem(
        called=f"{name}(…)",
        got=str(error),
        expected=_("tensors, arrays or numbers, or a structure of them"),
        hint=_("Return the values themselves, not the object that would compute them."),
    )


def _noisy(name: str) -> Problem:
    return Problem(
        called=f"{name}(…)",
        got=_("more than {limit} characters of output").format(limit=OUTPUT_LIMIT),
        expected=_("a result, with little or no printing"),
        hint=_("Look for a `print` inside a loop, and for a loop that never ends."),
    )


def hung(name: str, deadline: Deadline) -> Problem:
    """The finding for an answer that had to be stopped when `deadline` was over."""
    called, expected = f"{name}(…)", _("a result in a second or two")
    if deadline.slept:
        got = _("no answer within {seconds} seconds, most of which it slept")
        hint = _("Look for what waits: `time.sleep`, a lock, a question to the network or another process.")
        return Problem(called, got.format(seconds=round(deadline.seconds)), expected, hint)
    got = _("no answer within {seconds} seconds")
    hint = _(
        "Look for a loop whose end never comes: a `while` whose condition stays true, or an endless "
        "`dataset.repeat()`. If every loop does end, it does too much: count how often its inner line runs."
    )
    return Problem(called, got.format(seconds=round(deadline.seconds)), expected, hint)
