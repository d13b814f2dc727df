"""The outside of the sandbox: starts the warm process in bubblewrap and asks it for kernels."""

import atexit
import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import sysconfig
import tempfile
import threading
import uuid
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from fedcourse.i18n import _
from fedgrader.course.files import GUEST, TOOLKIT
from fedgrader.guest.deadline import Usage, usage_of
from fedgrader.running.sandbox import cgroup, syscalls

PATIENCE_SECONDS = 120  # for the warm process to get warm, or to have time for one more kernel
_SOCKETS_ROOT = Path("/tmp")  # not $TMPDIR: a socket's path may have 107 bytes
_PREFIX = "fc-"
_INSIDE = "/course"
# Python and its packages stand at places of their own inside: outside they may be below /home or /tmp.
_PYTHON = sys.base_prefix if sys.base_prefix.startswith("/usr") else "/python"
_PACKAGES = "/packages"
# All of the course that student code can read, by its place below `_INSIDE`.
MOUNTED = {"fedcourse": TOOLKIT, "fedgrader/guest": GUEST}


class NoSandbox(RuntimeError):
    """This machine cannot isolate student code; the message says why and what to do."""


class SandboxEnded(RuntimeError):
    """The sandbox itself has ended, and what ran in it; nothing that ran there can do that."""


class Sandbox:
    """A warm process in bubblewrap, and the folder of sockets it shares with its kernels."""

    def __init__(self) -> None:
        """Start it; the first kernel waits until it is warm.

        Raises:
          NoSandbox: there is no bubblewrap or no libseccomp, or they are not allowed to work here.
        """
        require_bubblewrap()
        system_calls = _filter_of_system_calls()
        cgroup.divide()
        _remove_abandoned()
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_SOCKETS_ROOT))
        (self.folder / "kernels").mkdir()
        (self.folder / "syscalls.bpf").write_bytes(system_calls)
        self._lock = _lock(self.folder)
        self._address = str(self.folder / "warm")
        with socket.socket(socket.AF_UNIX) as listener, (self.folder / "warm.log").open("w") as log:
            listener.bind(self._address)
            listener.listen(16)
            self.process = _started_for_good(
                self._command(listener.fileno()),
                pass_fds=[listener.fileno()],
                stdin=subprocess.PIPE,  # nothing is sent: its end tells that this process has ended
                stdout=subprocess.DEVNULL,
                stderr=log,
                env={},
                start_new_session=True,  # no terminal within reach, and one process group to `stop`
            )

    def _command(self, listener: int) -> list[str]:
        return [
            *bubblewrap(
                *("--bind", str(self.folder / "kernels"), "/run/kernels", "--dir", "/run/kernel"),
                *("--ro-bind", str(self.folder / "syscalls.bpf"), f"{_INSIDE}/syscalls.bpf"),
                *("--dir", "/room"),
            ),
            f"{_PYTHON}/bin/python{sys.version_info[0]}.{sys.version_info[1]}",
            *("-P", "-m", "fedgrader.guest.warm", str(listener)),
        ]

    def start_kernel(self, connection: dict, environment: dict[str, str], directory: str) -> "SandboxRoom":
        """A process with a Jupyter kernel; it listens where `connection`, Jupyter's connection file, says.

        Raises:
          NoSandbox: the warm process has no time for it.
          SandboxEnded: it has ended.
        """
        (self.folder / "kernels" / directory).mkdir()
        return self._start({"directory": directory, "connection": connection, "environment": environment})

    def start_executor(self, environment: dict[str, str]) -> tuple["SandboxRoom", socket.socket]:
        """A process that runs cells, and the socket on which it takes requests, as `guest/executor.py` says.

        Raises:
          NoSandbox: the warm process has no time for it.
          SandboxEnded: it has ended.
        """
        mine, its = socket.socketpair()
        with its:
            return self._start({"environment": environment}, [its.fileno()]), mine

    def _start(self, request: dict, descriptors: Sequence[int] = ()) -> "SandboxRoom":
        name = request.get("directory", uuid.uuid4().hex[:8])
        line = socket.socket(socket.AF_UNIX)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        line.settimeout(PATIENCE_SECONDS)
        try:
            line.connect(self._address)
            socket.send_fds(line, [json.dumps(request).encode() + b"\n"], descriptors)
            pid = _sender(line)
            cgroup.limit(f"{self.folder.name}.{name}", pid)
            line.sendall(b"\n")
        except OSError as error:
            line.close()
            if self.process.poll() is None:
                raise NoSandbox(self._why_no_kernel(error)) from None
            raise SandboxEnded(self._why_no_kernel(error)) from None
        return SandboxRoom(line, self.folder / "kernels" / name, self.process, pid)

    def _why_no_kernel(self, error: OSError) -> str:
        said = (self.folder / "warm.log").read_text(errors="replace").strip().splitlines()
        text = _("The sandbox gave no kernel ({reason}); try again.")
        return f"{text.format(reason=said[-1] if said else error)} {_otherwise()}"

    def stop(self) -> None:
        """End the warm process and all kernels, and remove what they leave."""
        if self.process.stdin:
            self.process.stdin.close()
        # The group: bubblewrap's child goes on without its parent until it has asked to die with it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._lock)
        shutil.rmtree(self.folder, ignore_errors=True)
        cgroup.sweep(f"{self.folder.name}.")


def _started_for_good(command: list[str], **options: Any) -> subprocess.Popen:
    """The started command. bubblewrap's --die-with-parent strikes when the thread that started it ends, so
    that thread is one that waits.
    """
    started: SimpleQueue[subprocess.Popen] = SimpleQueue()

    def start_and_wait() -> None:
        started.put(process := subprocess.Popen(command, **options))
        process.wait()

    threading.Thread(target=start_and_wait, daemon=True).start()
    return started.get()


def _sender(line: socket.socket) -> int:
    """The process id, as this process knows it, of who sends the next message.

    Raises:
      OSError: nobody sends anything.
    """
    size = struct.calcsize("3i")
    message, extra, _flags, _address = line.recvmsg(4096, socket.CMSG_SPACE(size))
    if not message:
        raise ConnectionResetError(_("it has ended"))
    return next(
        struct.unpack("3i", data[:size])[0] for _level, kind, data in extra if kind == socket.SCM_CREDENTIALS
    )


def _lock(folder: Path) -> int:
    """A file descriptor that keeps `folder` locked until it is closed.

    Raises:
      BlockingIOError: another process has locked it.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _remove_abandoned() -> None:
    """Remove what graders have left that were killed; a killed grader's lock is open."""
    for address in _SOCKETS_ROOT.glob(f"{_PREFIX}*/warm"):  # a folder without it is just being made
        with contextlib.suppress(OSError):
            descriptor = _lock(address.parent)
            shutil.rmtree(address.parent, ignore_errors=True)
            os.close(descriptor)
            cgroup.sweep(f"{address.parent.name}.")


class SandboxRoom:
    """The host's end of the line of one process in `sandbox`; `sockets` is the folder they share."""

    def __init__(self, line: socket.socket, sockets: Path, sandbox: subprocess.Popen, pid: int):
        self._line = line
        self._sockets = sockets
        self._sandbox = sandbox
        self._pid = pid
        self._text = b""
        self.exit_code: int | None = None

    def poll(self) -> int | None:
        """The exit code, None while the kernel runs."""
        while self.exit_code is None and _readable(self._line, 0):
            self._receive()
        return self.exit_code

    def _receive(self) -> None:
        got = self._line.recv(4096)
        self._text += got
        *lines, self._text = self._text.split(b"\n")
        for line in lines:
            self.exit_code = json.loads(line).get("exit", self.exit_code)
        if not got and self.exit_code is None:
            self.exit_code = -signal.SIGKILL

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the kernel; unlike a message, this cannot wait for it."""
        with contextlib.suppress(OSError):
            self._line.send(b"\n", socket.MSG_DONTWAIT)

    def usage(self) -> Usage:
        """What the process and those it has started have computed and waited for."""
        return usage_of(self._pid)

    def lost(self) -> bool:
        """Whether the sandbox has ended, or ends within a second, and with it what ran there."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._sandbox.wait(timeout=1)
        return self._sandbox.poll() is not None

    def kill(self) -> None:
        """End the kernel and everything it has started."""
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """End the kernel, wait until it is gone, and remove what it leaves; may be repeated."""
        if self._line.fileno() == -1:
            return
        self.kill()
        while self.exit_code is None and _readable(self._line, PATIENCE_SECONDS):
            self._receive()
        self._line.close()
        shutil.rmtree(self._sockets, ignore_errors=True)
        cgroup.sweep(f"{self._sockets.parent.parent.name}.{self._sockets.name}")


def _readable(line: socket.socket, seconds: float) -> bool:
    return bool(select.select([line], [], [], seconds)[0])


@cache
def require_bubblewrap() -> None:
    """Raises NoSandbox, with what to do, where bubblewrap is missing or forbidden."""
    if not shutil.which("bwrap"):
        raise NoSandbox(
            _("Student code cannot be isolated: bubblewrap is missing. Run `apt-get install bubblewrap`.")
            + f" {_otherwise()}"
        )
    tried = subprocess.run([*bubblewrap(), "/bin/true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        text = _(
            "Student code cannot be isolated: bubblewrap may not create namespaces ({reason}). Allow "
            "unprivileged user namespaces, or grade on another machine."
        )
        raise NoSandbox(f"{text.format(reason=tried.stderr.strip())} {_otherwise()}")


def _filter_of_system_calls() -> bytes:
    try:
        return syscalls.program()
    except syscalls.NoSeccomp:
        text = _("Student code cannot be isolated: libseccomp is missing. Run `apt-get install libseccomp2`.")
        raise NoSandbox(f"{text} {_otherwise()}") from None


def _otherwise() -> str:
    return _(
        "To grade without a sandbox, add `--unsafe-no-sandbox` to `fedcourse grade`, or "
        "`--RunNotebook.sandbox=False` to `nbgrader autograde`; student code then has all your rights."
    )


# Shared by all kernels, so nobody may leave anything in it.
_VISIBLE = (
    *("/usr", "/bin", "/lib", "/lib64"),
    *("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime"),
)
_ENVIRONMENT = {
    "PATH": f"{_PYTHON}/bin:/usr/bin:/bin",
    # A Python with a shared library looks for it where it was installed, and would find the system's.
    "LD_LIBRARY_PATH": f"{_PYTHON}/lib",
    "PYTHONPATH": f"{_INSIDE}:{_PACKAGES}",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # Code for matrix products is generated in each process, which takes longer than a lesson's products.
    "TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL": "false",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "HOME": "/home",
    "LANG": "C.UTF-8",
}


def bubblewrap(*options: str) -> list[str]:
    """The start of a command that runs the rest of it in the sandbox, with `options` of bwrap added."""
    packages = Path(sysconfig.get_path("purelib"))
    hidden = [f"{_PACKAGES}/{name}" for name in ("fedcourse", "fedgrader") if (packages / name).exists()]
    return [
        *("bwrap", "--unshare-all", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"),
        *("--die-with-parent", "--clearenv"),
        *(argument for name, value in _ENVIRONMENT.items() for argument in ("--setenv", name, value)),
        *(argument for path in _VISIBLE for argument in ("--ro-bind-try", path, path)),
        *("--ro-bind-try", sys.base_prefix, _PYTHON, "--ro-bind", str(packages), _PACKAGES),
        *(
            argument
            for name, path in MOUNTED.items()
            for argument in ("--ro-bind", str(path), f"{_INSIDE}/{name}")
        ),
        *(argument for path in hidden for argument in ("--tmpfs", path, "--remount-ro", path)),
        *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/home"),
        *options,
        *("--remount-ro", "/dev", "--remount-ro", "/"),
    ]


_sandbox: Sandbox | None = None
_starting = threading.Lock()


def sandbox() -> Sandbox:
    """The one sandbox of this process, started on first use and again if it has ended."""
    global _sandbox
    with _starting:
        if _sandbox is None or _sandbox.process.poll() is not None:
            if _sandbox is not None:
                _sandbox.stop()
            _sandbox = Sandbox()
        return _sandbox


@atexit.register
def stop() -> None:
    """End this process's sandbox, if there is one."""
    global _sandbox
    if _sandbox is not None:
        _sandbox.stop()
        _sandbox = None
