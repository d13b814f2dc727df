"""The check of `global_norm`, lesson 7."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson07_clipping import shared
from fedgrader.checks.maths import Weights
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import shape_of
from fedgrader.guest.problem import Problem

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
    model = shared.weights(rng, norm=1.0)
    model["bias"] *= np.float32(2)  # so that the bias matters
    model = maths.scaled_to(model, rng.choice([rng.uniform(0.1, 0.5), rng.uniform(3, 40)]))
    [got] = answer.ask(harness.global_norm, structures=[model])
    called = _("global_norm(a kernel of 6 by 3 numbers and a bias of 3)")
    form = _form_problem(called, got, model)
    yield N_("returns one number for the whole structure"), form
    if shape_of(got) != ():
        return
    problem = _norm_problem(called, got, model) or _others_problem(answer, rng, model)
    yield N_("measures all numbers, as one long arrow"), problem


def _others_problem(answer: AnswerHandle, rng: np.random.Generator, model: Weights) -> Problem | None:
    """What is wrong with the norm of another structure, or with that of zeros."""
    other = shared.structure(rng, norm=rng.uniform(2, 20))
    of_other, of_zeros = answer.ask(harness.global_norm, structures=[other, maths.each(np.zeros_like, model)])
    called = _("global_norm(four tensors, with none to three dimensions)")
    return _norm_problem(called, of_other, other) or judge(
        _("global_norm(a structure of zeros)"), of_zeros, 0.0, _("An arrow that goes nowhere has length 0.")
    )


def _form_problem(called: str, got, structure: Weights) -> Problem | None:
    """A problem where it is not one float32 number."""
    if shape_of(got) == ():
        return shared.dtype_problem(called, got, np.float32(maths.norm(structure)))
    layers = np.array(maths.layer_norms(structure))
    each = _("This is a norm for each tensor. Bring them together into one number.")
    by_name = np.argsort(list(structure))  # the order in which TensorFlow flattens a dictionary
    return judge(
        called,
        got,
        maths.norm(structure),
        _("Return a single number, a scalar tensor."),
        tuple(
            (form, each)
            for norms in (layers, layers**2)
            for form in (
                norms,
                norms[by_name],
                list(norms),
                list(norms[by_name]),
                dict(zip(structure, norms, strict=True)),
            )
        ),
    )


def _norm_problem(called: str, got, structure: Weights) -> Problem | None:
    layers, flat = np.array(maths.layer_norms(structure)), shared.flat(structure)
    alone = _("This is the norm of `{name}` alone. The other tensors count too.")
    return judge(
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
                _("These are the tensors' norms added up. Add up the squares; take the root at the end."),
            ),
            *((layer, alone.format(name=name)) for name, layer in zip(structure, layers, strict=True)),
            (
                np.sqrt(np.sum(layers[:2] ** 2)),
                _("Only two tensors are measured. A structure may hold any number of them."),
            ),
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
    )


def _mean_of_squares() -> str:
    return _("The squares are averaged. Add them up: a longer arrow must have a larger norm.")


def _sum_before_square() -> str:
    return _("The numbers are added before they are squared, so plus and minus cancel. Square first.")
