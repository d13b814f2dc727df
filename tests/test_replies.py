"""Whatever comes back instead of one part of an answer's data: the check notices, and does not fail itself.

The reference's replies are recorded once; then the check judges them again and again with one leaf replaced.
So no part of a reply goes unread, and nothing that a process may send ends a check without a verdict.
"""

import copy
import importlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from fedcourse import runtime
from fedgrader.checking.run import run_check
from fedgrader.course import load_course
from fedgrader.guest.answers import LocalAnswer

EXERCISES = list(load_course().exercises())
SEED = 3
Path = tuple[str | int, ...]


class Recorder:
    """Asks the reference, and keeps what comes back."""

    def __init__(self, name: str, function):
        self.name, self.replies = name, []
        self._answer = LocalAnswer(name, function)

    def ask(self, harness, **inputs):
        self.replies.append(self._answer.ask(harness, **inputs))
        return copy.deepcopy(self.replies[-1])


class Replay:
    """Gives the recorded replies again, the one of number `place` with `new` at `path`."""

    def __init__(self, name: str, replies: list, place: int, path: Path, new: Any):
        self.name = name
        self._replies = [*replies[:place], replaced(replies[place], path, new), *replies[place + 1 :]]
        self._next = 0

    def ask(self, harness, **inputs):
        reply = self._replies[min(self._next, len(self._replies) - 1)]
        self._next += 1
        return copy.deepcopy(reply)


@cache
def recorded(exercise: str) -> list:
    runtime.start()
    slug, name = exercise.split(".")
    recorder = Recorder(name, getattr(importlib.import_module(f"solutions.{slug}"), name))
    assert run_check(exercise, recorder, SEED).passed
    return recorder.replies


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every part of a reply, containers too."""
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def replaced(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return copy.deepcopy(new)
    key, *rest = path
    if isinstance(value, dict):
        return {
            name: replaced(item, tuple(rest), new) if name == key else item for name, item in value.items()
        }
    return [replaced(item, tuple(rest), new) if index == key else item for index, item in enumerate(value)]


def others(value: Any) -> Iterator[Any]:
    """What could stand in its place: of another kind, empty, without end, too few, too many."""
    yield from (
        None,
        "x",
        "",
        [],
        {},
        -1,
        10**30,
        float("nan"),
        float("-inf"),
        np.zeros((0, 3)),
        np.ones((2, 1, 2)),
    )
    yield from ([None], [[]], {"x": 1.0}, np.array(["x"]), True, np.float32(0.123))
    if isinstance(value, dict):
        yield from ({name: item for name, item in value.items() if name != left} for left in value)
    elif isinstance(value, list):
        yield from (value[:-1], value[1:], [*value, *value[-1:]], [*value, None])
    elif isinstance(value, np.ndarray | float | int) and not isinstance(value, bool):
        array = np.asarray(value)
        if array.dtype.kind in "iuf":
            yield from (array * np.nan, array + np.inf, array * 1.5 + 1, array[None], array.astype(str))
            if array.size > 1:
                yield from (array.ravel()[:-1], array.T if array.ndim > 1 else array[::-1])


def is_other(one: Any, value: Any) -> bool:
    """Whether a check must tell them apart: not where they are the same numbers in another form."""
    try:
        a, b = np.asarray(one, float), np.asarray(value, float)
    except (TypeError, ValueError):
        return repr(one) != repr(value)
    return a.shape != b.shape or not np.allclose(a, b, rtol=1e-3, atol=1e-3, equal_nan=True)


def unread(exercise: str, most: int) -> list[str]:
    """What passed though it should not, of about `most` replacements, spread over all."""
    replies = recorded(exercise)
    cases = [
        (place, path, new)
        for place, reply in enumerate(replies)
        for path, value in places(reply)
        for new in others(value)
        if is_other(new, value)
    ]
    chosen = cases[:: max(1, len(cases) // most)]
    passed = []
    for place, path, new in chosen:
        verdict = run_check(exercise, Replay(exercise.split(".")[1], replies, place, path, new), SEED)
        if verdict.passed:
            passed.append(f"reply {place}, at {path}: {new!r}")
    return passed


@pytest.mark.parametrize("exercise", EXERCISES)
def test_each_part_of_a_reply_is_read_and_none_breaks_the_check(exercise):
    assert unread(exercise, most=100) == []


@pytest.mark.heavy
@pytest.mark.parametrize("exercise", EXERCISES)
def test_so_it_is_with_thousands(exercise):
    assert unread(exercise, most=3000) == []
