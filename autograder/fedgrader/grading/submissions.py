"""The submissions of one lesson: where they lie, what was made of them, and how an outcome is kept."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.engine import make_url
from traitlets.config.loader import Config, PyFileConfigLoader

from fedcourse.i18n import _
from fedgrader.course import CannotGrade
from fedgrader.grading.grade import Outcome
from fedgrader.grading.gradebook import record_scores
from fedgrader.grading.repair import ReleasedLesson
from fedgrader.grading.submission import refusal, why_ungraded


@dataclass(frozen=True)
class Submissions:
    """The submissions of the lesson `slug` in an nbgrader course, and where outcomes go."""

    coursedir: CourseDirectory
    slug: str
    submitted: Path
    out: Path

    def lesson(self) -> ReleasedLesson:
        """The lesson as it was released. Raises CannotGrade where it was not."""
        unreleased = CannotGrade(
            _("{lesson} is not released yet: run `nbgrader generate_assignment {lesson}` first.").format(
                lesson=self.slug
            )
        )
        if not has_gradebook(self.coursedir):
            raise unreleased
        with self.gradebook() as gradebook:
            try:
                return ReleasedLesson(gradebook.find_notebook(self.slug, self.slug))
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
        notebook = record_scores(gradebook, self.slug, outcome.student, outcome.scores, outcome.untouched)
        late = submission.total_seconds_late > 0 or notebook.late_submission_penalty
        if late:
            names = {"student": outcome.student, "assignment": self.slug, "notebook": self.slug}
            resources = {"nbgrader": names | {"db_url": self.coursedir.db_url}}
            AssignLatePenalties(config=self.coursedir.config).preprocess(new_notebook(), resources)


def has_gradebook(coursedir: CourseDirectory) -> bool:
    """Whether there is a gradebook to open; to open one in a file would make it."""
    url = make_url(coursedir.db_url)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").exists()


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
