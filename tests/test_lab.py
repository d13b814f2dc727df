"""`fedcourse lab`: JupyterLab on the learner's own copy, in their language, without what is not theirs."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from processes import PATIENCE, until

from fedcourse.i18n import _, use_language
from fedgrader.checking.verdict import Verdict
from fedgrader.cli import main
from fedgrader.course import ROOT, load_course, release
from fedgrader.study import lab, progress
from fedgrader.study.workspace import Workspace

SLUG = "lesson06_fedavg_by_hand"
LESSON = load_course().lesson(SLUG)

pytestmark = pytest.mark.xdist_group("browser")


class Lab:
    """`fedcourse lab` in a terminal of its own."""

    def __init__(self, folder: Path, *arguments: str, **environment: str):
        self.folder, self.said = folder, ""
        self._terminal, theirs = pty.openpty()
        os.set_blocking(self._terminal, False)
        own = {"FEDCOURSE_WORK": str(folder / "my"), "FEDCOURSE_HOME": str(folder / "home")}
        own |= {"JUPYTER_CONFIG_DIR": str(folder / "config"), "BROWSER": "true", **environment}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fedgrader.cli", "lab", *arguments],
            env=os.environ | own,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def wait_for(self, words: str) -> str:
        """What matches `words` in what was said so far."""
        until(lambda: re.search(words, self._read()) or self.process.poll() is not None)
        found = re.search(words, self._read())
        assert found, self.said
        return found[0]

    def _read(self) -> str:
        with suppress(BlockingIOError, OSError):  # nothing there yet, or the other end is closed
            while piece := os.read(self._terminal, 65536):
                self.said += piece.decode()
        return self.said

    def press_ctrl_c(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def end(self) -> str:
        self.process.wait(timeout=PATIENCE)
        return self._read()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=PATIENCE)
        os.close(self._terminal)


@pytest.fixture
def begin(tmp_path: Path) -> Iterator:
    begun = []

    def begin(*arguments: str, **environment: str) -> Lab:
        begun.append(Lab(tmp_path, *arguments, **environment))
        return begun[-1]

    yield begin
    for one in begun:
        one.stop()


def language_pack(folder: Path) -> Path:
    """A folder with an installed package that translates one of JupyterLab's words."""
    package, about = (
        folder / "jupyterlab_language_pack_ko_KR",
        folder / "jupyterlab_language_pack_ko_KR-1.dist-info",
    )
    words = package / "locale" / "ko_KR" / "LC_MESSAGES"
    words.mkdir(parents=True)
    about.mkdir()
    (package / "__init__.py").touch()
    (about / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: jupyterlab-language-pack-ko-KR\nVersion: 1\n"
    )
    (about / "entry_points.txt").write_text(
        "[jupyterlab.languagepack]\nko_KR = jupyterlab_language_pack_ko_KR\n"
    )
    head = {"domain": "jupyterlab", "language": "ko-KR", "plural_forms": "nplurals=1; plural=0;"}
    (words / "jupyterlab.json").write_text(json.dumps({"": head, "menu\x04File": ["파일"]}))
    return folder


@pytest.mark.slow(20)
def test_the_learners_copy_opens_in_their_language_is_saved_and_is_still_known(begin, browser, tmp_path):
    packs = language_pack(tmp_path / "packs")
    before = {path: path.read_bytes() for path in ROOT.glob("lessons/*/*.ipynb")}
    lab = begin("6", "--lang", "ko", PYTHONPATH=f"{os.environ.get('PYTHONPATH', ROOT)}{os.pathsep}{packs}")
    page = browser.new_page()
    page.goto(lab.wait_for(r"http://\S+"), wait_until="domcontentloaded")
    page.locator("h1", has_text="6강.").wait_for(timeout=1000 * PATIENCE)
    menus = page.locator(".lm-MenuBar-itemLabel")
    assert "파일" in menus.all_text_contents(), "JupyterLab's own words follow"
    assert "Nbgrader" not in menus.all_text_contents()
    assert page.get_by_text("Validate").count() == 0
    assert page.get_by_text("Jupyter news").count() == 0

    copy = Workspace(tmp_path / "my").copy(LESSON, "ko")
    released = copy.read_bytes()
    page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for(timeout=1000 * PATIENCE)
    page.locator(".jp-NotebookPanel .jp-CodeCell").first.click()
    page.keyboard.press("Shift+Enter")
    page.locator(".jp-InputPrompt", has_text="[1]:").wait_for(timeout=1000 * PATIENCE)
    page.keyboard.press("Control+s")
    until(lambda: b'"execution_count": 1' in copy.read_bytes())
    page.close()
    assert copy.read_bytes() != released and release.own_cells(release.parsed(copy.read_bytes())) == []
    assert Workspace(tmp_path / "my").newer([LESSON]) == []
    assert {path: path.read_bytes() for path in before} == before
    assert not (tmp_path / "config").exists() or not list((tmp_path / "config").rglob("labconfig/*"))

    use_language("ko")
    lab.press_ctrl_c()
    lab.wait_for(re.escape(_("Save your notebooks, then press Ctrl-C once more to stop JupyterLab.")))
    lab.press_ctrl_c()
    assert _("JupyterLab is stopped. Your notebooks are kept.") in lab.end()
    assert lab.process.returncode == 130


@pytest.mark.slow(10)
def test_the_server_ends_with_the_command_and_every_lesson_is_there(begin, tmp_path):
    lab = begin()
    address = lab.wait_for(r"http://\S+")
    assert "/lab/tree/en/lesson01_federated_data.ipynb?token=" in address
    assert len(list((tmp_path / "my").glob("*/*.ipynb"))) == 4 * len(load_course().lessons)
    urllib.request.urlopen(address, timeout=PATIENCE).close()
    lab.process.send_signal(signal.SIGTERM)
    lab.end()
    assert lab.process.returncode == 128 + signal.SIGTERM
    port = int(re.search(r":(\d+)/", address)[1])
    with socket.socket() as again, suppress(ConnectionRefusedError):
        again.connect(("127.0.0.1", port))
        pytest.fail("the server still listens")


@pytest.mark.slow
def test_a_jupyterlab_that_does_not_start_is_a_sentence(begin):
    lab = begin("1", JUPYTER_RUNTIME_DIR="/proc/nowhere")
    said = lab.end()
    assert lab.process.returncode == 2
    assert "JupyterLab did not start" in said and "fedcourse doctor" in said and "/proc/nowhere" in said
    assert "Traceback" not in said


@pytest.fixture
def opened(monkeypatch, tmp_path) -> list[str]:
    """What would be opened, `<language>/<lesson>.ipynb`, without JupyterLab."""
    monkeypatch.setenv("FEDCOURSE_WORK", str(tmp_path / "my"))
    monkeypatch.setenv("FEDCOURSE_HOME", str(tmp_path / "home"))
    found = []

    def open_lab(notebook: Path, folder: Path) -> int:
        found.append(notebook.relative_to(folder).as_posix())
        return 0

    monkeypatch.setattr(lab, "open_lab", open_lab)
    return found


def test_the_first_lesson_that_is_not_done_opens_or_the_one_that_is_named(opened, capsys):
    first, second = load_course().lessons[:2]
    assert main(["lab"]) == 0
    for name in first.exercise_names:
        progress.record_check(Verdict(name, 9, 9, (), (), "", 0))
    assert main(["lab", "--lang", "zh"]) == main(["lab", "lesson06", "--lang", "pt"]) == 0
    assert main(["lab", "client_update"]) == main(["lab", "lesson99"]) == 2
    assert opened == [f"en/{first.slug}.ipynb", f"zh/{second.slug}.ipynb", f"pt/{SLUG}.ipynb"]
    said = capsys.readouterr().err
    assert "lesson07_clipping.client_update" in said and "99" in said


def test_when_all_is_done_the_first_lesson_opens(opened):
    for lesson in load_course().lessons:
        for name in lesson.exercise_names:
            progress.record_check(Verdict(name, 9, 9, (), (), "", 0))
    assert main(["lab"]) == 0
    assert opened == ["en/lesson01_federated_data.ipynb"]


def test_lab_opens_where_progress_cannot_be_read(opened, monkeypatch):
    monkeypatch.setenv("FEDCOURSE_HOME", "/proc/nowhere")
    assert main(["lab"]) == 0 and len(opened) == 1
