"""The check of `bits_of_type`, lesson 8."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, same
from fedgrader.guest.problem import Problem

harness = Harness("lesson08_compression.bits_of_type")


def _listed(numbers: list) -> list[int | None]:
    """Whole numbers as they are, None for anything else."""
    whole = [
        None if isinstance(n, dict | list | str | bool | type(None)) or np.shape(n) else float(n)
        for n in numbers
    ]
    return [int(n) if n is not None and n == int(n) else None for n in whole]


@exercise(
    parts={
        N_("counts the bits of a tensor"): 1,
        N_("knows other dtypes, and single numbers"): 1,
        N_("adds up a struct, however deep"): 1,
    },
    hints=(
        N_(
            "How many numbers does `float32[784,10]` have, and how many bits does each take? And `int64`, "
            "which has no shape at all, is how many numbers?"
        ),
        N_(
            "`tff.structure.flatten(type_spec)` lists the tensor types of a struct; of a tensor type it "
            "makes a list of one. Each has a `shape` and a `dtype`."
        ),
        N_(
            "For each tensor: `int(np.prod(tensor.shape)) * 8 * np.dtype(tensor.dtype).itemsize`. `sum` them "
            "up. The product of an empty shape is 1, and that is right."
        ),
    ),
    why=N_(
        "A type says before anything runs what a value will weigh. That is why the cost of a round can be "
        "counted without training: it is the types of what crosses the network, times the number of clients. "
        "Note what does not count: whether the numbers are interesting."
    ),
)
def bits_of_type(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    rows, columns, items = (int(n) for n in rng.integers(5, 40, size=3))
    yield (
        N_("counts the bits of a tensor"),
        _bits_problem(
            answer,
            [f"float32[{rows},{columns}]"],
            [32 * rows * columns],
            (
                ([rows * columns], _("These are the elements. Each of them takes 32 bits.")),
                ([4 * rows * columns], _("These are bytes. A byte is 8 bits.")),
                (
                    [32 * (rows + columns)],
                    _("Multiply the sizes of the dimensions; a table is not a margin."),
                ),
                ([32 * rows], _("This counts the first dimension only.")),
            ),
        ),
    )
    types = [f"uint8[{items}]", "int64", f"float16[2,{items}]", "bool"]
    counts, wanted = np.array([items, 1, 2 * items, 1]), [8 * items, 64, 32 * items, 8]
    no_shape = _("A single number has the shape `()`: no dimensions, and yet one element.")
    yield (
        N_("knows other dtypes, and single numbers"),
        _bits_problem(
            answer,
            types,
            wanted,
            (
                (list(32 * counts), _("Not all dtypes take 32 bits: look at `tensor.dtype`.")),
                ([8 * items, 0, 32 * items, 0], no_shape),
                (list(32 * counts * [1, 0, 1, 0]), no_shape),
                (
                    [8 * items, 64, 32 * items, 1],
                    _("On the network a `bool` takes a whole byte: ask `np.dtype(…).itemsize`."),
                ),
            ),
        ),
    )
    model = f"<trainable=<float32[{rows},{columns}],float32[{columns}]>,non_trainable=<>>"
    deep = f"<{model},int32>"
    size = 32 * (rows * columns + columns)
    yield (
        N_("adds up a struct, however deep"),
        _bits_problem(
            answer,
            [model, deep, "<>"],
            [size, size + 32, 0],
            (
                (
                    [32 * rows * columns, 32 * rows * columns, 0],
                    _("This counts the first tensor only. Add up all of them."),
                ),
            ),
        ),
    )


def _bits_problem(
    answer: AnswerHandle, types: list[str], wanted: list[int], mistakes: tuple
) -> Problem | None:
    got = answer.ask(harness.bits_of_type, types=types)
    called = ", ".join(f"bits_of_type({text})" for text in types)
    if isinstance(got, dict):
        hint = _(
            "A struct may hold structs, and a struct has neither `shape` nor `dtype`. "
            "`tff.structure.flatten` finds the tensors at any depth."
        )
        return Problem(called=called, got=got["raised"], expected=describe(wanted), hint=hint)
    if _listed(got) == wanted:
        return None
    return judge(
        called,
        got,
        [float(n) for n in wanted] if same(got, wanted) else wanted,
        _("Elements times bits of the dtype, for each tensor, and the sum of it all, as one whole number."),
        (
            ([None] * len(got), _("The function returned nothing. End it with `return` and the result.")),
            *mistakes,
        ),
    )
