"""Compare a type that a learner writes with the real one."""

from typing import Any

from fedcourse.i18n import _
from fedcourse.signatures.differences import difference
from fedcourse.signatures.parsing import NotAType


def guess_type(written: str, real: Any) -> None:
    """Print whether `written` is the type of `real`, a computation or a type, and if not, what differs."""
    print(_answer(written, str(getattr(real, "type_signature", real))))


def _answer(written: str, real: str) -> str:
    if not written.strip(" ?"):
        return _("No guess yet. Write one between the quotation marks, and run the cell again.")
    try:
        told = difference(written, real)
    except NotAType as error:
        return _("That is no type yet. {why}").format(why=error)
    return _("Not yet. {hint}").format(hint=told) if told else _("Right: {type}").format(type=real)
