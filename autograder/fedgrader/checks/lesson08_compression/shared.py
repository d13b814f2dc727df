"""What the checks of lesson 8 share."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fedgrader.checking.exercise import Step
from fedgrader.guest.plain import shape_of

Value = Any  # an array, or a dictionary of such, nested or not


@dataclass(frozen=True)
class ToyType:
    """A type that the toy coders know: the bits of a value and of its code, and how to draw a value."""

    text: str
    bits: int
    code_bits: int
    draw: Callable[[np.random.Generator], tuple[Value, Value]]

    def pairs(self, rng: np.random.Generator, number: int) -> tuple[list[Value], list[Value]]:
        """So many values, and what their codes stand for."""
        drawn = [self.draw(rng) for _number in range(number)]
        return [value for value, _decoded in drawn], [decoded for _value, decoded in drawn]


def _tensor(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """A float32 tensor, and the same rounded to 16 levels of its own range, a quarter of a level up."""
    low, step, size = rng.uniform(-3, 0), rng.uniform(0.1, 2), int(np.prod(shape))
    levels = rng.permutation([0, 15, *rng.integers(1, 15, size=size - 2)]).reshape(shape)
    jitter = np.where((levels == 0) | (levels == 15), 0, rng.choice([-0.3, 0.3], size=shape))
    value, decoded = low + step * (levels + jitter), low + step * (levels + 0.25)
    return value.astype(np.float32), decoded.astype(np.float32)


def _nested(rng: np.random.Generator) -> tuple[Value, Value]:
    kernels, biases = _tensor(rng, (4, 3)), _tensor(rng, (3,))
    steps = np.int32(rng.integers(1, 100))
    value, decoded = (
        {"layers": {"kernel": kernel, "bias": bias}, "steps": steps}
        for kernel, bias in zip(kernels, biases, strict=True)
    )
    return value, decoded


_RANGE_BITS = 2 * 32  # low and step
TYPES = (
    ToyType(
        text="float32[6]",
        bits=6 * 32,
        code_bits=6 * 8 + _RANGE_BITS,
        draw=lambda rng: _tensor(rng, (6,)),
    ),
    ToyType(
        text="<layers=<kernel=float32[4,3],bias=float32[3]>,steps=int32>",
        bits=15 * 32 + 32,
        code_bits=15 * 8 + 2 * _RANGE_BITS + 32,
        draw=_nested,
    ),
)


def each(function: Callable, *values: Value) -> Value:
    """What `function` makes of the arrays at each place of the values."""
    if isinstance(values[0], dict):
        return {name: each(function, *(value[name] for value in values)) for name in values[0]}
    return function(*values)


def count(value: Any) -> int:
    """The whole number above zero that came back.

    Raises:
      ValueError: it is something else.
    """
    if shape_of(value) == () and np.asarray(value).dtype.kind in "iu" and value > 0:
        return int(value)
    raise ValueError(value)


def until_a_problem(trials: Iterable[list[Step]]) -> list[Step]:
    """The steps of the first trial with a problem, else of the last; the trials after it are not made."""
    for steps in trials:
        if any(problem for _part, problem in steps):
            break
    return steps
