"""What the course consists of: `course.toml`, read once."""

import difflib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fedcourse.i18n import _
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


class UnknownExercise(LookupError):
    """No exercise of that name; the message names the nearest."""


class UnknownLesson(LookupError):
    """No lesson of that name; the message names the nearest."""


class CannotGrade(RuntimeError):
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


@dataclass(frozen=True)
class Course:
    """Languages, the GitHub repository ("owner/name"), what of it notebooks fetch, the lessons in order."""

    languages: tuple[str, ...]
    repository: str
    release: str  # a tag such as "v0.2.0", or a branch
    lessons: tuple[Lesson, ...]

    def lesson(self, slug: str) -> Lesson:
        """The lesson called `slug`; raises UnknownLesson."""
        known = {lesson.slug: lesson for lesson in self.lessons}
        if slug not in known:
            nearest = difflib.get_close_matches(slug, known, n=1, cutoff=0)[0]
            raise UnknownLesson(
                _("There is no lesson {name!r}. Did you mean {nearest!r}?").format(name=slug, nearest=nearest)
            )
        return known[slug]

    def exercise(self, name: str) -> Exercise:
        """The exercise called `<lesson slug>.<function>`; raises UnknownExercise."""
        known = self.exercises()
        if name not in known:
            raise UnknownExercise(_unknown_exercise(name, list(known)))
        return known[name]

    def exercises(self) -> dict[str, Exercise]:
        """Every exercise of the course by its full name `<lesson slug>.<function>`."""
        return {
            f"{lesson.slug}.{exercise.name}": exercise
            for lesson in self.lessons
            for exercise in lesson.exercises
        }


def _unknown_exercise(name: str, known: list[str]) -> str:
    by_function = {full.split(".")[1]: full for full in known}
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.4) or [
        by_function[near]
        for near in difflib.get_close_matches(name.split(".")[-1], by_function, n=1, cutoff=0)
    ]
    return _("There is no exercise {name!r}. Did you mean {nearest!r}?").format(name=name, nearest=nearest[0])


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
    return Course(tuple(raw["languages"]), raw["repository"], raw["release"], lessons)
