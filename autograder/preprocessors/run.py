"""Run a submission so that, whatever its code does, feedback can be given and nothing runs on afterwards."""

import os
import secrets
from contextlib import suppress
from queue import Empty
from time import monotonic
from typing import Any

import psutil
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, Enum, Integer

from autograder.checking import run_check
from autograder.course import load_course
from autograder.notebook import Shown
from autograder.preprocessors.notes import code_cell_number, language_of, note, speaking
from autograder.remote import ProcessEnded, RemoteAnswer
from autograder.sandbox.host import require_bubblewrap
from fedcourse.i18n import N_, _

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


class RunNotebook(Execute):
    """nbgrader's Execute in a sandbox, with limits on time and output, and with checks outside of it.

    A check cell of the course is not run: the check runs here, and asks the kernel for data only. So a
    verdict cannot be forged, and a reference solution cannot be read, by the code that is being graded.

    A cell whose outcome is unknown has `cell.metadata.course.state` "stopped" or "not run", and the reason is
    noted in `nb.metadata.course.attention`. The kernel's environment says the student's language.
    """

    timeout = Integer(120, help="Seconds a cell may take.").tag(config=True)
    notebook_timeout = Integer(900, help="Seconds the whole notebook may take.").tag(config=True)
    answer_timeout = Integer(10, help="Seconds an interrupted kernel may take to answer.").tag(config=True)
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
    # A graceful shutdown waits seconds for TFF's child.
    shutdown_kernel = Enum(["graceful", "immediate"], default_value="immediate").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict | None = None, km: Any = None
    ) -> tuple[NotebookNode, dict | None]:
        self._language = language_of(nb)
        self._deadline = monotonic() + self.notebook_timeout
        self._started = self._stopped = False
        self._lesson = (resources or {}).get("nbgrader", {}).get("assignment", "")
        seed = os.environ.get("FEDCOURSE_SEED", secrets.randbits(32)) if self.seed is None else self.seed
        self._seed = int(seed)
        if self.sandbox:
            require_bubblewrap()
            self.kernel_name = "fedcourse-sandbox"
        if not any(is_grade(cell) for cell in nb.cells):  # nothing is of the lesson: no reason to run it
            return nb, resources
        with speaking(self._language):
            text = _("This cell took too long and was interrupted: {seconds} seconds are allowed.")
        text = text.format(seconds=self.timeout)
        self.error_on_timeout = {"ename": "CellTimeoutError", "evalue": text, "traceback": [text]}
        try:
            return super().preprocess(nb, resources, km)
        except (DeadKernelError, RuntimeError):
            if self._started:
                raise
            self.log.exception("The kernel did not start.")
            note(nb, "attention", N_("The kernel did not start, so the notebook was not run."))
            for cell in nb.cells:
                self._mark(cell, "not run", N_("Not run: the kernel did not start."))
            return nb, resources

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        self._started = True
        self._stored = {}
        if not self._stopped and monotonic() > self._deadline:
            self._stop(index, _LONG, seconds=self.notebook_timeout)
        if self._stopped:
            self._mark(cell, "not run", N_("Not run: the notebook was stopped before this cell."))
            return cell, resources
        if exercise := self._exercise(cell):
            self._check(cell, index, exercise)
            return cell, resources
        self._timed_out = False
        try:
            return super().preprocess_cell(cell, resources, index)
        except DeadKernelError:
            self._mark(cell, "stopped", _DIED, **self._stop(index, _DIED))
        except CellTimeoutError:
            if not self._kernel_answers():
                self._mark(cell, "stopped", _DEAF, **self._stop(index, _DEAF, seconds=self.timeout))
            elif self._timed_out:
                cell.outputs.append(new_output("error", **self.error_on_timeout))
        return cell, resources

    def _exercise(self, cell: NotebookNode) -> str | None:
        """The course's exercise that a check cell is for; an instructor's own cells run in the kernel."""
        if not is_grade(cell) or is_solution(cell):
            return None
        name = f"{self._lesson}.{cell.metadata.nbgrader.grade_id.removeprefix('check_')}"
        return name if name in load_course().exercises() else None

    def _check(self, cell: NotebookNode, index: int, exercise: str) -> None:
        """Check the exercise from outside the kernel, and show the verdict as the cell's result."""
        # The sandbox shows it in the place where nothing else of this package is to be seen.
        server = "autograder.serve" if self.sandbox else "autograder.sandbox.guest.serve"
        answer = RemoteAnswer(exercise.split(".")[-1], self._evaluate, server)
        with speaking(self._language):
            bundle = Shown(run_check(exercise, answer, self._seed))._repr_mimebundle_()
        cell.outputs = [new_output("execute_result", data=bundle, execution_count=None)]
        if not run_sync(self.km.is_alive)():
            self._stop(index, _DIED)

    def _evaluate(self, expression: str, seconds: float) -> str:
        """What the kernel shows for a Python expression, as text.

        Raises:
          TimeoutError: it did not answer in time, and was ended.
          ProcessEnded: it is gone.
        """
        return run_sync(self._async_evaluate)(expression, seconds)

    async def _async_evaluate(self, expression: str, seconds: float) -> str:
        request = self.kc.execute("", silent=True, store_history=False, user_expressions={"it": expression})
        deadline = monotonic() + seconds
        while monotonic() < deadline:
            try:
                reply = await self.kc.get_shell_msg(timeout=0.2)
            except (TimeoutError, Empty):
                if not await self.km.is_alive():
                    raise ProcessEnded from None
                continue
            if reply["parent_header"].get("msg_id") == request:
                shown = reply["content"].get("user_expressions", {}).get("it", {})
                return str(shown.get("data", {}).get("text/plain", ""))
        await self.km.provisioner.kill()
        raise TimeoutError

    def _stop(self, index: int, message: str, **values: int) -> dict[str, int]:
        """Run no further cell, and note why; returns the values that complete `message`."""
        self._stopped = True
        values["number"] = code_cell_number(self.nb, index)
        note(self.nb, "attention", message, **values)
        return values

    def _mark(self, cell: NotebookNode, state: str, message: str, **values: int) -> None:
        """Say in a code cell's output, in the student's language, that and why its outcome is unknown."""
        if cell.cell_type != "code":
            return
        with speaking(self._language):
            text = _(message).format(**values)
        cell.metadata["course"] = NotebookNode(state=state)
        cell.outputs.append(new_output("error", ename="NotebookStopped", evalue=text, traceback=[text]))

    def _kernel_answers(self) -> bool:
        """Whether the kernel, just interrupted, is free again."""

        async def ask() -> None:
            await self.kc.kernel_info(reply=True, timeout=self.answer_timeout)

        try:
            run_sync(ask)()
        except TimeoutError:
            return False
        return True

    def _get_timeout(self, cell: NotebookNode | None) -> float:
        """Seconds this cell may take: its own limit or, if less, what is left of the notebook's."""
        left = max(1.0, self._deadline - monotonic())
        return min(super()._get_timeout(cell) or left, left)

    async def _async_handle_timeout(
        self, timeout: int, cell: NotebookNode | None = None
    ) -> dict[str, Any] | None:
        self._timed_out = True
        return await super()._async_handle_timeout(timeout, cell)

    def output(self, outs: list, msg: dict, display_id: str | None, cell_index: int) -> NotebookNode | None:
        """Store an output while there is room for outputs of its kind; the memory is the grader's."""
        kind, content = msg["msg_type"], msg["content"]
        limit = self.max_stream if kind == "stream" else self.max_display
        before = self._stored.get(kind, 0)
        self._stored[kind] = before + len(str(content))
        if self._stored[kind] <= limit:
            return super().output(outs, msg, display_id, cell_index)
        if before <= limit:
            with speaking(self._language):
                text = _("More output than this is not kept.")
            head = content["text"][: limit - before] + "\n" if kind == "stream" else ""
            outs.append(new_output("stream", name=content.get("name", "stdout"), text=f"{head}{text}\n"))
        return None

    def start_new_kernel(self, **kwargs: Any) -> None:
        # TensorFlow's C++ log would fill the feedback with lines that mean nothing to a student.
        env = {**os.environ, "FEDCOURSE_LANG": self._language, "TF_CPP_MIN_LOG_LEVEL": "3"}
        super().start_new_kernel(**{"env": env, **kwargs})

    async def _async_cleanup_kernel(self) -> None:
        leader = getattr(self.km and self.km.provisioner, "pid", None)
        try:
            await super()._async_cleanup_kernel()
        finally:
            if leader:
                end_session(leader)

    _cleanup_kernel = run_sync(_async_cleanup_kernel)


def end_session(leader: int) -> None:
    """Kill every process of the session that `leader`, a kernel's process id, leads, dead or alive."""
    ended = []
    for process in psutil.process_iter():
        with suppress(ProcessLookupError, PermissionError, psutil.Error):
            if os.getsid(process.pid) == leader:
                process.kill()
                ended.append(process)
    psutil.wait_procs(ended, timeout=2)
