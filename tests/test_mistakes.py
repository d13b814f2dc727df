"""A named mistake is that mistake: neither another one nor the truth gives the same values on any draw."""

import importlib

import pytest

from fedcourse import runtime
from fedgrader.checking import exercise as checking
from fedgrader.checking.run import find_check, run_check
from fedgrader.course import load_course
from fedgrader.guest.answers import LocalAnswer
from fedgrader.guest.plain import same

# Lessons whose checks are proven in this way so far.
PROVEN = ("lesson06", "lesson10")
EXERCISES = [name for name in load_course().exercises() if name.startswith(PROVEN)]
DRAWS = 20


def coincidences(want, mistakes: tuple) -> list[str]:
    """The hints that would be given for the truth, or for another mistake than theirs."""
    found = [f"names the truth: {hint}" for value, hint in mistakes if same(value, want)]
    for index, (value, hint) in enumerate(mistakes):
        for other, another in mistakes[:index]:
            if hint != another and same(value, other):
                found.append(f"{another!r} hides {hint!r}")
    return found


@pytest.mark.slow(4)
@pytest.mark.parametrize("exercise", EXERCISES)
def test_no_mistake_is_taken_for_another_or_for_the_truth(exercise, monkeypatch):
    lesson, name = exercise.split(".")
    found: list[str] = []

    def judge(called, got, want, otherwise, mistakes=(), expected=""):
        found.extend(coincidences(want, mistakes))
        return checking.judge(called, got, want, otherwise, mistakes, expected)

    for module in (f"fedgrader.checks.{exercise}", f"fedgrader.checks.{lesson}.shared"):
        module = importlib.import_module(module)
        if hasattr(module, "judge"):
            monkeypatch.setattr(module, "judge", judge)
    runtime.start()
    reference = getattr(importlib.import_module(f"solutions.{lesson}"), name)
    for seed in range(-(-DRAWS // find_check(exercise).draws)):
        assert run_check(exercise, LocalAnswer(name, reference), seed).passed
    assert sorted(set(found)) == []
