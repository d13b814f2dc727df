"""Points come from the verdict of a check, and from nothing else that a cell prints."""

from math import isfinite
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import SaveAutoGrades
from nbgrader.utils import determine_grade, is_grade, is_solution, is_task

from autograder.feedback import VERDICT_MIME
from autograder.preprocessors.notes import note
from fedcourse.i18n import N_

_NO_CHECK = N_("The check cell {cell} found no `check`: the cell that imports it is missing or failed.")
_NO_VERDICT = N_("The check cell {cell} ran but gave no verdict that can be trusted.")


class SaveVerdicts(SaveAutoGrades):
    """nbgrader's SaveAutoGrades for check cells.

    The score is the verdict's points, 0 after an error, and None when the outcome is not known: nbgrader then
    shows "needs manual grade", and `nb.metadata.course.attention` says why.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        self._nb = nb
        nb, resources = super().preprocess(nb, resources)
        with Gradebook(self.db_url) as gradebook:
            self._flag_absent(gradebook)
        return nb, resources

    def _add_score(self, cell: NotebookNode, resources: dict) -> None:
        name = cell.metadata.nbgrader.grade_id
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        grade.auto_score = score(self._nb, cell)
        grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None
        self.gradebook.db.commit()

    def _flag_absent(self, gradebook: Gradebook) -> None:
        """Let a person decide about graded cells that the notebook lacks, whatever an earlier run gave."""
        present = {
            cell.metadata.nbgrader.grade_id for cell in self._nb.cells if is_grade(cell) or is_task(cell)
        }
        submission = gradebook.find_submission_notebook(self.notebook_id, self.assignment_id, self.student_id)
        for grade in submission.grades:
            if grade.name not in present:
                grade.auto_score, grade.needs_manual_grade = None, True
        gradebook.db.commit()


def score(nb: NotebookNode, cell: NotebookNode) -> float | None:
    """Points of a graded cell of `nb`, 0 to its maximum, or None, with a note, if a person must decide."""
    if is_solution(cell) or cell.cell_type != "code":
        return determine_grade(cell)[0]
    if "state" in cell.metadata.get("course", {}):
        return None  # stopped or not run, as already noted
    name = cell.metadata.nbgrader.grade_id
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if any(error.ename == "NameError" and "'check'" in error.evalue for error in errors):
        note(nb, "attention", _NO_CHECK, cell=name)
        return None
    if errors:
        return 0.0
    verdict = read_verdict(cell)
    if verdict is None:
        note(nb, "attention", _NO_VERDICT, cell=name)
        return None
    return min(float(verdict["points"]), float(cell.metadata.nbgrader.points))


def read_verdict(cell: NotebookNode) -> dict[str, Any] | None:
    """The verdict that is a check cell's value; None if there is none, or several, or it is malformed."""
    shown = [output for output in cell.outputs if VERDICT_MIME in output.get("data", {})]
    if len(shown) != 1 or shown[0].output_type != "execute_result":
        return None
    verdict = shown[0].data[VERDICT_MIME]
    exercise = cell.metadata.nbgrader.grade_id.removeprefix("check_")
    return verdict if isinstance(verdict, dict) and _is_sound(verdict, exercise) else None


def _is_sound(verdict: dict, exercise: str) -> bool:
    points, most, findings = verdict.get("points"), verdict.get("max_points"), verdict.get("findings")
    return (
        str(verdict.get("exercise")).split(".")[-1] == exercise
        and all(type(value) in (int, float) and isfinite(value) for value in (points, most))
        and 0 <= points <= most > 0
        and isinstance(findings, list)
        and all(isinstance(finding, dict) for finding in findings)
    )
