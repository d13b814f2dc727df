"""`fedcourse grade` with a real class: the same verdicts as nbgrader's, or why there are none."""

import json
import os
import shutil
from pathlib import Path

import nbformat
import pytest
from grading_class import SEED, SLUG, WRONG, Class
from nbformat.v4 import new_code_cell, new_notebook

from fedgrader import cli
from fedgrader.grading import submission, submissions
from fedgrader.grading.grade import GRADED, NEEDS_ATTENTION
from fedgrader.grading.repair import repair
from fedgrader.running.sandbox import host

KEYS = {"student", "lesson", "language", "status", "reason", "points", "max_points", "exercises", "seed"}
KEYS |= {"seconds", "sandboxed"}

pytestmark = [
    pytest.mark.slow(30),
    pytest.mark.xdist_group("grading"),
    pytest.mark.usefixtures("nothing_stays"),
]


@pytest.fixture(scope="module")
def before_grading(released, tmp_path_factory) -> Class:
    """A class of which some need attention, all handed in."""
    students = Class(shutil.copytree(released, tmp_path_factory.mktemp("class") / "course"))
    students.hand_in("right")
    students.hand_in("wrong", WRONG, lang="zh")
    students.hand_in("asks", first="input('name? ')", lang="ko")
    reshaped = ("np.bincount(labels, minlength=10)", "np.reshape(labels, [7, 99])")
    students.hand_in("shapes", {"label_counts": reshaped})
    students.hand_in_text("broken", "{")
    students.hand_in_text("misnamed", "{}", name="homework")
    students.hand_in_text("foreign", nbformat.writes(new_notebook(cells=[new_code_cell("1 + 1")])))
    link = students.hand_in_text("link", "")
    link.unlink()
    link.symlink_to("/etc/passwd")
    return students


@pytest.fixture(scope="module")
def twin(before_grading, tmp_path_factory) -> Class:
    """The same class, graded by nbgrader."""
    root = tmp_path_factory.mktemp("twin") / "course"
    twin = Class(shutil.copytree(before_grading.root, root, symlinks=True))
    # What nbgrader cannot read would only fill its log, and two are enough that it can.
    for name in ("broken", "misnamed", "link", "asks", "shapes"):
        shutil.rmtree(twin.root / "submitted" / name)
    twin.nbgrader("autograde", FEDCOURSE_SEED=str(SEED))
    return twin


@pytest.fixture(scope="module")
def outcomes(before_grading, twin) -> dict[str, dict]:
    """What one run of `fedcourse grade` says of each student."""
    return before_grading.grade()


@pytest.fixture(scope="module")
def graded(before_grading, outcomes) -> Class:
    """The class after that run."""
    return before_grading


# --- verdicts ---


def test_every_outcome_has_the_promised_keys(outcomes):
    assert {frozenset(outcome) for outcome in outcomes.values()} == {frozenset(KEYS)}
    assert all(outcome["seed"] == SEED and outcome["sandboxed"] for outcome in outcomes.values())


def test_what_cannot_be_graded_needs_attention_and_says_why(outcomes):
    attention = {name: outcome for name, outcome in outcomes.items() if outcome["status"] != GRADED}
    assert set(attention) == {"broken", "misnamed", "foreign", "link"}
    assert all(outcome["status"] == NEEDS_ATTENTION for outcome in attention.values())
    assert all(outcome["points"] is None for outcome in attention.values())
    assert "damaged" in outcomes["broken"]["reason"]
    assert "homework.ipynb" in outcomes["misnamed"]["reason"]
    assert "no exercise of" in outcomes["foreign"]["reason"]
    assert "link" in outcomes["link"]["reason"]


def test_everybody_else_gets_points(outcomes):
    assert outcomes["right"]["points"] == outcomes["right"]["max_points"] == 14
    assert 0 < outcomes["wrong"]["points"] < 14
    assert outcomes["wrong"]["language"] == "zh"


def test_a_class_gets_the_same_as_from_nbgrader(graded, outcomes, twin):
    assert {name: graded.scores()[name] for name in ("right", "wrong", "foreign")} == twin.scores()
    for name in ("right", "wrong"):
        assert graded.verdicts(name) == twin.verdicts(name)
        assert sum(graded.scores()[name].values()) == outcomes[name]["points"]
    assert set(graded.scores()["foreign"].values()) == {None}


def test_nbgraders_feedback_shows_what_was_found(graded, outcomes):
    graded.nbgrader("generate_feedback")
    page = graded.root / "feedback" / "wrong" / SLUG / f"{SLUG}.html"
    assert outcomes["wrong"]["exercises"][0]["findings"][0]["message"][:10] in page.read_text(
        encoding="utf-8"
    )


def test_who_asks_hears_in_their_language_that_nobody_answers(graded, outcomes):
    assert outcomes["asks"]["points"] == 14
    assert "`input`에 답할 사람이 없어요" in graded.graded_cells("asks")[0].outputs[-1].evalue


def test_an_error_in_a_library_is_traced_to_the_students_line(graded):
    assert "`return np.reshape(labels, [7, 99])`" in str(graded.verdicts("shapes")[0])


def handed_in(students: Class) -> submissions.Submissions:
    coursedir = submissions.course_directory(students.root)
    return submissions.Submissions(coursedir, SLUG, students.root / "submitted", students.out)


def test_one_submission_leaves_nothing_in_the_next(students):
    lesson = handed_in(students).lesson()
    students.hand_in("some")
    path = students.root / "submitted" / "some" / SLUG / f"{SLUG}.ipynb"
    first, second = (nbformat.read(path, as_version=4) for _ in range(2))
    repair(first, lesson)
    for cell in first.cells:
        cell.metadata["course"] = {"state": "not run"}
        cell.metadata.get("nbgrader", {}).clear()
    repair(second, lesson)
    assert not any("course" in cell.metadata for cell in second.cells)
    assert all(cell.metadata.nbgrader for cell in second.cells[1:])


def test_a_submission_that_is_too_large_is_not_read(students, monkeypatch):
    students.hand_in("large")
    monkeypatch.setattr(submission, "MAX_BYTES", 100)
    coursedir = submissions.course_directory(students.root)
    text, reason = submissions.Submissions(coursedir, SLUG, students.root / "submitted", students.out).read(
        "large"
    )
    assert not text
    assert "MB are allowed" in reason


def test_without_a_sandbox_is_said_and_recorded(students):
    students.hand_in("right")
    outcome = students.grade("--unsafe-no-sandbox")["right"]
    assert outcome["points"] == 14
    assert outcome["sandboxed"] is False
    assert "Warning: student code runs without a sandbox" in students.log()


# --- whatever is handed in, the others go on ---

LONG = "x" * 201
HALF = "\ud83d"  # of an emoji
SPOILS = f"""
from IPython.display import display
print({HALF!r}); display({{"text/plain": {HALF!r}}}, raw=True)
def label_counts(dataset): raise ValueError({HALF!r})
"""


@pytest.fixture(scope="module")
def odd(released, tmp_path_factory) -> tuple[Class, dict[str, dict]]:
    """One honest notebook among odd ones, graded in one run."""
    students = Class(shutil.copytree(released, tmp_path_factory.mktemp("odd") / "course"))
    honest = students.hand_in("honest").read_text(encoding="utf-8")
    students.hand_in_text("with_a_mark", "\ufeff" + honest)
    spoilt = nbformat.reads(honest, as_version=4)
    spoilt.cells[-1].source += SPOILS
    students.hand_in_text("half_letters", json.dumps(spoilt))
    for name in ("of_yesterday", "of_year_0", "long_told", "in_a_folder", "in_a_pipe"):
        students.hand_in_text(name, honest)
    for name, text in (("of_yesterday", "yesterday"), ("of_year_0", "0000-01-01"), ("long_told", "1" * 2000)):
        _beside(students, name).write_text(text)
    _beside(students, "in_a_folder").mkdir()
    os.mkfifo(_beside(students, "in_a_pipe"))
    pipe = students.hand_in_text("pipe", "")
    pipe.unlink()
    os.mkfifo(pipe)
    students.hand_in_text("folder", "", name="other").with_name(f"{SLUG}.ipynb").mkdir()
    for name in ("line\nbreak", LONG, os.fsdecode(b"no\xfftext"), "bell\a"):
        students.hand_in_text(name, honest)
    return students, students.grade()


def _beside(students: Class, student: str) -> Path:
    return students.root / "submitted" / student / SLUG / "timestamp.txt"


def test_odd_submissions_harm_nobody_and_say_why(odd):
    students, outcomes = odd
    assert {name for name, outcome in outcomes.items() if outcome["points"] == 14} == {
        "honest",
        "with_a_mark",
    }
    assert outcomes["half_letters"]["points"] < 14
    reasons = {name: outcome["reason"] for name, outcome in outcomes.items() if outcome["points"] is None}
    for name in ("of_yesterday", "of_year_0", "long_told", "in_a_folder", "in_a_pipe"):
        assert "timestamp.txt should hold a time" in reasons.pop(name)
    for name in ("pipe", "folder"):
        assert "Ask for the notebook itself" in reasons.pop(name)
    for name in (r"line\nbreak", LONG, r"no\udcfftext", r"bell\x07"):
        assert "Rename it" in reasons.pop(name)
    assert not reasons
    assert all(outcome["status"] == NEEDS_ATTENTION for outcome in outcomes.values() if outcome["reason"])
    assert "\a" not in students.log()


def test_feedback_is_written_for_those_who_were_graded(odd):
    students, _outcomes = odd
    students.nbgrader("generate_feedback")
    pages = {path.parents[1].name for path in students.root.glob(f"feedback/*/{SLUG}/{SLUG}.html")}
    assert pages == {"honest", "with_a_mark", "half_letters"}


def test_a_time_that_is_mended_is_graded(odd):
    students, _outcomes = odd
    _beside(students, "of_yesterday").write_text("2025-03-01 23:59:59 UTC")
    assert students.grade()["of_yesterday"]["points"] == 14


# --- what cannot start says why ---


def refusal(capsys, *arguments: str) -> str:
    assert cli.main(["grade", *arguments]) == 2
    return capsys.readouterr().err


def test_nobody_has_handed_in(students, capsys):
    assert "Nobody has handed in" in refusal(capsys, SLUG, "--course", str(students.root))


def test_a_lesson_that_is_not_released(tmp_path, capsys):
    said = refusal(capsys, SLUG, "--course", str(tmp_path))
    assert f"{SLUG} is not released yet: run `nbgrader generate_assignment {SLUG}` first." in said


def test_an_unknown_lesson(students, capsys):
    assert SLUG in refusal(capsys, "lesson01_federated_dat", "--course", str(students.root))


def test_no_bubblewrap(students, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(students.root))
    host.require_bubblewrap.cache_clear()
    said = refusal(capsys, SLUG, "--course", str(students.root))
    assert "bubblewrap is missing. Run `apt-get install bubblewrap`" in said
