"""Plain data: what crosses, what counts as the same, and how people are shown it."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from fedcourse.i18n import use_language
from fedgrader.checking.exercise import judge
from fedgrader.guest.plain import describe, plain, same

KERNEL = np.linspace(-1, 1, 784 * 10, dtype=np.float32).reshape(784, 10)
TWELVE = np.arange(12, dtype=np.float32).reshape(3, 4) / 8


class EqualArray(np.ndarray):
    """An array that calls itself equal to everything."""

    def __eq__(self, other: object) -> bool:
        return True


def test_data_crosses_as_plain_types():
    crossed = plain({"a": (tf.constant(1.5), np.array([2, 3]).view(EqualArray)), 3: tf.Variable([1, 2])})
    assert set(crossed) == {"a", "3"}
    assert [type(item) for item in crossed["a"]] == [np.ndarray, np.ndarray]
    assert same(crossed, {"a": [1.5, np.array([2, 3])], "3": np.array([1, 2])})
    assert not same(crossed, {"a": [1.5, np.zeros(2)], "3": np.array([1, 2])})
    assert not same(crossed["3"], [1, 2]), "an array is not a list"
    assert same(crossed["3"], np.array([1.0, 2.0])), "an int that equals a float is right"
    assert same(None, None) and not same(0, None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.array([], np.float32), "float32[0] []"),
        (np.array([0.5, 2.0, np.nan]), "float64[3] [0.5, 2, nan]"),
        (TWELVE[:, :1], "float32[3, 1] [[0], [0.5], [1]]"),
        (np.arange(12), f"int64[12] [{', '.join(map(str, range(12)))}]"),
        (np.array(["a", "b"]), "<U1[2] ['a', 'b']"),
        (np.array([True, False]), "bool[2] [True, False]"),
        (np.array(3, np.int32), "3"),
        ({"loss": 0.261043, "names": [None, "x"]}, "{loss: 0.261043, names: [None, 'x']}"),
        (list(range(12)), str(list(range(12)))),
        (list(range(13)), str(list(range(12)))[:-1] + ", …]"),
        (np.array(["a"] * 13), "<U1[13]"),
        (np.arange(13), "int64[13] (mean 6, from 0 to 12)"),
    ],
)
def test_a_value_is_shown(value: Any, text: str):
    assert describe(value) == text


def test_a_dozen_numbers_are_shown_whole_on_both_sides():
    """Each field of a structure that goes with one small array or two."""
    got, want = {"a": TWELVE, "b": -TWELVE}, {"a": TWELVE + 1, "b": -TWELVE / 3}
    problem = judge("f()", got, want, "look again")
    for value, text in ((got, problem.got), (want, problem.expected)):
        numbers = [f"{number:.6g}" for array in value.values() for number in array.ravel().tolist()]
        assert len(numbers) == 24 and "…" not in text
        shown = text.replace("[", " ").replace("]", " ").replace(",", " ").replace("}", " ").split()
        assert [word for word in shown if word in numbers] == numbers


def test_of_a_large_array_it_is_said_where_it_is_wrong():
    wrong = KERNEL.copy()
    wrong[2, 3] += 0.25
    wrong[700, 0] -= 0.5
    problem = judge(
        "f()", {"kernel": wrong, "bias": KERNEL[0]}, {"kernel": KERNEL, "bias": KERNEL[0] + 1}, ""
    )
    before, after = f"{float(wrong[2, 3]):.6g}", f"{float(KERNEL[2, 3]):.6g}"
    assert problem.got.startswith(
        "{kernel: float32[784, 10] (wrong in 2 of 7840 numbers, by up to 0.5; the first is at [2, 3]: "
        f"{before}, not {after}), bias: float32[10] [-1, "
    )
    assert "kernel: float32[784, 10] (mean " in problem.expected


def test_what_is_right_within_the_tolerance_is_not_called_wrong():
    almost = KERNEL + 5e-6
    assert same(almost, KERNEL)
    problem = judge("f()", [almost, 1], [KERNEL, 2], "")
    assert problem.got == "[float32[784, 10] (as expected), 1]"


@pytest.mark.parametrize(
    "other", [KERNEL.T, KERNEL[:700], [1, 2], {"a": KERNEL}, None, "text", np.full(KERNEL.shape, "a")]
)
def test_an_array_is_compared_only_with_numbers_of_its_shape(other: Any):
    problem = judge("f()", KERNEL, other, "")
    assert problem.got == describe(KERNEL) and "wrong in" not in problem.got


def test_nan_is_wrong_everywhere():
    problem = judge("f()", np.full(KERNEL.shape, np.nan), KERNEL, "")
    assert "wrong in 7840 of 7840" in problem.got and ": nan, not -1)" in problem.got


@pytest.mark.parametrize("language", ["zh", "ko", "pt"])
def test_no_english_is_left_in_it(language: str):
    use_language(language)
    problem = judge("f()", [KERNEL + 1, KERNEL], [KERNEL, KERNEL], "")
    for english in ("mean", "wrong", "expected", "first", " not "):
        assert english not in problem.got + problem.expected


def test_a_text_that_is_cut_says_so():
    text = describe([{"a": TWELVE}] * 12)
    assert len(text) <= 500 and text.endswith("…")
    assert not describe([{"a": TWELVE}]).endswith("…")
