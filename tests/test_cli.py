"""The command `fedcourse`, run as people run it."""

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from processes import PATIENCE, environment

from fedgrader import cli
from fedgrader.checking.run import find_check
from fedgrader.course import ROOT
from fedgrader.study import check_file as checker
from fedgrader.study import progress
from fedgrader.study.progress import Attempts

EXERCISE = "lesson01_federated_data.label_counts"
RIGHT = """
import numpy as np

def label_counts(dataset):
    return np.bincount([int(element["label"]) for element in dataset], minlength=10)
"""


def fedcourse(*arguments: str, language: str = "en") -> subprocess.CompletedProcess:
    """Run the command with its output in pipes, which nothing may keep open."""
    return subprocess.run(
        [sys.executable, "-m", "fedgrader.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=ROOT,
        env=os.environ | {"FEDCOURSE_LANG": language},
        check=False,
    )


def check_answer(
    tmp_path: Path, code: str, *options: str, language: str = "en"
) -> subprocess.CompletedProcess:
    answer = tmp_path / "answer.py"
    answer.write_text(code, encoding="utf-8")
    return fedcourse("check", EXERCISE, "--answer", str(answer), *options, language=language)


@pytest.mark.slow
def test_a_right_answer_passes_and_says_why(tmp_path):
    ended = check_answer(tmp_path, RIGHT)
    assert ended.returncode == 0
    assert "all 3 points" in ended.stdout and "Why it works" in ended.stdout
    assert ended.stderr == ""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FEDCOURSE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.slow
def test_answers_in_files_count_in_progress_and_stubs_do_not(tmp_path, home):
    stub = "def label_counts(dataset):\n    raise NotImplementedError"
    for code in (stub, "x = 3", "import os\nos._exit(3)"):
        check_answer(tmp_path, code)
    assert progress.attempts(EXERCISE) == Attempts(points=0.0, passed=False, failed=2)
    check_answer(tmp_path, RIGHT)
    assert progress.attempts(EXERCISE) == Attempts(points=3.0, passed=True, failed=2)
    assert "def label_counts(" in fedcourse("solution", "label_counts").stdout


@pytest.mark.slow
def test_an_exercise_goes_by_its_short_name_and_a_learner_may_leave_it_out(tmp_path, home):
    answer = tmp_path / "answer.py"
    answer.write_text(RIGHT)
    ended = fedcourse("check", "--answer", str(answer))
    assert ended.returncode == 0 and ended.stderr.strip() == f"The next exercise: {EXERCISE}"
    assert fedcourse("check", "1.label_counts", "--answer", str(answer)).returncode == 0


def test_hints_come_one_after_the_other_for_the_next_exercise(home):
    hints = find_check(EXERCISE).hints
    for number in range(1, len(hints) + 2):
        said = fedcourse("hint", *(["label_counts"] if number % 2 else []))
        assert said.stdout.count("Hint ") == min(number, len(hints))


def test_where_nothing_can_be_remembered_all_hints_come_at_once_with_the_reason(monkeypatch):
    for home in ("/proc/nowhere", "~nosuchuser/here"):
        monkeypatch.setenv("FEDCOURSE_HOME", home)
        ended = fedcourse("hint", "label_counts")
        assert ended.returncode == 0 and "Traceback" not in ended.stderr
        assert ended.stdout.count("Hint ") == len(find_check(EXERCISE).hints)
        assert home in ended.stdout
        for command in ("progress", "solution"):
            ended = fedcourse(command)
            assert ended.returncode == 2 and home in ended.stderr and "Traceback" not in ended.stderr


def test_progress_can_be_read_where_it_cannot_be_written(home, monkeypatch):
    progress.record_outcome(EXERCISE, 3.0, True, True)
    connect = progress.sqlite3.connect

    def read_only(path: Path, timeout: float):
        return connect(f"file:{path}?mode=ro", timeout=timeout, uri=True)

    monkeypatch.setattr(progress.sqlite3, "connect", read_only)
    assert progress.attempts(EXERCISE).passed and progress.course_progress()[0].passed == 1
    assert progress.next_exercise() == "lesson01_federated_data.preprocess"
    assert "readonly" in progress.trouble()
    with pytest.raises(progress.NoProgress, match="readonly"):
        progress.next_hint(EXERCISE, 3)


def test_the_version_is_said_also_where_nothing_is_installed(monkeypatch, capsys):
    assert fedcourse("--version").stdout.strip() == f"fedcourse {metadata.version('fedcourse')}"

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    said = capsys.readouterr().out.split()
    assert said[0] == "fedcourse" and said[1] in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize(
    ("arguments", "code"),
    # argparse, which prints the help, looks away by itself.
    [(["--help"], 0), (["progress"], cli.CLOSED_PIPE), (["hint", "label_counts"], cli.CLOSED_PIPE)],
)
def test_a_reader_who_has_had_enough_is_no_error(arguments, code, home):
    ours, theirs = os.pipe()
    os.close(ours)  # as `| head` does, only sooner
    command = [sys.executable, "-m", "fedgrader.cli", *arguments]
    ended = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, cwd=ROOT, check=False)
    os.close(theirs)
    assert (ended.returncode, ended.stderr) == (code, b"")


@pytest.mark.slow
def test_json_has_just_the_promised_keys(tmp_path):
    ended = check_answer(tmp_path, RIGHT.replace(", minlength=10", ""), "--json")
    verdict = json.loads(ended.stdout)
    assert ended.returncode == 1
    assert set(verdict) == {"exercise", "passed", "points", "max_points", "findings"}
    assert verdict["exercise"] == EXERCISE and verdict["passed"] is False
    assert (verdict["points"], verdict["max_points"]) == (2, 3)
    [finding] = verdict["findings"]
    assert set(finding) == {"part", "message", "hint"}
    assert "absent digits" in finding["hint"]


@pytest.mark.slow
def test_the_language_is_chosen_by_option_or_environment(tmp_path):
    wrong = RIGHT.replace(", minlength=10", "")
    by_option = check_answer(tmp_path, wrong, "--lang", "ko").stdout
    by_environment = check_answer(tmp_path, wrong, language="ko").stdout
    assert by_option == by_environment
    assert "점" in by_option and "Called" not in by_option


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("x = = 3", "SyntaxError"),
        ("import nosuchmodule", "ModuleNotFoundError"),
        ("raise ValueError('no')", "ValueError: no"),
        ("x = 3", "does not define `label_counts`"),
        ("label_counts = 7", "type `int`"),
        ("import os\nos._exit(3)", "exit code 3"),
        ("import os\n\ndef label_counts(dataset):\n    os._exit(0)", "exit code 0"),
    ],
    ids=["syntax", "import", "raises", "undefined", "no function", "exits", "exits when called"],
)
def test_a_file_that_does_not_work_is_a_finding(tmp_path, code, words):
    ended = check_answer(tmp_path, code)
    assert ended.returncode == 1
    assert words in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr


@pytest.mark.slow
def test_a_file_that_hangs_beyond_reach_is_stopped_and_said(tmp_path, monkeypatch):
    monkeypatch.setattr(checker, "PATIENCE_SECONDS", 8)
    answer = tmp_path / "answer.py"
    answer.write_text("while True:\n    try:\n        while True: pass\n    except BaseException: pass\n")
    verdict, text = checker.check_file(EXERCISE, answer)
    assert verdict["points"] == 0 and not verdict["passed"]
    assert "no answer within" in text


def test_what_cannot_be_checked_ends_with_2(tmp_path):
    answer = tmp_path / "answer.py"
    answer.write_text(RIGHT)
    unknown = fedcourse("check", "lesson01_federated_data.label_count", "--answer", str(answer))
    assert unknown.returncode == 2
    assert "Did you mean 'lesson01_federated_data.label_counts'?" in unknown.stderr
    missing = fedcourse("check", EXERCISE, "--answer", str(tmp_path / "none.py"), "--json")
    assert missing.returncode == 2
    assert "There is no file" in json.loads(missing.stdout)["error"]


@pytest.mark.slow
def test_doctor_says_in_four_languages_that_lessons_can_run():
    said = {}
    for language in ("en", "zh", "ko", "pt"):
        ended = fedcourse("doctor", "--lang", language)
        assert ended.returncode == 0, ended.stdout
        said[language] = ended.stdout
    assert len(set(said.values())) == 4
    assert "A federated round runs." in said["en"]


@pytest.mark.parametrize(
    ("shell", "code", "words"),
    [
        ("fedcourse progress >&-", 0, ""),
        ("fedcourse progress >/dev/full", 2, "No space left on device"),
        ("PYTHONIOENCODING=ascii fedcourse progress --lang zh", 0, ""),
        (f"fedcourse check 1.preprocess --answer {'x' * 300}.py", 2, "File name too long"),
    ],
    ids=["closed", "full", "few letters", "long"],
)
def test_an_output_or_a_file_that_is_none_gets_a_sentence(tmp_path, shell, code, words):
    command = shell.replace("fedcourse ", f"{sys.executable} -m fedgrader.cli ", 1)
    ended = subprocess.run(command, shell=True, cwd=tmp_path, env=environment(), capture_output=True)
    said = ended.stderr.decode()
    assert (ended.returncode, "Traceback" in said) == (code, False)
    assert words in said
