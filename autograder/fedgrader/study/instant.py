"""`check`, `hint` and `guess`, as a lesson calls them."""

from typing import Any

from fedcourse.i18n import _
from fedgrader.checking.looks import Shown, code_html
from fedgrader.checking.run import choose_seed, find_check, run_check
from fedgrader.checking.verdict import Finding, Verdict
from fedgrader.course import UnknownExercise
from fedgrader.guest.answers import LocalAnswer
from fedgrader.guest.problem import Problem
from fedgrader.questions import UnknownQuestion, find_question
from fedgrader.study.progress import record_check, record_guess

_hints_given: dict[str, int] = {}


class Note:
    """A few sentences that a notebook and a terminal can show."""

    def __init__(self, text: str):
        self._text = text

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        style = "border-left:4px solid #56b4e9;padding:2px 12px;margin:4px 0"
        return f'<div style="{style}">{code_html(self._text)}</div>'


def check(exercise: str, answer: Any) -> Shown:
    """Check `answer` against the reference solution of `exercise`, and say what passed and what to mend.

    Never raises for a mistake in the answer or in the exercise's name: the outcome says it.
    """
    exercise = str(exercise)
    try:
        verdict = run_check(exercise, LocalAnswer(exercise.split(".")[-1], answer), choose_seed(exercise))
    except UnknownExercise as error:
        return Shown(_unknown(exercise, str(error)))
    record_check(verdict)
    return Shown(verdict)


def hint(exercise: str) -> Note:
    """The next hint for `exercise`; after the last one, the last one again."""
    exercise = str(exercise)
    try:
        hints = find_check(exercise).hints
    except UnknownExercise as error:
        return Note(str(error))
    given = min(_hints_given.get(exercise, 0), len(hints) - 1)
    _hints_given[exercise] = given + 1
    return Note(
        _("Hint {number} of {count}: {hint}").format(number=given + 1, count=len(hints), hint=_(hints[given]))
    )


def guess(question: str, choice: str) -> Note:
    """What there is to say to somebody who chose `choice`, a letter, in answer to `question`."""
    question, choice = str(question), str(choice).strip().lower()
    try:
        asked = find_question(question)
    except UnknownQuestion as error:
        return Note(str(error))
    letters = ", ".join(asked.replies)
    if choice in ("", "?"):
        return Note(
            _("Put your choice in place of the `?`, and run this cell: {letters}.").format(letters=letters)
        )
    if choice not in asked.replies:
        return Note(
            _("There is no choice {choice!r}; there are {letters}.").format(choice=choice, letters=letters)
        )
    record_guess(question, choice == asked.right)
    verdict = _("Well guessed.") if choice == asked.right else _("Not this one.")
    return Note(f"{verdict} {_(asked.replies[choice])}")


def _unknown(exercise: str, message: str) -> Verdict:
    problem = Problem(
        called=f'check("{exercise}", …)',
        got=message,
        expected=_("the name of an exercise: lesson, a dot, function"),
        hint=_("Restore the cell as it was, or copy the name from the exercise's text."),
    )
    return Verdict(exercise, 0.0, 0.0, (Finding("", problem),), (), "", 0)
