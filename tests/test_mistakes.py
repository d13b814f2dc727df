"""Named mistakes can be told apart: on each draw, each gives what neither another nor the truth does."""

import importlib
from collections import defaultdict

import numpy as np
import pytest

from fedcourse import runtime
from fedgrader.checking import exercise as checking
from fedgrader.checking.run import find_check
from fedgrader.course import load_course
from fedgrader.guest.answers import LocalAnswer
from fedgrader.guest.plain import same

EXERCISES = list(load_course().exercises())
# How many draws, and how many where one trains for seconds.
DRAWS, MANY_DRAWS = 5, 20
FEW_DRAWS = {"lesson02_federated_averaging.build_process": 2, "lesson08_compression.within_budget": 1}


class Seen:
    """What the mistakes of one draw could be told from, by their hints."""

    def __init__(self):
        self._beside: dict[str, set[str]] = defaultdict(set)
        self._told: dict[str, set[str]] = defaultdict(set)

    def look(self, want, mistakes: tuple) -> None:
        values = [(want, "the truth"), *mistakes]
        for value, hint in mistakes:
            for other, another in values:
                if hint != another:
                    self._beside[hint].add(another)
                    if not same(value, other) and not same(other, value):
                        self._told[hint].add(another)

    def confused(self) -> list[str]:
        return [
            f"{hint!r} is never told from {another!r}"
            for hint, others in self._beside.items()
            for another in sorted(others - self._told[hint])
        ]


def confused(exercise: str, draws: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which named mistakes cannot be told apart on some draw."""
    lesson, name = exercise.split(".")
    seen = Seen()

    def judge(called, got, want, otherwise, mistakes=(), expected=""):
        seen.look(want, mistakes)
        return checking.judge(called, got, want, otherwise, mistakes, expected)

    for module in (f"fedgrader.checks.{exercise}", f"fedgrader.checks.{lesson}.shared"):
        module = importlib.import_module(module)
        if hasattr(module, "judge"):
            monkeypatch.setattr(module, "judge", judge)
    runtime.start()
    reference = LocalAnswer(name, getattr(importlib.import_module(f"solutions.{lesson}"), name))
    found = set()
    for draw in range(draws):
        seen = Seen()
        parts = list(find_check(exercise).check(reference, np.random.default_rng([draw])))
        assert not any(problem for _part, problem in parts)
        found |= set(seen.confused())
    return sorted(found)


@pytest.mark.slow(2)
@pytest.mark.parametrize("exercise", EXERCISES)
def test_each_named_mistake_can_be_told_from_the_others_and_from_the_truth(exercise, monkeypatch):
    assert confused(exercise, FEW_DRAWS.get(exercise, DRAWS), monkeypatch) == []


@pytest.mark.heavy
@pytest.mark.parametrize("exercise", EXERCISES)
def test_so_it_is_on_many_draws(exercise, monkeypatch):
    assert confused(exercise, MANY_DRAWS, monkeypatch) == []
