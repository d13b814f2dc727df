"""`check`, `hint` and `guess`, as a lesson calls them."""

from typing import Any

from fedcourse.coach.cells import Stale, log
from fedcourse.coach.notebook import described
from fedcourse.i18n import N_, _
from fedgrader.checking.looks import Shown, code_html
from fedgrader.checking.run import choose_seed, find_check, run_check
from fedgrader.checking.verdict import Finding, Verdict
from fedgrader.course import UnknownExercise, load_course
from fedgrader.guest.answers import LocalAnswer
from fedgrader.guest.problem import Problem
from fedgrader.questions import UnknownQuestion, find_question
from fedgrader.study.help import numbered
from fedgrader.study.progress import NoProgress, hints_given, next_hint, record_check, record_guess

_hints_remembered: dict[str, int] = {}  # for as long as the kernel runs, where progress cannot be kept


class Note:
    """A few sentences that a notebook and a terminal can show."""

    def __init__(self, text: str):
        self._text = text

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        style = "border-left:4px solid #56b4e9;padding:2px 12px;margin:4px 0"
        lines = "".join(f"<div>{code_html(line)}</div>" for line in self._text.splitlines())
        return f'<div style="{style}">{lines}</div>'


def check(exercise: str, answer: Any) -> Shown:
    """Check `answer` against the reference solution of `exercise`, and say what passed and what to mend.

    Never raises for a mistake in the answer or in the exercise's name: the outcome says it. A function that
    is older than its cell is not judged.
    """
    exercise = str(exercise)
    name = exercise.split(".")[-1]
    try:
        if stale := log.stale(name, answer):
            return Shown(_not_judged(exercise, name, stale))
        verdict = run_check(exercise, LocalAnswer(name, answer), choose_seed(exercise))
    except UnknownExercise as error:
        return Shown(_unknown(exercise, str(error)))
    record_check(verdict)
    return Shown(verdict)


def _not_judged(exercise: str, name: str, stale: Stale) -> Verdict:
    """The outcome for a function that is older than what its cell says; raises UnknownExercise."""
    problem = Problem(
        called=f'check("{exercise}", {name})',
        got=_why_stale(name, stale),
        expected=_("`{name}` as it stands in your notebook").format(name=name),
        hint=_(
            "Mend cell {cell} and run it, or run the cell with the `{name}` that you want. Then run this "
            "one again."
        ).format(cell=stale.cell, name=name),
    )
    points = load_course().exercise(exercise).points
    return Verdict(exercise, 0.0, float(points), (Finding(N_("is what its cell says"), problem),), (), "", 0)


def _why_stale(name: str, stale: Stale) -> str:
    if stale.failure:
        said = _(
            "an older `{name}`, which was not checked: cell {cell}, which defines it, ended in an error the "
            "last time it ran: {error}"
        )
        return said.format(name=name, cell=stale.cell, error=described(stale.failure))
    if stale.now:
        said = _(
            "an older `{name}`, which was not checked: cell {cell}, which defined it, now defines `{now}`"
        )
        return said.format(name=name, cell=stale.cell, now=stale.now)
    said = _("an older `{name}`, which was not checked: cell {cell}, which defined it, does so no longer")
    return said.format(name=name, cell=stale.cell)


def hint(exercise: str) -> Note:
    """The hints for `exercise` given so far and, if this cell is run by itself, the next one."""
    exercise = str(exercise)
    try:
        hints = find_check(exercise).hints
    except UnknownExercise as error:
        return Note(str(error))
    in_a_batch = log.runs_in_a_batch
    given = _hints_so_far(exercise) if in_a_batch else _one_hint_more(exercise, len(hints))
    lines = numbered(hints, given)
    if in_a_batch and given < len(hints):
        to_come = _("Hints to come: {count}. Run this cell by itself for the next one.")
        lines.append(to_come.format(count=len(hints) - given))
    return Note("\n".join(lines))


def _hints_so_far(exercise: str) -> int:
    try:
        return hints_given(exercise)
    except NoProgress:
        return _hints_remembered.get(exercise, 0)


def _one_hint_more(exercise: str, most: int) -> int:
    try:
        return next_hint(exercise, most)
    except NoProgress:
        _hints_remembered[exercise] = min(_hints_remembered.get(exercise, 0) + 1, most)
        return _hints_remembered[exercise]


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
    said = _("Well guessed. {reply}") if choice == asked.right else _("Not this one. {reply}")
    return Note(said.format(reply=_(asked.replies[choice])))


def _unknown(exercise: str, message: str) -> Verdict:
    problem = Problem(
        called=f'check("{exercise}", …)',
        got=message,
        expected=_("the name of an exercise: lesson, a dot, function"),
        hint=_("Restore the cell as it was, or copy the name from the exercise's text."),
    )
    return Verdict(exercise, 0.0, 0.0, (Finding("", problem),), (), "", 0)
