"""Plain data: what may cross from an answer to its check, and how people are shown it."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import numpy as np

from fedcourse.i18n import _
from fedcourse.texts import shortened

_SCALARS = (bool, int, float, str, type(None))
_MOST_VALUES = 100_000  # in lists and dicts; arrays may be larger
_SHOWN_ELEMENTS = 12
_SHOWN_CHARACTERS = 500


class NotPlain(TypeError):
    """A value that is not data; the message says what it is, in the learner's language."""


def plain(value: Any) -> Any:
    """`value` as numpy arrays, numbers, strings, and lists and dicts of them.

    TensorFlow tensors and variables become arrays; TFF structures, named tuples and mappings become dicts;
    tuples become lists.

    Raises:
      NotPlain: some part is no data, such as a function, a `tf.data.Dataset` or a symbolic tensor, or there
        are more than 100,000 parts.
    """
    try:
        return _plain(value, iter(range(_MOST_VALUES)))
    except RecursionError:
        raise NotPlain(_("a structure that contains itself")) from None


def _plain(value: Any, allowed: Iterator[int]) -> Any:
    if next(allowed, None) is None:
        raise NotPlain(_("more than {limit} values").format(limit=_MOST_VALUES))
    if isinstance(value, _SCALARS):
        return value
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype.hasobject and not all(isinstance(item, str | bytes) for item in np.ravel(value)):
            raise NotPlain(_("an array of Python objects"))
        return np.asarray(value)
    if hasattr(value, "items"):
        return {str(key): _plain(item, allowed) for key, item in value.items()}
    if hasattr(value, "_asdict"):
        return _plain(value._asdict(), allowed)
    if isinstance(value, list | tuple):
        return [_plain(item, allowed) for item in value]
    if hasattr(value, "dtype") and callable(getattr(value, "numpy", None)):
        return np.asarray(value.numpy())
    raise NotPlain(_("an object of type `{type}`").format(type=type(value).__name__))


def same(got: Any, want: Any, tolerance: float = 1e-5) -> bool:
    """Whether two plain values have the same structure, shapes and (within `tolerance`, relative) values."""
    if isinstance(want, dict):
        return (
            isinstance(got, dict)
            and set(got) == set(want)
            and all(same(got[key], want[key], tolerance) for key in want)
        )
    if isinstance(want, list):
        return (
            isinstance(got, list)
            and len(got) == len(want)
            and all(same(g, w, tolerance) for g, w in zip(got, want, strict=True))
        )
    if isinstance(want, str | type(None)):
        return type(got) is type(want) and got == want
    return _same_array(got, want, tolerance)


def _same_array(got: Any, want: Any, tolerance: float) -> bool:
    if shape_of(got) != np.shape(want):
        return False
    if not (_are_numbers(got) and _are_numbers(want)):
        return bool(np.array_equal(np.asarray(got), np.asarray(want)))
    return not _differing(got, want, tolerance).any()


def _are_numbers(value: Any) -> bool:
    return np.asarray(value).dtype.kind in "biuf"


def _differing(got: Any, want: Any, tolerance: float) -> np.ndarray:
    """Where numbers differ by more than `tolerance` times the largest wanted one, or 1; bool, same shape."""
    got, want = np.asarray(got, float), np.asarray(want, float)
    scale = max(1.0, float(np.max(np.abs(want), initial=0.0)))
    return ~np.isclose(got, want, rtol=0, atol=tolerance * scale)


def shape_of(value: Any) -> tuple[int, ...] | None:
    """The shape of a plain value that is an array or a number, `()` for one number; None for all else."""
    return None if isinstance(value, dict | list | str | type(None)) else np.shape(value)


def describe(value: Any, wanted: Any = None, tolerance: float = 1e-5) -> str:
    """A short line that shows a plain value: its type and shape, and its elements where they are few.

    Of a large array in the place of a `wanted` one of the same shape, it says where the two differ by more
    than `tolerance`, as `same` compares.
    """
    return shortened(_describe(value, wanted, tolerance), _SHOWN_CHARACTERS)


def _describe(value: Any, wanted: Any, tolerance: float) -> str:
    if isinstance(value, dict):
        others = wanted if isinstance(wanted, dict) else {}
        parts = [f"{key}: {_describe(item, others.get(key), tolerance)}" for key, item in value.items()]
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, list):
        others = wanted if isinstance(wanted, list) else []
        pairs = list(zip_longest(value, others[: len(value)]))
        shown = [_describe(item, other, tolerance) for item, other in pairs[:_SHOWN_ELEMENTS]]
        return "[" + ", ".join(shown + ["…"] * (len(value) > _SHOWN_ELEMENTS)) + "]"
    if isinstance(value, np.ndarray) and value.shape:
        return _describe_array(value, wanted, tolerance)
    if isinstance(value, np.ndarray):
        value = value.item()
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def _describe_array(array: np.ndarray, wanted: Any, tolerance: float) -> str:
    kind = f"{array.dtype}{list(array.shape)}"
    if array.size <= _SHOWN_ELEMENTS:
        return f"{kind} {_elements(array)}"
    if not _are_numbers(array):
        return kind
    if shape_of(wanted) == array.shape and _are_numbers(wanted):
        return _difference(kind, array, np.asarray(wanted), tolerance)
    return _("{kind} (mean {mean:.5g}, from {least:.5g} to {most:.5g})").format(
        kind=kind, mean=np.mean(array), least=np.min(array), most=np.max(array)
    )


def _elements(array: np.ndarray) -> str:
    if not array.shape:
        return _describe(array, None, 0)
    return "[" + ", ".join(_elements(part) for part in map(np.asarray, array)) + "]"


def _difference(kind: str, got: np.ndarray, want: np.ndarray, tolerance: float) -> str:
    differs = _differing(got, want, tolerance)
    if not differs.any():
        return _("{kind} (as expected)").format(kind=kind)
    first = tuple(np.argwhere(differs)[0])
    return _(
        "{kind} (wrong in {count} of {size} numbers, by up to {most:.5g}; the first is at {place}: {got}, "
        "not {want})"
    ).format(
        kind=kind,
        count=np.count_nonzero(differs),
        size=got.size,
        most=np.max(np.abs(got.astype(float) - want.astype(float))),
        place=list(map(int, first)),
        got=_describe(got[first].item(), None, 0),
        want=_describe(want[first].item(), None, 0),
    )
