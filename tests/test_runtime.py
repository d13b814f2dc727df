"""The runtime starts fast, and nothing of it outlives Python."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from processes import PATIENCE, until

from fedcourse import runtime

ROUND = """
import numpy as np, tensorflow_federated as tff
from fedcourse import runtime
runtime.start()

@tff.federated_computation(tff.FederatedType(np.float32, tff.CLIENTS))
def average(numbers):
    return tff.federated_mean(numbers)

print(average([1.0, 2.0, 6.0]), runtime._worker.process.pid, flush=True)
"""


def python(code: str) -> subprocess.Popen:
    """A child that runs `code` with both outputs on pipes, as a shell's `|` would have them."""
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def has_ended(pid: int) -> bool:
    """Whether the process is gone, or a zombie that waits for its reaper."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture(scope="module")
def average():
    import numpy as np
    import tensorflow_federated as tff

    @tff.federated_computation(tff.FederatedType(np.float32, tff.CLIENTS))
    def average(numbers):
        return tff.federated_mean(numbers)

    return average


@pytest.mark.slow
def test_pipe_closes_and_no_worker_is_left_after_a_round():
    child = python(ROUND)
    out, err = child.communicate(timeout=PATIENCE)
    assert child.returncode == 0, err
    mean, worker = out.split()
    assert float(mean) == 3.0
    until(lambda: has_ended(int(worker)))


@pytest.mark.slow
def test_shell_commands_in_a_notebook_keep_their_output():
    cells = ["import fedcourse", ROUND, *["!echo from the shell"] * 40]
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=PATIENCE).execute()
    shown = ["".join(output.text for output in cell.outputs) for cell in notebook.cells[2:]]
    assert [text.strip() for text in shown] == ["from the shell"] * 40


@pytest.mark.slow
def test_worker_dies_with_a_killed_parent():
    child = python(ROUND + "import time; time.sleep(10**6)")
    worker = int(child.stdout.readline().split()[1])
    assert Path(f"/proc/{worker}").exists()
    child.send_signal(signal.SIGKILL)
    until(lambda: has_ended(worker))
    child.communicate(timeout=PATIENCE)


@pytest.mark.slow
def test_what_is_not_run_starts_no_worker():
    code = """
import numpy as np, tensorflow_federated as tff
from fedcourse import runtime
runtime.start()
tff.tensorflow.computation(lambda number: number + 1, np.int32)
print(runtime._worker)
"""
    assert python(code).communicate(timeout=PATIENCE)[0].strip() == "None"


def test_start_again_keeps_the_worker_and_the_context(average):
    import tensorflow_federated as tff

    runtime.start()
    average([1.0, 3.0])
    first = runtime._worker, tff.framework.get_context_stack().current
    runtime.start()
    assert (runtime._worker, tff.framework.get_context_stack().current) == first


def test_a_dead_worker_is_replaced(average):
    runtime.start()
    assert average([1.0, 3.0]) == 2.0
    os.kill(runtime._worker.process.pid, signal.SIGKILL)
    assert average([1.0, 5.0]) == 3.0


def test_an_interrupt_meant_for_python_leaves_the_worker_alone(average):
    runtime.start()
    average([1.0, 3.0])  # the first computation starts a worker
    worker = runtime._worker.process
    worker.send_signal(signal.SIGINT)
    assert average([1.0, 5.0]) == 3.0
    assert worker.poll() is None


def test_a_restart_stops_what_runs_and_goes_on_with_a_new_worker(average):
    runtime.start()
    average([1.0, 3.0])
    before = runtime._worker.process
    runtime.restart()
    assert before.poll() is not None
    assert average([1.0, 5.0]) == 3.0


def test_default_number_of_clients():
    import numpy as np
    import tensorflow_federated as tff

    @tff.federated_computation()
    def how_many():
        return tff.federated_sum(tff.federated_value(np.int32(1), tff.CLIENTS))

    runtime.start(default_num_clients=4)
    assert how_many() == 4
    runtime.start()
    assert how_many() == 0


def test_the_first_computation_does_not_wait_a_second(average):
    def seconds() -> float:
        runtime.start()
        average([1.0, 3.0])
        runtime._worker.stop()
        started = time.perf_counter()
        average([1.0, 3.0])
        return time.perf_counter() - started

    # The stock runtime sleeps for 1 s each time. This takes 0.15 s, on a busy machine at least now and then.
    assert any(seconds() < 0.9 for _attempt in range(30))


def test_a_worker_that_cannot_start_is_told(monkeypatch):
    monkeypatch.setattr(runtime, "_BINARY", "/bin/false")
    with pytest.raises(RuntimeError, match="fedcourse doctor"):
        runtime._Worker().wait_until_ready()
