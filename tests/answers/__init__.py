"""Answers that prove the checks: right ones that must pass, wrong ones that must be named.

One file an exercise, `tests/answers/<lesson slug>/<exercise>.py`. Each function in it is an answer, and its
docstring says what is done differently, or what the student thought.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Answer:
    """An answer to `exercise`; a wrong one names the part it loses and a piece of the hint it must get."""

    exercise: str
    name: str
    function: Callable[..., Any]
    part: str = ""
    hint: str = ""

    @property
    def is_right(self) -> bool:
        return not self.part


_registered: list[Answer] = []


def right(function: Callable[..., Any]) -> Callable[..., Any]:
    """Register an answer that earns all points."""
    _register(function)
    return function


def wrong(part: str, hint: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register an answer that loses `part`, in English, with a finding whose hint says `hint`."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        _register(function, part, hint)
        return function

    return register


def _register(function: Callable[..., Any], part: str = "", hint: str = "") -> None:
    written = getattr(function, "python_function", function)  # what stands under @tf.function
    slug, exercise = written.__module__.split(".")[-2:]
    _registered.append(Answer(f"{slug}.{exercise}", written.__name__, function, part, hint))


def load_answers() -> list[Answer]:
    """All answers of all files, in the order of the files' names."""
    folder = Path(__file__).parent
    for path in sorted(folder.glob("lesson*/*.py")):
        importlib.import_module(f"{__name__}.{path.parent.name}.{path.stem}")
    return list(_registered)
