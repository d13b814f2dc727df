"""Grade one submission: a pure function from its text to an outcome, on this machine or on a cluster's."""

import time
from dataclasses import asdict, dataclass, field

import nbformat
from nbgrader.utils import is_grade

from fedcourse.i18n import _
from fedgrader.grading.points import read_verdict, scores, untouched
from fedgrader.grading.repair import ReleasedLesson, repair
from fedgrader.running.notes import sentences
from fedgrader.running.run import RunNotebook
from fedgrader.running.sandbox.host import SandboxEnded

GRADED, NEEDS_ATTENTION = "graded", "needs_attention"


@dataclass(frozen=True)
class Task:
    """A submission to grade: all that `grade` needs, and nothing secret; `limits` are RunNotebook's."""

    student: str
    lesson: ReleasedLesson
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
    outcome = Outcome(
        task.student, task.lesson.slug, most_points(task.lesson), task.seed, sandboxed=task.sandbox
    )
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


def most_points(lesson: ReleasedLesson) -> float:
    """What the lesson's graded cells are worth together."""
    return sum(lesson.meta(name).get("points", 0.0) for name in lesson.cells)


def _run(nb: nbformat.NotebookNode, task: Task, outcome: Outcome) -> None:
    repair(nb, task.lesson)
    outcome.language = nb.metadata.course.lang
    runner = RunNotebook(**task.limits | {"sandbox": task.sandbox, "seed": task.seed})
    nb, _resources = runner.preprocess(nb, {"nbgrader": {"assignment": task.lesson.slug}})
    outcome.scores, outcome.untouched = scores(nb), untouched(nb)
    verdicts = filter(None, map(read_verdict, filter(is_grade, nb.cells)))
    outcome.exercises = [{key: verdict[key] for key in _VERDICT_KEYS} for verdict in verdicts]
    outcome.reason = " ".join(sentences(nb, "attention"))
    outcome.notebook = nbformat.writes(nb)


_VERDICT_KEYS = ("exercise", "passed", "points", "max_points", "findings")
