"""The first step of grading: any submission becomes gradable, and the student's text stays."""

import re
from collections import defaultdict
from copy import copy
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook, Notebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from fedcourse.i18n import N_
from fedgrader.grading.submission import refusal
from fedgrader.running.notes import note, sentences, start_notes

_CHECK_CALL = re.compile(r"""\bcheck\(\s*["'](\w+)\.(\w+)["']""")
_FLAGS = ("grade", "solution", "locked", "task")


class RepairSubmission(NbGraderPreprocessor):
    """Give each cell of the lesson its nbgrader metadata back, exactly once, and add missing check cells.

    A cell is known by its grade_id, else by its text: the lesson's own, or the definition of a solution. What
    was mended is noted in `nb.metadata.course.repairs`. A notebook with no cell of the lesson is left as it
    is, and one that came as a link, or is too large, is emptied, with a note in
    `nb.metadata.course.attention`.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        names = resources["nbgrader"]
        coursedir = CourseDirectory(config=self.config)
        folder = coursedir.format_path(coursedir.submitted_directory, names["student"], names["assignment"])
        if refused := refusal(Path(folder) / f"{names['notebook']}.ipynb"):
            _reject(nb, *refused)
        else:
            with Gradebook(names["db_url"]) as gradebook:
                lesson = ReleasedLesson(gradebook.find_notebook(names["notebook"], names["assignment"]))
            repair(nb, lesson)
        for sentence in sentences(nb, "repairs") + sentences(nb, "attention"):
            self.log.warning("%s: %s", names["student"], sentence)
        return nb, resources


def _reject(nb: NotebookNode, message: str, values: dict) -> None:
    """Leave nothing of the notebook but why it is not graded: it may be somebody else's."""
    start_notes(nb)
    nb.cells = []
    note(nb, "attention", message, **values)


def repair(nb: NotebookNode, lesson: "ReleasedLesson") -> None:
    """Make `nb`, a submission of `lesson`, gradable in place, as RepairSubmission says."""
    for cell in nb.cells:
        _complete(cell)
    start_notes(nb)
    owners = _owners_by_metadata(nb, lesson)
    owners |= _owners_by_content(nb, lesson, owners)
    if _is_foreign(nb, lesson, owners):
        note(nb, "attention", N_("The notebook holds no exercise of {lesson}."), lesson=lesson.slug)
    else:
        _mark(nb, lesson, owners)
        _add_missing(nb, lesson, owners)


class ReleasedLesson:
    """A lesson in the gradebook: `slug`, and its nbgrader cells by grade_id, with complete metadata."""

    def __init__(self, notebook: Notebook):
        self.slug = notebook.assignment.name
        points = {cell.name: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]}
        graded, solutions, tasks = (
            {cell.name for cell in cells}
            for cells in (notebook.grade_cells, notebook.solution_cells, notebook.task_cells)
        )
        self.cells = {}
        for cell in notebook.source_cells:
            meta = NotebookNode(
                schema_version=3,
                grade_id=cell.name,
                grade=cell.name in graded,
                solution=cell.name in solutions,
                locked=cell.locked,
                task=cell.name in tasks,
                checksum=cell.checksum,
                cell_type=cell.cell_type,
            )
            if cell.name in points:
                meta["points"] = points[cell.name]
            self.cells[cell.name] = NotebookNode(source=cell.source, metadata=NotebookNode(nbgrader=meta))

    def meta(self, name: str) -> NotebookNode:
        return self.cells[name].metadata.nbgrader

    def is_check(self, name: str) -> bool:
        """Whether `name` is a locked code cell that gives points."""
        meta = self.meta(name)
        return meta.grade and meta.locked and meta.cell_type == "code"

    def checked_by(self, cell: NotebookNode) -> set[str]:
        """The exercises of this lesson that `cell` calls `check` for."""
        return {exercise for slug, exercise in _CHECK_CALL.findall(cell.source) if slug == self.slug}

    def is_checked_elsewhere(self, cell: NotebookNode) -> bool:
        """Whether `cell` calls `check` for other lessons only."""
        return bool(_CHECK_CALL.search(cell.source)) and not self.checked_by(cell)

    def can_be(self, name: str, cell: NotebookNode) -> bool:
        """Whether `cell` may keep the mark `name`; a check cell that checks no more is student's text."""
        still_checks = self.checked_by(cell) >= self.checked_by(self.cells[name])
        return not self.is_checked_elsewhere(cell) and (still_checks or not self.is_check(name))

    def looks_like(self, name: str, cell: NotebookNode) -> bool:
        """Whether `cell` is the check cell `name` word for word, or defines the solution `name`."""
        if cell.cell_type != "code":
            return False
        if self.is_check(name):
            return cell.source.strip() == self.cells[name].source.strip()
        definition = rf"^(?:(?:async )?def|class) {re.escape(name)}\b|^{re.escape(name)}\s*="
        defines = cell.get("id") == f"solution-{name}" or re.search(definition, cell.source, re.MULTILINE)
        return self.meta(name).solution and bool(defines)


def _complete(cell: NotebookNode) -> None:
    """Fill in what every cell must have, and drop the outputs, which a student may have edited."""
    if not isinstance(cell.get("metadata"), dict):
        cell["metadata"] = NotebookNode()
    cell.setdefault("source", "")
    if cell.cell_type == "code":
        cell["outputs"], cell["execution_count"] = [], None
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def _owners_by_metadata(nb: NotebookNode, lesson: ReleasedLesson) -> dict[str, int]:
    """The index of the last cell marked with each grade_id; all nbgrader metadata is taken off on the way."""
    found = defaultdict(list)
    for index, cell in enumerate(nb.cells):
        meta = cell.metadata.pop("nbgrader", None)
        name = meta.get("grade_id") if isinstance(meta, dict) else None
        if isinstance(name, str) and name in lesson.cells and lesson.can_be(name, cell):
            found[name].append(index)
        elif meta and (not isinstance(meta, dict) or any(meta.get(flag) for flag in _FLAGS)):
            note(nb, "repairs", N_("Grading data that did not fit was taken off a cell; its text is kept."))
    for name, indices in found.items():
        if len(indices) > 1:
            message = N_(
                "{count} cells were marked {cell}; the last one counts, the others are ordinary cells now."
            )
            note(nb, "repairs", message, count=len(indices), cell=name)
    return {name: indices[-1] for name, indices in found.items()}


def _owners_by_content(nb: NotebookNode, lesson: ReleasedLesson, owners: dict[str, int]) -> dict[str, int]:
    """The index of the last unmarked cell that looks like each of the lesson's cells without an owner."""
    unmarked = [(index, cell) for index, cell in enumerate(nb.cells) if index not in owners.values()]
    lost = [name for name in lesson.cells if name not in owners]
    found = {name: index for name in lost for index, cell in unmarked if lesson.looks_like(name, cell)}
    for name in found:
        note(
            nb,
            "repairs",
            N_("The cell {cell} had lost its grading data; it was recognized by its text."),
            cell=name,
        )
    return found


def _is_foreign(nb: NotebookNode, lesson: ReleasedLesson, owners: dict[str, int]) -> bool:
    """Whether the notebook is of another lesson or of none; two lessons may share names of functions."""
    if any(lesson.is_check(name) for name in owners) or any(lesson.checked_by(cell) for cell in nb.cells):
        return False
    return not owners or any(lesson.is_checked_elsewhere(cell) for cell in nb.cells)


def _mark(nb: NotebookNode, lesson: ReleasedLesson, owners: dict[str, int]) -> None:
    for name, index in owners.items():
        cell = nb.cells[index]
        # Tags can skip or hide a cell, so a locked cell keeps none; and its text is the lesson's.
        locked = lesson.meta(name).locked
        cell["metadata"] = NotebookNode({} if locked else cell.metadata, nbgrader=copy(lesson.meta(name)))
        if locked and cell.cell_type == lesson.meta(name).cell_type:
            cell["source"] = lesson.cells[name].source


def _add_missing(nb: NotebookNode, lesson: ReleasedLesson, owners: dict[str, int]) -> None:
    """Append the check cells without an owner; at the end, whatever they need is defined, if at all."""
    for name in lesson.cells:
        if name not in owners and lesson.is_check(name):
            # A copy: what is noted in this notebook's cell is not to be found in the next one's.
            metadata = NotebookNode(nbgrader=copy(lesson.meta(name)))
            cell = new_code_cell(lesson.cells[name].source, metadata=metadata)
            if nb.nbformat_minor < 5:
                del cell["id"]  # older notebooks must not have cell ids
            nb.cells.append(cell)
            note(nb, "repairs", N_("The check cell {cell} was missing; it was added at the end."), cell=name)
