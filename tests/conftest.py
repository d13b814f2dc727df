"""What every test has: a quiet, single-threaded TensorFlow, English, and no process left behind."""

import ctypes
import gc
import math
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from processes import of_us, until

if TYPE_CHECKING:
    from grading_class import Class

os.environ["FEDCOURSE_LANG"] = "en"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
# Nobody's own progress, and of the two test processes each has its own.
os.environ["FEDCOURSE_HOME"] = tempfile.mkdtemp(prefix="fedcourse-")
# Nor anybody's notebooks.
os.environ["FEDCOURSE_WORK"] = tempfile.mkdtemp(prefix="fedcourse-work-")
# Two test processes on two cores: threads of their own would only get in each other's way.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
_SLOW_SECONDS = 5.0
_OBJECTS_A_COLLECTION = 10_000


def pytest_configure(config: pytest.Config) -> None:
    """Adopt orphans, so that a TFF worker whose parent crashed is found at the end, and hear SIGINT."""
    config.addinivalue_line(
        "markers", "slow(seconds=5): what it takes of a processor, or what its xdist_group does; runs last"
    )
    config.addinivalue_line("markers", "heavy: takes many minutes; runs only with `-m heavy`")
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    # A shell starts what it runs in the background deaf to SIGINT, and what that starts would be deaf too.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """No heavy tests but where they are asked for; fast ones first: most mistakes show within seconds.

    Then the longest group, the next, and so on. So the last ones are short, and no process works alone for
    long at the end.
    """
    if "heavy" not in config.option.markexpr:
        items[:] = [item for item in items if item.get_closest_marker("heavy") is None]
    seconds: dict[str, float] = {}
    for item in items:
        seconds[_group(item)] = max(seconds.get(_group(item), 0.0), _seconds(item))
    places = {group: place for place, group in enumerate(seconds)}

    def turn(item: pytest.Item) -> tuple[float, int]:
        group = _group(item)
        return (-seconds[group], places[group]) if _seconds(item) else (-math.inf, 0)

    items.sort(key=turn)


def _seconds(item: pytest.Item) -> float:
    """What the marker `slow` says; 0 where there is none."""
    slow = item.get_closest_marker("slow")
    return 0.0 if slow is None else [*slow.args, _SLOW_SECONDS][0]


def _group(item: pytest.Item) -> str:
    """What one process runs as a whole: the marker's group, else the test by itself."""
    marker = item.get_closest_marker("xdist_group")
    return item.nodeid if marker is None else marker.args[0]


def pytest_collection_finish() -> None:
    """Keep the garbage collector off the half a million objects of TensorFlow, TFF and the tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_A_COLLECTION)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """End TFF's workers, which outlive Python and would keep a pipe behind pytest open for ever."""
    for process in psutil.Process().children(recursive=True):
        if process.name() == "worker_binary":
            process.kill()


@pytest.fixture(autouse=True)
def _language_as_found(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test chooses with `use_language` ends with the test."""
    monkeypatch.setattr("fedcourse.i18n._chosen", None)
    yield


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """Debian's Chromium, without its calls home."""
    from playwright.sync_api import sync_playwright

    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-sync",
        "--no-first-run",
    ]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=quiet)
        yield chromium
        chromium.close()


@pytest.fixture
def nothing_stays() -> Iterator[None]:
    """No test leaves a process or an open file."""
    processes, files = of_us(), psutil.Process().num_fds()
    yield
    with suppress(AssertionError):
        until(lambda: not of_us() - processes, 60)
    assert not [process.cmdline() for process in of_us() - processes]
    assert psutil.Process().num_fds() <= files


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a course in which a lesson is released, to be copied."""
    from grading_class import Class

    course = Class(tmp_path_factory.mktemp("released"))
    course.release()
    return course.root


@pytest.fixture
def students(released: Path, tmp_path: Path) -> Iterator["Class"]:
    """The released course, before anyone hands in."""
    from grading_class import Class

    students = Class(shutil.copytree(released, tmp_path / "course"))
    yield students
    for run in students.runs:  # only where a test has failed do some still run
        run.kill()
        run.wait()
