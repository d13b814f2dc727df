"""Who has which points, and whom an instructor must look at: `fedcourse report`."""

import csv
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from wcwidth import wcwidth

from fedcourse.i18n import _
from fedgrader.checking.looks import number
from fedgrader.grading.grade import GRADED, NEEDS_ATTENTION
from fedgrader.grading.submission import why_ungraded
from fedgrader.running.notes import language_of, sentences


@dataclass(frozen=True)
class ReportRow:
    """One submission of one lesson; `points` is None if nothing is graded, `reason` says what is wrong."""

    student: str
    lesson: str
    language: str
    points: float | None
    max_points: float
    status: str
    reason: str


def collect(coursedir: CourseDirectory) -> list[ReportRow]:
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


def _row(coursedir: CourseDirectory, gradebook: Gradebook, lesson: str, student: str) -> ReportRow:
    try:
        most = gradebook.find_assignment(lesson).max_score
    except MissingEntry:
        reason = _("The course has no lesson {lesson}; correct the folder's name.").format(lesson=lesson)
        return ReportRow(student, lesson, "", None, 0.0, NEEDS_ATTENTION, reason)
    graded = _folder(coursedir, coursedir.autograded_directory, student, lesson) / f"{lesson}.ipynb"
    if not graded.exists():
        submitted = _folder(coursedir, coursedir.submitted_directory, student, lesson)
        return ReportRow(student, lesson, "", None, most, NEEDS_ATTENTION, why_ungraded(submitted, lesson))
    nb = nbformat.read(graded, as_version=4)
    submission = gradebook.find_submission(lesson, student)
    undecided = undecided_cells(submission.notebooks)
    reasons = sentences(nb, "attention") if undecided else []
    if undecided and not reasons:
        reasons = [_("An instructor must grade {cells} by hand.").format(cells=", ".join(undecided))]
    points = max(0.0, submission.score - submission.late_submission_penalty)
    status = NEEDS_ATTENTION if undecided else GRADED
    return ReportRow(student, lesson, language_of(nb), points, most, status, " ".join(reasons))


def undecided_cells(notebooks: Iterable[SubmittedNotebook]) -> list[str]:
    """The grade_ids of the cells that have no score from the grader nor from a person, sorted."""
    grades = [grade for notebook in notebooks for grade in notebook.grades]
    return sorted(grade.name for grade in grades if grade.auto_score is None and grade.manual_score is None)


def table(rows: list[ReportRow]) -> str:
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


def _score(row: ReportRow) -> str:
    return f"{'–' if row.points is None else number(row.points)} / {number(row.max_points)}"


def _width(text: str) -> int:
    """Columns of a terminal; Chinese and Korean letters take two."""
    return sum(max(0, wcwidth(letter)) for letter in text)


def write_csv(rows: list[ReportRow], path: Path) -> None:
    """The rows as a CSV file in UTF-8, with the names of `ReportRow`'s fields as header."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(field.name for field in fields(ReportRow))
        writer.writerows(astuple(row) for row in rows)
