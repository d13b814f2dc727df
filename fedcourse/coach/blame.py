"""Where in the learner's own code an error comes from, and whether it is an exercise without an answer."""

import linecache
import re
import sysconfig
import traceback
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

import fedcourse
from fedcourse.coach.lookup import error_text
from fedcourse.texts import shortened

_GRADER = find_spec("fedgrader")  # its harnesses call the learner's code
_NOT_THE_LEARNERS = (
    str(Path(fedcourse.__file__).parent),
    *(_GRADER.submodule_search_locations if _GRADER else ()),
    sysconfig.get_path("stdlib"),
    "site-packages",
    str(Path(np.__file__).parent.parent),  # the sandbox calls it otherwise
    "<frozen",
    "__autograph_generated_file",
)
# AutoGraph replaces the frames of the code it rewrites by text; the star marks that code.
_AUTOGRAPH_FRAME = re.compile(
    r'File "(?P<file>.+?)", line (?P<number>\d+), in (?P<function>.+?)  \*$', re.MULTILINE
)
_LONGEST = 300  # characters that are shown of what an error says
_FRAME = re.compile(r" {8}|    File |\s*$")  # a line of AutoGraph's that shows where, not what
_STUB = re.compile(r"raise NotImplementedError(\(\))?\s*(#.*)?$")


class SourceLine(NamedTuple):
    """A line of code that an error came through: its file and number, the function around it, its text."""

    file: str
    number: int
    function: str
    text: str

    @property
    def is_learners(self) -> bool:
        """Whether it is neither the course's nor a library's."""
        return not any(mark in self.file for mark in _NOT_THE_LEARNERS)


def learners_lines(error: BaseException) -> list[SourceLine]:
    """The lines of the learner's own code that `error` came through, outermost first."""
    return [line for line in _lines(error) if line.is_learners]


def unwritten(error: BaseException) -> str | None:
    """The function whose released stub, a bare `raise NotImplementedError`, is all there is to `error`."""
    own = learners_lines(error)
    if not isinstance(error, NotImplementedError) or not own:
        return None
    line = own[-1]
    if not line.text:  # code that has no file: the error must have been raised in it, without a word
        return line.function if not str(error) and line == _lines(error)[-1] else None
    around = "".join(linecache.getlines(line.file))
    is_exercise = re.search(rf"^def {line.function}\(", around, re.MULTILINE)  # not a method of a class
    return line.function if is_exercise and _STUB.match(line.text) else None


def _lines(error: BaseException) -> list[SourceLine]:
    """The lines that `error` came through, outermost first; what AutoGraph rewrote is innermost."""
    frames = traceback.extract_tb(error.__traceback__)
    called = [(frame.filename, frame.lineno or 0, frame.name) for frame in frames]
    rewritten = _AUTOGRAPH_FRAME.findall(error_text(error))
    return [
        SourceLine(file, int(number), function, linecache.getline(file, int(number)).strip())
        for file, number, function in [*called, *rewritten]
    ]


def in_short(error: BaseException) -> str:
    """The error's type and the start of what it says; TensorFlow's and gRPC's errors can run to pages."""
    said = error.msg if isinstance(error, SyntaxError) else error_text(error)
    said = said.removeprefix("in user code:").partition("Traceback (most recent call last)")[0]
    told = " ".join(line.strip() for line in said.splitlines() if not _FRAME.match(line))
    kind = type(error).__name__
    text = shortened(told.strip().removeprefix(f"{kind}:").strip(), _LONGEST)
    return f"{kind}: {text}" if text else kind
