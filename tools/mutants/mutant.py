"""What a mutant is."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class Mutant:
    """A wrong answer made from the reference solution of `exercise`.

    `name` says what is wrong with it and is the same at every run. `make` makes the answer, in the process
    where it is to be judged, from a function that loads the lesson's solutions with the exercise's replaced
    by a text; with it comes what counts the calls at which it differs from the solution, or None.
    """

    exercise: str
    kind: str
    name: str
    make: Callable[[Callable[[str], ModuleType]], tuple[Any, Any]]
