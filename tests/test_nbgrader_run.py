"""RunNotebook in this process: limits, languages, and what a kernel leaves behind."""

import os
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader_course import SETUP, SLUG, checker, notebook
from processes import PATIENCE, running

from fedgrader.grading.points import scores
from fedgrader.running import notes
from fedgrader.running.run import RunNotebook

pytestmark = pytest.mark.slow


def run(cells: list[NotebookNode], folder: Path | None = None, **options) -> NotebookNode:
    """The notebook after RunNotebook, in this process; the kernel's directory is `folder`."""
    nb = notebook()
    nb.cells = cells
    notes.start_notes(nb)
    resources = {"metadata": {"path": str(folder or "")}, "nbgrader": {"assignment": SLUG}}
    return RunNotebook(sandbox=False, **options).preprocess(nb, resources)[0]


@pytest.mark.parametrize("end", ["", "os._exit(1)"])
def test_no_process_of_a_kernel_outlives_it(end: str) -> None:
    marker = f"{10**6 + os.getpid()}.25"
    start = f"import os, subprocess\nchild = subprocess.Popen(['sleep', '{marker}'], process_group=0)"
    nb = run([new_code_cell(start), new_code_cell(end), checker("add_one")])
    assert bool(nb.metadata.course.attention) == bool(end)
    assert not nb.cells[0].outputs
    assert not running(marker)


def test_the_whole_notebook_has_a_limit_too() -> None:
    sleeps = new_code_cell("import time\ntime.sleep(10**6)")
    nb = run([sleeps, checker("add_one")], notebook_timeout=2, answer_timeout=PATIENCE)
    assert nb.cells[0].outputs[-1].ename == "CellTimeoutError"
    assert nb.cells[1].metadata.course.state == "not run"
    assert "was stopped before code cell 2" in notes.sentences(nb, "attention")[0]


def test_output_has_a_limit_and_the_verdict_is_kept() -> None:
    flood = "def add_one(x):\n    for _ in range(3000): print('x' * 999)\n    return x + 1"
    nb = run([new_code_cell(SETUP), new_code_cell(flood), checker("add_one")], max_stream=5000)
    streams = [output.text for output in nb.cells[2].outputs if output.output_type == "stream"]
    assert 4000 < sum(map(len, streams)) < 6000
    assert "not kept" in "".join(streams)
    assert scores(nb)["check_add_one"] == 2


def test_the_kernel_speaks_the_students_language_and_tensorflow_is_quiet() -> None:
    show = "import os\nprint(os.environ['FEDCOURSE_LANG'], os.environ['TF_CPP_MIN_LOG_LEVEL'])"
    nb = run([new_code_cell("use_language('zh')"), new_code_cell(show), checker("add_one")])
    assert nb.cells[1].outputs[0].text == "zh 3\n"


def test_a_kernel_that_cannot_start_is_reported(tmp_path: Path) -> None:
    # A file that a student hands in beside the notebook can hide a module that is needed to run it.
    (tmp_path / "IPython.py").write_text("raise SystemExit(1)")
    nb = run([checker("add_one")], tmp_path)
    assert "kernel did not start" in notes.sentences(nb, "attention")[0]
    assert nb.cells[0].metadata.course.state == "not run"
