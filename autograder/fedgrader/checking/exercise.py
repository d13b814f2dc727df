"""What a check is made of: parts with points, hints, a why, and a function that judges an answer."""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from fedcourse.i18n import _
from fedgrader.checking.common_mistakes import common_mistake
from fedgrader.guest import harness
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, same
from fedgrader.guest.problem import Problem

Step = tuple[str, Problem | None]
Mistake = tuple[Any, str]  # what it returns, and the hint that names it
Check = Callable[[AnswerHandle, np.random.Generator], Iterator[Step]]


@dataclass(frozen=True)
class ExerciseCheck:
    """How one exercise is checked, hinted at and explained.

    `parts` maps each part, an English phrase marked for translation, to its points; `check` yields every part
    once, with the problem found in it or None. It is run `draws` times, each on inputs of its own: an answer
    that keeps something from an earlier call is found out.
    """

    parts: dict[str, float]
    hints: tuple[str, ...]
    why: str
    check: Check
    draws: int


class Harness:
    """The harness functions of `<lesson>.<exercise>` by name, imported only where one is called.

    They import TensorFlow; a grader, which has another process call them, need not.
    """

    def __init__(self, path: str):
        self._module = f"{harness.__name__}.{path}"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(answer: Any, **inputs: Any) -> Any:
            return getattr(importlib.import_module(self._module), name)(answer, **inputs)

        call.__module__, call.__name__ = self._module, name
        return call


def exercise(
    parts: dict[str, float], hints: tuple[str, ...], why: str, draws: int = 3
) -> Callable[[Check], ExerciseCheck]:
    """Make the check function below it the check of the exercise of the same name."""
    return lambda check: ExerciseCheck(parts, hints, why, check, draws)


def only_if(applies: bool, value: Any, hint: str) -> tuple[Mistake, ...]:
    """The mistake that returns `value`, where it can have been made at all; to be unpacked among others."""
    return ((value, hint),) if applies else ()


def judge(
    called: str,
    got: Any,
    want: Any,
    otherwise: str,
    mistakes: tuple[Mistake, ...] = (),
    expected: str = "",
) -> Problem | None:
    """None where `got` equals `want`; else the problem, with the hint of the mistake that gives just `got`.

    `mistakes` pairs what each well-known mistake returns with the hint that names it. Where none of them
    fits, `otherwise` is the hint, after what `common_mistake` can say; where several fit, it alone, for one
    cannot tell which was made. `expected` replaces the description of `want` where words say it better.
    """
    if same(got, want):
        return None
    hint = hint_for(got, want, otherwise, mistakes)
    return Problem(called=called, got=describe(got, want), expected=expected or describe(want), hint=hint)


def hint_for(got: Any, want: Any, otherwise: str, mistakes: tuple[Mistake, ...]) -> str:
    """What `judge` says of `got`, which is not `want`."""
    hints = {hint for value, hint in mistakes if same(got, value)}
    if len(hints) == 1:
        return hints.pop()
    if not hints and (common := common_mistake(got, want)):
        return _("{first} {second}").format(first=common, second=otherwise)
    return otherwise
