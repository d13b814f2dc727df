"""The one place that writes what a submission is worth into nbgrader's gradebook."""

from collections.abc import Collection, Mapping

from nbgrader.api import Gradebook, SubmittedNotebook

NO_RESPONSE = "No response."  # nbgrader's own comment on an untouched answer


def record_scores(
    gradebook: Gradebook,
    lesson: str,
    student: str,
    points: Mapping[str, float | None],
    as_given: Collection[str],
) -> SubmittedNotebook:
    """Write what `points.scores` and `points.untouched` found into the gradebook; the notebook's entry there.

    A graded cell that the notebook lacks is for a person to decide, whatever an earlier run gave.
    """
    notebook = gradebook.find_submission_notebook(lesson, lesson, student)
    for entry in notebook.grades:
        entry.auto_score = points.get(entry.name)
        entry.needs_manual_grade = entry.auto_score is None or entry.manual_score is not None
    for comment in notebook.comments:
        comment.auto_comment = NO_RESPONSE if comment.name in as_given else None
    gradebook.db.commit()
    return notebook
