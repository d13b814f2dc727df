"""TFF's runtime, started fast and ended surely.

TFF runs computations in a C++ child process, the worker. The worker that TFF starts by itself takes a second
to be noticed, outlives Python, and keeps Python's output open, so a pipe behind it waits for ever. This one
does not. It follows `tff.framework.local_cpp_executor_factory` of TFF 0.87.
"""

import atexit
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import grpc
import portpicker
import tensorflow_federated as tff

from fedcourse.i18n import _

_BINARY = Path(tff.__file__).parent / "data" / "worker_binary"
_START_SECONDS = 60
_LARGEST_MESSAGE = 2_000_000_000  # bytes, TFF's own limit
_CHANNEL_OPTIONS = [
    ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
    ("grpc.max_send_message_length", _LARGEST_MESSAGE),
    # The first attempt comes before the worker listens: gRPC would sleep a second, we ask again in 20 ms.
    ("grpc.initial_reconnect_backoff_ms", 20),
    ("grpc.min_reconnect_backoff_ms", 20),
    ("grpc.max_reconnect_backoff_ms", 200),
]
# What becomes the worker. Not a `preexec_fn`, which may crash where there are threads, and gRPC has threads.
_LAUNCH = """
import ctypes, os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)  # Jupyter's "interrupt" goes to the kernel's children too
ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: die with the parent
if os.getppid() == int(sys.argv[1]):  # it may have died meanwhile
    os.execv(sys.argv[2], sys.argv[2:])
"""


class WorkerNotStarted(RuntimeError):
    """TFF's worker did not start; `reason` is all that is known of why."""

    def __init__(self, reason: str):
        text = _(
            "TFF's worker process did not start ({reason}); run `fedcourse doctor` in a terminal to find out "
            "why."
        )
        super().__init__(text.format(reason=reason))
        self.reason = reason


class _Worker:
    """A running worker process and the channel to it."""

    def __init__(self) -> None:
        port = portpicker.pick_unused_port()
        worker = [_BINARY, f"--port={port}", "--max_concurrent_computation_calls=-1"]
        self.process = subprocess.Popen(
            [sys.executable, "-ISc", _LAUNCH, str(os.getpid()), *worker],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.channel = grpc.insecure_channel(f"localhost:{port}", _CHANNEL_OPTIONS)

    def wait_until_ready(self) -> None:
        """Returns when the worker answers.

        Raises:
          WorkerNotStarted: it ended, or stayed silent for a minute.
        """
        ready = grpc.channel_ready_future(self.channel)
        for _attempt in range(_START_SECONDS):
            try:
                return ready.result(timeout=1)
            except grpc.FutureTimeoutError:
                if self.process.poll() is not None:
                    break
        ready.cancel()
        code = self.process.poll()
        self.stop()
        silent = _("no answer within {seconds} s").format(seconds=_START_SECONDS)
        raise WorkerNotStarted(silent if code is None else _("exit code {code}").format(code=code))

    def stop(self) -> None:
        """Ends the worker; does nothing in a forked copy of the process that started it."""
        self.process.kill()  # Popen sends a signal only to a child of this very process
        self.process.wait()


_worker: _Worker | None = None
_restarts = 0
_clients_by_default = 0


def _running_worker() -> _Worker:
    """The one worker of this process, started again if it died."""
    global _worker
    if _worker is None or _worker.process.poll() is not None:
        _worker = _Worker()
    return _worker


@atexit.register
def _stop() -> None:
    if _worker is not None:
        _worker.stop()


@cache
def _context(default_num_clients: int, restarts: int) -> tff.framework.SyncExecutionContext:
    """The context that runs computations in the worker; kept, since it caches what it has compiled."""

    def executor(cardinalities: dict) -> tff.framework.RemoteExecutor:
        if restarts < _restarts:  # TFF tries again what a worker died of
            raise RuntimeError(_("This computation was stopped."))
        worker = _running_worker()
        worker.wait_until_ready()
        remote = tff.framework.RemoteExecutor(tff.framework.RemoteExecutorGrpcStub(worker.channel))
        remote.set_cardinalities({tff.CLIENTS: default_num_clients, **cardinalities})
        return remote

    return tff.framework.SyncExecutionContext(
        executor_fn=tff.framework.ResourceManagingExecutorFactory(executor),
        compiler_fn=tff.backends.native.desugar_and_transform_to_native,
        transform_args=tff.tensorflow.transform_args,
        transform_result=tff.tensorflow.transform_result,
    )


def start(default_num_clients: int = 0) -> None:
    """Make TFF run computations in a worker that ends with this process; may be repeated.

    The first computation starts it, in 0.2 s: much of what is written with TFF is never run. In a forked
    process call this after the fork, which copies no thread, and TFF runs computations in one of its own.
    `default_num_clients` is how many clients take part where the arguments do not tell.
    """
    global _clients_by_default
    _clients_by_default = default_num_clients
    tff.framework.set_default_context(_context(default_num_clients, _restarts))


def restart() -> None:
    """Stop whatever computation runs, for good, and go on with a new worker and the same default clients."""
    global _restarts
    if _worker is not None:  # else nothing has run yet
        _restarts += 1
        _stop()
        start(_clients_by_default)
