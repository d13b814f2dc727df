"""Mistakes that can be made in every exercise, recognized by what comes back beside what was wanted."""

from collections.abc import Callable
from typing import Any

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.guest.plain import same, shape_of

Array = np.ndarray

# Each hint is true of any answer that gives such numbers, whatever it did to get them.
_NUMBERS: tuple[tuple[Callable[[Array], Array], str], ...] = (
    (lambda want: want[::-1] if want.ndim else want, N_("The right values, in the reverse order.")),
    (lambda want: -want, N_("The right values, with the opposite sign. Check a subtraction.")),
    (np.abs, N_("The right values without their signs. Look for an `abs`.")),
    (lambda want: np.maximum(want, 0), N_("What should be negative is 0. Look for a `maximum` or a `relu`.")),
    (lambda want: want * 100, N_("This is 100 times what is wanted. If it is in percent, divide it by 100.")),
    (
        lambda want: want / 100,
        N_("This is a hundredth of what is wanted. Is it divided by 100 once too often?"),
    ),
    (lambda want: want * 2, N_("This is twice what is wanted. Is something counted, sent or done twice?")),
    (
        lambda want: want / 2,
        N_("This is half of what is wanted. Is it divided by 2, or averaged, once too often?"),
    ),
    (lambda want: want**2, N_("This is the square of what is wanted. A square root is missing.")),
    (lambda want: want + 1, N_("This is 1 too large. Look where you begin to count, or for a `+ 1`.")),
    (lambda want: want - 1, N_("This is 1 too small. Look where you begin to count, or for a `- 1`.")),
    (np.round, N_("This is rounded to whole numbers. Return the value as it is, without `round` or `int`.")),
    (np.floor, N_("The part behind the point is cut off. Look for `int`, `//` or a cast to an integer.")),
)
_DIGITS = (1, 2, 3, 4)


def common_mistake(got: Any, want: Any) -> str | None:
    """The hint that names what is wrong with `got`, None where it is no mistake of a well-known kind."""
    if isinstance(got, list) and isinstance(want, list):
        return _list_mistake(got, want)
    if isinstance(got, dict) and isinstance(want, dict):
        return _fields_mistake(got, want)
    if _is_numeric(got) and _is_numeric(want):
        return _number_mistake(np.asarray(got), np.asarray(want))
    return None


def _is_numeric(value: Any) -> bool:
    return shape_of(value) is not None and np.asarray(value).dtype.kind in "iuf"


def _fields_mistake(got: dict, want: dict) -> str | None:
    if missing := [name for name in want if name not in got]:
        return _("The field `{name}` is missing.").format(name=missing[0])
    if extra := [name for name in got if name not in want]:
        return _("The field `{name}` is one too many.").format(name=extra[0])
    return _shared_mistake([(got[name], want[name]) for name in want])


def _shared_mistake(pairs: list[tuple[Any, Any]]) -> str | None:
    """The hint that fits each pair of what came back and what was wanted in which the two differ."""
    hints = {common_mistake(got, want) for got, want in pairs if not same(got, want)}
    return hints.pop() if len(hints) == 1 else None


def _list_mistake(got: list, want: list) -> str | None:
    if same(got, want[:-1]):
        return _("The last one is missing.")
    if same(got, want[1:]):
        return _("The first one is missing.")
    if len(want) > 1 and same(got, want[:1]):
        return _("Only the first one is there.")
    if same(got[::-1], want):
        return _("The right values, in the reverse order.")
    if len(got) == len(want) and _is_rearranged(got, want):
        return _("The right values, in another order.")
    if len(got) != len(want):
        return _("There are {got} values, and there should be {want}.").format(got=len(got), want=len(want))
    if all(shape_of(value) == () and _is_numeric(value) for value in (*got, *want)):
        return _number_mistake(np.array(got), np.array(want))
    return _shared_mistake(list(zip(got, want, strict=True)))


def _is_rearranged(got: list, want: list) -> bool:
    left = list(want)
    for value in got:
        found = next((index for index, other in enumerate(left) if same(value, other)), None)
        if found is None:
            return False
        del left[found]
    return True


def _number_mistake(got: Array, want: Array) -> str | None:
    if np.isnan(got).any() and not np.isnan(want).any():
        return _(
            "There is a `nan` in it: look for 0 divided by 0, the root of what is negative, or the logarithm "
            "of what is not positive."
        )
    if np.isinf(got).any() and not np.isinf(want).any():
        return _("There is an infinity in it: look for a division by 0, or for a number that grew too large.")
    if got.shape != want.shape:
        return _shape_mistake(got, want)
    with np.errstate(all="ignore"):
        values = [(mistaken(want.astype(float)), hint) for mistaken, hint in _NUMBERS]
    hints = [hint for value, hint in values if same(got, value) and not same(value, want)]
    if hints:  # 2 instead of 1 may be one too many or twice as many: then nothing is said
        return _(hints[0]) if len(hints) == 1 else None
    if want.ndim and same(np.sort(got, axis=None), np.sort(want, axis=None)):
        return _("The right values, in another order.")
    if any(np.allclose(got, np.round(want, digits), rtol=1e-6, atol=0) for digits in _DIGITS):
        return _("This is rounded. Return the value as it is, without `round`.")
    return None


def _shape_mistake(got: Array, want: Array) -> str | None:
    if got.size == want.size and same(got.reshape(want.shape), want):
        return _("The right values, in another shape: {got} instead of {want}.").format(
            got=list(got.shape), want=list(want.shape)
        )
    if got.ndim and want.ndim and got.shape[1:] == want.shape[1:]:
        if same(got, want[:-1]):
            return _("The last one is missing.")
        if same(got, want[1:]):
            return _("The first one is missing.")
    if got.shape == () and want.ndim:
        return _("This is one number, and there should be {count}.").format(count=want.size)
    return None
