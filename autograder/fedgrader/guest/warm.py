"""The warm process, inside the sandbox: it imports TensorFlow, TFF and IPython once, then forks.

`host.py` starts it with a listening Unix socket, whose file descriptor is the only argument, and with the
filter of system calls in the file `FILTER`. A connection is a process of its own for student code. The client
sends one line of JSON: `environment`, and for a Jupyter kernel `directory`, where its sockets go, and
`connection`, Jupyter's connection file; without them, a socket that comes with the line is served by
`executor.py`. The process answers with a line, so that the client learns its process id from the socket, and
waits for a line back, so that the client can limit it first. From then on, each byte is an interrupt; when
the connection closes, the process ends, with every process it has started. `{"exit": …}` follows when it has
ended.

A keeper process stands between: it makes namespaces, furnishes them, and forks into them. Only the standard
library is used before that, and TensorFlow executes nothing: a process that has run an operation cannot be
forked.
"""

import contextlib
import ctypes
import fcntl
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import time

ROOM = "/room"  # what a kernel sees as /
SOCKETS = "/run/kernels"  # a folder for each kernel, shared with the host
OWN_SOCKETS = "/run/kernel"  # all that a kernel sees of it
HOME = "/home/student"
FILTER = "/course/syscalls.bpf"
MEGABYTE = 2**20
LIMITS = {
    resource.RLIMIT_AS: 8192 * MEGABYTE,
    resource.RLIMIT_FSIZE: 64 * MEGABYTE,
    resource.RLIMIT_NOFILE: 1024,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_CPU: 3600,  # seconds, each process
    # Where there is no control group. Before Linux 5.14 it counts all the user's processes: be generous.
    resource.RLIMIT_NPROC: 1024,
}
DISK = "size=256m,nr_inodes=20k"
OBJECTS_A_COLLECTION = 10_000

_CLONE_NEWUSER, _CLONE_NEWNS, _CLONE_NEWPID = 0x10000000, 0x20000, 0x20000000
_CLONE_NEWIPC, _CLONE_NEWNET = 0x8000000, 0x40000000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 0x1, 0x2, 0x4, 0x8
_MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 0x20, 0x1000, 0x4000, 0x40000
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 0x1
_PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_PDEATHSIG, _PR_SET_SECCOMP = 4, 24, 1, 22
_SECCOMP_MODE_FILTER = 2
_FILTER_INSTRUCTION = 8  # bytes
_LAST_CAPABILITY = 40
_CAPABILITY_VERSION_3 = 0x20080522
_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Import, then serve until the host goes away."""
    gc.disable()  # importing makes many objects and no garbage
    _import_everything()
    _be_dumpable(False)
    gc.freeze()  # the collector of a fork need not touch, and so copy, what is shared
    gc.set_threshold(OBJECTS_A_COLLECTION)
    gc.enable()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the keepers
    listener = socket.socket(fileno=int(sys.argv[1]))
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:  # it ends when the host does
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _keep(connection)
            os._exit(0)
        connection.close()


def _import_everything() -> None:
    importlib.import_module("fedcourse")  # first: it sets what TensorFlow reads when it is imported

    import nest_asyncio  # noqa: F401
    import tensorflow_federated as tff
    from tensorflow.python.autograph.pyct import inspect_utils

    from fedcourse import plots, runtime  # noqa: F401
    from fedgrader.guest import executor

    executor.new_shell()
    # For code in .par archives AutoGraph looks through every module for each function that it converts: it
    # takes a tenth of the time of a short notebook, and a copy of every module's page.
    inspect_utils._fix_linecache_record = lambda function: None
    # A fork has one thread. TFF's context has started another, which would be missing.
    runner = tff.framework.get_context_stack().current._async_runner
    runner._finalizer(runner._event_loop, runner._thread)
    runner._event_loop.close()  # and its sockets, which all forks would share
    for _attempt in range(500):  # a thread that has ended is listed a moment longer
        if len(os.listdir("/proc/self/task")) == 1:
            return
        time.sleep(0.01)
    raise RuntimeError("an import has started a thread: no fork of this process would work")


def _keep(connection: socket.socket) -> None:
    """Fork the process into a room of its own, and wait until it ends or the connection does."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    line, wires = _line(connection)
    request = json.loads(line)
    _enter_namespaces()
    _furnish(request.get("directory"))
    keeper, door = socket.socketpair()
    student = os.fork()  # process 1 of the new namespace: everything in it ends with this one
    if student == 0:
        keeper.close()
        _close_the_room(request, connection)
        if wires:
            _run_executor(wires[0], door)
        else:
            _run_jupyter(request["connection"], door)
        os._exit(0)
    door.close()
    for wire in wires:
        os.close(wire)  # or it would stay open when the process ends
    watch = os.pidfd_open(student)
    if keeper.recv(1):  # its sockets are there: from now on it cannot put anything else where the host sees
        if "directory" in request:
            _make_read_only(OWN_SOCKETS)
        keeper.sendall(b"\n")
    while watch not in select.select([watch, connection], [], [])[0]:
        if not connection.recv(1):
            os.kill(student, signal.SIGKILL)
            break
        os.kill(student, signal.SIGINT)
    _, status = os.waitpid(student, 0)
    with contextlib.suppress(OSError):  # the host may have gone
        connection.sendall(json.dumps({"exit": os.waitstatus_to_exitcode(status)}).encode() + b"\n")


def _line(connection: socket.socket) -> tuple[bytes, list[int]]:
    """The next line and the file descriptors that come with it; nothing is read after it."""
    line, descriptors = b"", []
    while not line.endswith(b"\n"):
        byte, more, _flags, _address = socket.recv_fds(connection, 1, 1)
        if not byte:
            os._exit(0)  # the host has gone
        line += byte
        descriptors += more
    return line, descriptors


def _be_dumpable(yes: bool) -> None:
    """A kernel has the same user as the processes around it: not being dumpable keeps its ptrace out."""
    _call("prctl", _PR_SET_DUMPABLE, int(yes), 0, 0, 0)


def _enter_namespaces() -> None:
    user, group = os.getuid(), os.getgid()
    _be_dumpable(True)  # or /proc/self would not be our own
    kinds = _CLONE_NEWUSER | _CLONE_NEWNS | _CLONE_NEWPID | _CLONE_NEWIPC | _CLONE_NEWNET
    _call("unshare", kinds)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    _be_dumpable(False)


def _furnish(directory: str | None) -> None:
    """A view of the files with own folders for temporary ones, home and sockets; and a loopback device.

    No user namespace can be made by a process whose root is not its mount namespace's: the room keeps student
    code from gaining capabilities in a namespace within.
    """
    _call("mount", None, b"/", None, _MS_PRIVATE | _MS_REC, None)
    _call("mount", b"/", ROOM.encode(), None, _MS_BIND | _MS_REC, None)
    os.chroot(ROOM)
    os.chdir("/")
    if directory:
        _call("mount", f"{SOCKETS}/{directory}".encode(), OWN_SOCKETS.encode(), None, _MS_BIND, None)
    for folder in (SOCKETS, "/tmp", "/home", "/dev/shm"):
        _call("mount", b"tmpfs", folder.encode(), b"tmpfs", _MS_NOSUID | _MS_NODEV, DISK.encode())
    _call("mount", b"/proc", b"/proc", None, _MS_BIND | _MS_REC, None)
    _make_read_only("/proc")  # it shows the processes around, some files of which their user could write
    os.mkdir(HOME)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", _IFF_UP))


def _make_read_only(folder: str) -> None:
    """Only this view of what is mounted at `folder`; the host still writes there."""
    flags = _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    _call("mount", None, folder.encode(), None, flags, None)


def _close_the_room(request: dict, connection: socket.socket) -> None:
    """Become the process that student code runs in: limited, without privileges, and without a way out."""
    os.setsid()  # signals to its group reach nobody else
    _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    connection.sendall(b"{}\n")
    _line(connection)  # the host has limited this process
    connection.close()
    _be_dumpable(True)
    _give_up_privileges()
    nowhere = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)  # the log is a file of the host
    os.environ.update(request["environment"], HOME=HOME, TMPDIR="/tmp")
    os.chdir(HOME)
    _reseed()

    from fedcourse import runtime

    runtime.start()


def _run_executor(wire: int, door: socket.socket) -> None:
    from fedgrader.guest import executor

    _lock_the_door(door)
    executor.serve_wire(socket.socket(fileno=wire))


def _run_jupyter(connection: dict, door: socket.socket) -> None:
    """Run Jupyter's kernel for Python."""
    from IPython.core.interactiveshell import InteractiveShell

    InteractiveShell.clear_instance()  # the kernel makes its own
    from ipykernel.kernelapp import IPKernelApp

    with open("/tmp/connection.json", "w") as file:
        json.dump(connection, file)
    app = IPKernelApp.instance()
    app.initialize(["-f", "/tmp/connection.json", "--HistoryManager.hist_file=:memory:"])
    _lock_the_door(door)
    app.start()


def _lock_the_door(door: socket.socket) -> None:
    """Have the keeper shut what only had to be open until now."""
    door.sendall(b"\n")
    if not door.recv(1):
        os._exit(1)  # the keeper has failed
    door.close()


def _give_up_privileges() -> None:
    """No capabilities in the new namespace, now or later, some system calls less, and limits for good."""
    for capability in range(_LAST_CAPABILITY + 1):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # fails for those the system does not know
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    _call("capset", header, bytes(24))
    _refuse_system_calls()
    for limit, most in LIMITS.items():
        resource.setrlimit(limit, (most, most))


def _refuse_system_calls() -> None:
    """Those that `syscalls.py` lists, in this process and all it starts."""
    with open(FILTER, "rb") as file:
        text = file.read()
    instructions = ctypes.create_string_buffer(text, len(text))
    length = len(text) // _FILTER_INSTRUCTION
    program = struct.pack("HxxxxxxP", length, ctypes.addressof(instructions))  # struct sock_fprog
    _call("prctl", _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program, 0, 0)


def _reseed() -> None:
    """Forks share the state of random generators: start each from its own."""
    import random

    import numpy as np

    random.seed()
    np.random.seed()


def _call(name: str, *arguments) -> None:
    """A C library call; raises OSError where it fails."""
    if getattr(_libc, name)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


if __name__ == "__main__":
    main()
