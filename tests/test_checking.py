"""Whatever an answer does, a check says what happened: it does not raise, hang, or pass by mistake."""

import json
import linecache
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import fedgrader.checking.run
import fedgrader.guest.answers
import fedgrader.study.instant
from fedcourse import check, hint
from fedgrader.checking.exercise import Step, exercise
from fedgrader.checking.looks import VERDICT_MIME, as_html, as_text
from fedgrader.checking.run import choose_seed, run_check
from fedgrader.checking.verdict import Verdict
from fedgrader.guest.answers import AnswerFailed, LocalAnswer
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


# --- answers that fail ---


def fails_deep_inside(dataset):
    """Fails in numpy, below this file's own line."""
    return np.zeros(3) + np.zeros(4)  # here


def test_an_error_quotes_the_students_line():
    finding = check(COUNTS, fails_deep_inside).verdict.findings[0]
    assert finding.problem.got.startswith("ValueError: operands could not be broadcast")
    line = fails_deep_inside.__code__.co_firstlineno + 2
    assert f"(line {line}: `return np.zeros(3) + np.zeros(4)  # here`" in finding.problem.got


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
    assert "ZeroDivisionError: division by zero (line 3: `return x / 0`" in problem.got


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
    assert "(line 5: `return tf.reshape(x, [3])`" in problem.got
    assert problem.got.startswith("ValueError: Cannot reshape")
    assert "site-packages" not in problem.got


def test_an_error_below_tff_quotes_the_students_line():
    source = "def evaluate(server_weights, client_data, count_correct):\n    return server_weights + 1\n"
    finding = check("lesson06_fedavg_by_hand.evaluate", cell(source, "evaluate")).verdict.findings[0]
    assert "(line 2: `return server_weights + 1`" in finding.problem.got
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


# --- answers that print ---


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


# --- names, seeds, hints ---


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("lesson06_fedavg_by_hand.client_updat", "lesson06_fedavg_by_hand.client_update"),
        ("lesson1_federated_data.preprocess", "lesson01_federated_data.preprocess"),
        ("server_update", "lesson06_fedavg_by_hand.server_update"),
        ("evaluate", "lesson06_fedavg_by_hand.evaluate"),
        ("label_count", "lesson01_federated_data.label_counts"),
        ("", None),
        (5, None),
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
    assert "KeyError" in finding.problem.got
    assert "tell your instructor" in finding.problem.hint
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
