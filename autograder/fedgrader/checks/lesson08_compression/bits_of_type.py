"""The check of `bits_of_type`, lesson 8."""

import math
from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, same
from fedgrader.guest.problem import Problem

harness = Harness("lesson08_compression.bits_of_type")
_DTYPES = ("int8", "uint8", "int16", "uint16", "float16", "int32", "uint32", "int64", "uint64", "float64")
_LARGE = (4099, 4099)  # of a byte each: too many bits for a float32 to hold exactly
_HUGE = (8200, 8200)  # of four bytes each: too many bits for an int32


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
    shapes = [tuple(int(size) for size in rng.integers(3, 12, rank)) for rank in (2, 1, 3, 4)]
    elements = [math.prod(shape) for shape in shapes]
    yield (
        N_("counts the bits of a tensor"),
        _bits_problem(
            answer,
            [_tensor("float32", *shape) for shape in shapes],
            [32 * number for number in elements],
            (
                (elements, _("These are the elements. Each of them takes 32 bits.")),
                ([4 * number for number in elements], _("These are bytes. A byte is 8 bits.")),
                (
                    [32 * sum(shape) for shape in shapes],
                    _("Multiply the sizes of the dimensions; a table is not a margin."),
                ),
                ([32 * shape[0] for shape in shapes], _("This counts the first dimension only.")),
                (
                    [32 * math.prod(shape[:2]) for shape in shapes],
                    _("This counts two dimensions. A tensor may have any number of them."),
                ),
            ),
        ),
    )
    yield N_("knows other dtypes, and single numbers"), _dtypes_problem(answer, rng)
    yield N_("adds up a struct, however deep"), _struct_problem(answer, rng)


def _tensor(dtype: str, *shape: int) -> str:
    return f"{dtype}[{','.join(map(str, shape))}]" if shape else dtype


def _dtypes_problem(answer: AnswerHandle, rng: np.random.Generator) -> Problem | None:
    items = int(rng.integers(5, 40))
    dtypes = ["bool", *map(str, rng.permutation(_DTYPES)[:5]), "uint8", "float32"]
    shapes = [(), (items,), (), (2, items), (items, 2, 2), (0, items), _LARGE, _HUGE]
    bits = np.array([8 * np.dtype(dtype).itemsize for dtype in dtypes])
    counts = np.array([math.prod(shape) for shape in shapes])
    is_array = np.array([bool(shape) for shape in shapes])
    no_shape = _("A single number has the shape `()`: no dimensions, and yet one element.")
    return _bits_problem(
        answer,
        [_tensor(dtype, *shape) for dtype, shape in zip(dtypes, shapes, strict=True)],
        [int(number) for number in bits * counts],
        (
            ([int(n) for n in 32 * counts], _("Not all dtypes take 32 bits: look at `tensor.dtype`.")),
            ([int(n) for n in bits * counts * is_array], no_shape),
            ([int(n) for n in 32 * counts * is_array], no_shape),
            (
                [1, *(int(n) for n in (bits * counts)[1:])],
                _("On the network a `bool` takes a whole byte: ask `np.dtype(…).itemsize`."),
            ),
            (
                [int(n) for n in bits * np.maximum(counts, 1)],
                _("A tensor with a dimension of size 0 has no element, and takes no bit."),
            ),
            (
                [int(n) for n in (bits * counts).astype(np.int32)],
                _("An int32 cannot hold so large a number. Count in Python's `int`."),
            ),
        ),
    )


def _struct_problem(answer: AnswerHandle, rng: np.random.Generator) -> Problem | None:
    rows, columns = (int(n) for n in rng.integers(5, 40, size=2))
    kernel, bias = _tensor("float32", rows, columns), _tensor("float32", columns)
    model = f"<trainable=<{kernel},{bias}>,non_trainable=<>>"
    deep = f"<<layers=<{model},{model}>,optimizer=<rate=float64,steps=<int32>>>,bool>"
    many = f"<{','.join([_tensor('int16', rows)] * 12)}>"
    small, large = 32 * columns, 32 * rows * columns
    wanted = [large + small, 2 * (large + small) + 64 + 32 + 8, 12 * 16 * rows, 0]
    return _bits_problem(
        answer,
        [model, deep, many, "<>"],
        wanted,
        (
            ([large, large, 16 * rows, 0], _("This counts the first tensor only. Add up all of them.")),
            (
                [large + small, large + small + 64 + 32 + 8, 16 * rows, 0],
                _("Tensors of the same type are counted once. Each of them is sent."),
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
    if same(got, wanted):
        hint = _("Almost: a float32 cannot hold so large a number to the last bit. Count in Python's `int`.")
        return Problem(called=called, got=str(got), expected=str(wanted), hint=hint)
    return judge(
        called,
        got,
        wanted,
        _("Elements times bits of the dtype, for each tensor, and the sum of it all, as one whole number."),
        (
            ([None] * len(got), _("The function returned nothing. End it with `return` and the result.")),
            *mistakes,
        ),
    )
