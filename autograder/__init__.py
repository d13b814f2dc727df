"""What students and graders run: checks, feedback, grading, reports."""

from autograder.notebook import check, guess, hint
from fedcourse.i18n import use_language

__all__ = ["check", "guess", "hint", "use_language"]
