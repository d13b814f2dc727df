"""Grade the submissions of a lesson: `fedcourse grade`.

A submission is graded by a pure function, `grade`, from its text: on this machine's workers or a cluster's.
Only the process that collects the outcomes writes: first into the gradebook, then the outcome's own file. So
an interrupted run goes on where it was, and nothing is recorded twice.
"""

import hashlib
import json
import logging
import os
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import nbformat
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import compute_checksum, is_grade, is_solution
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SAWarning
from tqdm import tqdm
from traitlets.config import Config, PyFileConfigLoader

from autograder.course import CannotGrade
from autograder.preprocessors.notes import sentences
from autograder.preprocessors.repair import Lesson, repair
from autograder.preprocessors.run import RunNotebook
from autograder.preprocessors.save import read_verdict, score
from autograder.report import GRADED, NEEDS_ATTENTION, why_ungraded
from autograder.sandbox import host
from autograder.sandbox.host import SandboxEnded
from autograder.submission import refusal
from fedcourse.i18n import _

_log = logging.getLogger(__name__)
# nbgrader's own sessions flush early; nothing is lost by it, and the progress bar is.
warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")
ATTEMPTS = 2


@dataclass(frozen=True)
class Task:
    """A submission to grade: all that `grade` needs, and nothing secret; `limits` are RunNotebook's."""

    student: str
    lesson: Lesson
    text: str
    seed: int
    sandbox: bool
    limits: dict[str, int] = field(default_factory=dict)


@dataclass
class Outcome:
    """What grading a submission gave; `scores` maps graded cells to points, None if a person must decide."""

    student: str
    lesson: str
    max_points: float
    seed: int
    language: str = ""
    reason: str = ""
    exercises: list[dict] = field(default_factory=list)
    scores: dict[str, float | None] = field(default_factory=dict)
    untouched: list[str] = field(default_factory=list)
    notebook: str = ""
    sandboxed: bool = True
    seconds: float = 0.0

    @property
    def undecided(self) -> bool:
        return not self.scores or None in self.scores.values()

    def to_json(self) -> dict:
        """The outcome as `fedcourse grade --json` gives it."""
        kept = (
            "student",
            "lesson",
            "language",
            "reason",
            "max_points",
            "exercises",
            "seed",
            "sandboxed",
            "seconds",
        )
        points = sum(points for points in self.scores.values() if points is not None)
        return {key: value for key, value in asdict(self).items() if key in kept} | {
            "status": NEEDS_ATTENTION if self.undecided else GRADED,
            "points": points if self.scores else None,
        }


def grade(task: Task) -> Outcome:
    """Run and check one submission; never raises for anything the submission does.

    Raises:
      SandboxEnded: the machine's sandbox is gone; grade it again.
    """
    started = time.monotonic()
    outcome = Outcome(task.student, task.lesson.slug, _most(task.lesson), task.seed, sandboxed=task.sandbox)
    try:
        nb = nbformat.reads(task.text, as_version=4)
    except Exception:  # nbformat raises whatever the content leads it to
        outcome.reason = _("The file is not a Jupyter notebook, or is damaged. Ask for it again.")
        return outcome
    try:
        _run(nb, task, outcome)
    except SandboxEnded:
        raise
    except Exception as error:  # one submission must not stop the others, nor pass for graded
        outcome.scores.clear()
        outcome.reason = _(
            "The grader failed on this notebook ({error}). Grade it again, or look at it by itself."
        ).format(error=f"{type(error).__name__}: {error}")
    outcome.seconds = round(time.monotonic() - started, 3)
    return outcome


def _most(lesson: Lesson) -> float:
    return sum(lesson.meta(name).get("points", 0.0) for name in lesson.cells)


def _run(nb: nbformat.NotebookNode, task: Task, outcome: Outcome) -> None:
    repair(nb, task.lesson)
    outcome.language = nb.metadata.course.lang
    runner = RunNotebook(**task.limits | {"sandbox": task.sandbox, "seed": task.seed})
    nb, _resources = runner.preprocess(nb, {"nbgrader": {"assignment": task.lesson.slug}})
    for cell in filter(is_grade, nb.cells):
        outcome.scores[cell.metadata.nbgrader.grade_id] = score(nb, cell)
        if verdict := read_verdict(cell):
            outcome.exercises.append({key: verdict[key] for key in _VERDICT_KEYS})
    outcome.untouched = [
        cell.metadata.nbgrader.grade_id
        for cell in nb.cells
        if is_solution(cell) and compute_checksum(cell) == cell.metadata.nbgrader.get("checksum")
    ]
    outcome.reason = " ".join(sentences(nb, "attention"))
    outcome.notebook = nbformat.writes(nb)


_VERDICT_KEYS = ("exercise", "passed", "points", "max_points", "findings")


@dataclass(frozen=True)
class Course:
    """An nbgrader course directory, one lesson of it, and where outcomes go."""

    coursedir: CourseDirectory
    slug: str
    submitted: Path
    out: Path

    def lesson(self) -> Lesson:
        """The lesson as it was released. Raises CannotGrade where it was not."""
        unreleased = CannotGrade(
            _("{lesson} is not released yet: run `nbgrader generate_assignment {lesson}` first.").format(
                lesson=self.slug
            )
        )
        url = make_url(self.coursedir.db_url)
        if url.get_backend_name() == "sqlite" and not Path(url.database).exists():
            raise unreleased  # to open it would make it
        with self.gradebook() as gradebook:
            try:
                return Lesson(gradebook.find_notebook(self.slug, self.slug))
            except MissingEntry:
                raise unreleased from None

    def limits(self) -> dict[str, int]:
        """What the course's `nbgrader_config.py` sets for RunNotebook."""
        return dict(self.coursedir.config.get("RunNotebook", {}))

    def students(self) -> list[str]:
        """Who has handed in, sorted. Raises CannotGrade where nobody has."""
        found = sorted(
            folder.parent.name for folder in self.submitted.glob(f"*/{self.slug}") if folder.is_dir()
        )
        if not found:
            raise CannotGrade(
                _(
                    "Nobody has handed in: {folder}/<student>/{lesson}/{lesson}.ipynb is where notebooks go."
                ).format(folder=self.submitted, lesson=self.slug)
            )
        return found

    def read(self, student: str) -> tuple[str, str]:
        """(the submission's text, why there is none); one of them is empty."""
        folder = self.submitted / student / self.slug
        path = folder / f"{self.slug}.ipynb"
        if refused := refusal(path):
            message, values = refused
            return "", _(message).format(**values)
        if not path.is_file():
            return "", why_ungraded(folder, self.slug)
        try:
            return path.read_text(encoding="utf-8"), ""
        except (UnicodeDecodeError, OSError):
            return "", why_ungraded(folder, self.slug)

    def outcome_path(self, student: str) -> Path:
        return self.out / f"{student}.json"

    def finished(self, student: str, text: str) -> dict | None:
        """The outcome recorded for just this text by an earlier run."""
        try:
            known = json.loads(self.outcome_path(student).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return known["outcome"] if known["digest"] == _digest(text) else None

    def gradebook(self) -> Gradebook:
        """nbgrader's gradebook, to be closed."""
        return Gradebook(self.coursedir.db_url, self.coursedir.course_id)

    def record(self, outcome: Outcome, text: str, gradebook: Gradebook) -> dict:
        """Write the outcome: the graded notebook, the gradebook, and last its own file."""
        if outcome.notebook:
            graded = Path(
                self.coursedir.format_path(self.coursedir.autograded_directory, outcome.student, self.slug)
            )
            graded.mkdir(parents=True, exist_ok=True)
            _write(graded / f"{self.slug}.ipynb", outcome.notebook)
            self._into_gradebook(outcome, gradebook)
        data = outcome.to_json()
        _write(self.outcome_path(outcome.student), json.dumps({"digest": _digest(text), "outcome": data}))
        return data

    def _into_gradebook(self, outcome: Outcome, gradebook: Gradebook) -> None:
        folder = str(self.submitted / outcome.student / self.slug)
        timestamp = self.coursedir.get_existing_timestamp(folder)
        gradebook.update_or_create_student(outcome.student)
        given = {"timestamp": timestamp} if timestamp else {}
        submission = gradebook.update_or_create_submission(self.slug, outcome.student, **given)
        notebook = gradebook.find_submission_notebook(self.slug, self.slug, outcome.student)
        for entry in notebook.grades:
            entry.auto_score = outcome.scores.get(entry.name)
            entry.needs_manual_grade = entry.auto_score is None or entry.manual_score is not None
        for comment in notebook.comments:
            comment.auto_comment = "No response." if comment.name in outcome.untouched else None
        late = submission.total_seconds_late > 0 or notebook.late_submission_penalty
        gradebook.db.commit()
        if late:
            names = {"student": outcome.student, "assignment": self.slug, "notebook": self.slug}
            resources = {"nbgrader": names | {"db_url": self.coursedir.db_url}}
            AssignLatePenalties(config=self.coursedir.config).preprocess(new_notebook(), resources)


def course_directory(root: Path) -> CourseDirectory:
    """nbgrader's view of the course below `root`, with its `nbgrader_config.py` if it has one."""
    config = Config()
    if (root / "nbgrader_config.py").is_file():
        config = PyFileConfigLoader("nbgrader_config.py", str(root)).load_config()
    config.CourseDirectory.root = str(root.resolve())
    return CourseDirectory(config=config)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write(path: Path, text: str) -> None:
    """Replace the file at once, so that it is never half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def grade_all(course: Course, workers: int, scheduler: str, seed: int, sandbox: bool) -> list[dict]:
    """Grade whatever is not graded yet; the outcomes of all submissions, as JSON data, sorted by student.

    Raises:
      CannotGrade: the lesson is not released, or nobody has handed in.
    """
    lesson, done, tasks = course.lesson(), {}, []
    with course.gradebook() as gradebook:
        for student in course.students():
            text, missing = course.read(student)
            if missing:
                outcome = Outcome(
                    student, course.slug, _most(lesson), seed, reason=missing, sandboxed=sandbox
                )
                done[student] = course.record(outcome, text, gradebook)
            elif known := course.finished(student, text):
                done[student] = known
            else:
                tasks.append(Task(student, lesson, text, seed, sandbox, course.limits()))
        with tqdm(total=len(tasks), desc=course.slug, unit="submission") as bar:
            for task, outcome in _graded(tasks, workers, scheduler):
                done[task.student] = course.record(outcome, task.text, gradebook)
                bar.update()
    return [done[student] for student in sorted(done)]


def _graded(tasks: list[Task], workers: int, scheduler: str) -> Iterator[tuple[Task, Outcome]]:
    """Each task with its outcome, as they come. One that fails twice is given up."""
    for _attempt in range(ATTEMPTS):
        left = []
        with _executor(workers, scheduler) as executor:
            futures = {executor.submit(grade, task): task for task in tasks}
            for future in as_completed(futures):
                try:
                    outcome = future.result()
                except (
                    Exception
                ):  # the sandbox or a cluster's worker ended; clusters have errors of their own
                    _log.debug("%s: not graded", futures[future].student, exc_info=True)
                    left.append(futures[future])
                else:
                    yield futures[future], outcome
        tasks = left
    for task in tasks:
        reason = _("The grader's worker ended while it graded this notebook. Look at it by itself.")
        yield task, Outcome(task.student, task.lesson.slug, _most(task.lesson), task.seed, reason=reason)


@contextmanager
def _executor(workers: int, scheduler: str) -> Iterator[Executor]:
    """This machine's processes, or an existing Dask cluster's."""
    if scheduler:
        from distributed import Client  # an optional dependency

        with Client(scheduler) as client:
            yield client.get_executor(pure=False, retries=ATTEMPTS)
    else:
        executor = ThreadPoolExecutor(workers or os.cpu_count())  # they wait for processes of their own
        try:
            yield executor
        except BaseException:  # interrupted: what is not done waits for the next run
            executor.shutdown(wait=False, cancel_futures=True)
            host.stop()
            raise
        finally:
            executor.shutdown()
