"""What became of the notebook's cells: which names they were to define, and where they failed."""

import ast
import re
import time
import warnings
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NamedTuple

from fedcourse.coach.blame import in_short, learners_lines, unwritten
from fedcourse.coach.lookup import error_text
from fedcourse.texts import as_code, shortened

_BY_HAND_SECONDS = 1.0  # nobody reads a cell's output and runs the next one sooner
_LONGEST_LINE = 60  # characters of a line of code that stands for its cell
_UNKNOWN_NAME = re.compile(r"name '(\w+)' is not defined")
# The names that a cell with a syntax error seems to define.
_LOOKS_DEFINED = re.compile(r"^(?:(?:async )?def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE)


@dataclass(frozen=True)
class Failure:
    """How a cell failed: what people call the cell, the error in short, and its line in the cell.

    `unwritten` is the exercise behind it that has no code yet, if that is all.
    """

    cell: str
    error: str
    line: int | None
    unwritten: str | None


@dataclass(frozen=True)
class Stale:
    """A function in memory that is older than its cell: the cell failed since, or defines it no longer.

    `now` is the name, much like the old one, that the cell defines instead.
    """

    value: Any
    cell: str
    failure: Failure | None
    now: str | None


class _Running(NamedTuple):
    """A cell that runs, and the functions that the notebook had when it began."""

    source: str
    id: str | None
    functions: dict[str, Any]

    def called(self, number: int, line: int | None) -> str:
        """What people call it: its number, or where numbers are another's, as on Colab, a line of it."""
        if self.id:
            return f"[{number}]"
        lines = self.source.splitlines()
        text = lines[line - 1] if line and line <= len(lines) else self.source.strip().partition("\n")[0]
        return as_code(shortened(text.strip(), _LONGEST_LINE))


class CellLog:
    """The cells that were run since the coach started; `begin` and `end` tell it of each."""

    def __init__(self) -> None:
        self._running: list[_Running] = []  # more than one where a cell runs another
        self._home: dict[str, str | None] = {}  # function -> id of the cell that made it
        self._failures: dict[str, Failure] = {}  # name that a cell was to define -> why it did not
        self._stale: dict[str, Stale] = {}
        self._began = self._ended = float("-inf")

    @property
    def runs_in_a_batch(self) -> bool:
        """Whether the cell that runs began as soon as another had ended: nobody chose it, as in Run All."""
        return self._began - self._ended < _BY_HAND_SECONDS

    def begin(self, source: str, cell_id: str | None, names: dict[str, Any]) -> None:
        """The cell with the Python code `source` begins; `names` are the notebook's."""
        self._running.append(_Running(source, cell_id, _functions(names)))
        self._began = time.monotonic()

    def end(self, number: int, error: BaseException | None, names: dict[str, Any]) -> None:
        """The cell that began last has ended, in `error` unless that is None."""
        if self._running:  # the coach had started before it
            self._compare(self._running.pop(), number, error, names)
        self._ended = time.monotonic()

    def behind(self, error: BaseException) -> Failure | None:
        """The failure of an earlier cell that `error`, about a name that is not defined, comes from."""
        missing = _UNKNOWN_NAME.search(error_text(error)) if isinstance(error, NameError) else None
        return self._failures.get(missing[1]) if missing else None

    def stale(self, name: str, value: Any) -> Stale | None:
        """Why `value`, which the notebook calls `name`, is not what its cell says now; None if it is."""
        stale = self._stale.get(name)
        return stale if stale and stale.value is value else None

    def _compare(
        self, cell: _Running, number: int, error: BaseException | None, names: dict[str, Any]
    ) -> None:
        """Note what `cell` defined, and what it did not although it was to, or did the last time."""
        failure = error and _failure(error, cell, number)
        defines = definitions(cell.source)
        missed = {name for name, line in defines.items() if error and line >= (_line_in_cell(error) or 0)}
        self._note_missing(missed, (error and self.behind(error)) or failure, names)
        for name, value in _functions(names).items():
            if cell.functions.get(name) is not value:
                self._home[name] = cell.id
                self._stale.pop(name, None)
            elif name in missed or (self._is_home(cell.id, name) and not {name, "*"} & defines.keys()):
                called = failure.cell if failure else cell.called(number, None)
                close = get_close_matches(name, defines, 1)
                self._stale[name] = Stale(value, called, failure, close[0] if close else None)
            elif name in defines:
                self._stale.pop(name, None)

    def _note_missing(self, missed: set[str], failure: Failure | None, names: dict[str, Any]) -> None:
        for name in missed - names.keys():
            self._failures[name] = failure
        for name in names.keys() & self._failures:
            del self._failures[name]

    def _is_home(self, cell_id: str | None, name: str) -> bool:
        return cell_id is not None and self._home.get(name) == cell_id


def _functions(names: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in names.items() if callable(value)}


def _failure(error: BaseException, cell: _Running, number: int) -> Failure:
    line = _line_in_cell(error) or (error.lineno if isinstance(error, SyntaxError) else None)
    return Failure(cell.called(number, line), in_short(error), line, unwritten(error))


def _line_in_cell(error: BaseException) -> int | None:
    """The line of the cell that `error` came through; None if no line of it was run."""
    own = [line.number for line in learners_lines(error) if line.function == "<module>"]
    return own[0] if own else None


def definitions(source: str) -> dict[str, int]:
    """The names that the code `source` defines at its top level, each with the last line of doing so.

    Where the code does not parse, the names it seems to define.
    """
    finder = _Definitions()
    try:
        with warnings.catch_warnings(action="ignore"):  # IPython has shown them
            finder.visit(ast.parse(source))
    except (SyntaxError, ValueError):  # ValueError: null bytes
        return {name: 1 for pair in _LOOKS_DEFINED.findall(source) for name in pair if name}
    return finder.names


class _Definitions(ast.NodeVisitor):
    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self._last_line = 1

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.stmt):
            self._last_line = node.end_lineno
        super().visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.names[node.id] = self._last_line

    def visit_alias(self, node: ast.alias) -> None:
        self.names[(node.asname or node.name).split(".")[0]] = self._last_line

    def visit_FunctionDef(self, node) -> None:
        self.names[node.name] = self._last_line  # what is inside has a scope of its own

    visit_AsyncFunctionDef = visit_ClassDef = visit_FunctionDef

    def visit_ListComp(self, node) -> None:
        """Its variables are its own."""

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_Lambda = visit_ListComp


log = CellLog()
