"""The check of `global_norm`, lesson 7."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson07_clipping import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import shape_of

harness = Harness("lesson07_clipping.global_norm")


@exercise(
    parts={
        N_("returns one number for the whole structure"): 1,
        N_("measures all numbers, as one long arrow"): 2,
    },
    hints=(
        N_(
            "Pythagoras, in 7,850 dimensions: square every number, add up all the squares, take the root. "
            "How do the kernel and the bias come into one sum?"
        ),
        N_(
            "`tf.nest.flatten(structure)` is the list of the tensors. For each, `tf.reduce_sum(tensor**2)` "
            "is the sum of its squares."
        ),
        N_(
            "Add the sums up with `tf.add_n(…)`, and only then take the root, once: `tf.sqrt(tf.add_n("
            "[tf.reduce_sum(tensor**2) for tensor in tf.nest.flatten(structure)]))`."
        ),
    ),
    why=N_(
        "One number now says how far a whole model would move, however many layers it has. The squares may "
        "be added up layer by layer because Pythagoras does not care how you sort the sides; the root must "
        "wait until the end, because the root of a sum is not the sum of the roots."
    ),
)
def global_norm(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    structure = shared.weights(rng, norm=4.0)
    structure["bias"] *= np.float32(2)  # so that the bias matters
    got, of_zeros = answer.ask(
        harness.global_norm, structures=[structure, maths.each(np.zeros_like, structure)]
    )
    called = _("global_norm(a kernel of 6 by 3 numbers and a bias of 3)")
    layers, flat = np.array(maths.layer_norms(structure)), shared.flat(structure)
    form = None
    if shape_of(got) != ():
        each = _("This is a norm for each tensor. Bring them together into one number.")
        form = judge(
            called,
            got,
            maths.norm(structure),
            _("Return a single number, a scalar tensor."),
            (
                (list(layers), each),
                (layers, each),
                (dict(zip(structure, layers, strict=True)), each),
                (list(layers**2), each),
                (dict(zip(structure, layers**2, strict=True)), each),
            ),
        )
    yield N_("returns one number for the whole structure"), form
    if form:
        return
    problem = judge(
        called,
        got,
        maths.norm(structure),
        _(
            "Square every number of every tensor, add up all the squares, and take the square root of the "
            "sum."
        ),
        (
            (np.sum(flat**2), _("This is the square of the norm. Take the square root.")),
            (
                np.sum(layers),
                _("These are two norms added up. Add up the squares; take the root at the end."),
            ),
            (layers[0], _("This is the norm of `kernel` alone. `bias` counts too.")),
            (layers[1], _("This is the norm of `bias` alone. `kernel` counts too.")),
            (np.mean(layers), _("This is the mean of the tensors' norms. Add up the squares instead.")),
            (np.sqrt(np.mean(flat**2)), _mean_of_squares()),
            (np.mean(flat**2), _mean_of_squares()),
            (np.sqrt(np.mean(layers**2)), _mean_of_squares()),
            (np.sqrt(sum(np.mean(w**2) for w in structure.values())), _mean_of_squares()),
            (
                np.sum(np.abs(flat)),
                _("These are the absolute values, added up. Square them, and take the root."),
            ),
            (np.max(np.abs(flat)), _("This is the largest number alone. All of them count.")),
            (np.abs(np.sum(flat)), _sum_before_square()),
            (np.sum(flat), _sum_before_square()),
        ),
    ) or judge(
        _("global_norm(a structure of zeros)"), of_zeros, 0.0, _("An arrow that goes nowhere has length 0.")
    )
    yield N_("measures all numbers, as one long arrow"), problem


def _mean_of_squares() -> str:
    return _("The squares are averaged. Add them up: a longer arrow must have a larger norm.")


def _sum_before_square() -> str:
    return _("The numbers are added before they are squared, so plus and minus cancel. Square first.")
