"""The course list: `course.toml`, read once."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


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
    """Languages, the GitHub repository ("owner/name") and the lessons, in order."""

    languages: tuple[str, ...]
    repository: str
    lessons: tuple[Lesson, ...]

    def lesson(self, slug: str) -> Lesson:
        """The lesson called `slug`; raises KeyError."""
        return {lesson.slug: lesson for lesson in self.lessons}[slug]

    def exercise(self, name: str) -> Exercise:
        """The exercise called `<lesson slug>.<function>`; raises KeyError."""
        return self.exercises()[name]

    def exercises(self) -> dict[str, Exercise]:
        """Every exercise of the course by its full name `<lesson slug>.<function>`."""
        return {f"{lesson.slug}.{exercise.name}": exercise for lesson in self.lessons for exercise in lesson.exercises}


@cache
def load_course(root: Path = ROOT) -> Course:
    """Read `course.toml` below `root`."""
    raw = tomllib.loads((root / "course.toml").read_text(encoding="utf-8"))
    lessons = tuple(
        Lesson(entry["slug"], entry["minutes"], tuple(Exercise(**exercise) for exercise in entry["exercises"]))
        for entry in raw["lesson"]
    )
    return Course(tuple(raw["languages"]), raw["repository"], lessons)
