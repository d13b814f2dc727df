"""A learner's work is carried over into a newer version of the lesson, and no text of theirs is lost."""

from copy import deepcopy

import nbformat
import pytest
from learner_edits import edited, newer
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.utils import is_grade, is_solution

from fedgrader.course import ROOT, release
from fedgrader.study.carry import carried_over

SLUG = "lesson06_fedavg_by_hand"


def lesson(language: str = "en") -> NotebookNode:
    return nbformat.read(ROOT / "lessons" / language / f"{SLUG}.ipynb", as_version=4)


def cell(notebook: NotebookNode, cell_id: str) -> NotebookNode:
    [found] = [cell for cell in notebook.cells if cell.id == cell_id]
    return found


def place(notebook: NotebookNode, text: str) -> int:
    [found] = [index for index, cell in enumerate(notebook.cells) if cell.source == text]
    return found


def marks(notebook: NotebookNode) -> list[str]:
    return [cell.metadata.nbgrader.grade_id for cell in notebook.cells if is_grade(cell) or is_solution(cell)]


@pytest.mark.parametrize("seed", range(60))
def test_whatever_a_learner_did_each_text_of_theirs_is_there_once_and_the_lesson_is_whole(seed):
    language = ["en", "zh", "ko", "pt"][seed % 4]
    old, texts = edited(lesson(language), seed)
    new = newer(lesson(language), seed)
    before = deepcopy(old)
    carried = carried_over(old, new).notebook

    assert old == before, "the learner's notebook is not changed"
    nbformat.validate(carried)
    sources = [cell.source for cell in carried.cells]
    assert [text for text in texts if text not in sources] == []
    assert marks(carried) == marks(new), "each graded cell once, in order"
    assert release.recorded(carried) == release.recorded(new)
    ids = [one.id for one in new.cells]
    assert [one.id for one in carried.cells if one.id in ids] == ids, "in the course's order"
    for one in new.cells:
        is_new = release.digest(one) not in release.released_cells(lesson(language)).values()
        if is_grade(one) or (is_new and not is_solution(one)):
            assert one.source in sources, "what the course has changed is there as well"
    again = carried_over(carried, newer(new, seed + 1)).notebook
    assert [text for text in texts if text not in {cell.source for cell in again.cells}] == []


@pytest.mark.parametrize("seed", range(8))
def test_a_learner_who_wrote_nothing_gets_the_new_lesson(seed):
    new = newer(lesson(), seed)
    assert carried_over(lesson(), new).notebook.cells == new.cells
    assert carried_over(lesson(), lesson()).notebook.cells == lesson().cells


def test_an_answer_stands_in_its_exercise_and_the_exercises_text_that_changed_is_named():
    old, new = lesson(), lesson()
    cell(old, "solution-evaluate").source = "def evaluate(): return 1"
    cell(old, "solution-next_fn").source = "def next_fn(): return 2"
    cell(new, "solution-next_fn").source += "  # asked otherwise"
    new.metadata.course[release.KEY] = release.record(new.cells)
    carried = carried_over(old, new)
    assert (carried.answered, carried.reworded, carried.num_others) == (
        ("next_fn", "evaluate"),
        ("next_fn",),
        0,
    )
    assert cell(carried.notebook, "solution-next_fn").source == "def next_fn(): return 2"
    assert cell(carried.notebook, "solution-client_update") == cell(new, "solution-client_update")


def test_of_several_attempts_the_last_counts_and_the_others_stay_before_it():
    old = lesson()
    answer = cell(old, "solution-evaluate")
    answer.source = "def evaluate(): return 'second'"
    first = NotebookNode(deepcopy(answer), id="first", source="def evaluate(): return 'first'")
    old.cells.insert(old.cells.index(answer), first)
    carried = carried_over(old, newer(lesson(), 1)).notebook
    assert cell(carried, "solution-evaluate").source == answer.source
    assert place(carried, first.source) < place(carried, answer.source)
    assert marks(carried).count("evaluate") == 1


def test_what_the_learner_changed_replaces_what_the_course_left_and_follows_what_it_changed():
    old, new = lesson(), lesson()
    left, changed, guess = (cell(old, name) for name in ("c9f9b643", "881c9cc1", "guess-trapdoor"))
    left.source, changed.source = "NUM_ROUNDS = 3", "# my own count"
    guess.source = guess.source.replace('"?"', '"b"')
    cell(new, changed.id).source = "# the course's other count"
    new.metadata.course[release.KEY] = release.record(new.cells)
    carried = carried_over(old, new)
    assert cell(carried.notebook, left.id).source == "NUM_ROUNDS = 3"
    assert cell(carried.notebook, guess.id).source.endswith('"b")')
    assert (
        place(carried.notebook, "# my own count") == place(carried.notebook, "# the course's other count") + 1
    )
    assert carried.num_others == 3


def test_an_added_cell_stays_behind_the_cell_it_stood_behind_and_keeps_what_it_showed():
    old = lesson()
    mine = new_code_cell("mine = 1", id="mine", execution_count=7)
    mine.outputs = [nbformat.v4.new_output("stream", text="shown")]
    old.cells.insert(old.cells.index(cell(old, "check-server_update")) + 1, mine)
    new = newer(lesson(), 3)
    carried = carried_over(old, new).notebook
    assert carried.cells[place(carried, "mine = 1") - 1].id == "check-server_update"
    assert cell(carried, "mine") == mine


def test_outputs_stay_where_the_text_is_as_it_was_and_go_where_it_is_not():
    old, new = lesson(), lesson()
    same, other = cell(old, "cb280642"), cell(old, "086526b8")
    for one in (same, other):
        one.outputs = [nbformat.v4.new_output("stream", text="shown")]
    cell(new, other.id).source += "\n# otherwise"
    new.metadata.course[release.KEY] = release.record(new.cells)
    carried = carried_over(old, new).notebook
    assert cell(carried, same.id).outputs and not cell(carried, other.id).outputs


def test_the_learners_own_kernel_stays():
    old = lesson()
    old.metadata.kernelspec.name = "mine"
    assert carried_over(old, newer(lesson(), 1)).notebook.metadata.kernelspec.name == "mine"
