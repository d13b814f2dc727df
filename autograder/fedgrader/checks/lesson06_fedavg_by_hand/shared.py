"""What the checks of lesson 6 share."""

import numpy as np

from fedcourse.i18n import _
from fedgrader.guest.plain import describe
from fedgrader.guest.problem import Problem


def weights(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {
        "kernel": rng.normal(0, 0.1, (784, 10)).astype(np.float32),
        "bias": rng.normal(0, 0.1, 10).astype(np.float32),
    }


def order_problem(called: str, got, want: dict) -> Problem | None:
    """A problem where a structure has the right fields in another order: to TFF it is of another type."""
    if not _is_misordered(got, want):
        return None
    return Problem(
        called=called,
        got=describe(got),
        expected=describe(want),
        hint=_("Right fields, wrong order. Keep the order in which they came: it is part of a TFF type."),
    )


def _is_misordered(got, want) -> bool:
    if not (isinstance(got, dict) and isinstance(want, dict) and set(got) == set(want)):
        return False
    return list(got) != list(want) or any(_is_misordered(got[name], want[name]) for name in want)


def unchanged() -> str:
    return _(
        "The weights came back as they went in. Variables that are assigned outside "
        "`@tf.function` keep their first value in a TFF computation; and a new value must be "
        "given a name to survive: `weights = …`."
    )
