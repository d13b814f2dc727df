"""A learner's progress: kept in one file, whole whatever happens to the processes that write it."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import PATIENCE

from fedcourse import check, guess
from fedgrader.checking.verdict import Finding, Verdict
from fedgrader.course import ROOT
from fedgrader.guest.problem import NOT_WRITTEN, Problem
from fedgrader.study import help as study_help
from fedgrader.study import progress
from fedgrader.study.help import NotYet
from fedgrader.study.progress import Attempts, NoProgress, attempts, course_progress, next_hint

LESSON = "lesson06_fedavg_by_hand"
EXERCISE = f"{LESSON}.client_update"
WRITER = """
import sys
from fedgrader.checking.verdict import Verdict
from fedgrader.study.progress import record_check
for number in range(int(sys.argv[1])):
    record_check(Verdict("lesson06_fedavg_by_hand.client_update", 1.0, 5.0, (), (), "", 0))
    print(number, flush=True)
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FEDCOURSE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def verdict(points: float, got: str = "1", exercise: str = EXERCISE) -> Verdict:
    findings = (Finding("a part", Problem("f(1)", got, "2", "add 1")),) if points < 5 else ()
    return Verdict(exercise, points, 5.0, findings, (), "", 0)


def writer(number: int) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(number)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def rows() -> int:
    with sqlite3.connect(progress.progress_file()) as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
        return database.execute("select count(*) from checks").fetchone()[0]


def test_the_best_attempt_counts_and_a_pass_is_for_ever():
    for one in [verdict(2), verdict(5), verdict(1), verdict(0, NOT_WRITTEN)]:
        progress.record_check(one)
    assert attempts(EXERCISE) == Attempts(points=5.0, passed=True, failed=2)
    [lesson] = [one for one in course_progress() if one.lesson.slug == LESSON]
    assert (lesson.passed, lesson.points, lesson.done) == (1, 5.0, False)


def test_what_a_notebook_checks_and_guesses_is_remembered(monkeypatch: pytest.MonkeyPatch):
    check("lesson01_federated_data.label_counts", lambda dataset: None)
    check("lesson01_federated_data.label_count", lambda dataset: None)  # no such exercise
    assert attempts("lesson01_federated_data.label_counts").failed == 1
    for choice in ("?", "a", "b"):
        guess(f"{LESSON}.trapdoor", choice)
    guess(f"{LESSON}.who_counts_how_much", "c")
    [lesson] = [one for one in course_progress() if one.lesson.slug == LESSON]
    assert (lesson.guessed, lesson.guessed_right) == (2, 1), "the first guess counts, and `?` is none"


def test_a_check_answers_although_progress_cannot_be_kept(home: Path):
    home.write_text("a file where the folder should be")
    assert check("lesson01_federated_data.label_counts", lambda dataset: None).verdict.findings
    assert "Not this one" in repr(guess(f"{LESSON}.trapdoor", "a"))
    with pytest.raises(NoProgress, match="cannot be read or written"):
        course_progress()


def test_a_damaged_file_is_named_and_left_alone(home: Path):
    home.mkdir()
    (home / "progress.sqlite").write_bytes(b"not a database" * 100)
    progress.record_check(verdict(5))
    with pytest.raises(NoProgress, match="not a database"):
        attempts(EXERCISE)
    assert (home / "progress.sqlite").read_bytes() == b"not a database" * 100


def test_two_processes_write_at_once_and_nothing_is_lost():
    writers = [writer(100), writer(100)]
    for process in writers:
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    assert rows() == 200


def test_a_process_that_is_killed_leaves_the_file_whole():
    process = writer(100_000)
    written = [int(process.stdout.readline()) for _number in range(20)][-1]
    time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert rows() > written
    progress.record_check(verdict(5))
    assert attempts(EXERCISE).passed


def test_hints_come_one_by_one_with_those_before():
    given = [study_help.hints(EXERCISE) for _number in range(4)]
    assert [text.count("Hint ") for text in given] == [1, 2, 3, 3]
    assert given[1].startswith(given[0]) and given[3] == given[2]
    assert next_hint("another.exercise", 3) == 1


def test_the_solution_waits_for_a_pass_or_two_attempts():
    with pytest.raises(NotYet, match="needed: 2"):
        study_help.solution(EXERCISE)
    for _number in range(3):
        progress.record_check(verdict(0, NOT_WRITTEN))  # a stub is no attempt
    progress.record_check(verdict(0))
    with pytest.raises(NotYet, match="needed: 1"):
        study_help.solution(EXERCISE)
    progress.record_check(verdict(2))
    text = study_help.solution(EXERCISE)
    assert "def client_update(" in text and "Why it works: " in text


def test_after_a_pass_the_solution_is_shown_at_once():
    progress.record_check(verdict(5))
    assert "def client_update(" in study_help.solution(EXERCISE)
