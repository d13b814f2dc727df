"""Questions to guess at before a cell is run: one module a lesson, named like the lesson."""

import difflib
import importlib.util
from dataclasses import dataclass

from fedcourse.i18n import _
from fedgrader.course import load_course


class UnknownQuestion(LookupError):
    """No question of that name; the message names the nearest."""


@dataclass(frozen=True)
class Question:
    """The letter of the right choice, and for each letter what to say to who chose it, in English."""

    right: str
    replies: dict[str, str]


def questions(lesson: str) -> dict[str, Question]:
    """The questions of the lesson `lesson` (its slug) by name, in the order of its text."""
    name = f"fedgrader.questions.{lesson}"
    if importlib.util.find_spec(name) is None:
        return {}
    module = importlib.import_module(name)
    return {name: value for name, value in vars(module).items() if isinstance(value, Question)}


def find_question(name: str) -> Question:
    """The question `<lesson slug>.<name>`.

    Raises:
      UnknownQuestion: the course has no such question.
    """
    known = {
        f"{lesson.slug}.{question}": value
        for lesson in load_course().lessons
        if lesson.slug == name.split(".")[0]
        for question, value in questions(lesson.slug).items()
    }
    if name not in known:
        nearest = difflib.get_close_matches(name, known, n=1, cutoff=0)
        raise UnknownQuestion(
            _("There is no question {name!r}. Did you mean {nearest!r}?").format(
                name=name, nearest=nearest[0] if nearest else "lesson06_fedavg_by_hand.trapdoor"
            )
        )
    return known[name]
