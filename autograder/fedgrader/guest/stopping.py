"""Stop code that has run for too long, or that somebody wants to stop, whatever it does against it.

Signals raise in the main thread, once it is back in Python. An endless loop in a TensorFlow graph does not
come back, so a second thread cancels it. Out of reach is what loops in C code that cannot be cancelled.
"""

import functools
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from types import FrameType

from fedcourse.i18n import _
from fedgrader.guest.deadline import Deadline, usage_of

_LOOK_SECONDS = 1.0
# After the deadline or the interrupt; a grader has ended the process by then.
_HELPLESS_SECONDS = 15.0


class _Insistent(BaseException):
    """Raised in code that is to end. Where it is swallowed, it is raised again in the next line."""

    def __init__(self, guard: "Guard"):
        super().__init__()
        self._guard = guard

    def __del__(self):
        self._guard.insist(type(self))


class Overdue(_Insistent):
    """The code has run for too long."""


class Interrupted(_Insistent, KeyboardInterrupt):
    """Somebody has stopped the code."""


class Guard:
    """Ends what the frame `boundary` calls after `seconds` of computing or sleeping, or at an interrupt.

    In another thread than the main one, which alone gets signals, it does nothing.
    """

    def __init__(self, seconds: float, boundary: FrameType):
        self.deadline = Deadline(seconds, functools.partial(usage_of, os.getpid()))
        self.raised: type[_Insistent] | None = None
        self._boundary = boundary
        self._is_on = False
        self._asked_at = float("inf")

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Raise Overdue or Interrupted in the `with` block when it is time."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        with ExitStack() as leaving:
            leaving.callback(sys.settrace, sys.gettrace())
            leaving.enter_context(self._second_thread())
            leaving.enter_context(_handling(signal.SIGALRM, self._on_alarm))
            if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
                leaving.enter_context(_handling(signal.SIGINT, self._on_interrupt))
            leaving.callback(signal.setitimer, signal.ITIMER_REAL, 0)
            signal.setitimer(signal.ITIMER_REAL, _LOOK_SECONDS, _LOOK_SECONDS)
            leaving.callback(setattr, self, "_is_on", False)
            self._is_on = True
            yield

    def insist(self, kind: type[_Insistent]) -> None:
        """An exception of this guard's is gone: if the code that swallowed it still runs, raise another."""
        if not self._is_on or threading.current_thread() is not threading.main_thread():
            return

        def raise_again(_frame, event, _argument):
            if event == "line" and self._is_on:
                raise kind(self)  # Python then takes the trace function away
            return raise_again

        frame = sys._getframe(2)
        while frame is not None and frame is not self._boundary:
            frame.f_trace = raise_again
            frame = frame.f_back
        sys.settrace(lambda *_new_frame: None)

    def _on_alarm(self, _signum, _frame) -> None:
        if not self._is_on:
            return
        if self.raised:  # it was caught and kept: raise one here, and another in the line that catches it
            self.insist(self.raised)
            raise self.raised(self)
        if self.deadline.is_over:
            self.raised = Overdue
            raise Overdue(self)

    def _on_interrupt(self, _signum, _frame) -> None:
        if not self._is_on:
            raise KeyboardInterrupt
        self.raised = Interrupted
        raise Interrupted(self)

    @contextmanager
    def _second_thread(self) -> Iterator[None]:
        """A thread that learns of each signal, even while the main one is not in Python."""
        cancellation = sys.modules.get("tensorflow.python.eager.cancellation")
        manager = cancellation and cancellation.CancellationManager()
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        cancel = manager.start_cancel if manager else lambda: None
        threading.Thread(target=self._listen, args=(reader, cancel, sys.stdout), daemon=True).start()
        before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        try:
            with cancellation.CancellationManagerContext(manager) if manager else nullcontext():
                yield
        finally:
            signal.set_wakeup_fd(before)
            os.close(writer)

    def _listen(self, reader: int, cancel, stream) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # they are for the main thread
        while numbers := os.read(reader, 64):
            now = time.monotonic()
            if signal.SIGINT in numbers or self.deadline.is_over:
                self._asked_at = min(self._asked_at, now)
                cancel()
            if now > self._asked_at + _HELPLESS_SECONDS:
                self._asked_at = float("inf")
                print(_helpless(), file=stream, flush=True)
        os.close(reader)


@contextmanager
def _handling(signum: signal.Signals, handler) -> Iterator[None]:
    before = signal.signal(signum, handler)
    try:
        yield
    finally:
        signal.signal(signum, before)


def _helpless() -> str:
    return _(
        "This computation cannot be stopped from here: it loops inside TensorFlow. Restart the kernel, look "
        "for a loop or a `dataset.repeat()` without an end, and run the notebook from the top."
    )
