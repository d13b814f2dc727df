"""Run a notebook's cells in a Python 3.11 beside its kernel, where that cannot hold TFF, as on Colab.

The set-up cell of a lesson downloads this file and calls `start`, which installs that Python, starts a
Jupyter kernel in it, and hands it every later cell. What a cell prints, shows, asks and raises comes back to
the notebook. Needs nothing but the standard library and `jupyter_client`, which every Jupyter has.
"""

import gettext
import hashlib
import json
import os
import platform
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from getpass import getpass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from IPython import get_ipython
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager

PYTHON = "3.11"
HOME = Path(os.environ.get("FEDCOURSE_HOME", "~/.fedcourse")).expanduser()
FETCH_SECONDS = 20
POLL_SECONDS = 0.1
LAST_LINES = 6  # of a failed installer's log

# Colab sets these for its own Python; the other one must not see them.
_NOT_FOR_THE_OTHER = ("PYTHONPATH", "PYTHONHOME", "MPLBACKEND")
_CHECK_ROUND = "from fedcourse.doctor import ROUND\nexec(ROUND, {})"

_translation: gettext.NullTranslations = gettext.NullTranslations()
_beside: "Beside | None" = None


def _(message: str) -> str:
    return _translation.gettext(message)


class Stopped(Exception):
    """What went wrong and what to do, shown without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def start(source: str, language: str) -> None:
    """Install the course beside this kernel, run the present cell there, and every later one.

    Can be called again: what is installed is not installed again, what was interrupted goes on.

    Args:
      source: the course's repository, "https://github.com/owner/name".
      language: "en", "zh", "ko" or "pt".

    Raises:
      Stopped: it cannot be installed or does not run; the message says what to do.
    """
    global _beside
    _speak(source, language)
    python = install(source)
    shell = get_ipython()
    _beside = Beside(python)
    _beside.run(shell.user_ns["In"][-1])
    _beside.run(_CHECK_ROUND)
    if _handed_over not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(_handed_over)
        shell.events.register("post_run_cell", _show_rest)
    print(_("A first round of TFF has run. All cells below run in Python {version}.").format(version=PYTHON))


def _handed_over(lines: list[str]) -> list[str]:
    """The cell as a call that runs it beside; one that needs Colab itself, such as a mounted Drive, stays."""
    cell = "".join(lines)
    if not cell.strip() or "google.colab" in cell or _beside is None:
        return lines
    return [f"__import__('sys').modules[{__name__!r}].run({cell!r})\n"]


def run(cell: str) -> "Result | None":
    """Run `cell` in the kernel beside; its result, for the notebook to show.

    Raises:
      Stopped: that kernel has ended.
      Exception: what the cell raised, under its own name and with its own traceback.
    """
    global _beside
    try:
        return _beside.run(cell)
    except Stopped:
        _beside = None
        raise


def _show_rest(*_arguments: Any) -> None:
    if _beside:
        _beside.show_rest()


# --- installing ---


def _speak(source: str, language: str) -> None:
    """Take messages from the course's catalog; English where it cannot be had."""
    global _translation
    folder = HOME / "locale" / language / "LC_MESSAGES"
    if language != "en" and not (folder / "fedcourse.mo").exists():
        try:
            catalog = _fetched(f"{source}/raw/main/fedcourse/locale/{language}/LC_MESSAGES/fedcourse.mo")
        except OSError:
            return
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "fedcourse.mo").write_bytes(catalog)
    _translation = gettext.translation("fedcourse", HOME / "locale", [language], fallback=True)


def _fetched(address: str) -> bytes:
    with urlopen(address, timeout=FETCH_SECONDS) as answer:
        return answer.read()


def install(source: str) -> Path:
    """The Python that has the course, made where it is missing, unfinished or out of date.

    Raises:
      Stopped: the machine is none for TFF, or a step failed.
    """
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise Stopped(
            _("TensorFlow Federated needs Linux on x86-64: open this lesson in Colab, or in WSL 2.")
        )
    folder = HOME / "python"
    python, ready = folder / "bin" / "python", folder / "ready"
    try:
        requirements = _fetched(f"{source}/raw/main/requirements.txt")
    except OSError as error:
        if ready.exists():  # without a network, what is there will do
            return python
        raise Stopped(_no_network(error)) from None
    wanted = hashlib.sha256(requirements).hexdigest()
    if ready.exists() and ready.read_text() == wanted:
        return python
    ready.unlink(missing_ok=True)
    _say_what_happens()
    folder.mkdir(parents=True, exist_ok=True)
    listed = HOME / "requirements.txt"
    listed.write_bytes(requirements)
    number = sum(b"==" in line for line in requirements.splitlines())
    uv = _find_uv()
    into = [uv, "pip", "install", "--python", str(python), "--no-deps"]
    _step(f"Python {PYTHON}", [uv, "venv", "--allow-existing", "--python", PYTHON, str(folder)])
    _step(
        _("TensorFlow, TFF and the rest, {number} packages").format(number=number), [*into, "-r", str(listed)]
    )
    _step(_("the course"), [*into, f"fedcourse @ {source}/archive/refs/heads/main.zip"])
    ready.write_text(wanted)
    return python


def _say_what_happens() -> None:
    here = ".".join(map(str, sys.version_info[:2]))
    print(
        _(
            "TensorFlow Federated is missing here (Python {here}). I install it with a Python {version} of "
            "its own, once, in {folder}: about 1 GB to fetch, 3 GB on disk, two to five minutes."
        ).format(here=here, version=PYTHON, folder=HOME)
    )


def _no_network(error: OSError) -> str:
    return _(
        "There is no network, or the course's server does not answer ({reason}). Connect, and run this cell "
        "again."
    ).format(reason=getattr(error, "reason", error))


def _find_uv() -> str:
    if found := shutil.which("uv"):
        return found
    folder = HOME / "uv"
    _step("uv", [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), "uv"])
    return str(folder / "bin" / "uv")


def _step(name: str, command: list[str]) -> None:
    """Run an installer's command and show for how long it has been at it.

    Raises:
      Stopped: the command failed; the message ends with the last lines that it wrote.
    """
    begin = time.monotonic()
    environment = {key: value for key, value in os.environ.items() if key not in _NOT_FOR_THE_OTHER}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment)
        try:
            while process.poll() is None:
                print(f"\r{name}: {time.monotonic() - begin:.0f} s", end="", flush=True)
                time.sleep(POLL_SECONDS if time.monotonic() < begin + 1 else 1)
        finally:  # an interrupt as well
            process.kill()
            process.wait()
            print(f"\r{name}: {time.monotonic() - begin:.0f} s", flush=True)
        if process.returncode:
            log.seek(0)
            said = log.read().decode(errors="replace").strip().splitlines()[-LAST_LINES:]
            raise Stopped(
                _(
                    "The installation stopped here: {step}. Run this cell again: it goes on where it was. "
                    "The last lines were:"
                ).format(step=name)
                + "\n"
                + "\n".join(said)
            )


# --- running ---


class Result:
    """What a cell's last line came to, as the kernel beside would show it."""

    def __init__(self, content: dict[str, Any]):
        self._data, self._metadata = content["data"], content["metadata"]

    def _repr_mimebundle_(self, **_kwargs) -> tuple[dict, dict]:
        return self._data, self._metadata


class Beside:
    """A Jupyter kernel in another Python, and the notebook's connection to it."""

    def __init__(self, python: Path):
        specs = KernelSpecManager(kernel_dirs=[str(_kernel_folder(python))], ensure_native_kernel=False)
        self._manager = KernelManager(kernel_name="fedcourse", kernel_spec_manager=specs)
        environment = {key: value for key, value in os.environ.items() if key not in _NOT_FOR_THE_OTHER}
        # What cells print comes as messages; the rest is the kernel's own talk, which frightens beginners.
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._manager.start_kernel(env=environment, **quiet)
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=120)
        self._rest: list[dict] = []

    def run(self, cell: str) -> Result | None:
        """See the function `run`; an interrupt goes to the kernel, which ends the cell in its own way."""
        request, outcome = self._client.execute(cell, allow_stdin=True), _Outcome()
        while not (outcome.idle and outcome.reply):
            try:
                self._answer_question()
                if message := _next(self._client.get_iopub_msg, request, POLL_SECONDS):
                    outcome.take(message)
                elif not self._manager.is_alive():
                    raise Stopped(
                        _("This Python has ended, perhaps for lack of memory. Run the first cell again.")
                    )
                outcome.reply = outcome.reply or _next(self._client.get_shell_msg, request, 0)
            except KeyboardInterrupt:
                self._manager.interrupt_kernel()
        self._rest = outcome.rest
        for payload in outcome.reply["content"].get("payload", []):
            _show_payload(payload)
        if outcome.error:
            raise outcome.error
        return outcome.result

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
    folder = HOME / "kernels"
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
            content["data"],
            content["metadata"],
            transient=content.get("transient", {}),
            update=kind == "update_display_data",
        )
    elif kind == "clear_output":
        publisher.clear_output(content["wait"])


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
