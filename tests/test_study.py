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
from processes import PATIENCE, until
from wcwidth import wcswidth

from fedcourse.i18n import _, use_language
from fedgrader.checking.verdict import Verdict
from fedgrader.cli import COMMANDS, main
from fedgrader.course import ROOT, load_course
from fedgrader.course.definitions import definitions
from fedgrader.study import notebook_run, progress, words
from fedgrader.study.watch import POLL_SECONDS
from tools.classroom import Student, completed

SLUG = "lesson01_federated_data"
LESSON = load_course().lesson(SLUG)
LANGUAGES = load_course().languages


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FEDCOURSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FEDCOURSE_WORK", str(tmp_path / "my"))
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
    assert len(table) == 1 + len(load_course().lessons)
    assert f"1/{len(LESSON.exercises)}" in table[1] and "█" in table[1]


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


@pytest.mark.slow
def test_the_next_exercise_is_checked_in_the_learners_copy_and_it_is_said_which(tmp_path, home):
    first = fedcourse("check", home=home)
    assert first.returncode == 1
    assert f"The next exercise: {SLUG}.label_counts" in first.stderr
    copy = tmp_path / "my" / "en" / f"{SLUG}.ipynb"
    assert f"Your notebook: {copy}" in first.stderr
    assert "label_counts" in first.stdout and "preprocess" not in first.stdout

    save(nbformat.read(copy, as_version=4), copy, "label_counts")
    by_name = fedcourse("check", "1.label_counts", home=home)
    assert by_name.returncode == 0 and "all 3 points" in by_name.stdout
    assert "exercises passed" not in by_name.stdout, "one exercise, one verdict"
    assert fedcourse("hint", home=home).stderr.strip() == f"The next exercise: {SLUG}.preprocess"
    whole = fedcourse("check", "lesson01", home=home)
    assert whole.returncode == 1 and "1 of 4 exercises passed" in whole.stdout


def test_what_is_passed_is_said_and_nothing_is_guessed(capsys):
    for name in LESSON.exercise_names:
        progress.record_check(Verdict(name, 9, 9, (), (), "", 0))
    assert main(["hint", "1"]) == main(["solution", "1"]) == 0
    assert capsys.readouterr().err.count(f"All exercises of {SLUG} are passed") == 2
    for lesson in load_course().lessons[1:]:
        for name in lesson.exercise_names:
            progress.record_check(Verdict(name, 9, 9, (), (), "", 0))
    for command in ("hint", "solution", "check", "watch"):
        assert main([command]) == 0
        said = capsys.readouterr()
        assert said.out == "" and "All exercises are passed" in said.err


@pytest.mark.parametrize("command", ["hint", "solution", "check", "watch", "lab", "grade", "update", "reset"])
def test_a_name_that_is_wrong_or_of_several_is_answered_everywhere(command, capsys):
    assert main([command, "client_update"]) == 2
    assert "lesson09_stateful_clients.client_update" in capsys.readouterr().err
    assert main([command, "lesson06_fedavg_by_hands"]) == 2
    assert "Did you mean 'lesson06_fedavg_by_hand'?" in capsys.readouterr().err
    assert main([command, "lesson99", "--lang", "pt"]) == 2
    assert (
        _("There is no lesson {name!r}: the course has lessons 1 to {count}.").format(
            name="lesson99", count=10
        )
        in capsys.readouterr().err
    )


@pytest.mark.parametrize("command", ["check", "watch"])
def test_a_stop_is_answered_in_the_notebooks_language(tmp_path, monkeypatch, capsys, command):
    def stopped(_notebook):
        raise KeyboardInterrupt

    monkeypatch.setattr(notebook_run, "started", stopped)
    assert main([command, str(notebook(tmp_path, language="ko"))]) == 130
    use_language("ko")
    said = {"check": _("Stopped."), "watch": _("No longer watching. Your progress is kept.")}
    assert capsys.readouterr().err.strip() == said[command]


def test_a_python_that_does_not_start_is_a_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert main(["check", str(notebook(tmp_path))]) == 2
    assert "fedcourse doctor" in capsys.readouterr().err


def test_that_progress_cannot_be_kept_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FEDCOURSE_HOME", "/proc/nowhere")
    assert main(["check", str(tmp_path / "none.ipynb")]) == 2
    assert "Your progress in /proc/nowhere/progress.sqlite cannot be read" in capsys.readouterr().err


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


# --- words ---


def test_a_bar_is_as_long_as_its_share():
    assert [words.bar(done, 4).count("█") for done in (0, 1, 4)] == [0, 5, 20]
    assert len(words.bar(1, 3)) == words.BAR_WIDTH and words.bar(0, 0).count("█") == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_progress_table_fits_into_60_columns(language):
    use_language(language)
    most = [
        progress.LessonProgress(lesson, len(lesson.exercises), lesson.max_points - 0.5, 12, 10)
        for lesson in load_course().lessons
    ]
    table = words.progress_table(most).splitlines()
    assert len(table) == 11 and max(map(wcswidth, table)) <= 60
    assert "6/6" in table[-1] and "20.5/21" in table[-1] and "10/12" in table[-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_speaks_the_language_and_shows_an_example(language, capsys, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "")

    for command in COMMANDS:
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
