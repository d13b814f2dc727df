"""Run a check on an answer: parts, points, seeds, verdicts."""

import importlib
import os
import secrets
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.answers import AnswerFailed, AnswerHandle
from autograder.course import load_course
from autograder.finding import Finding, Problem, Verdict
from autograder.plain import describe, same
from fedcourse.i18n import _

Step = tuple[str, Problem | None]
Check = Callable[[AnswerHandle, np.random.Generator], Iterator[Step]]


@dataclass(frozen=True)
class ExerciseCheck:
    """How one exercise is checked, hinted at and explained.

    `parts` maps each part, an English phrase marked for translation, to its points; `check` yields every part
    once, with the problem found in it or None.
    """

    parts: dict[str, float]
    hints: tuple[str, ...]
    why: str
    check: Check


class Harness:
    """The harness functions of a lesson by name, imported only where one is called.

    They import TensorFlow; a grader, which has another process call them, need not.
    """

    def __init__(self, lesson: str):
        self._module = f"autograder.harness.{lesson}"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(answer: Any, **inputs: Any) -> Any:
            return getattr(importlib.import_module(self._module), name)(answer, **inputs)

        call.__module__, call.__name__ = self._module, name
        return call


def exercise(parts: dict[str, float], hints: tuple[str, ...], why: str) -> Callable[[Check], ExerciseCheck]:
    """Make the check function below it the check of the exercise of the same name."""
    return lambda check: ExerciseCheck(parts, hints, why, check)


def find_check(name: str) -> ExerciseCheck:
    """The check of the exercise `<lesson slug>.<function>`.

    Raises:
      UnknownExercise: the course has no such exercise.
    """
    load_course().exercise(name)
    slug, function = name.split(".")
    return getattr(importlib.import_module(f"autograder.checks.{slug}"), function)


def choose_seed(name: str) -> int:
    """A fresh seed when grading (or `FEDCOURSE_SEED`), the same one every time when learning."""
    if "FEDCOURSE_SEED" in os.environ:
        return int(os.environ["FEDCOURSE_SEED"])
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        return secrets.randbits(32)
    return zlib.crc32(name.encode())


def run_check(name: str, answer: AnswerHandle, seed: int) -> Verdict:
    """Check `answer` against the reference solution on inputs drawn from `seed`.

    A part earns its points only when the check comes to it and finds nothing wrong. When the answer fails
    outright, or the check itself does, that failure is the finding of the first part not yet judged, and the
    parts after it earn nothing.

    Raises:
      UnknownExercise: the course has no such exercise.
    """
    spec = find_check(name)
    judged: dict[str, Problem | None] = {}
    try:
        for part, problem in spec.check(answer, np.random.default_rng(seed)):
            judged[part] = problem
    except AnswerFailed as failure:
        judged[_part_at_fault(spec, judged)] = failure.problem
    except Exception as error:  # whatever it is, it must neither pass for a success nor show a traceback
        judged[_part_at_fault(spec, judged)] = _check_failed(name, error)
    findings = tuple(Finding(part, problem) for part, problem in judged.items() if problem)
    passed = tuple(part for part in spec.parts if part in judged and judged[part] is None)
    return Verdict(
        exercise=name,
        points=float(sum(spec.parts[part] for part in passed)),
        max_points=float(sum(spec.parts.values())),
        findings=findings,
        passed_parts=passed,
        why=_(spec.why),
        seed=seed,
    )


def _part_at_fault(spec: ExerciseCheck, judged: dict[str, Problem | None]) -> str:
    """The first part not yet judged; when all are, the last."""
    return next((part for part in spec.parts if part not in judged), list(spec.parts)[-1])


def _check_failed(name: str, error: Exception) -> Problem:
    return Problem(
        called=name,
        got=_("a failure of the check itself ({error})").format(error=f"{type(error).__name__}: {error}"),
        expected=_("a verdict on your answer"),
        hint=_(
            "This is probably not your fault. Please tell your instructor, and go on with the next exercise."
        ),
    )


def judge(
    called: str,
    got: Any,
    want: Any,
    otherwise: str,
    mistakes: tuple[tuple[Any, str], ...] = (),
    expected: str = "",
) -> Problem | None:
    """None where `got` equals `want`; else the problem, with the hint of the mistake that gives just `got`.

    `mistakes` pairs what each well-known mistake returns with the hint that names it; `otherwise` is the hint
    when it is none of them. `expected` replaces the description of `want` where words say it better.
    """
    if same(got, want):
        return None
    hint = next((hint for value, hint in mistakes if same(got, value)), otherwise)
    return Problem(called=called, got=describe(got), expected=expected or describe(want), hint=hint)
