"""The submissions of one lesson: where they lie, what was made of them, and how an outcome is kept."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.engine import make_url
from traitlets.config.loader import Config, PyFileConfigLoader

from fedcourse.i18n import _
from fedcourse.texts import visible
from fedgrader.course import CannotGrade
from fedgrader.grading.grade import Outcome
from fedgrader.grading.gradebook import record_scores
from fedgrader.grading.repair import ReleasedLesson
from fedgrader.grading.submission import refusal, why_ungraded

_LONGEST_TIME = 1000  # bytes
_LONGEST_NAME = 200  # bytes; files are called so, with an ending


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

    def students(self) -> tuple[list[str], list[str]]:
        """Who has handed in, sorted, and how the folders are called whose names cannot be a student's.

        Raises CannotGrade where nobody has handed in.
        """
        found = sorted(
            folder.parent.name for folder in self.submitted.glob(f"*/{self.slug}") if folder.is_dir()
        )
        if not found:
            raise CannotGrade(
                _(
                    "Nobody has handed in: {folder}/<student>/{lesson}/{lesson}.ipynb is where notebooks go."
                ).format(folder=self.submitted, lesson=self.slug)
            )
        names = [name for name in found if _is_a_name(name)]
        return names, [visible(name) for name in found if name not in names]

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
            return path.read_text(encoding="utf-8-sig"), ""
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
        """Write the outcome: into the gradebook, the graded notebook, and last its own file."""
        if outcome.notebook:
            self._into_gradebook(outcome, gradebook)  # first: nbgrader's feedback fails for who is not in it
            graded = Path(
                self.coursedir.format_path(self.coursedir.autograded_directory, outcome.student, self.slug)
            )
            graded.mkdir(parents=True, exist_ok=True)
            _write(graded / f"{self.slug}.ipynb", outcome.notebook)
        data = outcome.to_json()
        _write(self.outcome_path(outcome.student), json.dumps({"digest": _digest(text), "outcome": data}))
        return data

    def _into_gradebook(self, outcome: Outcome, gradebook: Gradebook) -> None:
        folder = str(self.submitted / outcome.student / self.slug)
        timestamp = self._timestamp(folder)
        gradebook.update_or_create_student(outcome.student)
        given = {"timestamp": timestamp} if timestamp else {}
        submission = gradebook.update_or_create_submission(self.slug, outcome.student, **given)
        notebook = record_scores(gradebook, self.slug, outcome.student, outcome.scores, outcome.untouched)
        late = submission.total_seconds_late > 0 or notebook.late_submission_penalty
        if late:
            names = {"student": outcome.student, "assignment": self.slug, "notebook": self.slug}
            resources = {"nbgrader": names | {"db_url": self.coursedir.db_url}}
            AssignLatePenalties(config=self.coursedir.config).preprocess(new_notebook(), resources)

    def _timestamp(self, folder: str) -> datetime | None:
        """When it was handed in, if that is known. Raises CannotGrade where it cannot be read."""
        path = Path(folder, "timestamp.txt")
        text = _("{path} should hold a time, such as 2025-03-01 23:59:59 UTC.").format(path=path)
        if path.exists() and not (path.is_file() and path.stat().st_size <= _LONGEST_TIME):
            raise CannotGrade(text)  # to read it might take for ever
        try:
            return self.coursedir.get_existing_timestamp(folder)
        except Exception:  # nbgrader raises whatever the file leads it to
            raise CannotGrade(text) from None


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


def _is_a_name(folder: str) -> bool:
    """Whether a student may be called so: text on one line, short enough for the names of files."""
    return visible(folder) == folder and len(folder.encode()) <= _LONGEST_NAME


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _write(path: Path, text: str) -> None:
    """Replace the file at once, so that it is never half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
