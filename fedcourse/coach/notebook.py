"""Show the explanation of an error in a notebook, below its traceback."""

import contextlib
import sys

from fedcourse.coach.lookup import explain
from fedcourse.i18n import _

EXPLANATION = "fedcourse-explanation"  # in the metadata of an output, says that it came from here


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
    ipython = sys.modules.get("IPython")  # loaded, if this runs in it
    shell = ipython and ipython.get_ipython()
    if shell:
        with contextlib.suppress(ValueError):  # it is not there the first time
            shell.events.unregister("post_run_cell", _explain_below)
        shell.events.register("post_run_cell", _explain_below)


def _explain_below(result) -> None:
    """Show what the error of `result`, the outcome of a cell, means; IPython has shown the traceback."""
    from IPython.display import display  # only IPython calls this

    error = getattr(result, "error_in_exec", None)  # an interrupted cell has no result
    explanation = None
    with contextlib.suppress(Exception):  # an error may fail even to say what it is
        explanation = error and explain(error)
    if explanation:
        display(Explanation(explanation), metadata={EXPLANATION: True})
