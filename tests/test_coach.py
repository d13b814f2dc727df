"""The coach explains the error of a cell below its traceback, and leaves alone what it does not know."""

import re
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from coach_mistakes import at_clients, federated, takes_the_mean
from nbclient import NotebookClient

from fedcourse.coach import EXPLANATION, Explanation, explain
from fedcourse.i18n import use_language
from fedgrader.checking.looks import VERDICT_MIME
from fedgrader.course import load_course
from tools.header import setup


@pytest.mark.parametrize("error", [ValueError("of another kind"), KeyError("x"), Exception(), SystemExit()])
def test_other_errors_are_left_alone(error: BaseException):
    assert explain(error) is None


def lesson_cells(language: str, *sources: str) -> nbformat.NotebookNode:
    """A notebook that begins with a lesson's set-up cell."""
    cells = [setup(load_course(), language, lambda message: message), *sources]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])


def executed(nb: nbformat.NotebookNode) -> list[list[nbformat.NotebookNode]]:
    """The outputs of each cell after a real kernel has run all of them."""
    NotebookClient(nb, timeout=120, allow_errors=True).execute()
    return [cell.outputs for cell in nb.cells]


MEAN_OF_INTEGERS = """\
import numpy as np
import tensorflow_federated as tff

tff.federated_computation(tff.FederatedType(np.int32, tff.CLIENTS))(lambda x: tff.federated_mean(x))"""
UNKNOWN = "raise ValueError('of another kind')"
AWAITED = "import asyncio\nawait asyncio.sleep(0)\nnot_defined_here"
UNSPEAKABLE = "class Unspeakable(Exception):\n    def details(self):\n        raise self\n\nraise Unspeakable"
SYNTAX = "1 +"


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh", "ko", "pt"])
def test_a_kernel_explains_below_the_traceback(language: str):
    nb = lesson_cells(language, MEAN_OF_INTEGERS, UNKNOWN, AWAITED, UNSPEAKABLE, SYNTAX, "1 + 1")
    known, *silent = executed(nb)[1:]
    use_language(language)
    with pytest.raises(TypeError) as caught:
        federated(at_clients(np.int32))(takes_the_mean)
    expected = Explanation(explain(caught.value))
    error, shown = known
    assert (error.output_type, error.ename, error.evalue) == ("error", "TypeError", str(caught.value))
    assert shown.output_type == "display_data" and shown.metadata == {EXPLANATION: True}
    assert shown.data == {"text/plain": repr(expected), "text/markdown": expected._repr_markdown_()}
    assert [[output.output_type for output in outputs] for outputs in silent] == [
        ["error"],
        ["error", "display_data"],
        ["error"],
        ["error"],
        ["execute_result"],
    ]


@pytest.mark.slow
def test_a_kernels_traceback_is_the_same_with_and_without_the_coach():
    with_coach = lesson_cells("pt", MEAN_OF_INTEGERS, UNKNOWN)
    without = lesson_cells("pt", MEAN_OF_INTEGERS, UNKNOWN)
    without.cells[0].source = without.cells[0].source.replace("    coach.start()\n", "")
    explained, plain = executed(with_coach), executed(without)
    assert len(explained[1]) == 2 and len(plain[1]) == 1
    # The kernel's process id stands in the names of its cells' files.
    for outputs, others in zip(explained[1:], plain[1:], strict=True):
        assert re.sub(r"ipykernel_\d+", "", str(outputs[0])) == re.sub(r"ipykernel_\d+", "", str(others[0]))


@pytest.mark.slow
def test_the_set_up_cell_may_run_twice_and_a_verdict_stays_as_it_is():
    nb = lesson_cells(
        "ko",
        lesson_cells("ko").cells[0].source,
        MEAN_OF_INTEGERS,
        "def label_counts(dataset):\n    return [0] * 9 + [undefined_name]",
        'check("lesson01_federated_data.label_counts", label_counts)',
        "label_counts(None)",
    )
    _setup, again, known, _defined, checked, called = executed(nb)
    assert again == []
    assert [output.output_type for output in known] == ["error", "display_data"]
    [verdict] = checked
    assert verdict.output_type == "execute_result" and verdict.data[VERDICT_MIME]["points"] == 0
    assert "`undefined_name`" in verdict.data[VERDICT_MIME]["findings"][0]["hint"]
    assert [output.output_type for output in called] == ["error", "display_data"]
    assert not [output for cell in nb.cells for output in cell.outputs if output.output_type == "stream"]


def test_outside_ipython_nothing_happens():
    code = "import sys\nfrom fedcourse import coach\ncoach.start()\nassert 'IPython' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_ipython_that_is_only_imported_is_left_alone():
    code = "import IPython\nfrom fedcourse import coach\ncoach.start()\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
