"""What a graded notebook is worth: points come from the verdicts of checks, and from nothing else."""

from math import isfinite
from typing import Any, TypeGuard

from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution

from fedcourse.i18n import N_
from fedgrader.checking.looks import VERDICT_MIME
from fedgrader.running.notes import note

_NO_CHECK = N_("The check cell {cell} found no `check`: the cell that imports it is missing or failed.")
_NO_VERDICT = N_("The check cell {cell} ran but gave no verdict that can be trusted.")


def scores(nb: NotebookNode) -> dict[str, float | None]:
    """Points of each graded cell by its grade_id: 0 after an error, None if a person must decide.

    `nb.metadata.course.attention` says why a person must.
    """
    return {cell.metadata.nbgrader.grade_id: _score(nb, cell) for cell in filter(is_grade, nb.cells)}


def untouched(nb: NotebookNode) -> list[str]:
    """The grade_ids of the solution cells that were handed in as they were given."""
    return [
        cell.metadata.nbgrader.grade_id
        for cell in nb.cells
        if is_solution(cell) and compute_checksum(cell) == cell.metadata.nbgrader.get("checksum")
    ]


def _score(nb: NotebookNode, cell: NotebookNode) -> float | None:
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
        and _is_finite(points)
        and _is_finite(most)
        and 0 <= points <= most > 0
        and isinstance(findings, list)
        and all(isinstance(finding, dict) for finding in findings)
    )


def _is_finite(value: Any) -> TypeGuard[float]:
    try:
        return type(value) in (int, float) and isfinite(value)
    except OverflowError:  # an integer that no float can hold
        return False
