"""Run a submission so that, whatever its code does, feedback can be given and nothing runs on afterwards."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, Integer

from fedcourse.i18n import N_, _, speaking
from fedcourse.texts import whole
from fedgrader.checking.looks import Shown
from fedgrader.checking.run import run_check
from fedgrader.checking.verdict import Verdict
from fedgrader.course import load_course
from fedgrader.guest.deadline import Deadline
from fedgrader.running.notes import code_cell_number, language_of, note
from fedgrader.running.outputs import BadMessage, CellOutputs, Displays
from fedgrader.running.remote import RemoteAnswer
from fedgrader.running.student_process import NotStarted, ProcessEnded, StudentProcess, student_process

_DIED = N_(
    "The kernel died in code cell {number}: the code there left Python, crashed it, or used too much memory. "
    "The cells after it were not run. Run the notebook from the top, mend that cell, and hand it in again."
)
_DEAF = N_(
    "Code cell {number} took longer than {seconds} seconds and could not be interrupted, so the notebook was "
    "stopped. The cells after it were not run. Look for a loop without an end, and for an `except` around it."
)
_LONG = N_(
    "The notebook took longer than {seconds} seconds and was stopped before code cell {number}. "
    "The cells after it were not run. Look for the cell that takes so long."
)


class RunNotebook(NbGraderPreprocessor):
    """Run the cells in a sandbox, with limits on time and output, and the checks outside of it.

    A check cell of the course is not run: the check runs here, and asks the student's process for data only.
    So a verdict cannot be forged, and a reference solution cannot be read, by the code that is being graded.

    A cell whose outcome is unknown has `cell.metadata.course.state` "stopped" or "not run", and the reason is
    noted in `nb.metadata.course.attention`. Messages are in the student's language.
    """

    timeout = Integer(120, help="Seconds a cell may take, a busy machine aside.").tag(config=True)
    notebook_timeout = Integer(900, help="Seconds the whole notebook may take, a busy machine aside.").tag(
        config=True
    )
    answer_timeout = Integer(10, help="Seconds an interrupted cell may take to end.").tag(config=True)
    max_stream = Integer(200_000, help="Characters of printed text that are kept of a cell.").tag(config=True)
    max_display = Integer(10_000_000, help="Characters of each other kind of output kept of a cell.").tag(
        config=True
    )
    seed = Integer(None, allow_none=True, help="What inputs are drawn from; fresh if not set.").tag(
        config=True
    )
    sandbox = Bool(True, help="Run student code in a sandbox; without one it has all your rights.").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """`nb` with outputs, and with nothing that no file can hold. Raises NoSandbox where there is none."""
        if any(is_grade(cell) for cell in nb.cells):  # else nothing is of the lesson: no reason to run it
            folder = Path(resources.get("metadata", {}).get("path") or ".")
            with speaking(language := language_of(nb)):
                try:
                    with student_process(language, self.sandbox, folder) as process:
                        self._run(nb, process, resources["nbgrader"]["assignment"])
                except NotStarted:
                    _leave(nb)
        return whole(nb), resources

    def _run(self, nb: NotebookNode, process: StudentProcess, lesson: str) -> None:
        seed = os.environ.get("FEDCOURSE_SEED", secrets.randbits(32)) if self.seed is None else self.seed
        run = NotebookRun(self, nb, process, lesson, lambda _exercise: int(seed))
        for index, cell in enumerate(nb.cells):
            if cell.cell_type == "code":
                run.cell(index, cell)


def _leave(nb: NotebookNode) -> None:
    """Note that nothing could be run."""
    note(nb, "attention", N_("The kernel did not start, so the notebook was not run."))
    for cell in nb.cells:
        if cell.cell_type == "code":
            _mark(cell, "not run", _("Not run: the kernel did not start."))


class NotebookRun:
    """One notebook being run; `limits` are the preprocessor's, `seed_of` gives the seed of an exercise."""

    def __init__(
        self,
        limits: RunNotebook,
        nb: NotebookNode,
        process: StudentProcess,
        lesson: str,
        seed_of: Callable[[str], int],
    ):
        self._limits = limits
        self._nb = nb
        self._process = process
        self._lesson = lesson
        self._deadline = process.deadline(limits.notebook_timeout)
        self._displays = Displays()
        self._stopped = False
        self._seed_of = seed_of
        self.verdicts: dict[str, Verdict] = {}

    def cell(self, index: int, cell: NotebookNode) -> None:
        """Run or check one code cell, unless the run was stopped before it."""
        if not self._stopped and self._deadline.is_over:
            self._stop(index, _LONG, seconds=self._limits.notebook_timeout)
        if self._stopped:
            _mark(cell, "not run", _("Not run: the notebook was stopped before this cell."))
        elif exercise := self.exercise(cell):
            self._check(index, cell, exercise)
        elif cell.source.strip() and "skip-execution" not in cell.metadata.get("tags", []):
            self._execute(index, cell)

    def exercise(self, cell: NotebookNode) -> str | None:
        """The course's exercise that a check cell is for; an instructor's own cells are run."""
        if not is_grade(cell) or is_solution(cell):
            return None
        name = f"{self._lesson}.{cell.metadata.nbgrader.grade_id.removeprefix('check_')}"
        return name if name in load_course().exercises() else None

    def _check(self, index: int, cell: NotebookNode, exercise: str) -> None:
        """Check the exercise from outside its process, and show the verdict as the cell's result."""
        answer = RemoteAnswer(exercise.split(".")[-1], self._put, self._process.usage)
        self.verdicts[exercise] = run_check(exercise, answer, self._seed_of(exercise))
        bundle = Shown(self.verdicts[exercise])._repr_mimebundle_()
        cell.outputs = [new_output("execute_result", data=bundle, execution_count=None)]
        if self._process.has_ended():
            self._stop(index, _DIED)

    def _put(self, question: list[str], deadline: Deadline) -> str:
        try:
            self._process.request({"ask": question}, deadline)
            for message in self._process.messages(deadline):
                done = message  # the last one; what the answer prints on the way is not kept
        except TimeoutError:
            self._process.close()
            raise
        return str(done["content"].get("text", ""))

    def _execute(self, index: int, cell: NotebookNode) -> None:
        limits = self._limits
        outputs = CellOutputs(cell, self._displays, limits.max_stream, limits.max_display)
        try:
            self._fill(cell, outputs)
        except TimeoutError:
            self._process.close()
            text = self._stop(index, _DEAF, seconds=limits.timeout)
            _mark(cell, "stopped", text)
        except (ProcessEnded, BadMessage):
            self._process.close()
            _mark(cell, "stopped", self._stop(index, _DIED))

    def _fill(self, cell: NotebookNode, outputs: CellOutputs) -> None:
        """Run the cell, and interrupt it when its time is over.

        Raises:
          TimeoutError: it went on nevertheless.
          ProcessEnded: the process is gone.
          BadMessage: the process sends nonsense.
        """
        seconds = max(1.0, min(self._limits.timeout, self._deadline.left))
        deadline = self._process.deadline(seconds)
        try:
            self._process.request({"run": cell.source}, deadline)
            for message in self._process.messages(deadline):
                outputs.take(message)
        except TimeoutError:
            self._process.interrupt()
            for message in self._process.messages(self._process.deadline(self._limits.answer_timeout)):
                outputs.take(message)
            text = _("This cell took too long and was interrupted: {seconds} seconds are allowed.")
            cell.outputs.append(_error("CellTimeoutError", text.format(seconds=self._limits.timeout)))

    def _stop(self, index: int, message: str, **values: int) -> str:
        """Run no further cell, and note why; the note."""
        self._stopped = True
        values["number"] = code_cell_number(self._nb, index)
        note(self._nb, "attention", message, **values)
        return _(message).format(**values)


def _mark(cell: NotebookNode, state: str, text: str) -> None:
    """Say in a code cell's output that and why its outcome is unknown."""
    cell.metadata["course"] = NotebookNode(state=state)
    cell.outputs.append(_error("NotebookStopped", text))


def _error(name: str, text: str) -> NotebookNode:
    return new_output("error", ename=name, evalue=text, traceback=[text])
