"""What the checks of several lessons say of what a caller relies on beside the values."""

import numpy as np

from fedcourse.i18n import _
from fedgrader.guest.problem import Problem


def changed_input(called: str, name: str) -> Problem:
    """The problem of an answer that has changed the argument `name`, which is its caller's."""
    return Problem(
        called=called,
        got=_("another `{name}` than before the call").format(name=name),
        expected=_("`{name}` as it was").format(name=name),
        hint=_("`{name}` belongs to the caller. Sort, shorten, fill or empty a copy of it.").format(
            name=name
        ),
    )


def other_dtype(name: str, value: object, wanted: str) -> str | None:
    """The hint for a number or an array `name` that is not of the dtype `wanted`; None where it is."""
    got = np.asarray(value).dtype.name
    if got == wanted:
        return None
    return _(
        "`{name}` is {got}, and must be {wanted}: where it is used next, TensorFlow refuses another type."
    ).format(name=name, got=got, wanted=wanted)
