"""Every check is proven: right answers pass, wrong ones fail with the message that names their mistake."""

import functools
import gettext
import importlib
import inspect
import re
from collections.abc import Callable, Iterable

import pytest
from answers import Answer, load_answers

from fedcourse import i18n, runtime
from fedgrader.checking.exercise import ExerciseCheck
from fedgrader.checking.run import find_check, run_check
from fedgrader.checking.verdict import Verdict
from fedgrader.course import load_course
from fedgrader.guest.answers import LocalAnswer

ANSWERS = load_answers()
EXERCISES = list(load_course().exercises())
# At each seed a check asks with several draws, until one finds something.
ONE_SEED, SEEDS, MANY_SEEDS = range(1), range(2), range(10)
# Asked for with nothing that a seed changes, so that it is built once for all seeds; only the data differ.
BUILT_ONCE = {"lesson08_compression.within_budget"}
# What an exercise's answers take of a processor, where it is not about SECONDS.
SECONDS = 6
HEAVY = {
    "lesson02_federated_averaging.build_process": 60,
    "lesson02_federated_averaging.make_model_fn": 12,
    "lesson02_federated_averaging.run_rounds": 12,
    "lesson05_computations.build_mean_temperature": 15,
    "lesson06_fedavg_by_hand.client_update": 15,
    "lesson08_compression.within_budget": 65,
    "lesson09_stateful_clients.client_update": 25,
    "lesson10_private_averaging.epsilon_spent": 25,
    "lesson10_private_averaging.smallest_noise": 30,
}
TRANSLATED = re.compile(r"⟦[^⟦⟧]*⟧")
CODE = re.compile(r'"[^"]*"')
PROSE = re.compile(r"\b[a-z]{2,} [a-z]{2,}\b")


@pytest.fixture(scope="session", autouse=True)
def _tff_runs():
    runtime.start()


def verdicts_on(exercise: str, function: Callable, seeds: Iterable[int]) -> list[Verdict]:
    if exercise in BUILT_ONCE:
        function = functools.cache(function)
    answer = LocalAnswer(exercise.split(".")[1], function)
    return [run_check(exercise, answer, seed) for seed in seeds]


def together(exercise: str) -> tuple[pytest.MarkDecorator, ...]:
    """Slow tests, run in one process, which compiles what the exercise's check computes only once."""
    return pytest.mark.slow(HEAVY.get(exercise, SECONDS)), pytest.mark.xdist_group(exercise)


def those(*, right: bool) -> list:
    """The answers, all slow but one an exercise: of the right ones the first, of the wrong ones the last."""
    chosen = [answer for answer in ANSWERS if answer.is_right == right]
    by_exercise = {answer.exercise: answer for answer in (reversed(chosen) if right else chosen)}
    return [
        pytest.param(
            answer,
            id=f"{answer.exercise}-{answer.name}",
            marks=() if answer is by_exercise[answer.exercise] else together(answer.exercise),
        )
        for answer in chosen
    ]


@pytest.mark.parametrize("answer", those(right=True))
def test_right_answers_pass(answer: Answer):
    for verdict in verdicts_on(answer.exercise, answer.function, ONE_SEED):
        assert verdict.findings == ()
        assert verdict.passed
        assert verdict.points == verdict.max_points


class Brackets(gettext.NullTranslations):
    """A language in which every message is the English one in ⟦brackets⟧."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"


@pytest.fixture
def in_brackets(monkeypatch):
    monkeypatch.setattr(i18n, "_catalog", lambda _language: Brackets())


def untranslated(text: str) -> str:
    """What is outside of all brackets, also outside those around a message that another was put into."""
    while text != (shorter := TRANSLATED.sub("", text)):
        text = shorter
    return CODE.sub("", text)


@pytest.mark.parametrize("answer", those(right=False))
def test_wrong_answers_are_named_in_words_that_are_translated(answer: Answer, in_brackets):
    for verdict in verdicts_on(answer.exercise, answer.function, SEEDS):
        assert not verdict.passed
        assert verdict.points < verdict.max_points
        hints = {finding.part: re.sub("[⟦⟧]", "", finding.problem.hint) for finding in verdict.findings}
        assert answer.hint in hints.get(answer.part, ""), verdict.findings
        for problem in (finding.problem for finding in verdict.findings):  # `got` may be TFF's own English
            assert not PROSE.search(untranslated(f"{problem.called} {problem.expected} {problem.hint}")), (
                problem
            )


def reference(exercise: str):
    slug, function = exercise.split(".")
    return getattr(importlib.import_module(f"solutions.{slug}"), function)


@pytest.mark.parametrize("exercise", [pytest.param(name, marks=together(name)) for name in EXERCISES])
def test_the_reference_solution_passes(exercise: str):
    assert [verdict.findings for verdict in verdicts_on(exercise, reference(exercise), SEEDS)] == [(), ()]


@pytest.mark.heavy
@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_reference_solution_passes_at_many_seeds(exercise: str):
    verdicts = verdicts_on(exercise, reference(exercise), MANY_SEEDS)
    assert all(verdict.findings == () for verdict in verdicts)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_untouched_stub_earns_nothing_and_is_told_what_to_do(exercise: str):
    solution = reference(exercise)
    parameters = inspect.signature(getattr(solution, "python_function", solution))
    scope: dict = {}
    exec(f"def stub{parameters}:\n    raise NotImplementedError", scope)
    [verdict] = verdicts_on(exercise, scope["stub"], seeds=[0])
    assert verdict.points == 0
    assert "Replace `raise NotImplementedError`" in verdict.findings[0].problem.hint


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_check_is_complete(exercise: str):
    check = find_check(exercise)
    assert isinstance(check, ExerciseCheck)
    assert sum(check.parts.values()) == load_course().exercise(exercise).points
    assert 2 <= len(check.hints) <= 3
    assert check.why


@pytest.mark.parametrize("exercise", EXERCISES)
def test_there_are_answers_enough(exercise: str):
    mine = [answer for answer in ANSWERS if answer.exercise == exercise]
    assert sum(answer.is_right for answer in mine) >= 3
    assert sum(not answer.is_right for answer in mine) >= 6
    assert all(inspect.getdoc(getattr(a.function, "python_function", a.function)) for a in mine)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_part_is_lost_by_some_wrong_answer(exercise: str):
    lost = {answer.part for answer in ANSWERS if answer.exercise == exercise and not answer.is_right}
    assert lost == set(find_check(exercise).parts)


def test_every_answer_belongs_to_an_exercise():
    assert {answer.exercise for answer in ANSWERS} == set(EXERCISES)
