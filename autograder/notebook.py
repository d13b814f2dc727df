"""`check`, `hint` and `guess`, as a lesson calls them."""

from typing import Any

from autograder.answers import LocalAnswer
from autograder.checking import choose_seed, find_check, run_check
from autograder.course import UnknownExercise
from autograder.feedback import VERDICT_MIME, as_html, as_text, code_html
from autograder.finding import Finding, Problem, Verdict
from autograder.questions import UnknownQuestion, find_question
from autograder.study.progress import record_check, record_guess
from fedcourse.i18n import _, current_language

_hints_given: dict[str, int] = {}


class Shown:
    """A verdict that a notebook shows as HTML, a terminal as text, and nbgrader reads as points."""

    def __init__(self, verdict: Verdict):
        self.verdict = verdict
        self._html, self._text, self._language = as_html(verdict), as_text(verdict), current_language()

    def __str__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, **_kwargs) -> dict[str, Any]:
        data = self.verdict.to_json() | {"seed": self.verdict.seed, "language": self._language}
        # nbgrader reads partial credit from the plain text; anything but a plain number is full marks to it.
        return {"text/plain": str(float(self.verdict.points)), "text/html": self._html, VERDICT_MIME: data}


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
