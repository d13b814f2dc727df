"""`fedcourse check NOTEBOOK`, `watch`, `lab`, `progress`, as a learner runs them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest
from processes import PATIENCE, answers, free_port, until

from fedcourse.i18n import use_language
from fedgrader.checking.verdict import Verdict
from fedgrader.cli import instructor, learner, main
from fedgrader.course import ROOT, UnknownLesson, load_course
from fedgrader.course.definitions import definitions
from fedgrader.study import lab, progress, words
from fedgrader.study.watch import POLL_SECONDS
from tools.classroom import Student, completed

SLUG = "lesson01_federated_data"
LESSON = load_course().lesson(SLUG)
LANGUAGES = load_course().languages


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FEDCOURSE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def notebook(folder: Path, *solved: str, language: str = "en") -> Path:
    """A learner's copy of lesson 1 in which these exercises are solved."""
    path = folder / "my copy.ipynb"
    nb = nbformat.read(ROOT / "lessons" / language / f"{SLUG}.ipynb", as_version=4)
    save(nb, path, *solved)
    return path


def save(nb: nbformat.NotebookNode, path: Path, *solved: str) -> None:
    solutions = definitions((ROOT / "solutions" / f"{SLUG}.py").read_text(encoding="utf-8"))
    for cell in nb.cells:
        if cell.id.removeprefix("solution-") in solved:
            cell.source = solutions[cell.id.removeprefix("solution-")]
    part = path.with_suffix(".part")
    nbformat.write(nb, part)
    part.replace(path)


def fedcourse(*arguments: str, home: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "fedgrader.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=ROOT,
        env=os.environ | {"FEDCOURSE_HOME": str(home)},
    )


# --- check NOTEBOOK ---


@pytest.mark.slow
def test_a_notebook_is_checked_in_its_own_language_and_progress_is_kept(tmp_path, home):
    path = notebook(tmp_path, "label_counts", language="pt")
    ended = fedcourse("check", str(path), home=home)
    assert ended.returncode == 1
    assert "✔ label_counts" in ended.stdout and "✘ preprocess" in ended.stdout
    assert "pontos" in ended.stdout
    assert ended.stderr == ""
    table = fedcourse("progress", home=home).stdout.splitlines()
    assert len(table) == len(load_course().lessons)
    assert f"1 of {len(LESSON.exercises)} exercises passed" in table[0] and "█" in table[0]


@pytest.mark.slow
def test_a_finished_notebook_ends_with_zero_and_json_has_every_verdict(tmp_path, home):
    path = tmp_path / f"{SLUG}.ipynb"
    nbformat.write(completed(Student("reference", "en", "all right"), LESSON), path)
    ended = fedcourse("check", str(path), "--json", home=home)
    assert ended.returncode == 0
    verdicts = json.loads(ended.stdout)
    assert [v["exercise"] for v in verdicts] == [f"{SLUG}.{e.name}" for e in LESSON.exercises]
    assert all(v["passed"] for v in verdicts)


def test_a_removed_check_cell_and_a_broken_cell_are_named(tmp_path, capsys):
    path = notebook(tmp_path)
    nb = nbformat.read(path, as_version=4)
    kept = [cell for cell in nb.cells if cell.id in ("setup", "solution-label_counts", "check-label_counts")]
    kept[1].source = "1 / 0\n" + kept[1].source.replace("raise NotImplementedError", "return 3")
    nb.cells = kept
    nbformat.write(nb, path)
    assert main(["check", str(path)]) == 1
    said = capsys.readouterr().out
    assert "Code cell 2 raised ZeroDivisionError: division by zero" in said
    assert "No check cell for preprocess, sample_clients, make_federated_data" in said


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "There is no file"),
        ("{", "is not a Jupyter notebook, or is damaged"),
        (nbformat.writes(nbformat.v4.new_notebook()), "is none of the course's lessons"),
    ],
)
def test_what_is_no_lesson_is_said(tmp_path, capsys, content, words):
    path = tmp_path / "mine.ipynb"
    if content is not None:
        path.write_text(content)
    for arguments in (["check", str(path)], ["watch", str(path)]):
        assert main(arguments) == 2
        assert words in capsys.readouterr().err
    assert main(["check", str(path), "--json"]) == 2
    assert words in json.loads(capsys.readouterr().out)["error"]


def test_an_exercise_without_an_answer_says_what_is_missing(capsys):
    assert main(["check", f"{SLUG}.label_counts"]) == 2
    assert "--answer FILE.py" in capsys.readouterr().err


# --- watch ---


class Watched:
    """`fedcourse watch` in a process, its output read as it comes."""

    def __init__(self, path: Path, home: Path):
        self._log = home.parent / "watch.log"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fedgrader.cli", "watch", str(path)],
            stdout=self._log.open("w"),
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=os.environ | {"FEDCOURSE_HOME": str(home), "PYTHONUNBUFFERED": "1"},
        )

    def wait_for(self, words: str) -> str:
        until(lambda: words in self._log.read_text() or self.process.poll() is not None)
        said = self._log.read_text()
        assert words in said
        return said

    def stop(self) -> str:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=PATIENCE)
        return self._log.read_text()


@pytest.fixture
def watched(tmp_path: Path, home: Path) -> Iterator:
    begun = []

    def begin(path: Path) -> Watched:
        begun.append(Watched(path, home))
        return begun[-1]

    yield begin
    for one in begun:
        with suppress(ProcessLookupError):
            one.process.kill()
            one.process.wait()


@pytest.mark.slow
def test_each_save_is_looked_at_and_the_next_thing_is_said(tmp_path, watched):
    path = notebook(tmp_path)
    watch = watched(path)
    said = watch.wait_for("Next: get `label_counts`")
    assert "0 of 4 exercises passed" in said and "preprocess" not in said, "only the first open one"

    nb = nbformat.read(path, as_version=4)
    save(nb, path)  # saved without a change
    save(nb, path, "label_counts")
    said = watch.wait_for("Next: get `preprocess`")
    assert said.count("running the notebook") == 2
    assert "1 of 4 exercises passed" in said

    path.write_text("{ half a notebook")
    watch.wait_for("is damaged")
    time.sleep(4 * POLL_SECONDS)
    assert watch.wait_for("is damaged").count("is damaged") == 1, "said once, not at every look"
    save(nb, path, *(exercise.name for exercise in LESSON.exercises))
    watch.wait_for("All exercises of this lesson are passed")
    assert "No longer watching" in watch.stop()
    assert watch.process.returncode == 130
    assert progress.course_progress()[0].done


# --- lab ---


@pytest.mark.slow
def test_lab_opens_jupyterlab_on_the_lesson(tmp_path, home, browser):
    port = free_port()
    config = tmp_path / "config"
    config.mkdir()
    (config / "jupyter_server_config.py").write_text(
        f"c.ServerApp.port = {port}\nc.ServerApp.open_browser = False\nc.ServerApp.allow_root = True\n"
        "c.IdentityProvider.token = ''\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "fedgrader.cli", "lab", "6", "--lang", "ko"],
        env=os.environ | {"FEDCOURSE_HOME": str(home), "JUPYTER_CONFIG_DIR": str(config)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        until(lambda: process.poll() is not None or answers(f"{address}/api/status"))
        page = browser.new_page()
        page.goto(address)
        page.wait_for_url("**/lab/tree/ko/lesson06_fedavg_by_hand.ipynb*", timeout=1000 * PATIENCE)
        page.locator("h1", has_text="6강.").wait_for(timeout=1000 * PATIENCE)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=PATIENCE)


def test_without_a_name_the_first_open_lesson_is_chosen():
    assert lab.chosen_lesson(None).slug == SLUG
    for exercise in LESSON.exercises:
        progress.record_check(Verdict(f"{SLUG}.{exercise.name}", 9, 9, (), (), "", 0))
    assert lab.chosen_lesson(None) == load_course().lessons[1]
    assert lab.chosen_lesson("1").slug == lab.chosen_lesson(SLUG).slug == SLUG
    with pytest.raises(UnknownLesson, match="Did you mean"):
        lab.chosen_lesson("99")


def test_a_missing_notebook_says_where_lessons_come_from(monkeypatch, tmp_path):
    monkeypatch.setattr(lab, "ROOT", tmp_path)
    with pytest.raises(lab.NoLessons, match="git clone"):
        lab.notebook_path(LESSON)


# --- words ---


def test_a_bar_is_as_long_as_its_share():
    assert [words.bar(done, 4).count("█") for done in (0, 1, 4)] == [0, 5, 20]
    assert len(words.bar(1, 3)) == words.BAR_WIDTH and words.bar(0, 0).count("█") == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_speaks_the_language_and_shows_an_example(language, capsys, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "")

    for command in (*learner.COMMANDS, *instructor.COMMANDS):
        with pytest.raises(SystemExit):
            main([command.name, "--help", "--lang", language])
        said = " ".join(capsys.readouterr().out.split())
        assert f"fedcourse {command.example}" in said
        if language != "en":
            for english in ("usage:", "options:", "show this help", "Example", command.help):
                assert english not in said
    with pytest.raises(SystemExit):
        main(["--lang", language])
    assert ("the following arguments are required" in capsys.readouterr().err) == (language == "en")


def test_an_unknown_option_is_refused_in_the_language(capsys, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "")
    use_language("en")
    with pytest.raises(SystemExit):
        main(["progress", "--fast", "--lang", "ko"])
    assert "unrecognized" not in capsys.readouterr().err
