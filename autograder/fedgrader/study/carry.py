"""Carry what a learner has written from their notebook over into a newer version of the lesson.

Nothing that the learner wrote is left out. An answer stands in its exercise's cell. A cell that the learner
changed and the course did not stands in its old place. Whatever else is the learner's stands where it stood,
after the same cell of the lesson.
"""

import re
import uuid
from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, is_solution

from fedgrader.course import release

_OURS = ("nbgrader", "deletable", "editable")  # metadata that only the lesson's own cells have
_TOP = ""


@dataclass(frozen=True)
class Carried:
    """The newer notebook with the learner's work in it, and what came of it."""

    notebook: NotebookNode
    answered: tuple[str, ...]  # exercises whose answers were carried over
    reworded: tuple[str, ...]  # those of them that now ask something else
    num_others: int  # cells of the learner's beside the answers


def carried_over(old: NotebookNode, new: NotebookNode) -> Carried:
    """`old`, a learner's notebook of any version of the lesson, carried over into `new`; both nbformat 4."""
    work = _Work(old, new)
    answers = work.answers()
    instead, after, unchanged = _places(work, answers)
    others = {place: [_freed(cell) for cell in cells] for place, cells in after.items()}
    _with_own_ids([cell for cells in others.values() for cell in cells], {cell.id for cell in new.cells})
    cells = list(others.get(_TOP, []))
    for cell in new.cells:
        cells.append(_at(cell, instead.get(cell.id), unchanged.get(cell.id)))
        cells += others.get(cell.id, [])
    notebook = NotebookNode(new, cells=cells)
    notebook.metadata = NotebookNode({**new.metadata, **old.metadata, "course": new.metadata.course})
    names = {cell.id: cell.metadata.nbgrader.grade_id for cell in new.cells if is_solution(cell)}
    return Carried(
        notebook,
        tuple(names[place] for place in answers.values()),
        tuple(names[place] for place in answers.values() if work.is_reworded(place)),
        sum(map(len, others.values())) + len(instead) - len(answers),
    )


class _Work:
    """What is the learner's in a notebook, and to which cell of the newer lesson each cell belongs."""

    def __init__(self, old: NotebookNode, new: NotebookNode):
        self.cells = old.cells
        self.new = {cell.id: cell for cell in new.cells}
        self._released = release.released_cells(old)
        self._by_text = {release.digest(cell): cell.id for cell in reversed(new.cells)}
        self._by_name = {grade_id(cell): cell.id for cell in new.cells if grade_id(cell)}
        self._texts = {*self._by_text, *self._released.values()}

    def is_theirs(self, cell: NotebookNode) -> bool:
        """Whether the text is the learner's: neither empty nor the course's, in either version."""
        is_course = release.digest(cell) in self._texts or is_stub(cell)
        return bool(cell.source.strip()) and not is_course

    def place(self, cell: NotebookNode) -> str:
        """The id of the newer cell that this one is a version of; "" where there is none."""
        if (name := grade_id(cell)) in self._by_name:
            return self._by_name[name]
        # Colab keeps a cell's id in its metadata.
        ids = (cell.get("id"), cell.metadata.get("id"), self._by_text.get(release.digest(cell)))
        return next((one for one in ids if one in self.new), "")

    def answers(self) -> dict[int, str]:
        """The indices of the cells that answer an exercise, the last for each, with their places."""
        found = {self._answer(place): place for place in self.new if is_solution(self.new[place])}
        return {index: found[index] for index in sorted(index for index in found if index is not None)}

    def _answer(self, place: str) -> int | None:
        marked = [index for index, cell in enumerate(self.cells) if self.place(cell) == place]
        if not marked:  # its metadata is lost: its text tells
            name = re.escape(grade_id(self.new[place]))
            defines = re.compile(rf"^(?:(?:async )?def|class) {name}\b|^{name}\s*=", re.MULTILINE)
            marked = [i for i, cell in enumerate(self.cells) if defines.search(cell.source)]
        theirs = [i for i in marked if self.cells[i].cell_type == "code" and self.is_theirs(self.cells[i])]
        return theirs[-1] if theirs else None

    def may_replace(self, cell: NotebookNode, place: str) -> bool:
        """Whether the newer cell at `place` is what the learner had before changing it into `cell`."""
        new = self.new[place]
        is_same = self._released.get(place) == release.digest(new)
        return is_same and cell.cell_type == new.cell_type and not grade_id(new)

    def is_reworded(self, place: str) -> bool:
        """Whether the course has changed the cell at `place` since."""
        return self._released.get(place, release.digest(self.new[place])) != release.digest(self.new[place])


def _places(work: _Work, answers: dict[int, str]) -> tuple[dict, dict, dict]:
    """What stands in a newer cell's place, what follows it, and what it was unchanged; by the cell's id."""
    instead: dict[str, NotebookNode] = {}
    after: dict[str, list[NotebookNode]] = defaultdict(list)
    unchanged: dict[str, NotebookNode] = {}
    last = _TOP
    for index, cell in enumerate(work.cells):
        place = answers.get(index) or work.place(cell)
        if not work.is_theirs(cell):
            unchanged.setdefault(place, cell)
        elif index in answers or (place and place not in instead and work.may_replace(cell, place)):
            instead[place] = cell
        elif (
            place in answers.values()
        ):  # another attempt: it must not come to stand behind the one that counts
            after[last].append(cell)
            continue
        else:
            after[place or last].append(cell)
        last = place or last
    return instead, after, unchanged


def _at(new: NotebookNode, theirs: NotebookNode | None, unchanged: NotebookNode | None) -> NotebookNode:
    """What stands in the place of `new`: the learner's cell with its marks, or itself with what it showed."""
    if theirs is not None:
        cell = _freed(theirs)
        cell.id, cell.metadata = new.id, NotebookNode(cell.metadata | deepcopy(new.metadata))
        return cell
    cell = deepcopy(new)
    if (
        unchanged is not None
        and cell.cell_type == "code"
        and release.digest(unchanged) == release.digest(cell)
    ):
        cell.outputs, cell.execution_count = deepcopy(unchanged.outputs), unchanged.execution_count
    return cell


def _freed(cell: NotebookNode) -> NotebookNode:
    """A copy without what makes a cell the lesson's own."""
    copy = deepcopy(cell)
    for key in _OURS:
        copy.metadata.pop(key, None)
    return copy


def _with_own_ids(cells: list[NotebookNode], taken: set[str]) -> None:
    """Give each of the learner's cells an id, and one that no other cell has."""
    for cell in cells:
        if cell.get("id", "") in ("", *taken):
            cell["id"] = uuid.uuid4().hex[:8]
        taken.add(cell.id)


def is_stub(cell: NotebookNode) -> bool:
    """Whether a solution cell is as it was released, by the checksum that nbgrader has left in it."""
    return (
        bool(grade_id(cell)) and is_solution(cell) and compute_checksum(cell) == _marks(cell).get("checksum")
    )


def grade_id(cell: NotebookNode) -> str:
    """The name that nbgrader knows the cell by; "" where it has none."""
    name = _marks(cell).get("grade_id")
    return name if isinstance(name, str) else ""


def _marks(cell: NotebookNode) -> dict:
    marks = cell.metadata.get("nbgrader")
    return marks if isinstance(marks, dict) else {}
