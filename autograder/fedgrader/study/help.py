"""Hints and solutions on the command line; a solution is shown to those who have tried."""

from fedcourse.i18n import _
from fedgrader.checking.run import find_check
from fedgrader.course import ROOT
from fedgrader.course.definitions import definitions
from fedgrader.study.progress import NoProgress, attempts, next_hint

TRIES_BEFORE_SOLUTION = 2


class NotYet(RuntimeError):
    """The solution is not shown yet; the message says what is needed."""


def hints(exercise: str) -> str:
    """The hints for `exercise` given so far, and one more; all, where it cannot be remembered how many were.

    Raises:
      UnknownExercise: the course has no such exercise.
    """
    known = find_check(exercise).hints
    try:
        return "\n".join(numbered(known, next_hint(exercise, len(known))))
    except NoProgress as error:
        why = _("{trouble} Until then it is not known which hints you have seen: here are all.")
        return "\n".join([why.format(trouble=error), *numbered(known, len(known))])


def numbered(hints: tuple[str, ...], given: int) -> list[str]:
    """The first `given` of `hints`, each with its number."""
    return [
        _("Hint {number} of {count}: {hint}").format(number=number, count=len(hints), hint=_(hint))
        for number, hint in enumerate(hints[:given], 1)
    ]


def solution(exercise: str) -> str:
    """The reference solution of `exercise`, and why it works.

    Raises:
      UnknownExercise: the course has no such exercise.
      NoProgress: it is not known what was tried.
      NotYet: it was not passed, nor tried twice.
    """
    why = find_check(exercise).why
    tried = attempts(exercise)
    if not tried.passed and tried.failed < TRIES_BEFORE_SOLUTION:
        raise NotYet(
            _(
                "Not yet: pass the check, or keep trying (attempts still needed: {number}). Hints come at "
                "once: `fedcourse hint {exercise}`."
            ).format(number=TRIES_BEFORE_SOLUTION - tried.failed, exercise=exercise)
        )
    slug, name = exercise.split(".")
    source = (ROOT / "solutions" / f"{slug}.py").read_text(encoding="utf-8")
    return definitions(source)[name] + "\n\n" + _("Why it works: {why}").format(why=_(why))
