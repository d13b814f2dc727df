"""Runs a notebook's cells for a grader, and asks the functions they define, over one socket.

Each request is a line of JSON: `{"run": code}` or `{"ask": [name, module, harness, inputs]}`. What a cell
shows comes back as one line of JSON a message, in the words of Jupyter's messaging protocol; the line
`{"msg_type": "done", "content": …}` ends a request. It is IPython without the rest of a Jupyter kernel, whose
threads, event loops and five sockets cost more than a lesson's cells.

Student code shares this process and can write to the socket, so the grader believes nothing but the form of
what it reads.
"""

import base64
import builtins
import ctypes
import io
import json
import os
import signal
import socket
import sys
import threading
import time
from contextlib import contextmanager, suppress

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from fedcourse.i18n import _
from fedgrader.guest import serve, stand_ins

# matplotlib's own default would look for a display; Jupyter's kernels set this too.
os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")

LONGEST_MESSAGE = 16_000_000  # bytes
_PIECE_CHARACTERS = 1_000_000
_BUFFER_CHARACTERS = 8192
_BUFFER_SECONDS = 0.2
_PR_SET_PDEATHSIG = 1  # prctl(2)
_SIGNALS = {signal.SIGINT, signal.SIGALRM}  # those that raise in the middle of whatever runs


class Wire:
    """The socket to the grader; a message is sent whole, whatever interrupts the sender."""

    def __init__(self, line: socket.socket):
        self._line = line
        self._reader = line.makefile("rb")
        self._lock = threading.Lock()

    def next_request(self) -> dict | None:
        """What the grader asks for next; None when it has closed the line."""
        line = self._reader.readline()
        return json.loads(line) if line else None

    def send(self, msg_type: str, content: dict) -> None:
        line = json.dumps({"msg_type": msg_type, "content": content}, default=_as_json).encode() + b"\n"
        if len(line) > LONGEST_MESSAGE:
            text = _("An output of {size} MB was left out.").format(size=len(line) // 1_000_000)
            self.send("stream", {"name": "stdout", "text": f"{text}\n"})
            return
        with _undisturbed(), self._lock:
            self._line.sendall(line)


def _as_json(value) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


@contextmanager
def _undisturbed():
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Stream(io.TextIOBase):
    """`sys.stdout` or `sys.stderr`: what is written soon arrives, many small pieces as one message."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, wire: Wire, name: str, descriptor: int):
        self._wire, self.name, self._descriptor = wire, name, descriptor
        self._pieces: list[str] = []
        self._size, self._sent = 0, 0.0

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._pieces.append(text)
        self._size += len(text)
        if self._size > _BUFFER_CHARACTERS or time.monotonic() - self._sent > _BUFFER_SECONDS:
            self.flush()
        return len(text)

    def flush(self) -> None:
        self._pieces, pieces, self._size, self._sent = [], self._pieces, 0, time.monotonic()
        text = "".join(pieces)
        for start in range(0, len(text), _PIECE_CHARACTERS):
            self._wire.send("stream", {"name": self.name, "text": text[start : start + _PIECE_CHARACTERS]})


class _Publisher(DisplayPublisher):
    """What `display` shows."""

    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **_others) -> None:
        content = {"data": data, "metadata": metadata or {}}
        self.shell.send(
            "update_display_data" if update else "display_data", content | {"transient": transient or {}}
        )

    def clear_output(self, wait: bool = False) -> None:
        self.shell.send("clear_output", {"wait": wait})


class _Result(DisplayHook):
    """The value of a cell's last expression."""

    def write_output_prompt(self) -> None:
        """The message has the number."""

    def write_format_data(self, format_dict, md_dict=None) -> None:
        content = {"data": format_dict, "metadata": md_dict or {}}
        self.shell.send("execute_result", content | {"execution_count": self.prompt_count})

    def finish_displayhook(self) -> None:
        self._is_active = False


class Shell(InteractiveShell):
    """IPython whose output goes to the grader."""

    displayhook_class = Type(_Result)
    display_pub_class = Type(_Publisher)
    wire: Wire

    def connect(self, wire: Wire) -> None:
        """Send all output there from now on."""
        self.wire = wire
        self._streams = sys.stdout, sys.stderr = _Stream(wire, "stdout", 1), _Stream(wire, "stderr", 2)

    def send(self, msg_type: str, content: dict) -> None:
        """Send a message, after what was printed before it."""
        for stream in self._streams:
            stream.flush()
        self.wire.send(msg_type, content)

    def _showtraceback(self, etype, evalue, stb) -> None:
        self.send("error", {"ename": str(etype.__name__), "evalue": str(evalue), "traceback": stb})

    def enable_gui(self, gui=None) -> None:
        """There is no window to draw in."""

    def init_virtualenv(self) -> None:
        """All packages are where they are found."""


def new_shell() -> Shell:
    """IPython without a history on disk; it starts no thread, so a process may fork with it."""
    stand_ins.install()
    config = Config()
    config.HistoryManager.enabled = False
    return Shell.instance(config=config)


def serve_wire(line: socket.socket) -> None:
    """Answer requests until the line ends."""
    builtins.input = _no_input
    shell, wire = new_shell(), Wire(line)
    shell.connect(wire)
    while True:
        with suppress(KeyboardInterrupt):  # one that comes when a cell has just ended
            request = wire.next_request()
            if request is None:
                return
            _answer(shell, request)


def _answer(shell: Shell, request: dict) -> None:
    content = {}
    try:
        if "run" in request:
            shell.run_cell(request["run"], store_history=True)
        else:
            content["text"] = serve.answer(shell.user_ns, *request["ask"])
    finally:
        with _undisturbed():
            shell.send("done", content)


def _no_input(prompt: str = "") -> str:
    raise StdinNotImplementedError(_("Nobody is there to answer `input`: the notebook is being graded."))


if __name__ == "__main__":  # without a sandbox, which would see to it that this process ends with the grader
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    serve_wire(socket.socket(fileno=int(sys.argv[1])))
