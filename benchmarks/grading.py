"""How fast `fedcourse grade` is beside stock nbgrader: `python -m benchmarks.grading` (`make bench`).

Both grade the same submissions of a small notebook and write the scores into a gradebook. It has exercises of
lesson 6, whose checks have TFF compile and run rounds of federated averaging, or of lesson 1, which only
prepares data. Stock nbgrader is at its best: compiled bytecode, one call for the whole class, kernels that
are shut down at once, and checks in the kernel. Times include starting the command.

The notebooks start TFF with the course's fast runtime, from which stock nbgrader gains as well; with
`--tff-runtime` they leave TFF as it comes. The sandbox brings the fast runtime anyway.
"""

import argparse
import ctypes
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from fedgrader.course import ROOT

SIZES = (10, 30, 100)
WORKERS = 2
SAMPLE_SECONDS = 0.25
GRACE_SECONDS = 1  # the kernel ends what has lost its parent, but not in no time

IMPORTS = """
import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
""".strip()
FIRST_DATA = """
examples = collections.OrderedDict(pixels=np.zeros([20, 28, 28], np.float32), label=np.arange(20) % 10)
batches = preprocess(tf.data.Dataset.from_tensor_slices(examples), epochs=1, batch_size=5, seed=1)
print("batches:", sum(1 for _batch in batches))
""".strip()
ONE_ROUND = """
rng = np.random.default_rng(1)
batch = collections.OrderedDict(x=np.float32(rng.random([5, 784])), y=np.int32(rng.integers(0, 10, 5)))
trained = client_update(initial_weights(), tf.data.Dataset.from_tensors(batch), 0.1)
state = collections.OrderedDict(weights=initial_weights(), round_num=0)
print("rounds:", int(server_update(state, trained["weights"], 1.0)["round_num"]))
""".strip()

_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


@dataclass(frozen=True)
class BenchmarkLesson:
    """What of a lesson is handed in: exercises, ungraded cells that they need, and a cell that runs them."""

    slug: str
    exercises: tuple[str, ...]
    kept: tuple[str, ...]
    cell: str


LESSONS = {
    1: BenchmarkLesson(
        "lesson01_federated_data", ("label_counts", "preprocess", "sample_clients"), (), FIRST_DATA
    ),
    6: BenchmarkLesson(
        "lesson06_fedavg_by_hand",
        ("client_update", "server_update", "next_fn"),
        ("def initial_weights",),
        ONE_ROUND,
    ),
}


def main() -> None:
    """Measure, and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--lesson", type=int, choices=LESSONS, default=6)
    parser.add_argument("--submissions", type=int, default=SIZES[0], help="for the comparison")
    parser.add_argument("--sizes", type=int, nargs="*", default=[], help="also grade as many, e.g. 10 30 100")
    parser.add_argument("--tff-runtime", action="store_true", help="notebooks without the course's runtime")
    parser.add_argument("--full", action="store_true", help=f"also grade {SIZES} and 300")
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)  # what a run leaves behind becomes our child
    with tempfile.TemporaryDirectory() as folder:
        classroom = Classroom(Path(folder), LESSONS[options.lesson], fast=not options.tff_runtime)
        stock_rate = _compare(classroom, options.submissions)
        sizes = [*SIZES, 300] if options.full else options.sizes
        for size in sizes:
            run = classroom.ours(size)
            ratio = run.per_minute(size) / stock_rate
            print(f"{size:4} submissions: {ratio:.1f} times stock's rate; {run.cost()}", flush=True)


def _compare(classroom: "Classroom", size: int) -> float:
    """Print how both do; the submissions a minute of stock nbgrader, whose cost is linear."""
    stock, ours = classroom.stock(size), classroom.ours(size)
    if stock.scores != ours.scores:
        raise SystemExit(f"The scores differ: {stock.scores} with nbgrader, {ours.scores} with fedcourse.")
    print(f"{size} submissions, {os.cpu_count()} cores; both start from nothing and fill a gradebook.")
    print(f"nbgrader autograde  {stock.seconds:6.1f} s {stock.per_minute(size):6.1f} submissions a minute")
    print(f"fedcourse grade     {ours.seconds:6.1f} s {ours.per_minute(size):6.1f} submissions a minute")
    print(f"ratio               {stock.seconds / ours.seconds:6.1f}")
    print(f"median of a submission on one of {WORKERS} workers: {statistics.median(ours.each):.2f} s")
    print(f"{ours.cost()}", flush=True)
    return stock.per_minute(size)


@dataclass
class Run:
    """What one command cost; memory in MB, file descriptors at most at a time, a figure a kind of process."""

    seconds: float
    scores: dict[str, float]
    left: int
    each: list[float] = field(default_factory=list)
    memory: dict[str, float] = field(default_factory=dict)
    descriptors: dict[str, int] = field(default_factory=dict)

    def per_minute(self, size: int) -> float:
        return 60 * size / self.seconds

    def cost(self) -> str:
        """One line: time, memory and file descriptors, and processes left behind."""
        kinds = ", ".join(
            f"{kind} {megabytes:.0f} MB and {self.descriptors[kind]} descriptors"
            for kind, megabytes in self.memory.items()
        )
        return (
            f"{self.seconds:.1f} s, {len(self.each) * 60 / self.seconds:.0f}/min; {kinds}; {self.left} left"
        )


class Classroom:
    """Courses below `folder` whose one lesson is short; with `fast`, TFF runs in the course's runtime."""

    def __init__(self, folder: Path, lesson: BenchmarkLesson, fast: bool):
        self.folder = folder
        self.slug = lesson.slug
        self.notebook = _notebook(lesson, fast)

    def stock(self, size: int) -> "Run":
        """`nbgrader autograde` for a class of `size`."""
        root = self.course("stock", size)
        options = ["--Execute.shutdown_kernel=immediate", "--Execute.timeout=600"]
        return self._measured(root, [*self._nbgrader(root, "autograde"), *options])

    def ours(self, size: int) -> "Run":
        """`fedcourse grade` for a class of `size`."""
        root = self.course("ours", size)
        out = root / "outcomes.json"
        command = [sys.executable, "-m", "fedgrader.cli", "grade", self.slug, "--course", str(root)]
        run = self._measured(root, [*command, "--json", str(out), "--workers", str(WORKERS)])
        run.each = [outcome["seconds"] for outcome in json.loads(out.read_text())]
        return run

    def course(self, name: str, size: int) -> Path:
        """A new course, with the lesson released and `size` right submissions."""
        root = self.folder / name
        shutil.rmtree(root, ignore_errors=True)
        self._write(root / "source" / self.slug, self.notebook)
        _run(root, self._nbgrader(root, "generate_assignment"))
        answers = {
            cell.metadata.nbgrader.grade_id: cell.source for cell in self.notebook.cells if _is_solution(cell)
        }
        for number in range(size):
            nb = nbformat.read(root / "release" / self.slug / f"{self.slug}.ipynb", as_version=4)
            for cell in filter(_is_solution, nb.cells):
                cell.source = f"# student {number}\n{answers[cell.metadata.nbgrader.grade_id]}"
            self._write(root / "submitted" / f"student{number:03}" / self.slug, nb)
        return root

    def _write(self, folder: Path, nb: NotebookNode) -> None:
        folder.mkdir(parents=True)
        nbformat.write(nb, folder / f"{self.slug}.ipynb")

    def _nbgrader(self, root: Path, step: str) -> list[str]:
        return [sys.executable, "-m", "nbgrader", step, self.slug, f"--CourseDirectory.root={root}"]

    def _measured(self, root: Path, command: list[str]) -> "Run":
        """Run the command in the course, with stock nbgrader's settings, and watch what it costs."""
        watch, started = _Watch(), time.monotonic()
        _run(root, command)
        seconds = time.monotonic() - started
        watch.stop()
        left = _end_what_is_left()
        return Run(seconds, self._scores(root), left, memory=watch.memory, descriptors=watch.descriptors)

    def _scores(self, root: Path) -> dict[str, float]:
        with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
            return {entry.student.id: entry.score for entry in gradebook.assignment_submissions(self.slug)}


def _end_what_is_left() -> int:
    """How many processes a run has left behind."""
    time.sleep(GRACE_SECONDS)
    ours = psutil.Process().children(recursive=True)
    left = [process for process in ours if process.status() != psutil.STATUS_ZOMBIE]  # those we reap below
    for process in left:
        process.kill()
    psutil.wait_procs(ours)
    return len(left)


def _run(root: Path, command: list[str]) -> None:
    binaries = str(Path(sys.executable).parent)
    environment = os.environ | {
        "PATH": f"{binaries}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    with (root / "log").open("w") as log:
        done = subprocess.run(
            command, cwd=root, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
    if done.returncode:
        raise SystemExit((root / "log").read_text()[-3000:])


class _Watch:
    """Samples our descendants while a command runs, by kind: most memory in MB, most open descriptors."""

    def __init__(self) -> None:
        self.memory: dict[str, float] = {}
        self.descriptors: dict[str, int] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):
                    self._note(process, _kind(process))

    def _note(self, process: psutil.Process, kind: str | None) -> None:
        if kind:
            megabytes = process.memory_info().rss / 1e6
            self.memory[kind] = max(self.memory.get(kind, 0), megabytes)
            self.descriptors[kind] = max(self.descriptors.get(kind, 0), process.num_fds())


def _kind(process: psutil.Process) -> str | None:
    line = " ".join(process.cmdline())
    if "fedgrader.cli" in line:
        return "command"
    if "warm.py" in line and process.name() != "bwrap" and process.parent().name() == "bwrap":
        return "warm process"
    return None


# --- the notebook ---


def _notebook(lesson: BenchmarkLesson, fast: bool) -> NotebookNode:
    """The instructor's notebook; not `fast`, it leaves TFF's own runtime in place."""
    nb = nbformat.read(ROOT / "source" / lesson.slug / f"{lesson.slug}.ipynb", as_version=4)
    set_up = _set_up(nb) if fast else _set_up(nb).replace("\n    runtime.start()", "")
    nb.cells = [
        new_code_cell(f"{set_up}\n{IMPORTS}"),
        *_needed(nb, lesson),
        new_code_cell(lesson.cell),
    ]
    return nb


def _set_up(nb: NotebookNode) -> str:
    return next(cell.source for cell in nb.cells if cell.id == "setup")


def _needed(nb: NotebookNode, lesson: BenchmarkLesson) -> Iterator[NotebookNode]:
    wanted = {*lesson.exercises, *(f"check_{name}" for name in lesson.exercises)}
    for cell in nb.cells:
        graded = cell.metadata.get("nbgrader", {}).get("grade_id") in wanted
        if cell.cell_type == "code" and (graded or any(text in cell.source for text in lesson.kept)):
            yield cell


def _is_solution(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


if __name__ == "__main__":
    main()
