"""Submissions to the tiny course of `nbgrader_course.py`: one for each way a submission can go wrong."""

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader_course import ADD_ONE, checker, graded, notebook

LOOP = "def add_one(x):\n    while True:\n        pass"
DEAF = """
import time
def double(x):
    while True:
        try:
            while True:
                time.sleep(0.01)
        except KeyboardInterrupt:
            pass
"""
DEAD = "import os\ndef double(x):\n    os._exit(1)"
NOISY = "import sys\ndef add_one(x):\n    print('noise', file=sys.stderr)\n    return x + 1"
CRASHED_IN_LIBRARY = "import json\ndef add_one(x):\n    return x + 1\njson.loads('{')"


def edited(change) -> NotebookNode:
    """A right submission after `change`, which edits its list of cells in place."""
    nb = notebook()
    change(nb.cells)
    return nb


def _duplicate(cells: list) -> None:
    cells.insert(2, graded("add_one", "def add_one(x):\n    return x"))
    cells[1].source, cells[2].source = cells[2].source, cells[1].source


def _copy_check(cells: list) -> None:
    cells.insert(0, checker("add_one"))


def _rename(cells: list) -> None:
    cells[2].metadata.nbgrader["grade_id"] = "my_check"


def _strip(cells: list) -> None:
    for cell in cells:
        cell.metadata = NotebookNode()


def _spoil(cells: list) -> None:
    cells[0].metadata["nbgrader"] = {}
    cells[1].metadata["nbgrader"] = {"grade_id": "add_one", "solution": True, "schema_version": 1}
    cells[2].metadata["nbgrader"] = {"grade_id": "check_add_one", "points": -7, "grade": "yes"}
    cells[3].metadata["nbgrader"] = ["nonsense"]
    cells[4].metadata["nbgrader"]["schema_version"] = 99


def _write_into_check(cells: list) -> None:
    cells[2].source = ADD_ONE + "\n# my own words"


def _skip(cells: list) -> None:
    cells[2].metadata["tags"] = ["skip-execution"]


def _other_lesson(cells: list) -> None:
    cells[:] = [
        graded("add_one", ADD_ONE),
        graded("check_add_one", 'check("lesson09_other.add_one", add_one)', 5),
    ]


def _as_markdown(cells: list) -> None:
    cells[2] = new_markdown_cell(cells[2].source, metadata=cells[2].metadata)


SUBMISSIONS = {
    "good": notebook(),
    "partial": notebook(add_one="def add_one(x):\n    return x"),
    "noisy": notebook(add_one=NOISY),
    "slow": notebook(add_one="import time\ndef add_one(x):\n    time.sleep(1)\n    return x + 1"),
    "loop": notebook(add_one=LOOP),
    "deaf": notebook(double=DEAF),
    "dead": notebook(double=DEAD, lang="ko"),
    "duplicate": edited(_duplicate),
    "copied_check": edited(_copy_check),
    "renamed": edited(_rename),
    "stripped": edited(_strip),
    "spoiled": edited(_spoil),
    "wrote_into_check": edited(_write_into_check),
    "markdown_check": edited(_as_markdown),
    "skipped": edited(_skip),
    "no_check": edited(lambda cells: cells.pop(2)),
    "no_check_no_solution": edited(lambda cells: cells.__delitem__(slice(1, 3))),
    "no_import": edited(lambda cells: cells.pop(0)),
    "broken_function": notebook(add_one="def add_one(x):\n    return ("),
    "rebound": notebook(add_one=ADD_ONE + "\ncheck = lambda name, answer: 2.0"),
    "hidden": notebook(double="def double(x):\n    return 4"),
    "korean": notebook(lang="ko"),
    "portuguese": notebook(add_one='def use_language(code): pass\nuse_language("pt")\n' + ADD_ONE),
    "paths": notebook(add_one=CRASHED_IN_LIBRARY),
    "foreign": new_notebook(cells=[new_code_cell("print('hello')")]),
    "other_lesson": edited(_other_lesson),
    "damaged": '{"cells": [',
    "not_a_notebook": '{"a": 1}',
}
