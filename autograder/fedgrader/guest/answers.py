"""The answer handle: how a check asks a student's answer without holding it.

A check calls `handle.ask(harness, **inputs)`. The harness is a small function of `fedgrader.guest.harness`
that runs beside the answer, calls it, and returns plain data; only that data comes back. `LocalAnswer` runs
it in this process, for learning; a handle with the same method can run it in another.
"""

import contextlib
import copy
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from fedcourse.coach import explain
from fedcourse.coach.blame import in_short, learners_lines, unwritten
from fedcourse.i18n import _
from fedgrader.guest.deadline import Deadline
from fedgrader.guest.plain import NotPlain, plain
from fedgrader.guest.problem import NOT_WRITTEN, Problem
from fedgrader.guest.stopping import Guard, Interrupted, Overdue

DEADLINE_SECONDS = 30
OUTPUT_LIMIT = 20_000


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
      KeyboardInterrupt: someone has stopped it.
    """
    guard = Guard(DEADLINE_SECONDS, sys._getframe())
    try:
        with guard.watching(), _limited_output(OUTPUT_LIMIT):
            return run()
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) or guard.raised is Interrupted:
            _stop_tff()
            raise KeyboardInterrupt from None
        if guard.raised is Overdue:
            _stop_tff()
            raise AnswerFailed(hung(name, guard.deadline)) from None
        raise AnswerFailed(_failed(name, error)) from None


def _stop_tff() -> None:
    """End what the answer asked of TFF's worker, which would go on and let nothing else run."""
    if runtime := sys.modules.get("fedcourse.runtime"):
        runtime.restart()


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


def _failed(name: str, error: BaseException) -> Problem:
    """What there is to say of `error`, which the answer gave instead of data."""
    if isinstance(error, NotPlain):
        return _not_data(name, error)
    if isinstance(error, TooMuchOutput):
        return _noisy(name)
    if isinstance(error, NotImplementedError) and not str(error) and not learners_lines(error):
        return _not_written(name)  # a harness says so of a stub whose frames AutoGraph has taken away
    if stub := unwritten(error):
        is_the_answer = learners_lines(error)[0].function == stub
        return _not_written(name) if is_the_answer else _needs(name, stub)
    return _raised(name, error)


def _raised(name: str, error: BaseException) -> Problem:
    code = [line for line in learners_lines(error) if line.text]
    got = in_short(error)
    if code:
        got = _("{error} (line {number}: `{line}`)").format(
            error=got, number=code[-1].number, line=code[-1].text
        )
    return Problem(
        called=f"{name}(…)",
        got=got,
        expected=_("a result, without an error"),
        hint=explain(error) or _hint_for(name, error, is_inside=bool(code)),
    )


def _hint_for(name: str, error: BaseException, is_inside: bool) -> str:
    """What to try after an error that the coach does not know; one not inside the answer is of the call."""
    if isinstance(error, SystemExit):
        return _("Take out what ends Python, such as `exit()`: a function ends with `return`.")
    if isinstance(error, TypeError) and not is_inside and re.search("argument|Binding inputs", str(error)):
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


def _needs(name: str, other: str) -> Problem:
    return Problem(
        called=f"{name}(…)",
        got=_("NotImplementedError from `{other}`, which `{name}` calls").format(other=other, name=name),
        expected=_("a result, without an error"),
        hint=_(
            "`{other}` has no code of yours yet, and `{name}` needs it. Write `{other}` first, run its cell, "
            "then run this one again."
        ).format(other=other, name=name),
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
