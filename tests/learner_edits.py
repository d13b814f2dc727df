"""What learners do to a notebook, and what the course does to a lesson, made up from a seed."""

import random
import uuid
from copy import deepcopy

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader.utils import is_grade, is_solution

from fedgrader.course import release


def edited(notebook: NotebookNode, seed: int) -> tuple[NotebookNode, list[str]]:
    """A learner's version of `notebook`, and each text in it that is the learner's own."""
    return _Learner(notebook, random.Random(seed)).work()


class _Learner:
    """Answers some exercises, changes, adds, deletes and moves cells, runs some, and loses metadata."""

    def __init__(self, notebook: NotebookNode, rng: random.Random):
        self._nb, self._rng, self._texts = deepcopy(notebook), rng, []

    def work(self) -> tuple[NotebookNode, list[str]]:
        for cell in list(self._nb.cells):
            if is_solution(cell) and self._rng.random() < 0.7:
                cell.source = self._text(f"def {cell.metadata.nbgrader.grade_id}(*arguments):\n    return")
            elif not is_grade(cell) and self._rng.random() < 0.15:
                cell.source = self._text(cell.source)
        for edit in (self._add, self._delete, self._move, self._copy, self._run):
            for _time in range(self._rng.randrange(4)):
                edit()
        self._rng.choice(
            [self._keep, self._lose_the_record, self._lose_marks, self._lose_ids, self._lose_all]
        )()
        return self._nb, [text for text in self._texts if any(text == cell.source for cell in self._nb.cells)]

    def _text(self, before: str) -> str:
        self._texts.append(f"{before} # mine, number {len(self._texts)}")
        return self._texts[-1]

    def _any(self) -> int:
        return self._rng.randrange(len(self._nb.cells))

    def _add(self) -> None:
        make = self._rng.choice([new_code_cell, new_markdown_cell])
        self._nb.cells.insert(
            self._any(), make(self._text("x = 1"), id=str(uuid.UUID(int=self._rng.getrandbits(128))))
        )

    def _delete(self) -> None:
        del self._nb.cells[self._any()]

    def _move(self) -> None:
        self._nb.cells.insert(self._any(), self._nb.cells.pop(self._any()))

    def _copy(self) -> None:
        cell = deepcopy(self._nb.cells[self._any()])
        self._nb.cells.insert(self._any(), NotebookNode(cell, id=f"copy{self._rng.getrandbits(32)}"))

    def _run(self) -> None:
        for cell in self._nb.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [new_output("stream", text="shown")], 1
                cell.metadata["execution"] = {"iopub.status.busy": "2026-01-01T00:00:00Z"}

    def _keep(self) -> None:
        pass

    def _lose_the_record(self) -> None:
        del self._nb.metadata["course"]

    def _lose_marks(self) -> None:
        for cell in self._nb.cells:
            cell.metadata.pop("nbgrader", None)

    def _lose_ids(self) -> None:
        self._nb.nbformat_minor = 4
        for cell in self._nb.cells:
            del cell["id"]

    def _lose_all(self) -> None:
        self._lose_the_record()
        self._lose_marks()
        self._lose_ids()


def newer(notebook: NotebookNode, seed: int) -> NotebookNode:
    """A later version of the lesson: a cell reworded, one gone, one new, one moved, another task."""
    rng, later = random.Random(seed), deepcopy(notebook)
    ordinary = [cell for cell in later.cells if not (is_grade(cell) or is_solution(cell))]
    reworded, gone, moved = rng.sample(ordinary[2:], 3)
    reworded.source += "\n# said otherwise"
    later.cells.remove(gone)
    later.cells.remove(moved)
    later.cells.insert(rng.randrange(len(later.cells)), moved)
    later.cells.insert(
        rng.randrange(len(later.cells)), new_code_cell("y = 'new in the course'", id="new-one")
    )
    task = rng.choice([cell for cell in later.cells if is_solution(cell)])
    task.source = task.source.replace('"""', '"""Asked otherwise. ', 1)
    later.metadata.course[release.KEY] = release.record(later.cells)
    return later
