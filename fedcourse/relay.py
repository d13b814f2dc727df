"""The notebook's connection to a Jupyter kernel in another Python: `colab.py` loads this and says when.

Runs in the notebook's own Python, whichever that is, and needs nothing but the standard library and
`jupyter_client`, which every Jupyter has.
"""

import json
import os
import queue
import subprocess
import sys
from collections.abc import Callable
from getpass import getpass
from pathlib import Path
from typing import Any

from IPython import get_ipython
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager

POLL_SECONDS = 0.1
_WIDGET = "application/vnd.jupyter.widget-view+json"


class Result:
    """What a cell's last line came to, as the kernel beside would show it."""

    def __init__(self, content: dict[str, Any]):
        self._data, self._metadata = _shown_data(content), content["metadata"]

    def _repr_mimebundle_(self, **_kwargs) -> tuple[dict, dict]:
        return self._data, self._metadata


class Beside:
    """A Jupyter kernel in another Python, and the notebook's connection to it."""

    def __init__(self, python: Path, environment: dict[str, str], ended: Callable[[], Exception]):
        """Start it.

        Args:
          python: the Python of a virtual environment, which the kernel finds activated.
          environment: the other variables that it gets.
          ended: what to raise when the kernel has ended.
        """
        folder = _kernel_folder(python)
        specs = KernelSpecManager(kernel_dirs=[str(folder)], ensure_native_kernel=False)
        self._manager = KernelManager(kernel_name="fedcourse", kernel_spec_manager=specs)
        # So that `!pip` and `%%bash` go where the lesson runs.
        path = f"{python.parent}{os.pathsep}{environment.get('PATH', os.defpath)}"
        environment = environment | {"PATH": path, "VIRTUAL_ENV": str(python.parents[1])}
        # What cells print comes as messages; the rest is the kernel's own talk, which frightens beginners.
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._manager.start_kernel(env=environment, **quiet)
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=120)
        self._ended = ended
        self._rest: list[dict] = []

    def run(self, cell: str) -> Result | None:
        """Run `cell`; its result, for the notebook to show.

        An interrupt goes to the kernel, which ends the cell in its own way.

        Raises:
          What `ended` has made: the kernel has ended.
          Exception: what the cell raised, under its own name and with its own traceback.
        """
        request, outcome = self._client.execute(cell, allow_stdin=True), _Outcome()
        while not (outcome.idle and outcome.reply):
            try:
                self._answer_question()
                if message := _next(self._client.get_iopub_msg, request, POLL_SECONDS):
                    outcome.take(message)
                elif not self._manager.is_alive():
                    raise self._ended()
                outcome.reply = outcome.reply or _next(self._client.get_shell_msg, request, 0)
            except KeyboardInterrupt:
                self._manager.interrupt_kernel()
        self._rest = outcome.rest
        for payload in outcome.reply["content"].get("payload", []):
            _show_payload(payload)
        if outcome.error:
            raise outcome.error
        return outcome.result

    def close(self) -> None:
        """End the kernel, if it has not ended."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def show_rest(self) -> None:
        """Show what came after an error, once the notebook has shown the error."""
        rest, self._rest = self._rest, []
        for message in rest:
            _show(message)

    def _answer_question(self) -> None:
        try:
            asked = self._client.get_stdin_msg(timeout=0)["content"]
        except queue.Empty:
            return
        self._client.input(getpass(asked["prompt"]) if asked["password"] else input(asked["prompt"]))


class _Outcome:
    """What a cell has come to so far; what it shows, is shown at once."""

    def __init__(self):
        self.result: Result | None = None
        self.error: Exception | None = None
        self.reply: dict | None = None
        self.idle = False
        self.rest: list[dict] = []  # what came after the error, such as the coach's words on it

    def take(self, message: dict[str, Any]) -> None:
        """One message that the kernel has published."""
        kind, content = message["msg_type"], message["content"]
        if kind == "execute_result":
            self.result = Result(content)
        elif kind == "error":
            self.error = _raised(content)
        elif kind == "status":
            self.idle = content["execution_state"] == "idle"
        elif self.error:
            self.rest.append(message)
        else:
            _show(message)


def _next(receive: Callable, request: str, timeout: float) -> dict | None:
    """The next message if there is one, and if it is about `request`."""
    try:
        message = receive(timeout=timeout)
    except queue.Empty:
        return None
    return message if message["parent_header"].get("msg_id") == request else None


def _kernel_folder(python: Path) -> Path:
    folder = python.parents[1] / "kernels"
    (folder / "fedcourse").mkdir(parents=True, exist_ok=True)
    command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "fedcourse", "language": "python", "interrupt_mode": "signal"}
    (folder / "fedcourse" / "kernel.json").write_text(json.dumps(spec))
    return folder


def _show(message: dict[str, Any]) -> None:
    kind, content, publisher = message["msg_type"], message["content"], get_ipython().display_pub
    if kind == "stream":
        stream = getattr(sys, content["name"])
        stream.write(content["text"])
        stream.flush()
    elif kind in ("display_data", "update_display_data"):
        publisher.publish(
            _shown_data(content),
            content["metadata"],
            transient=content.get("transient", {}),
            update=kind == "update_display_data",
        )
    elif kind == "clear_output":
        publisher.clear_output(content["wait"])


def _shown_data(content: dict[str, Any]) -> dict[str, Any]:
    """What can be shown of it: of a widget its text, since what moves it stays in the kernel beside."""
    return {kind: data for kind, data in content["data"].items() if kind != _WIDGET}


def _show_payload(payload: dict[str, Any]) -> None:
    """`name?` answers with a page, `%load` with the next cell."""
    if payload["source"] == "page":
        print(payload["data"].get("text/plain", ""))
    elif payload["source"] == "set_next_input":
        get_ipython().set_next_input(payload["text"], payload.get("replace", False))


def _raised(content: dict[str, Any]) -> Exception:
    """An exception that looks in the notebook as it did beside."""
    show = {"_render_traceback_": lambda _self: content["traceback"]}
    return type(content["ename"], (Exception,), show)(content["evalue"])
