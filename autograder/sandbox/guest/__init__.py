"""What `autograder` is inside the sandbox: the names a lesson imports, and no check."""

from fedcourse.i18n import use_language

__all__ = ["check", "guess", "hint", "use_language"]


def check(exercise, answer):
    """Answers are checked outside, after this."""


def hint(exercise):
    """Hints are for learning, not for grading."""


def guess(question, choice):
    """Guesses are for learning, not for grading."""
