"""Plain data as JSON text, and back: what crosses the border of the sandbox.

Arrays travel as type, shape and raw bytes; NaN and the infinities as the tokens that Python's `json` writes.
Nothing is ever pickled or evaluated; what comes from a student's process is decoded strictly, within limits.
"""

import base64
import json
import math
import re
import sys
from typing import Any

import numpy as np

from fedcourse.i18n import _

MAX_CHARACTERS = 16_000_000
MAX_DEPTH = 32
MAX_VALUES = 200_000
MAX_AXES = 32  # numpy's own limit
_ARRAY = "__array__"
# Booleans, integers, floats and texts, as `dtype.str` spells them; never objects, records or dates.
_KIND = re.compile(r"[<>|][biufUS][0-9]{1,8}")


class BadData(ValueError):
    """Text that does not encode plain data, or too much of it; the message is in the learner's language."""


def encode(value: Any) -> str:
    """`value`, plain data as `fedgrader.guest.plain.plain` makes it, as JSON text."""
    return json.dumps(_encoded(value))


def _encoded(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        array = np.ascontiguousarray(value)
        raw = base64.b64encode(array.tobytes()).decode()
        return {_ARRAY: [array.dtype.str, list(np.shape(value)), raw]}
    if isinstance(value, dict):
        return {str(key): _encoded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encoded(item) for item in value]
    return value


def decode(text: str) -> Any:
    """The plain data that `text` encodes.

    Raises:
      BadData: it is malformed, too long, too deep, or holds too many values.
    """
    if not isinstance(text, str) or len(text) > MAX_CHARACTERS:
        raise BadData(_("too long"))
    # Each value but the first stands behind one of these. Counted before anything is built: `{}` alone, six
    # million times, are gigabytes of dictionaries.
    if sum(map(text.count, "[{,")) > 2 * MAX_VALUES:
        raise BadData(_("too deep, or too many values"))
    try:
        return _Decoder().decoded(json.loads(text, object_pairs_hook=_without_twins), 0)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BadData(str(error)) from None


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise BadData(_("a key that occurs twice"))
    return dict(pairs)


class _Decoder:
    """Counts the values of one text."""

    def __init__(self) -> None:
        self._values = 0

    def decoded(self, value: Any, depth: int) -> Any:
        self._values += 1
        if depth > MAX_DEPTH or self._values > MAX_VALUES:
            raise BadData(_("too deep, or too many values"))
        if isinstance(value, dict) and set(value) == {_ARRAY}:
            return _decoded_array(*value[_ARRAY])
        if isinstance(value, dict):
            return {key: self.decoded(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            return [self.decoded(item, depth + 1) for item in value]
        return value


def _decoded_array(kind: str, shape: list[int], raw: str) -> np.ndarray:
    if not isinstance(kind, str) or not _KIND.fullmatch(kind):
        raise BadData(_("not an array of numbers or texts"))
    # An axis of no length makes an array of any shape out of no bytes.
    if len(shape) > MAX_AXES or not all(type(size) is int and 0 <= size <= MAX_CHARACTERS for size in shape):
        raise BadData(_("not a shape"))
    if math.prod(filter(None, shape)) > MAX_CHARACTERS:
        raise BadData(_("not a shape"))
    content, dtype = base64.b64decode(raw, validate=True), np.dtype(kind)
    if dtype.kind == "U" and np.frombuffer(content, f"{kind[0]}u4").max(initial=0) > sys.maxunicode:
        raise BadData(_("not a text"))
    return np.frombuffer(content, dtype).reshape(shape).copy()
