"""What every test has: a quiet, single-threaded TensorFlow, English, and no process left behind."""

import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterator

import psutil
import pytest

os.environ["FEDCOURSE_LANG"] = "en"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
# Nobody's own progress, and of the two test processes each has its own.
os.environ["FEDCOURSE_HOME"] = tempfile.mkdtemp(prefix="fedcourse-")
# Two test processes on two cores: threads of their own would only get in each other's way.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


def pytest_configure(config: pytest.Config) -> None:
    """Adopt orphans, so that a TFF worker whose parent crashed is found at the end."""
    config.addinivalue_line("markers", "slow: takes more than about five seconds; runs last")
    config.addinivalue_line("markers", "heavy: sets up whole systems; runs only with `-m heavy`")
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first: most mistakes show within seconds."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


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
