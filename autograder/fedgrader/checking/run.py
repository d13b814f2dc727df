"""Run a check on an answer: parts, points, seeds, verdicts."""

import importlib
import logging
import os
import secrets
import zlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from fedcourse.i18n import _
from fedgrader.checking.exercise import ExerciseCheck
from fedgrader.checking.verdict import Finding, Verdict
from fedgrader.course import load_course
from fedgrader.guest.answers import AnswerFailed, AnswerHandle
from fedgrader.guest.codec import encode
from fedgrader.guest.plain import describe, same
from fedgrader.guest.problem import Problem

_log = logging.getLogger(__name__)


def find_check(name: str) -> ExerciseCheck:
    """The check of the exercise `<lesson slug>.<function>`.

    Raises:
      UnknownExercise: the course has no such exercise.
    """
    load_course().exercise(name)
    return getattr(importlib.import_module(f"fedgrader.checks.{name}"), name.split(".")[-1])


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
    asked = _Remembering(answer)
    for draw in range(spec.draws):
        judged = _judged(name, spec, asked, np.random.default_rng([seed, draw]))
        if any(judged.values()):
            break
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


def _judged(
    name: str, spec: ExerciseCheck, asked: "_Remembering", rng: np.random.Generator
) -> dict[str, Problem | None]:
    """The parts that the check came to on inputs from `rng`, with the problem found in each or None."""
    judged: dict[str, Problem | None] = {}
    try:
        for part, problem in spec.check(asked, rng):
            is_first = not any(judged.values())
            judged[part] = _stale(problem) if problem and is_first and asked.has_repeated else problem
    except AnswerFailed as failure:
        judged[_part_at_fault(spec, judged)] = failure.problem
    except Exception:  # no check fails on what a right answer gives: this one cannot be judged
        _log.debug("%s: the check could not judge a reply", name, exc_info=True)
        judged[_part_at_fault(spec, judged)] = _cannot_be_judged(asked.name, asked.last)
    return judged


class _Remembering:
    """An answer handle that keeps what came back, and notices when that comes back for other inputs.

    `last` is what came back last; `has_repeated` whether just that, with numbers in it, was there before.
    """

    def __init__(self, answer: AnswerHandle):
        self.name = answer.name
        self.last: Any = None
        self.has_repeated = False
        self._answer = answer
        self._asked: dict[str, list[tuple[dict, Any]]] = defaultdict(list)

    def ask(self, harness: Callable[..., Any], **inputs: Any) -> Any:
        self.last = self._answer.ask(harness, **inputs)
        before = self._asked[harness.__name__]
        self.has_repeated = _has_numbers(self.last) and any(
            same(self.last, reply) and encode(inputs) != encode(given) for given, reply in before
        )
        before.append((inputs, self.last))
        return self.last


def _has_numbers(reply: Any) -> bool:
    if isinstance(reply, dict | list):
        return any(map(_has_numbers, reply.values() if isinstance(reply, dict) else reply))
    return isinstance(reply, np.ndarray | float) and np.asarray(reply).dtype.kind in "iuf"


def _stale(problem: Problem) -> Problem:
    """`problem`, where the answer to other inputs came back once more."""
    kept = _(
        "The same came back as before, for other inputs. Is an argument not used, or does something stay "
        "from an earlier call: a global, a default value, a cache?"
    )
    return replace(problem, hint=_("{first} {second}").format(first=kept, second=problem.hint))


def _part_at_fault(spec: ExerciseCheck, judged: dict[str, Problem | None]) -> str:
    """The first part not yet judged; when all are, the last."""
    return next((part for part in spec.parts if part not in judged), list(spec.parts)[-1])


def _cannot_be_judged(name: str, reply: Any) -> Problem:
    return Problem(
        called=f"{name}(…)",
        got=describe(reply),
        expected=_("what the docstring describes under Returns"),
        hint=_(
            "What came back has another form than the docstring asks for, so nothing in it can be compared. "
            "Call `{name}` in a new cell, and hold the type, the fields and the shapes of its result against "
            "Returns."
        ).format(name=name),
    )
