"""The check of `plain_types`, lesson 4."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise
from fedgrader.checks.lesson04_federated_types import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.problem import Problem

harness = Harness("lesson04_federated_types.plain_types")


@exercise(
    parts={
        N_("writes the types of single tensors"): 1,
        N_("writes the types of structs"): 1,
        N_("writes the type of a dataset"): 1,
    },
    hints=(
        N_(
            "Take the five in order: each is built from those before it. Say for each aloud: a number, an "
            "array, several named things, or any number of the same thing?"
        ),
        N_(
            "`tff.TensorType(dtype, shape)`, with numpy's dtypes and `None` for a size nobody knows yet; "
            '`tff.StructType([("name", type), …])`; `tff.SequenceType(type)`.'
        ),
        N_(
            '`batch` is `tff.StructType([("x", tff.TensorType(np.float32, [None, side * side])), ("y", '
            "tff.TensorType(np.int32, [None]))])`, and `dataset` is `tff.SequenceType(batch)`."
        ),
    ),
    why=N_(
        "Three ways of putting things together are enough for all data in TFF: an array, a struct of "
        "different things, a sequence of things of the same type. Only the sequence and `None` leave a "
        "number open, and both for the same reason: how much a client has is nobody else's business."
    ),
)
def plain_types(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    sides = [int(side) for side in rng.choice([3, 5, 7, 12, 14, 20, 32, 45], 2, replace=False)]
    got = [(side, answer.ask(harness.plain_types, side=side)) for side in sides]
    problems = [shared.no_dictionary(f"plain_types({side})", types) for side, types in got]
    problem = next(filter(None, problems), None)
    if problem:
        yield N_("writes the types of single tensors"), problem
        return
    for part, part_problem in (
        (N_("writes the types of single tensors"), _tensors_problem),
        (N_("writes the types of structs"), _structs_problem),
        (N_("writes the type of a dataset"), _dataset_problem),
    ):
        problems = [part_problem(side, types) for side, types in got]
        yield part, next(filter(None, problems), None)


def _tensors_problem(side: int, got: dict) -> Problem | None:
    called = f"plain_types({side})"
    return shared.field_problem(
        called, got, "label", "int32", _("one label, an int32")
    ) or shared.field_problem(
        called,
        got,
        "image",
        _image(side),
        _("one image of {side} by {side} pixels, float32").format(side=side),
        (("float32[28,28]", _use_side(side)), ("float32[784]", _use_side(side))),
    )


def _structs_problem(side: int, got: dict) -> Problem | None:
    called = f"plain_types({side})"
    return shared.field_problem(
        called,
        got,
        "example",
        f"<pixels={_image(side)},label=int32>",
        _("an image `pixels` and then its `label`"),
        (("<pixels=float32[28,28],label=int32>", _use_side(side)),),
    ) or shared.field_problem(
        called,
        got,
        "batch",
        _batch(side),
        _("any number of flattened images `x` and of their labels `y`"),
        _batch_mistakes(side, _use_side(side)),
    )


def _dataset_problem(side: int, got: dict) -> Problem | None:
    """A batch that is wrong has been named already: a dataset of just such batches is right."""
    own_batch = got["batch"] if shared.is_type(got.get("batch")) else _batch(side)
    return shared.field_problem(
        f"plain_types({side})",
        got,
        "dataset",
        f"{own_batch}*",
        _("any number of batches, one after the other"),
        (
            (
                f"{got.get('example')}*",
                _("These are single examples, one after the other. The client's data come in batches."),
            ),
        ),
    )


def _image(side: int) -> str:
    return f"float32[{side},{side}]"


def _batch(side: int) -> str:
    return f"<x=float32[?,{side * side}],y=int32[?]>"


def _use_side(side: int) -> str:
    return _("`28` is this course's images. Use the argument `side`: here it is {side}.").format(side=side)


def _batch_mistakes(side: int, use_side: str) -> tuple[tuple[str, str], ...]:
    flat = _("The images in `x` are flattened: a row of `side * side` numbers each.")
    return (
        ("<x=float32[?,784],y=int32[?]>", use_side),
        (f"<x=float32[?,{side},{side}],y=int32[?]>", flat),
        (f"<x=float32[?,{side}],y=int32[?]>", flat),
    )
