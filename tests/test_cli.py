"""The command `fedcourse`, run as people run it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from processes import PATIENCE

from fedgrader.course import ROOT
from fedgrader.study import check_file as checker

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
