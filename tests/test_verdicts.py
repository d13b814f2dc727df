"""Verdicts: the name and the seed that are asked for, how it looks, and what a failing check costs."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import fedgrader.checking.run
import fedgrader.study.instant
from fedcourse import check, hint
from fedgrader.checking.exercise import Step, exercise
from fedgrader.checking.looks import VERDICT_MIME, as_html, as_text
from fedgrader.checking.run import choose_seed, find_check, run_check
from fedgrader.checking.verdict import Verdict
from fedgrader.guest.answers import LocalAnswer

COUNTS = "lesson01_federated_data.label_counts"


# --- names, seeds, hints ---


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("lesson06_fedavg_by_hand.client_updat", "lesson06_fedavg_by_hand.client_update"),
        ("lesson1_federated_data.preprocess", "lesson01_federated_data.preprocess"),
        ("server_update", "lesson06_fedavg_by_hand.server_update"),
        ("label_count", "lesson01_federated_data.label_counts"),
        ("", None),
        ([], None),
    ],
)
def test_an_unknown_exercise_is_met_with_the_nearest(asked: Any, nearest: str | None):
    shown = check(asked, len)
    assert not shown.verdict.passed
    assert "Did you mean" in str(shown)
    assert nearest is None or f"'{nearest}'" in str(shown)
    assert "Did you mean" in repr(hint(asked))


def test_the_seed_is_fixed_for_learning_and_fresh_for_grading(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("FEDCOURSE_SEED", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    assert choose_seed(COUNTS) == choose_seed(COUNTS)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert choose_seed(COUNTS) != choose_seed(COUNTS)
    monkeypatch.setenv("FEDCOURSE_SEED", "11")
    assert choose_seed(COUNTS) == 11
    assert check(COUNTS, len).verdict.seed == 11


def test_hints_come_one_after_the_other_and_those_given_stay(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.setenv("FEDCOURSE_HOME", str(tmp_path))
    hints = find_check(COUNTS).hints
    given = [repr(hint(COUNTS)) for _ in range(len(hints) + 2)]
    lines = [f"Hint {number} of {len(hints)}: {text}" for number, text in enumerate(hints, 1)]
    assert given == ["\n".join(lines[: number + 1]) for number in range(len(hints) + 2)]
    assert "<code>" in hint(COUNTS)._repr_html_()


# --- how a verdict looks ---


def test_nbgrader_and_the_notebook_find_what_they_look_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FEDCOURSE_SEED", "3")
    bundle = check(
        COUNTS, lambda dataset: np.bincount([int(e["label"]) for e in dataset])
    )._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", VERDICT_MIME}
    assert bundle["text/plain"] == "2.0"
    data = json.loads(json.dumps(bundle[VERDICT_MIME]))
    assert set(data) == {"exercise", "passed", "points", "max_points", "findings", "seed", "language"}
    assert (data["exercise"], data["passed"], data["points"], data["max_points"]) == (COUNTS, False, 2, 3)
    assert (data["seed"], data["language"]) == (3, "en")
    assert [set(finding) for finding in data["findings"]] == [{"part", "message", "hint"}]


def test_what_the_student_returns_cannot_write_html():
    shown = check(COUNTS, lambda dataset: "<script>alert(1)</script>`")
    html = shown._repr_mimebundle_()["text/html"]
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<script>" in str(shown)


def test_success_says_why():
    shown = check(COUNTS, lambda dataset: np.bincount([int(e["label"]) for e in dataset], minlength=10))
    assert shown.verdict.passed
    for text in (str(shown), shown._repr_mimebundle_()["text/html"]):
        assert "all 3 points" in text
        assert "Why it works" in text


# --- the check's own failures ---


def verdict_of(monkeypatch: pytest.MonkeyPatch, check_function: Callable) -> Verdict:
    spec = exercise(parts={"one": 2, "two": 1, "three": 4}, hints=("a", "b"), why="so")(check_function)
    monkeypatch.setattr(fedgrader.checking.run, "find_check", lambda name: spec)
    return run_check("lesson.broken", LocalAnswer("broken", len), seed=0)


def breaks_after_one(answer, rng) -> Step:
    yield "one", None
    raise KeyError("ours")


def breaks_at_the_end(answer, rng) -> Step:
    yield from [("one", None), ("two", None), ("three", None)]
    raise KeyError("ours")


def skips_a_part(answer, rng) -> Step:
    yield from [("one", None), ("three", None)]


def asks_in_vain_after_one(answer, rng) -> Step:
    yield "one", None
    answer.ask(lambda function: function())


@pytest.mark.parametrize(
    ("broken", "points", "part"), [(breaks_after_one, 2, "two"), (breaks_at_the_end, 3, "three")]
)
def test_a_check_that_breaks_neither_passes_nor_raises(broken, points, part, monkeypatch: pytest.MonkeyPatch):
    verdict = verdict_of(monkeypatch, broken)
    assert not verdict.passed
    assert verdict.points == points
    (finding,) = verdict.findings
    assert finding.part == part
    assert "What came back has another form" in finding.problem.hint
    assert "Traceback" not in as_text(verdict) + as_html(verdict)


def test_a_part_that_the_check_never_judged_is_not_passed(monkeypatch: pytest.MonkeyPatch):
    verdict = verdict_of(monkeypatch, skips_a_part)
    assert (verdict.points, verdict.passed) == (6, False)


def test_a_failing_answer_keeps_what_it_earned_before(monkeypatch: pytest.MonkeyPatch):
    verdict = verdict_of(monkeypatch, asks_in_vain_after_one)
    assert verdict.points == 2
    assert [finding.part for finding in verdict.findings] == ["two"]


def test_an_answer_cannot_change_the_inputs_it_is_compared_with():
    inputs = [1, 2]
    LocalAnswer("mine", lambda items: items.clear()).ask(lambda answer, items: answer(items), items=inputs)
    assert inputs == [1, 2]
