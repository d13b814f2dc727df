"""Top-level definitions of a module, taken as text: what lessons show and what solutions hide."""

import ast
from itertools import pairwise

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Definition = _Function | ast.ClassDef


def definitions(module: str) -> dict[str, str]:
    """Each function, class and assigned name of the module's text, with decorators and comments above it."""
    lines = module.split("\n")
    found: dict[str, str] = {}
    for node in ast.parse(module).body:
        text = "\n".join(lines[_first_line(node, lines) : node.end_lineno])
        found |= {name: text for name in _names(node)}
    return found


def imported(module: str, package: str) -> dict[str, str]:
    """Each name that the module's text imports from a module of `package`, with that module's name."""
    return {
        alias.name: node.module.removeprefix(f"{package}.")
        for node in ast.parse(module).body
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(f"{package}.")
        for alias in node.names
    }


def joined(texts: list[str]) -> str:
    """Definitions as they would stand in one module: two empty lines around functions and classes."""
    text = texts[0]
    for before, after in pairwise(texts):
        text += ("\n\n\n" if _is_block(before) or _is_block(after) else "\n") + after
    return text


def marked_solution(definition: str) -> str:
    """`definition` with what follows the docstring between nbgrader's solution marks; a class, per method.

    Raises:
      ValueError: there is no docstring to leave to the student, or nothing to take away.
    """
    lines = definition.split("\n")
    node = ast.parse(definition).body[0]
    if not isinstance(node, _Definition) or ast.get_docstring(node) is None:
        raise ValueError("it must be a function or a class with a docstring, which is all that students see")
    candidates = node.body if isinstance(node, ast.ClassDef) else [node]
    functions = [candidate for candidate in candidates if isinstance(candidate, _Function)]
    if not any(_hidden_body(function) for function in functions):
        raise ValueError("nothing follows its docstring, so there is nothing to solve")
    for function in reversed(functions):
        if body := _hidden_body(function):
            start = function.body[0].end_lineno if len(body) < len(function.body) else body[0].lineno - 1
            indent = " " * body[0].col_offset
            hidden = "\n".join(lines[start : function.end_lineno]).strip("\n").split("\n")
            lines[start : function.end_lineno] = [indent + BEGIN, *hidden, indent + END]
    return "\n".join(lines)


def _hidden_body(function: _Definition) -> list[ast.stmt]:
    return function.body if ast.get_docstring(function) is None else function.body[1:]


def _is_block(text: str) -> bool:
    return isinstance(ast.parse(text).body[0], _Definition)


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, _Definition):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _first_line(node: ast.stmt, lines: list[str]) -> int:
    """Index of the node's first line, its decorators and the comments directly above included."""
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))]) - 1
    while first and lines[first - 1].startswith("#"):
        first -= 1
    return first
