"""Show the explanation of an error in a notebook, below its traceback."""

import contextlib
import re
import sys

from fedcourse.coach.blame import unwritten
from fedcourse.coach.cells import Failure, log
from fedcourse.coach.lookup import explain
from fedcourse.i18n import _
from fedcourse.texts import as_code

EXPLANATION = "fedcourse-explanation"  # in the metadata of an output, says that it came from here
_TRANSPARENT_MAGIC = re.compile(r"\s*%%(?:time|capture)\b.*\n")  # what stands below it runs as ever


class Explanation:
    """An explanation that a notebook shows as Markdown, in its own colours, and a terminal as text."""

    def __init__(self, text: str):
        self._heading, self._text = _("The error above, in plain words:"), text

    def __repr__(self) -> str:
        return f"{self._heading}\n{self._text}"

    def _repr_markdown_(self) -> str:
        return f"> **{self._heading}**\n>\n> {self._text}"


def start() -> None:
    """From now on, explain below its traceback every error of a cell that the coach knows; may be repeated.

    Tracebacks stay as they are. Outside IPython nothing happens.
    """
    if shell := _shell():
        for event, hear in (("pre_run_cell", _begin), ("post_run_cell", _end)):
            with contextlib.suppress(ValueError):  # it is not there the first time
                shell.events.unregister(event, hear)
            shell.events.register(event, hear)


def explanation(error: BaseException) -> str | None:
    """What `error` of a cell means in this notebook, in the learner's language; None when it is not known."""
    if name := unwritten(error):
        return _(
            "Nothing is broken. `{name}` is an exercise, and its code is still to be written: by you. Put it "
            "in place of `raise NotImplementedError` in the cell with `def {name}(`, and run that cell. This "
            "cell needs it, and so does much of what follows; run them after that."
        ).format(name=name)
    if failure := log.behind(error):
        return _earlier(failure)
    return explain(error)


def _earlier(failure: Failure) -> str:
    """The words for a name that is missing because an earlier cell failed."""
    if failure.unwritten:
        return _(
            "What is missing here comes from cell {cell}, and that needs `{name}`, an exercise that had no "
            "code yet. Write `{name}`, run its cell, then run the cells from {cell} on, in their order."
        ).format(cell=failure.cell, name=failure.unwritten)
    return _(
        "What is missing here comes from cell {cell}, and that ended in an error: {error}. Mend that cell "
        "first and run it, then this one."
    ).format(cell=failure.cell, error=described(failure))


def described(failure: Failure) -> str:
    """The error of a failed cell as inline code, with its line."""
    error = as_code(failure.error)
    return _("{error} (line {number})").format(error=error, number=failure.line) if failure.line else error


def _shell():
    ipython = sys.modules.get("IPython")  # loaded, if this runs in it
    return ipython and ipython.get_ipython()


def _begin(info) -> None:
    log.begin(_python(info.raw_cell), info.cell_id, _shell().user_ns)


def _end(result) -> None:
    """Show what the error of `result`, the outcome of a cell, means; IPython has shown the traceback."""
    from IPython.display import display  # only IPython calls this

    if result is None:  # it was interrupted while it waited
        error: BaseException | None = KeyboardInterrupt()
    elif not result.info.raw_cell.strip():
        return  # IPython says of an empty cell only that it has ended
    else:
        error = result.error_before_exec or result.error_in_exec
    if result and result.error_in_exec and (text := explanation(error)):
        display(Explanation(text), metadata={EXPLANATION: True})
    if isinstance(error, KeyboardInterrupt) and (runtime := sys.modules.get("fedcourse.runtime")):
        runtime.restart()  # what TFF's worker is at would go on, and hold up the next computation for ever
    log.end(_shell().execution_count - 1, error, _shell().user_ns)


def _python(cell: str) -> str:
    """The Python code of a cell; as it is written, where IPython cannot read it."""
    try:
        return _shell().transform_cell(_TRANSPARENT_MAGIC.sub("\n", cell, count=1))
    except SyntaxError:
        return cell
