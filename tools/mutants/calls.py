"""Mutants of the calls in a solution's text: an argument left out, a step skipped, a neighbour called."""

import ast
import copy
from collections.abc import Iterator

# What is easily taken for one another, each way.
_NEIGHBOURS = (
    ("federated_mean", "federated_sum"),
    ("reduce_mean", "reduce_sum"),
    ("reduce_max", "reduce_min"),
    ("maximum", "minimum"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("float32", "float64"),
    ("int32", "int64"),
    ("floor", "round"),
    ("CLIENTS", "SERVER"),
    ("federated_broadcast", "federated_sum"),
    ("subtract", "add"),
    ("divide", "multiply"),
    ("argmax", "argmin"),
    ("append", "extend"),
    ("take", "skip"),
)
_INSTEAD = {a: b for pair in _NEIGHBOURS for a, b in (pair, pair[::-1])}
_MODULES = {"tf", "tff", "np", "collections", "math", "itertools", "dp_accounting"}


def changed_calls(definition: str) -> Iterator[str]:
    """Each text that comes of one such change; some are no longer Python that runs."""
    tree = ast.parse(definition)
    for index, node in enumerate(ast.walk(tree)):
        for change in _changes(node):
            mutated = copy.deepcopy(tree)
            target = list(ast.walk(mutated))[index]
            new = change(target)
            if new is not target:
                _replace(mutated, target, new)
            yield ast.unparse(ast.fix_missing_locations(mutated))


def _changes(node: ast.AST) -> Iterator:
    if isinstance(node, ast.Attribute) and node.attr in _INSTEAD:
        yield _neighbour
    if isinstance(node, ast.Call):
        for place in range(len(node.keywords)):
            yield lambda call, p=place: _without_keyword(call, p)
        if node.args:
            yield lambda call: call.args[0]
            yield _without_last_argument
        if _is_step(node):
            yield lambda call: call.func.value


def _is_step(call: ast.Call) -> bool:
    """Whether it is a method of a value, as in `dataset.batch(3)`, and no function of a module."""
    if not isinstance(call.func, ast.Attribute):
        return False
    root = call.func.value
    while isinstance(root, ast.Attribute):
        root = root.value
    return not (isinstance(root, ast.Name) and root.id in _MODULES)


def _neighbour(attribute: ast.Attribute) -> ast.Attribute:
    attribute.attr = _INSTEAD[attribute.attr]
    return attribute


def _without_keyword(call: ast.Call, place: int) -> ast.Call:
    del call.keywords[place]
    return call


def _without_last_argument(call: ast.Call) -> ast.Call:
    del call.args[-1]
    return call


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list):
                value[:] = [new if item is old else item for item in value]
