"""What the checks of lesson 7 share."""

import numpy as np

from fedcourse.i18n import _
from fedgrader.checks import maths
from fedgrader.checks.maths import Weights
from fedgrader.guest.plain import describe
from fedgrader.guest.problem import Problem


def weights(rng: np.random.Generator, norm: float) -> Weights:
    """Random weights of a small model, kernel [6, 3] and bias [3], of the global norm `norm`."""
    weights = {"kernel": rng.normal(size=(6, 3)), "bias": rng.normal(size=3)}
    return maths.scaled_to(weights, norm)


def structure(rng: np.random.Generator, norm: float) -> Weights:
    """Random tensors of other names and other ranks than a small model's, of the global norm `norm`."""
    shapes = {"filters": (2, 3, 2), "dense": (3, 2), "offset": (4,)}
    tensors = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    # Small beside the others: the largest number of all is not this one alone.
    tensors["temperature"] = np.asarray(rng.choice([-1, 1]) * rng.uniform(0.2, 0.6))
    return maths.scaled_to(tensors, norm)


def limits(rng: np.random.Generator) -> tuple[float, float]:
    """A `max_norm` below 1 and one above, in either order."""
    small, large = rng.permutation([rng.uniform(0.2, 0.8), rng.uniform(1.5, 5.0)])
    return float(small), float(large)


def flat(weights: Weights) -> np.ndarray:
    return np.concatenate([np.ravel(w).astype(float) for w in weights.values()])


def form_problem(called: str, got, want: Weights) -> Problem | None:
    """A problem where the structure is not that of `want`, in the same order and in float32."""
    hint = _("Return a dictionary of the same form: `tf.nest.map_structure` keeps it for you.")
    if maths.has_form(got, want):
        if list(got) == list(want):
            return dtype_problem(called, got, want)
        hint = _("Right fields, wrong order. Keep the order in which they came: it is part of a TFF type.")
    return Problem(called=called, got=describe(got), expected=describe(want), hint=hint)


def dtype_problem(called: str, got, want) -> Problem | None:
    """A problem where what came back, an array or a dictionary of arrays, is not in float32."""
    dtypes = {str(np.asarray(value).dtype) for value in (got.values() if isinstance(got, dict) else [got])}
    if dtypes == {"float32"}:
        return None
    return Problem(
        called=called,
        got=describe(got),
        expected=describe(want),
        hint=_(
            "float32 goes in, and {dtypes} comes out. TFF keeps them apart: what takes float32 would refuse "
            "it. Leave out the cast."
        ).format(dtypes=", ".join(sorted(dtypes - {"float32"}))),
    )


def kept_problem(called: str, kept: bool) -> Problem | None:
    """A problem where the answer changed what it was given."""
    if kept is True:
        return None
    return Problem(
        called=called,
        got=_("another structure in place of the one that was passed in"),
        expected=_("the structure that was passed in as it was, and a new one returned"),
        hint=_(
            "Do not write into the structure that you are given: `tf.nest.map_structure` makes a new one."
        ),
    )


def per_layer() -> str:
    return _(
        "`kernel` and `bias` are clipped one by one, each by its own norm. That turns the arrow. Take one "
        "norm for all, and one factor for all."
    )


def by_value() -> str:
    return _(
        "Each number is cut off by itself. That turns the arrow: the large numbers lose, the small ones "
        "stay. Multiply all by one factor instead."
    )


def scaled_up() -> str:
    return _(
        "What was short came out longer. Clipping never stretches: the factor must not be greater than 1."
    )
