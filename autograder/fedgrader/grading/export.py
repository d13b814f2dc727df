"""`nbgrader export`: the course's CSV file."""

import csv
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, MissingEntry, Student, SubmittedAssignment
from nbgrader.plugins import ExportPlugin

from fedgrader.grading.grade import GRADED, NEEDS_ATTENTION
from fedgrader.grading.report import undecided_cells


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
