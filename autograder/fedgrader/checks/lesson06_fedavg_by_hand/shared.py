"""What the checks of lesson 6 share."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import _
from fedgrader.guest.problem import Problem


def weights(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {
        "kernel": rng.normal(0, 0.1, (784, 10)).astype(np.float32),
        "bias": rng.normal(0, 1, 10).astype(np.float32),
    }


def form_problem(called: str, got, want: dict) -> Problem | None:
    """A problem where all numbers may be right, and yet TFF finds a structure of another type than `want`."""
    hint = _fields_hint(got, want) or next(_other_dtypes(got, want), None)
    return None if not hint else Problem(called=called, got=_form(got), expected=_form(want), hint=hint)


def _fields_hint(got, want: dict) -> str | None:
    if isinstance(got, dict) and (extra := [name for name in got if name not in want]):
        return _("The field `{name}` is one too many.").format(name=extra[0])
    if _is_misordered(got, want):
        return _("Right fields, wrong order. Keep the order in which they came: it is part of a TFF type.")
    return None


def _other_dtypes(got, want: dict) -> Iterator[str]:
    """For each array of another dtype than in `want`, what to do about it."""
    for name in [name for name in want if name in got] if isinstance(got, dict) else []:
        if isinstance(want[name], dict):
            yield from _other_dtypes(got[name], want[name])
        elif (dtype := np.asarray(got[name]).dtype) != want[name].dtype:
            yield _(
                "`{name}` is of type {got}, and was {want} when it came: to TFF these are two types. Cast it "
                "back with `tf.cast`."
            ).format(name=name, got=dtype, want=want[name].dtype)


def _form(value) -> str:
    """The fields, dtypes and shapes of a structure, without its numbers."""
    if isinstance(value, dict):
        return f"OrderedDict({', '.join(f'{name}={_form(part)}' for name, part in value.items())})"
    array = np.asarray(value)
    return f"{array.dtype}{list(array.shape) if array.shape else ''}"


def split(rng: np.random.Generator, numbers: np.ndarray) -> list[np.ndarray]:
    """A toy client's numbers in batches, the last of which may be smaller; none for no numbers."""
    size = int(rng.integers(2, 6))
    return [numbers[start : start + size].astype(np.float32) for start in range(0, len(numbers), size)]


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
