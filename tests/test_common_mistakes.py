"""Mistakes of every exercise are named by what comes back, and only where one kind alone explains it."""

import numpy as np
import pytest

from fedgrader.checking.common_mistakes import common_mistake
from fedgrader.checking.exercise import judge

WANT = np.float32([0.25, -1.5, 3.75, 0.125])
RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (WANT[::-1], "reverse order"),
        (-WANT, "opposite sign"),
        (np.abs(WANT), "without their signs"),
        (np.maximum(WANT, 0), "should be negative is 0"),
        (WANT * 100, "in percent"),
        (WANT / 100, "a hundredth"),
        (WANT * 2, "twice"),
        (WANT / 2, "half"),
        (WANT + 1, "1 too large"),
        (WANT - 1, "1 too small"),
        (np.floor(WANT), "cut off"),
        (np.round(WANT, 1), "rounded"),
        (WANT[[1, 0, 3, 2]], "another order"),
        (WANT[:-1], "last one is missing"),
        (WANT[1:], "first one is missing"),
        (WANT[:, None], "another shape: [4, 1] instead of [4]"),
        (np.float32(3), "one number, and there should be 4"),
        (WANT * np.nan, "`nan`"),
        (WANT + np.inf, "infinity"),
    ],
)
def test_numbers(got, words):
    with np.errstate(all="ignore"):
        assert words in common_mistake(got, WANT)


@pytest.mark.parametrize(
    ("got", "want", "words"),
    [
        ([1, 2], [1, 2, 3], "last one is missing"),
        ([2, 3], [1, 2, 3], "first one is missing"),
        ([1], [1, 2, 3], "Only the first"),
        ([3, 2, 1], [1, 2, 3], "reverse order"),
        ([2, 1, 3], [1, 2, 3], "another order"),
        ([1, 2, 3, 4, 5], [1, 2, 3], "5 values, and there should be 3"),
        ({"a": 1.0}, {"a": 1.0, "b": 2.0}, "field `b` is missing"),
        ({"a": 1.0, "b": 2.0}, {"a": 1.0}, "field `b` is one too many"),
        ({"a": 14.0, "b": 3.0}, {"a": 7.0, "b": 3.0}, "twice"),
        ([0, 3, -2], [0.25, 3.75, -1.5], "cut off"),
        ([-WANT, -2 * WANT], [WANT, 2 * WANT], "opposite sign"),
    ],
)
def test_structures(got, want, words):
    assert words in common_mistake(got, want)


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (2, 1),  # one too many, or twice as many
        (np.float32([-1, -2]) * -1, np.float32([-1, -2])),  # the other sign, or none
        (RNG.normal(size=5), RNG.normal(size=5)),
        ({"a": 14.0, "b": -3.0}, {"a": 7.0, "b": 3.0}),  # two kinds at once
        ("text", 1.0),
        (None, WANT),
    ],
)
def test_what_has_two_explanations_or_none_is_not_named(got, want):
    assert common_mistake(got, want) is None


def test_no_two_kinds_give_the_same_numbers_on_what_checks_draw():
    """Else a hint would name the wrong one."""
    for seed in range(20):
        want = np.array([0.7, -1.3, *np.random.default_rng(seed).normal(size=4)])
        for factor, words in ((2, "twice"), (0.5, "half"), (100, "percent"), (-1, "sign")):
            assert words in common_mistake(want * factor, want)


def test_what_a_check_says_of_its_own_mistakes_comes_first():
    problem = judge("f(…)", WANT * 2, WANT, "Otherwise.", ((WANT * 2, "Its own hint."),))
    assert problem.hint == "Its own hint."
    assert judge("f(…)", WANT * 2, WANT, "Otherwise.").hint.endswith("twice? Otherwise.")
    assert judge("f(…)", WANT + RNG.normal(size=4), WANT, "Otherwise.").hint == "Otherwise."
