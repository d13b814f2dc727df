"""What the checks of lesson 3 share."""

import numpy as np

from fedcourse.i18n import _
from fedgrader.checks import maths
from fedgrader.guest.problem import Problem

Variables = dict[str, np.ndarray | np.float32]
COUNTERS = ("loss_sum", "num_correct", "num_examples")


def variables(rng: np.random.Generator, counted: bool = False) -> Variables:
    """A model in the middle of training; its counters are at zero unless it has `counted`."""
    counters = dict.fromkeys(COUNTERS, 0.0)
    if counted:
        num_examples = int(rng.integers(20, 60))
        counters = {
            "loss_sum": round(num_examples * rng.uniform(0.3, 0.9), 3),
            "num_correct": num_examples - int(rng.integers(3, 9)),
            "num_examples": num_examples,
        }
    return {
        "kernel": rng.normal(0, 0.1, (784, 10)).astype(np.float32),
        "bias": rng.normal(0, 0.1, 10).astype(np.float32),
        **{name: np.float32(value) for name, value in counters.items()},
    }


def losses(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The cross-entropy of each example, [n]."""
    return -np.log(maths.softmax(scores)[np.arange(len(labels)), labels])


def returned_nothing() -> str:
    return _("The function returned nothing. End it with `return` and the result.")


def field_problem(called: str, got: dict) -> Problem | None:
    """A problem where the answer gave a field of `variables` a new value instead of writing into it."""
    if "sets_a_field" not in got:
        return None
    return Problem(
        called=called,
        got=got["sets_a_field"],
        expected=_("new values inside the variables that are there"),
        hint=_(
            "`variables.x = …` and `variables.x += …` would put something else in the variable's "
            "place. Write "
            "into the variable: `variables.x.assign(…)` or `variables.x.assign_add(…)`."
        ),
    )


def dtype_problem(called: str, name: str, got) -> Problem | None:
    """A problem where numbers that are right are no float32."""
    dtype = np.asarray(got).dtype
    if dtype == np.float32:
        return None
    return Problem(
        called=called,
        got=f"{name}: {dtype}",
        expected=f"{name}: float32",
        hint=_(
            "The right numbers, of another type. TFF compares types exactly: leave everything float32, or "
            "turn it back with `tf.cast(…, tf.float32)`."
        ),
    )


def dtypes_problem(called: str, got: dict) -> Problem | None:
    """A problem with the first of the named numbers that is no float32."""
    return next(filter(None, (dtype_problem(called, *one) for one in got.items())), None)


PAIRS = {
    "loss": ("loss_sum", "num_examples"),
    "accuracy": ("num_correct", "num_examples"),
    "num_examples": ("num_examples",),
}


def value(sums: list[float]) -> float:
    """A metric's value: a ratio of two sums, or the one sum there is."""
    return sums[0] / sums[1] if len(sums) == 2 else sums[0]


def plain_dict_problem(called: str) -> Problem:
    return Problem(
        called=called,
        got="dict",
        expected="collections.OrderedDict",
        hint=_("TFF refuses a plain `dict` here, because order is part of a type. Use an `OrderedDict`."),
    )


def floats(sums: dict) -> dict:
    return {metric: [np.float32(value) for value in values] for metric, values in sums.items()}
