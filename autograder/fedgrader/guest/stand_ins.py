"""The calls of a lesson that have no place where student code is graded: they are there, and do nothing."""

import fedcourse


def check(exercise, answer):
    """Answers are checked outside, after this."""


def hint(exercise):
    """Hints are for learning, not for grading."""


def guess(question, choice):
    """Guesses are for learning, not for grading."""


def install() -> None:
    """Put them where lessons import them from."""
    fedcourse.check, fedcourse.hint, fedcourse.guess = check, hint, guess
