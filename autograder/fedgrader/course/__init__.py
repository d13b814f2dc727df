"""What the course consists of: `course.toml`, read once."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fedcourse.i18n import _
from fedgrader.course import names
from fedgrader.course.files import ROOT

__all__ = [
    "ROOT",
    "CannotGrade",
    "Course",
    "Exercise",
    "Lesson",
    "UnknownExercise",
    "UnknownLesson",
    "load_course",
]


class Refusal(Exception):
    """Something cannot be done; the message, in the reader's language, says why and what to do."""


class UnknownName(Refusal, LookupError):
    """Nothing, or more than one thing, has that name; the message says which names there are."""


class UnknownExercise(UnknownName):
    """No exercise of that name; the message names the nearest."""


class UnknownLesson(UnknownName):
    """No lesson of that name; the message names the nearest."""


class CannotGrade(Refusal):
    """A run of grading cannot start; the message says what to do."""


@dataclass(frozen=True)
class Exercise:
    """One graded exercise: the name of the function to write, and what it is worth."""

    name: str
    points: float


@dataclass(frozen=True)
class Lesson:
    """One lesson, one nbgrader assignment, one notebook; all carry `slug` as their name."""

    slug: str
    minutes: int
    exercises: tuple[Exercise, ...]

    @property
    def max_points(self) -> float:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def exercise_names(self) -> tuple[str, ...]:
        """`<lesson slug>.<function>` of each exercise."""
        return tuple(f"{self.slug}.{exercise.name}" for exercise in self.exercises)


@dataclass(frozen=True)
class Named:
    """What somebody named: a lesson, or the exercise of it whose full name is `exercise`."""

    lesson: Lesson
    exercise: str | None


@dataclass(frozen=True)
class Course:
    """Languages, the GitHub repository ("owner/name") and the lessons, in order."""

    languages: tuple[str, ...]
    repository: str
    lessons: tuple[Lesson, ...]

    def find(self, name: str) -> Named:
        """The lesson or exercise that somebody calls `name`: `6`, `lesson06`, `client_update`, or in full.

        Raises:
          UnknownName: none is called so, or several are.
        """
        meant = names.meant(name, self._names)
        if len(meant) != 1:
            raise UnknownName(self._several(name, meant) if meant else self._none(name))
        slug, dot, _function = meant[0].partition(".")
        return Named(self.lesson(slug), meant[0] if dot else None)

    def lesson(self, slug: str) -> Lesson:
        """The lesson whose slug is `slug`; raises UnknownLesson."""
        found = next((lesson for lesson in self.lessons if lesson.slug == slug), None)
        if found is None:
            raise UnknownLesson(self._none(slug))
        return found

    def exercise(self, name: str) -> Exercise:
        """The exercise called `<lesson slug>.<function>`; raises UnknownExercise."""
        known = self.exercises()
        if name not in known:
            raise UnknownExercise(self._none(name))
        return known[name]

    def exercises(self) -> dict[str, Exercise]:
        """Every exercise of the course by its full name `<lesson slug>.<function>`."""
        return {
            name: exercise
            for lesson in self.lessons
            for name, exercise in zip(lesson.exercise_names, lesson.exercises, strict=True)
        }

    @property
    def _names(self) -> names.Names:
        return {lesson.slug: [exercise.name for exercise in lesson.exercises] for lesson in self.lessons}

    def _none(self, name: str) -> str:
        if names.is_number(name):
            text = _("There is no lesson {name!r}: the course has lessons 1 to {count}.")
            return text.format(name=name, count=len(self.lessons))
        text = _("There is no lesson or exercise {name!r}. Did you mean {nearest!r}?")
        return text.format(name=name, nearest=names.nearest(name, self._names))

    def _several(self, name: str, meant: list[str]) -> str:
        text = _("{name!r} may be any of these: {candidates}. Name one of them.")
        return text.format(name=name, candidates=", ".join(meant))


@cache
def load_course(root: Path = ROOT) -> Course:
    """Read `course.toml` below `root`."""
    raw = tomllib.loads((root / "course.toml").read_text(encoding="utf-8"))
    lessons = tuple(
        Lesson(
            entry["slug"], entry["minutes"], tuple(Exercise(**exercise) for exercise in entry["exercises"])
        )
        for entry in raw["lesson"]
    )
    return Course(tuple(raw["languages"]), raw["repository"], lessons)
