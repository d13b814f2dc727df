"""An answer in another process: inputs go in as text, plain data come back as text, and nothing else does."""

from collections.abc import Callable
from typing import Any

from fedcourse.i18n import _
from fedgrader.guest.answers import DEADLINE_SECONDS, AnswerFailed, hung
from fedgrader.guest.codec import BadData, decode, encode
from fedgrader.guest.deadline import Deadline, Usage
from fedgrader.guest.problem import Problem
from fedgrader.running.student_process import ProcessEnded

# The process has its own deadline for the answer; this is for when it does not keep it.
PATIENCE_SECONDS = DEADLINE_SECONDS + 10


class RemoteAnswer:
    """A handle on the object `name` of a student's process.

    `put(question, deadline)` has `guest/serve.py` answer the question there, and returns its text; it raises
    TimeoutError or ProcessEnded. `usage` tells what the process has computed.
    """

    def __init__(self, name: str, put: Callable[[list[str], Deadline], str], usage: Callable[[], Usage]):
        self.name = name
        self._put = put
        self._usage = usage

    def ask(self, harness: Callable[..., Any], **inputs: Any) -> Any:
        """Plain data that `harness(answer, **inputs)` returned over there.

        Raises:
          AnswerFailed: it raised, hung, ended its process, or sent what is no data.
        """
        question = [self.name, harness.__module__, harness.__name__, encode(inputs)]
        deadline = Deadline(PATIENCE_SECONDS, self._usage)
        try:
            reply = decode(self._put(question, deadline))
        except TimeoutError:
            raise AnswerFailed(hung(self.name, deadline)) from None
        except ProcessEnded:
            raise AnswerFailed(_ended(self.name)) from None
        except BadData as error:
            raise AnswerFailed(_not_data(self.name, str(error))) from None
        return self._data(reply)

    def _data(self, reply: Any) -> Any:
        if isinstance(reply, dict) and set(reply) == {"data"}:
            return reply["data"]
        problem = reply.get("problem") if isinstance(reply, dict) else None
        if isinstance(problem, dict) and set(problem) == {"called", "got", "expected", "hint"}:
            raise AnswerFailed(Problem(**{key: str(text)[:2000] for key, text in problem.items()}))
        raise AnswerFailed(_not_data(self.name, _("neither data nor a problem")))


def _ended(name: str) -> Problem:
    return Problem(
        called=f"{name}(…)",
        got=_("the end of the Python process"),
        expected=_("a result"),
        hint=_("Take out whatever ends the process: `exit()`, `os._exit()`, or more memory than there is."),
    )


def _not_data(name: str, reason: str) -> Problem:
    return Problem(
        called=f"{name}(…)",
        got=_("a reply that cannot be read ({reason})").format(reason=reason),
        expected=_("tensors, arrays or numbers, or a structure of them"),
        hint=_(
            "Return the values that the exercise asks for, and leave the course's own modules as they are."
        ),
    )
