"""Find the row of the table that fits an error, and put its explanation into the learner's language."""

import re

from fedcourse.coach.explanations import EXPLANATIONS, Row
from fedcourse.coach.explanations.older_names import RENAMED
from fedcourse.i18n import _


def explain(error: BaseException) -> str | None:
    """What `error` means and what to do about it, in the learner's language; None when it is not known."""
    found = find(error)
    if found is None:
        return None
    (_kind, _pattern, explanation), match = found
    values = match.groupdict()
    return _(explanation).format(**values, now=RENAMED.get(values.get("name", "")))


def find(error: BaseException) -> tuple[Row, re.Match[str]] | None:
    """The first row of the table that fits `error`, and what its pattern found in the error's text."""
    text = " ".join(error_text(error).split())  # TFF breaks the lines of long types
    for row in EXPLANATIONS:
        kind, pattern, _explanation = row
        match = re.search(pattern, text) if isinstance(error, kind) else None
        if match:
            return row, match
    return None


def error_text(error: BaseException) -> str:
    """What `error` says; a failure in TFF's worker says it in gRPC's `details`. "" where even that fails."""
    try:
        details = getattr(error, "details", None)
        return str(details()) if callable(details) else str(error)
    except Exception:
        return ""
