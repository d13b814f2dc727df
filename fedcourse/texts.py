"""Texts for people: cut where they would be too long, marked where they are code, whole and visible."""

import re
from typing import Any

_HALVES = re.compile("[\ud800-\udfff]")  # surrogates; Python reads them from JSON and from names of files
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def shortened(text: str, most: int) -> str:
    """`text` in at most `most` characters; one that was cut ends in "…"."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def as_code(text: str) -> str:
    """`text` as inline code, whatever it holds."""
    return "`" + text.replace("`", "'") + "`"


def visible(text: str) -> str:
    """`text` with escapes for what no line can show: control characters and halves of letters."""
    return _INVISIBLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def whole(value: Any) -> Any:
    """`value`, plain data, with the sign for it in place of each half of a letter, which no file can hold."""
    if isinstance(value, str):
        return _HALVES.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return type(value)({whole(key): whole(item) for key, item in value.items()})
    if isinstance(value, list):
        return [whole(item) for item in value]
    return value
