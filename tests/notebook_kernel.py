"""A real kernel, driven as JupyterLab drives it: each cell has an id, and cells may be queued."""

from collections.abc import Iterator
from contextlib import contextmanager

from jupyter_client import KernelManager
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

from fedcourse.coach import EXPLANATION
from fedgrader.checking.looks import VERDICT_MIME
from fedgrader.course import load_course
from tools.header import setup

PATIENCE_SECONDS = 300
_OUTPUTS = ("stream", "display_data", "execute_result", "error")


class NotebookKernel:
    """A kernel and the connection to it."""

    def __init__(self, manager: KernelManager):
        self._manager = manager
        self._client = manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=PATIENCE_SECONDS)
        self.execution_count = 0  # the number beside the cell that was run last

    def send(self, source: str, cell_id: str | None = None) -> str:
        """Queue a cell; the request's id."""
        content = {"code": source, "silent": False, "store_history": True, "stop_on_error": False}
        metadata = {"cellId": cell_id} if cell_id else {}
        request = self._client.session.msg("execute_request", content, metadata=metadata)
        self._client.shell_channel.send(request)
        return request["header"]["msg_id"]

    def wait_for_output(self, request: str) -> NotebookNode:
        """The next output of a queued cell."""
        while True:
            message = self._client.get_iopub_msg(timeout=PATIENCE_SECONDS)
            if message["parent_header"].get("msg_id") == request:
                if message["msg_type"] in _OUTPUTS:
                    return output_from_msg(message)
                assert message["content"].get("execution_state") != "idle", "it has ended"

    def outputs(self, request: str) -> list[NotebookNode]:
        """The outputs of a queued cell, once it has ended."""
        found = []
        while True:
            message = self._client.get_iopub_msg(timeout=PATIENCE_SECONDS)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["content"].get("execution_state") == "idle":
                return found
            if message["msg_type"] == "execute_input":
                self.execution_count = message["content"]["execution_count"]
            if message["msg_type"] in _OUTPUTS:
                found.append(output_from_msg(message))

    def run(self, source: str, cell_id: str | None = None) -> list[NotebookNode]:
        """The outputs of a cell that is run by itself."""
        return self.outputs(self.send(source, cell_id))

    def run_all(self, *sources: str) -> list[list[NotebookNode]]:
        """The outputs of cells that are queued all at once, as by Run All."""
        return [self.outputs(request) for request in [self.send(source) for source in sources]]

    def interrupt(self) -> None:
        """The stop button."""
        self._manager.interrupt_kernel()

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@contextmanager
def lesson_kernel(language: str = "en") -> Iterator[NotebookKernel]:
    """A kernel in which a lesson's set-up cell has run."""
    manager = KernelManager()
    manager.start_kernel()
    kernel = NotebookKernel(manager)
    try:
        assert kernel.run(setup(load_course(), language, lambda message: message), "setup") == []
        yield kernel
    finally:
        kernel.close()


def explained(outputs: list[NotebookNode]) -> str:
    """What the coach says below an error; "" where it says nothing."""
    said = [output for output in outputs if output.get("metadata", {}).get(EXPLANATION)]
    return said[0].data["text/plain"].partition("\n")[2] if said else ""


def verdict(outputs: list[NotebookNode]) -> dict:
    """The verdict that a check cell shows."""
    [shown] = [output for output in outputs if VERDICT_MIME in output.get("data", {})]
    return shown.data[VERDICT_MIME]
