"""Whatever an answer does, a check says what happened: it does not raise, hang, or pass by mistake."""

import contextlib
import linecache
import signal
import sys
import time
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import fedgrader.checking.run
import fedgrader.guest.answers
import fedgrader.study.instant
from fedcourse import check, runtime
from fedgrader.guest.answers import AnswerFailed, LocalAnswer
from fedgrader.guest.plain import describe, plain, same
from fedgrader.guest.problem import Problem

COUNTS = "lesson01_federated_data.label_counts"


def failure(function: Any) -> Problem:
    """What the handle says of an answer that gives no data."""
    with pytest.raises(AnswerFailed) as caught:
        LocalAnswer("mine", function).ask(lambda answer: answer())
    return caught.value.problem


# --- answers that are no functions, or not the function that was asked for ---


@pytest.mark.parametrize("answer", [5, None, "label_counts", [1, 2]])
def test_what_is_no_function_is_named(answer: Any):
    (finding,) = check(COUNTS, answer).verdict.findings
    assert type(answer).__name__ in finding.problem.got
    assert "no parentheses" in finding.problem.hint


class NotAFunction:
    """A class where a function is due."""


def generator(dataset):
    yield from range(10)


async def coroutine(dataset):
    return [0] * 10


@pytest.mark.filterwarnings("ignore:coroutine")
@pytest.mark.parametrize(
    ("answer", "got", "hint"),
    [
        (NotAFunction, "TypeError", "takes other arguments"),
        (lambda: [0] * 10, "0 positional arguments but 1 was given", "takes other arguments"),
        (tf.function(lambda: 0), "Binding inputs", "takes other arguments"),
        (generator, "`generator`", "the values themselves"),
        (coroutine, "`coroutine`", "the values themselves"),
    ],
)
def test_an_unsuitable_function_is_named(answer: Callable, got: str, hint: str):
    finding = check(COUNTS, answer).verdict.findings[0]
    assert got in finding.problem.got
    assert hint in finding.problem.hint


# --- answers that return odd things ---


def self_containing() -> list:
    items: list = []
    items.append([items, items])
    return items


class EqualsEverything:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None


class EqualText(str):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__


class EqualArray(np.ndarray):
    def __eq__(self, other: object) -> bool:
        return True


@pytest.mark.parametrize(
    ("value", "got"),
    [
        (lambda: tf.data.Dataset.range(3), "RangeDataset"),
        (lambda: [tf.data.Dataset.range(3)], "RangeDataset"),
        (EqualsEverything, "EqualsEverything"),
        (lambda: tf.keras.Input([2]), "KerasTensor"),
        (lambda: np.array([object()]), "an array of Python objects"),
        (lambda: list(range(10_000_000)), "more than 100000 values"),
        (self_containing, "contains itself"),
    ],
)
def test_what_is_no_data_is_named(value: Callable, got: str):
    problem = failure(value)
    assert got in problem.got
    assert problem.hint


def test_a_symbolic_tensor_is_no_data():
    with tf.Graph().as_default():
        assert "Tensor" in failure(lambda: tf.zeros([2])).got


@pytest.mark.parametrize(
    "value",
    [
        lambda dataset: tf.constant(["<b>", "c"]),
        lambda dataset: tf.ragged.constant([[1], [2, 3]]),
        lambda dataset: EqualText("x"),
        lambda dataset: np.zeros(10).view(EqualArray),
        lambda dataset: np.full(10, np.nan),
        lambda dataset: {"0": [EqualText("x")]},
        lambda dataset: [[0]] * 10,
        lambda dataset: (),
    ],
)
def test_odd_data_is_compared_and_shown(value: Callable):
    shown = check(COUNTS, value)
    assert shown.verdict.points == 0
    assert all(finding.problem.got for finding in shown.verdict.findings)
    assert str(shown)


def test_data_crosses_as_plain_types():
    crossed = plain({"a": (tf.constant(1.5), EqualArray([2])), 3: tf.Variable([1, 2])})
    assert set(crossed) == {"a", "3"}
    assert [type(item) for item in crossed["a"]] == [np.ndarray, np.ndarray]
    assert same(crossed, {"a": [1.5, np.full(2, 7.5)], "3": np.array([1, 2])}) is False
    assert same(crossed["3"], [1, 2]) is False, "an array is not a list"
    assert same(crossed["3"], np.array([1.0, 2.0])), "an int that equals a float is right"
    assert same(None, None) and not same(0, None)
    assert len(describe(list(range(10_000)))) < 250


# --- answers that fail ---


def fails_deep_inside(dataset):
    """Fails in numpy, below this file's own line."""
    return np.zeros(3) + np.zeros(4)  # here


def test_an_error_quotes_the_students_line():
    finding = check(COUNTS, fails_deep_inside).verdict.findings[0]
    assert finding.problem.got.startswith("ValueError: operands could not be broadcast")
    line = fails_deep_inside.__code__.co_firstlineno + 2
    assert f"(line {line}: `return np.zeros(3) + np.zeros(4)  # here`)" in finding.problem.got


def test_an_error_in_the_standard_library_quotes_the_students_line():
    assert (
        "`json.loads(text)`"
        in failure(cell("import json\ndef f(text='{'):\n    json.loads(text)\n", "f")).got
    )


def cell(source: str, name: str, filename: str = "/tmp/ipykernel_4711/1234567.py") -> Callable:
    """The function `name` as a notebook cell would define it: ipykernel gives the source to linecache."""
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    module = types.ModuleType("cell")
    exec(compile(source, filename, "exec"), module.__dict__)
    return getattr(module, name)


def test_an_error_in_a_notebook_cell_quotes_its_line():
    problem = failure(cell("def f():\n    x = 1\n    return x / 0\n", "f"))
    assert "ZeroDivisionError: division by zero (line 3: `return x / 0`)" in problem.got


AUTOGRAPH = """
import tensorflow as tf

def inner(x):
    return tf.reshape(x, [3])

@tf.function
def f():
    total = tf.zeros([2])
    for _ in tf.range(2):
        total += inner(tf.zeros([2]))
    return total
"""


def test_an_error_below_autograph_quotes_the_line_as_it_was_written(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(AUTOGRAPH)
    problem = failure(cell(AUTOGRAPH, "f", str(path)))
    assert "(line 5: `return tf.reshape(x, [3])`)" in problem.got
    assert problem.got.startswith("ValueError: Cannot reshape")
    assert "site-packages" not in problem.got


def test_an_error_below_tff_quotes_the_students_line():
    source = "def evaluate(server_weights, client_data, count_correct):\n    return server_weights + 1\n"
    finding = check("lesson06_fedavg_by_hand.evaluate", cell(source, "evaluate")).verdict.findings[0]
    assert "(line 2: `return server_weights + 1`)" in finding.problem.got
    assert "tff.tensorflow.computation" in finding.problem.hint, "the coach knows this one"


@pytest.mark.parametrize("error", [SystemExit, KeyError("x"), MemoryError, GeneratorExit, RecursionError])
def test_an_answer_may_raise_anything(error):
    def answer(dataset):
        raise error

    finding = check(COUNTS, answer).verdict.findings[0]
    assert "raise error" in finding.problem.got


def test_an_answer_that_exits_is_told_so():
    problem = failure(lambda: sys.exit("bye"))
    assert problem.got.startswith("SystemExit: bye")
    assert "ends Python" in problem.hint


def test_someone_who_stops_a_cell_is_obeyed():
    def answer(dataset):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(COUNTS, answer)


def test_only_the_stub_counts_as_not_written():
    """TensorFlow raises NotImplementedError too, when numpy is called on a symbolic tensor."""
    with tf.Graph().as_default():
        problem = failure(lambda: np.mean(tf.zeros([2])))
    assert "Cannot convert a symbolic" in problem.got
    assert "Replace" not in problem.hint


# --- answers that do not end ---


def hangs(dataset):
    while True:
        pass


def hangs_and_swallows(dataset):
    while True:
        with contextlib.suppress(Exception):
            time.sleep(10)


def hangs_and_swallows_once(dataset):
    try:
        time.sleep(10)
    except BaseException:
        hangs(dataset)


@pytest.mark.parametrize(
    ("answer", "got"),
    [
        (hangs, "no answer within 1 seconds"),
        (hangs_and_swallows, "no answer within 1 seconds, most of which it slept"),
        (hangs_and_swallows_once, "no answer within 1 seconds"),  # whether it also slept depends
    ],
)
def test_an_answer_that_hangs_is_stopped(answer: Callable, got: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fedgrader.guest.answers, "DEADLINE_SECONDS", 1)
    finding = check(COUNTS, answer).verdict.findings[0]
    assert finding.problem.got.startswith(got)
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0), "a late alarm would end whatever runs then"


def test_after_an_endless_loop_in_tff_the_next_answer_is_checked_as_ever(monkeypatch: pytest.MonkeyPatch):
    from solutions import lesson06_fedavg_by_hand as solutions

    @tf.function
    def endless(weights, dataset, learning_rate):
        return solutions.client_update(weights, dataset.repeat(), learning_rate)

    runtime.start()  # as the set-up cell does
    name = "lesson06_fedavg_by_hand.client_update"
    check(name, solutions.client_update)  # the first call is slower, and its deadline is not the point
    with monkeypatch.context() as impatient:
        impatient.setattr(fedgrader.guest.answers, "DEADLINE_SECONDS", 5)
        assert "no answer within" in check(name, endless).verdict.findings[0].problem.got
    assert check(name, solutions.client_update).verdict.passed


def test_an_answer_that_prints_without_end_is_stopped(capsys: pytest.CaptureFixture):
    def answer(dataset):
        while True:
            print("round and round")

    finding = check(COUNTS, answer).verdict.findings[0]
    assert "more than 20000 characters" in finding.problem.got
    assert len(capsys.readouterr().out) <= 20_000


def test_what_an_answer_prints_is_seen_but_not_on_stderr(capsys: pytest.CaptureFixture):
    def answer(dataset):
        print("to stderr", file=sys.stderr)
        return np.bincount([int(element["label"]) for element in dataset], minlength=10)

    assert check(COUNTS, answer).verdict.passed
    printed = capsys.readouterr()
    assert "to stderr" in printed.out
    assert printed.err == ""


# --- what stays the same though the inputs differ ---


def right(dataset):
    return np.bincount([int(element["label"]) for element in dataset], minlength=10)


def test_the_answer_of_an_earlier_call_is_named():
    kept = []

    def answer(dataset):
        kept.append(right(dataset))
        return kept[0]

    hints = [finding.problem.hint for finding in check(COUNTS, answer).verdict.findings]
    assert len(hints) == 1
    assert "The same came back as before, for other inputs" in hints[0]


def test_nothing_is_said_to_stay_where_the_values_differ():
    for answer in (
        lambda dataset: right(dataset) + 1,
        lambda dataset: right(dataset)[:9],
        lambda dataset: None,
    ):
        for finding in check(COUNTS, answer).verdict.findings:
            assert "The same came back" not in finding.problem.hint


def test_inputs_of_any_form_are_compared():
    """As lists of tuples of arrays that differ in length, which are no array together."""
    handle = fedgrader.checking.run._Remembering(LocalAnswer("mine", lambda: 0.25))

    def harness(answer, batches):
        return answer()

    for batches, repeated in (((np.ones(2), np.ones(3)), False), ((np.ones(1),), True), ((), True)):
        assert handle.ask(harness, batches=[batches, ()]) == 0.25
        assert handle.has_repeated == repeated
