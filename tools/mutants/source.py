"""Mutants of a solution's text: the field's standard operators, as cosmic-ray has them, and changed calls."""

import ast
from collections.abc import Iterator
from itertools import zip_longest

from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators import (
    binary_operator_replacement,
    boolean_replacer,
    break_continue,
    comparison_operator_replacement,
    number_replacer,
    remove_decorator,
    unary_operator_replacement,
    zero_iteration_for_loop,
)
from cosmic_ray.operators.operator import Operator

from tools.mutants.calls import changed_calls
from tools.mutants.mutant import Mutant

# Of the replacements of an operator, one that a student might write; the others are noticed by the same test.
_BINARY = {"Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "Mul_Add", "Div_FloorDiv", "Pow_Mul", "Mod_Div"}
_COMPARISON = {"Gt_GtE", "GtE_Gt", "Lt_LtE", "LtE_Lt", "Gt_Lt", "Lt_Gt", "Eq_NotEq", "NotEq_Eq"}


def _chosen() -> Iterator[type[Operator]]:
    for module, kept in (
        (binary_operator_replacement, _BINARY),
        (comparison_operator_replacement, _COMPARISON),
    ):
        for operator in module.operators():
            if (
                operator.__name__.removeprefix("ReplaceBinaryOperator_").removeprefix(
                    "ReplaceComparisonOperator_"
                )
                in kept
            ):
                yield operator
    yield from unary_operator_replacement.operators()
    yield from (
        boolean_replacer.AddNot,
        boolean_replacer.ReplaceTrueWithFalse,
        boolean_replacer.ReplaceFalseWithTrue,
        boolean_replacer.ReplaceAndWithOr,
        boolean_replacer.ReplaceOrWithAnd,
        break_continue.ReplaceBreakWithContinue,
        number_replacer.NumberReplacer,
        remove_decorator.RemoveDecorator,
        zero_iteration_for_loop.ZeroIterationForLoop,
    )


def source_mutants(exercise: str, definition: str) -> Iterator[Mutant]:
    """Mutants of `definition`, the text of the exercise's solution; each distinct text once."""
    seen = {ast.dump(ast.parse(definition))}
    for operator in _chosen():
        occurrence = 0
        while (text := mutate_code(definition, operator(), occurrence)) is not None:
            occurrence += 1
            try:
                tree = ast.dump(ast.parse(text))
            except SyntaxError:
                continue
            if tree not in seen:
                seen.add(tree)
                yield _mutant(exercise, definition, text)
    yield from _dropped_statements(exercise, definition, seen)
    written = ast.unparse(
        ast.parse(definition)
    )  # as the changed texts are, so that a line differs by its change
    for text in changed_calls(definition):
        if (tree := ast.dump(ast.parse(text))) not in seen:
            seen.add(tree)
            yield _mutant(exercise, written, text)


def _dropped_statements(exercise: str, definition: str, seen: set[str]) -> Iterator[Mutant]:
    """Each statement but definitions, imports and the docstring left out once."""
    lines = definition.split("\n")
    for node in ast.walk(ast.parse(definition)):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.If | ast.For | ast.Expr) and not _is_text(node):
            indent = " " * node.col_offset
            kept = [*lines[: node.lineno - 1], f"{indent}pass", *lines[node.end_lineno :]]
            text = "\n".join(kept)
            if (tree := ast.dump(ast.parse(text))) not in seen:
                seen.add(tree)
                yield _mutant(exercise, definition, text)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _mutant(exercise: str, before: str, after: str) -> Mutant:
    old, new = before.split("\n"), after.split("\n")
    first = next(index for index, (a, b) in enumerate(zip_longest(old, new)) if a != b)
    lines = [text[first].strip() if first < len(text) else "" for text in (old, new)]
    name = f"line {first + 1}: `{lines[0]}` became `{lines[1]}`"
    function = exercise.split(".")[1]
    return Mutant(exercise, "source", name, lambda load: (getattr(load(after), function), None))
