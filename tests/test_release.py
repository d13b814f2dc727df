"""A notebook tells what it was released with, whatever Jupyter does when it saves."""

import json
from pathlib import Path

import nbformat
import pytest

from fedgrader.course import ROOT, release

PATH = ROOT / "lessons" / "ko" / "lesson06_fedavg_by_hand.ipynb"


@pytest.fixture
def notebook() -> nbformat.NotebookNode:
    return nbformat.read(PATH, as_version=4)


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("lessons/*/*.ipynb")), ids=lambda path: f"{path.parent.name}-{path.stem[:8]}"
)
def test_a_lesson_is_as_it_was_released(path: Path):
    notebook = release.parsed(path.read_bytes())
    assert release.is_as_released(notebook) and release.own_cells(notebook) == []
    assert release.recorded(notebook).count(" ") == len(notebook["cells"]) - 1


def test_the_same_is_read_from_a_file_and_from_nbformat(notebook):
    raw = json.loads(PATH.read_bytes())
    assert release.record(raw["cells"]) == release.record(notebook.cells) == release.recorded(notebook)


def test_running_and_saving_leaves_no_trace(notebook):
    """As JupyterLab does it: times, language and widgets in the metadata, other spaces in the JSON."""
    for cell in notebook.cells:
        cell.metadata |= {"execution": {"iopub.status.busy": "…"}, "scrolled": True, "trusted": True}
        if cell.cell_type == "code":
            cell.execution_count = 3
    notebook.metadata.language_info = {"name": "python", "version": "3.11.7", "pygments_lexer": "ipython3"}
    notebook.metadata["widgets"] = {}
    saved = release.parsed(json.dumps(notebook, indent=4).encode())
    assert release.own_cells(saved) == [] and release.is_as_released(saved)
    notebook.cells[2].outputs = [nbformat.v4.new_output("stream", text="shown")]
    assert not release.is_as_released(notebook), "what was run is the learner's, though no text is"
    assert release.recorded(notebook) == release.recorded(saved)


def test_each_change_of_a_text_is_seen(notebook):
    for index, cell in enumerate(notebook.cells):
        before, cell.source = cell.source, cell.source.replace(" ", "  ", 1) + "."
        assert release.own_cells(notebook) == [index]
        cell.source = before + "  \n"
        assert release.own_cells(notebook) == [], "empty space at the end is none"
        cell.source = before
    notebook.cells[0].cell_type = "raw"
    assert release.own_cells(notebook) == [0]
    notebook.cells[0].cell_type = "markdown"
    notebook.cells.append(nbformat.v4.new_code_cell("mine"))
    assert release.own_cells(notebook) == [len(notebook.cells) - 1]
    del notebook.cells[-1], notebook.cells[3]
    assert release.own_cells(notebook) == [] and not release.is_as_released(notebook)


def test_without_its_record_everything_may_be_the_learners(notebook):
    for course in (None, "text", {}, {"released": 7}):
        notebook.metadata["course"] = course
        assert release.recorded(notebook) == "" and release.released_cells(notebook) == {}
        assert len(release.own_cells(notebook)) == len(notebook.cells)
        assert not release.is_as_released(notebook)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b'{"cells": [1]}', b'{"cells": {}}', b'{"cells": [], "metadata": 1}', b"\xff"],
)
def test_what_is_no_notebook_is_none(content):
    assert release.parsed(content) is None
