"""Who has which points, and whom an instructor must look at: a table, a CSV file, and nbgrader's export."""

import csv
import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import nbformat
from nbgrader.api import Assignment, Gradebook, MissingEntry, Student, SubmittedAssignment, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import ExportPlugin
from wcwidth import wcwidth

from autograder.feedback import number
from autograder.preprocessors.notes import language_of, sentences
from fedcourse.i18n import _

GRADED, NEEDS_ATTENTION = "graded", "needs_attention"


@dataclass(frozen=True)
class Row:
    """One submission of one lesson; `points` is None if nothing is graded, `reason` says what is wrong."""

    student: str
    lesson: str
    language: str
    points: float | None
    max_points: float
    status: str
    reason: str


def collect(coursedir: CourseDirectory) -> list[Row]:
    """A row for each submission in submitted/ or the gradebook, sorted by lesson and student."""
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        known = {
            (entry.name, entry.student.id) for lesson in gradebook.assignments for entry in lesson.submissions
        }
        return [_row(coursedir, gradebook, *entry) for entry in sorted(known | _handed_in(coursedir))]


def _handed_in(coursedir: CourseDirectory) -> set[tuple[str, str]]:
    """(lesson, student) of every folder below submitted/."""
    folders = (Path(coursedir.root) / coursedir.submitted_directory).glob("*/*/")
    return {(folder.name, folder.parent.name) for folder in folders}


def _folder(coursedir: CourseDirectory, step: str, student: str, lesson: str) -> Path:
    return Path(coursedir.format_path(step, student, lesson))


def _row(coursedir: CourseDirectory, gradebook: Gradebook, lesson: str, student: str) -> Row:
    try:
        most = gradebook.find_assignment(lesson).max_score
    except MissingEntry:
        reason = _("The course has no lesson {lesson}; correct the folder's name.").format(lesson=lesson)
        return Row(student, lesson, "", None, 0.0, NEEDS_ATTENTION, reason)
    graded = _folder(coursedir, coursedir.autograded_directory, student, lesson) / f"{lesson}.ipynb"
    if not graded.exists():
        submitted = _folder(coursedir, coursedir.submitted_directory, student, lesson)
        return Row(student, lesson, "", None, most, NEEDS_ATTENTION, why_ungraded(submitted, lesson))
    nb = nbformat.read(graded, as_version=4)
    submission = gradebook.find_submission(lesson, student)
    undecided = undecided_cells(submission.notebooks)
    reasons = sentences(nb, "attention") if undecided else []
    if undecided and not reasons:
        reasons = [_("An instructor must grade {cells} by hand.").format(cells=", ".join(undecided))]
    points = max(0.0, submission.score - submission.late_submission_penalty)
    status = NEEDS_ATTENTION if undecided else GRADED
    return Row(student, lesson, language_of(nb), points, most, status, " ".join(reasons))


def undecided_cells(notebooks: Iterable[SubmittedNotebook]) -> list[str]:
    """The grade_ids of the cells that have no score from the grader nor from a person, sorted."""
    grades = [grade for notebook in notebooks for grade in notebook.grades]
    return sorted(grade.name for grade in grades if grade.auto_score is None and grade.manual_score is None)


def why_ungraded(folder: Path, lesson: str) -> str:
    """Why `folder`, a submission, has no graded notebook, as far as its files tell."""
    path = folder / f"{lesson}.ipynb"
    others = sorted(other.name for other in folder.glob("*.ipynb"))
    if not path.exists() and others:
        text = _("The notebook is called {found}; rename it to {expected} and grade again.")
        return text.format(found=", ".join(others), expected=path.name)
    if not path.exists():
        return _("No notebook was handed in; {expected} is missing.").format(expected=path.name)
    try:
        nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    except (json.JSONDecodeError, UnicodeDecodeError, nbformat.reader.NotJSONError):
        return _("The file {name} is damaged: it is not valid JSON. Ask for it again.").format(name=path.name)
    except Exception:  # nbformat raises whatever the content leads it to
        return _("The file {name} is not a Jupyter notebook. Ask for it again.").format(name=path.name)
    text = _(
        "The notebook is not graded, or that failed; run `nbgrader autograde {lesson}` and read its log."
    )
    return text.format(lesson=lesson)


def table(rows: list[Row]) -> str:
    """The rows as aligned text for a terminal."""
    header = (_("Student"), _("Lesson"), _("Language"), _("Points"), _("Status"), _("Reason"))
    status = {GRADED: _("graded"), NEEDS_ATTENTION: _("needs attention")}
    lines = [header] + [
        (row.student, row.lesson, row.language, _score(row), status[row.status], row.reason) for row in rows
    ]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            text + " " * (width - _width(text)) for text, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def _score(row: Row) -> str:
    return f"{'–' if row.points is None else number(row.points)} / {number(row.max_points)}"


def _width(text: str) -> int:
    """Columns of a terminal; Chinese and Korean letters take two."""
    return sum(max(0, wcwidth(letter)) for letter in text)


def write_csv(rows: list[Row], path: Path) -> None:
    """The rows as a CSV file in UTF-8, with the names of `Row`'s fields as header."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(field.name for field in fields(Row))
        writer.writerows(astuple(row) for row in rows)


class CsvExport(ExportPlugin):
    """`nbgrader export` with proper quoting, in UTF-8, and with a status, for an ungraded 0 is not a 0.

    Status is "graded", "needs_attention" or "missing"; the other columns are those of nbgrader's exporter.
    """

    def export(self, gradebook: Gradebook) -> None:
        records = [
            _record(lesson, student, gradebook)
            for lesson in gradebook.assignments
            for student in gradebook.students
            if (not self.assignment or lesson.name in map(str, self.assignment))
            and (not self.student or student.id in map(str, self.student))
        ]
        path = Path(self.to or "grades.csv")
        self.log.info("Exporting grades to %s", path)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, _COLUMNS)
            writer.writeheader()
            writer.writerows(records)


_COLUMNS = [
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
    "status",
]


def _record(lesson: Assignment, student: Student, gradebook: Gradebook) -> dict[str, object]:
    """One line of the export; what is not known is empty."""
    record = {
        "assignment": lesson.name,
        "duedate": lesson.duedate,
        "student_id": student.id,
        "last_name": student.last_name,
        "first_name": student.first_name,
        "email": student.email,
        "max_score": lesson.max_score,
    }
    try:
        return record | _outcome(gradebook.find_submission(lesson.name, student.id))
    except MissingEntry:
        return record | {"raw_score": 0.0, "late_submission_penalty": 0.0, "score": 0.0, "status": "missing"}


def _outcome(submission: SubmittedAssignment) -> dict[str, object]:
    penalty = submission.late_submission_penalty
    return {
        "timestamp": submission.timestamp,
        "raw_score": submission.score,
        "late_submission_penalty": penalty,
        "score": max(0.0, submission.score - penalty),
        "status": NEEDS_ATTENTION if undecided_cells(submission.notebooks) else GRADED,
    }
