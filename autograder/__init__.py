"""What students and graders run: checks, feedback, grading, reports."""

from autograder.notebook import check, hint
from fedcourse.i18n import use_language

__all__ = ["check", "hint", "use_language"]
