"""Inside the sandbox: calls the student's answer with a harness and gives the data, or the problem, as text.

Whatever student code does to this module, it can only change the data that it returns itself.
"""

import importlib

from fedcourse.i18n import _
from fedgrader.guest.answers import AnswerFailed, LocalAnswer
from fedgrader.guest.codec import decode, encode
from fedgrader.guest.problem import Problem


def answer(names: dict, name: str, module: str, harness: str, inputs: str) -> str:
    """What `harness` of `module` returns for the object called `name` among the notebook's `names`."""
    try:
        if name not in names:
            raise AnswerFailed(_not_defined(name))
        function = getattr(importlib.import_module(module), harness)
        return encode({"data": LocalAnswer(name, names[name]).ask(function, **decode(inputs))})
    except AnswerFailed as failure:
        return encode({"problem": vars(failure.problem)})


def _not_defined(name: str) -> Problem:
    return Problem(
        called=f"{name}(…)",
        got=_("no function of that name"),
        expected=f"def {name}(…): …",
        hint=_(
            "Run the notebook from the top: the cell that defines `{name}` is missing or ends in an error."
        ).format(name=name),
    )
