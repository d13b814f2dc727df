"""A learner's progress, in one SQLite file: every check, first guesses, hints given.

SQLite keeps the file whole when a process dies in the middle, and lets several write at once.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from fedcourse.home import NoHome, progress_file
from fedcourse.i18n import _
from fedgrader.checking.verdict import Verdict
from fedgrader.course import Lesson, Refusal, load_course

PATIENCE_SECONDS = 10
_TABLES = """
create table if not exists checks (exercise text, points real, begun integer, passed integer);
create table if not exists guesses (question text primary key, is_right integer);
create table if not exists hints (exercise text primary key, given integer);
"""


class NoProgress(Refusal):
    """The file cannot be read or written; the message says which and why."""


@dataclass(frozen=True)
class Attempts:
    """One exercise: the best points, whether it was passed, how often it was tried in vain."""

    points: float = 0.0
    passed: bool = False
    failed: int = 0


@dataclass(frozen=True)
class LessonProgress:
    """How far a lesson is."""

    lesson: Lesson
    passed: int
    points: float
    guessed: int
    guessed_right: int

    @property
    def done(self) -> bool:
        return self.passed == len(self.lesson.exercises)


def record_check(verdict: Verdict) -> None:
    """Remember a verdict. A check must not fail because this does, so it fails in silence."""
    record_outcome(verdict.exercise, verdict.points, not verdict.untouched, verdict.passed)


def record_outcome(exercise: str, points: float, is_begun: bool, is_passed: bool) -> None:
    """The same of a verdict that was made in another process."""
    with suppress(NoProgress), _database() as database:
        database.execute("insert into checks values (?, ?, ?, ?)", (exercise, points, is_begun, is_passed))


def trouble() -> str:
    """Why nothing can be remembered; "" when all is well."""
    try:
        with _database() as database:
            database.execute("insert or replace into hints values ('', 0)")
            database.execute("delete from hints where exercise = ''")  # it only asked for right and room
            return ""
    except NoProgress as error:
        return str(error)


def record_guess(question: str, is_right: bool) -> None:
    """Remember a guess if it is the first; fails in silence."""
    with suppress(NoProgress), _database() as database:
        database.execute("insert or ignore into guesses values (?, ?)", (question, is_right))


def next_hint(exercise: str, most: int) -> int:
    """How many of the `most` hints are to be shown now: one more than the last time."""
    with _database() as database:
        database.execute(
            "insert into hints values (?, 1) on conflict do update set given = min(given + 1, ?)",
            (exercise, most),
        )
        return database.execute("select given from hints where exercise = ?", (exercise,)).fetchone()[0]


def hints_given(exercise: str) -> int:
    """How many hints for `exercise` were shown so far."""
    with _database() as database:
        row = database.execute("select given from hints where exercise = ?", (exercise,)).fetchone()
    return row[0] if row else 0


def attempts(exercise: str) -> Attempts:
    """What is known of `exercise`."""
    with _database(only_read=True) as database:
        points, passed, failed = database.execute(
            "select max(points), max(passed), sum(begun and not passed) from checks where exercise = ?",
            (exercise,),
        ).fetchone()
    return Attempts(points or 0.0, bool(passed), failed or 0)


def course_progress() -> list[LessonProgress]:
    """How far each lesson is, in order."""
    return [_lesson_progress(lesson) for lesson in load_course().lessons]


def next_exercise(lesson: Lesson | None = None) -> str | None:
    """The first exercise, of `lesson` or of all, that is not passed; None when all are.

    Where the progress cannot be read, none is known to be passed.
    """
    lessons = load_course().lessons if lesson is None else (lesson,)
    names = [name for one in lessons for name in one.exercise_names]
    try:
        return next((name for name in names if not attempts(name).passed), None)
    except NoProgress:
        return names[0]


def _lesson_progress(lesson: Lesson) -> LessonProgress:
    tried = [attempts(name) for name in lesson.exercise_names]
    with _database(only_read=True) as database:
        guessed, right = database.execute(
            "select count(*), sum(is_right) from guesses where question like ?", (f"{lesson.slug}.%",)
        ).fetchone()
    return LessonProgress(
        lesson, sum(one.passed for one in tried), sum(one.points for one in tried), guessed, right or 0
    )


@contextmanager
def _database(only_read: bool = False) -> Iterator[sqlite3.Connection]:
    """The file in a transaction of its own: all of it is written, or nothing.

    With `only_read`, a file that is there need not be writable.

    Raises:
      NoProgress: it cannot be read or written.
    """
    try:
        path, database = progress_file(), None
    except NoHome as error:
        raise NoProgress(str(error)) from None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        begin = "begin" if only_read and path.exists() else "begin immediate"
        database = sqlite3.connect(path, timeout=PATIENCE_SECONDS)
        database.executescript(_TABLES)
        with database:
            database.execute(begin)
            yield database
    except (OSError, sqlite3.Error) as error:
        raise NoProgress(
            _(
                "Your progress in {path} cannot be read or written: {error}. Mend that, or move the file "
                "away."
            ).format(path=path, error=error)
        ) from None
    finally:
        if database:
            database.close()
