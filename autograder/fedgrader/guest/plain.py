"""Plain data: what may cross from an answer to its check, and how people are shown it."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from fedcourse.i18n import _

_SCALARS = (bool, int, float, str, type(None))
_MOST_VALUES = 100_000  # in lists and dicts; arrays may be larger
_SHOWN_ELEMENTS = 8
_SHOWN_CHARACTERS = 240


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
    got, want = np.asarray(got), np.asarray(want)
    if got.dtype.kind not in "biuf" or want.dtype.kind not in "biuf":
        return bool(np.array_equal(got, want))
    scale = max(1.0, float(np.max(np.abs(want), initial=0.0)))
    return bool(np.allclose(got.astype(float), want.astype(float), rtol=0, atol=tolerance * scale))


def shape_of(value: Any) -> tuple[int, ...] | None:
    """The shape of a plain value that is an array or a number, `()` for one number; None for all else."""
    return None if isinstance(value, dict | list | str | type(None)) else np.shape(value)


def describe(value: Any) -> str:
    """A short line that shows a plain value: its type and shape, and its elements where they are few."""
    return _shorten(_describe(value))


def _describe(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_describe(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        shown = [_describe(item) for item in value[:_SHOWN_ELEMENTS]]
        return "[" + ", ".join(shown + ["…"] * (len(value) > _SHOWN_ELEMENTS)) + "]"
    if isinstance(value, np.ndarray):
        return _describe_array(value)
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def _describe_array(array: np.ndarray) -> str:
    if not array.shape:
        return _describe(array.item())
    kind = f"{array.dtype}{list(array.shape)}"
    if array.size <= _SHOWN_ELEMENTS:
        text = np.array2string(array, precision=5, separator=", ", max_line_width=1000)
        return f"{kind} {text}".replace("\n", "")
    if array.dtype.kind not in "iuf":
        return kind
    return f"{kind} (mean {np.mean(array):.5g}, min {np.min(array):.5g}, max {np.max(array):.5g})"


def _shorten(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
