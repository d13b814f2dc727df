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


def flat(weights: Weights) -> np.ndarray:
    return np.concatenate([np.ravel(w).astype(float) for w in weights.values()])


def form_problem(called: str, got, want: Weights) -> Problem | None:
    """A problem where the structure is not that of `want`, or has its fields in another order."""
    hint = _("Return a dictionary of the same form: `tf.nest.map_structure` keeps it for you.")
    if maths.has_form(got, want):
        if list(got) == list(want):
            return None
        hint = _("Right fields, wrong order. Keep the order in which they came: it is part of a TFF type.")
    return Problem(called=called, got=describe(got), expected=describe(want), hint=hint)


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
