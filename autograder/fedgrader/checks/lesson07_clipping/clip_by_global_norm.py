"""The check of `clip_by_global_norm`, lesson 7."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson07_clipping import shared
from fedgrader.checks.maths import Weights
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe
from fedgrader.guest.problem import Problem

harness = Harness("lesson07_clipping.clip_by_global_norm")
Case = tuple[Weights, float]  # a structure and a `max_norm`


@exercise(
    parts={
        N_("shrinks what is too long, and keeps its direction"): 2,
        N_("leaves alone what is short enough"): 1,
        N_("survives an arrow of length zero"): 1,
    },
    hints=(
        N_(
            "One factor for all numbers. What must it be when the norm is twice `max_norm`? And when it is "
            "half of `max_norm`?"
        ),
        N_(
            "The factor is `max_norm / norm`, but never more than 1. Inside a computation use `tf.minimum` "
            "or `tf.maximum` rather than `if`. And a norm of 0 must not be what you divide by."
        ),
        N_(
            "`factor = max_norm / tf.maximum(norm, max_norm)` does all three. Then "
            "`tf.nest.map_structure(lambda tensor: tensor * factor, structure)`."
        ),
    ),
    why=N_(
        "The direction says what the data want, the length says how loudly. You turned the volume down and "
        "left the words alone. And since the factor is never above 1, quiet clients stay as they are: "
        "clipping is a limit, not a level."
    ),
)
def clip_by_global_norm(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    limit, other_limit = shared.limits(rng)
    model = shared.weights(rng, norm=1.0)
    cases = [
        (maths.scaled_to(model, limit * rng.uniform(4, 8)), limit),
        (maths.scaled_to(model, other_limit * rng.uniform(0.7, 0.9)), other_limit),
        (maths.each(np.zeros_like, model), limit),
    ]
    others = [  # of other names and ranks
        (shared.structure(rng, norm=other_limit * rng.uniform(4, 8)), other_limit),
        (shared.structure(rng, norm=limit * rng.uniform(0.7, 0.9)), limit),
    ]
    results = _results(answer, cases)
    if not (form := _form_problem(cases, results)):
        cases, results = [*cases, *others], [*results, *_results(answer, others)]
        form = _form_problem(cases, results)
    clipped = [(case, result["clipped"]) for case, result in zip(cases, results, strict=True)]
    long = [pair for pair in clipped if maths.norm(pair[0][0]) > pair[0][1]]
    zeros = [pair for pair in clipped if maths.norm(pair[0][0]) == 0]
    short = [pair for pair in clipped if 0 < maths.norm(pair[0][0]) <= pair[0][1]]
    yield (
        N_("shrinks what is too long, and keeps its direction"),
        form or _first(_long_problem, long) or _kept_problem(cases, results),
    )
    if not all(maths.has_form(result, case[0]) for case, result in clipped):
        return
    yield N_("leaves alone what is short enough"), _first(_short_problem, short)
    yield N_("survives an arrow of length zero"), _first(_zero_problem, zeros)


def _first(problem: Callable, clipped: list[tuple[Case, Any]]) -> Problem | None:
    """The first problem that is found in what came of a case."""
    return next(filter(None, (problem(*case, result) for case, result in clipped)), None)


def _results(answer: AnswerHandle, cases: list[Case]) -> list[dict]:
    structures, limits = zip(*cases, strict=True)
    return answer.ask(harness.clip_by_global_norm, structures=list(structures), max_norms=list(limits))


def _form_problem(cases: list[Case], results: list[dict]) -> Problem | None:
    problems = (
        shared.form_problem(_called(*case), result["clipped"], case[0])
        for case, result in zip(cases, results, strict=True)
    )
    return next(filter(None, problems), None)


def _kept_problem(cases: list[Case], results: list[dict]) -> Problem | None:
    problems = (
        shared.kept_problem(_called(*case), result["kept"])
        for case, result in zip(cases, results, strict=True)
    )
    return next(filter(None, problems), None)


def _called(structure: Weights, limit: float) -> str:
    return _("clip_by_global_norm(a structure of global norm {norm}, max_norm={limit})").format(
        norm=f"{maths.norm(structure):.3g}", limit=f"{limit:.3g}"
    )


def _short_problem(short: Weights, limit: float, got) -> Problem | None:
    return judge(
        _called(short, limit),
        got,
        short,
        _("Its norm is below `max_norm`, so it must come back as it went in."),
        (
            (maths.scaled_to(short, limit), shared.scaled_up()),
            (
                maths.scaled_to(short, 1.0),
                _("It was scaled to length 1. Only what is longer than `max_norm` changes."),
            ),
            (
                maths.clip(short, 1.0),
                _("It was clipped to length 1. Only what is longer than `max_norm` changes."),
            ),
            (
                maths.each(np.zeros_like, short),
                _("Zeros came back. What is short enough must stay as it is."),
            ),
        ),
    )


def _long_problem(long: Weights, limit: float, got) -> Problem | None:
    norm, layers = maths.norm(long), maths.layer_norms(long)
    return judge(
        _called(long, limit),
        got,
        maths.clip(long, limit),
        _("Multiply every number by `max_norm` divided by the global norm."),
        (
            (maths.clip_layers(long, limit), shared.per_layer()),
            (
                maths.each(lambda w: w * limit / np.sqrt(np.sum(w.astype(float) ** 2)), long),
                shared.per_layer(),
            ),
            (maths.clip_values(long, limit), shared.by_value()),
            (long, _("It came back as it went in, though it is longer than `max_norm`.")),
            (maths.scaled_to(long, 1.0), _("It has length 1 now. It should have length `max_norm`.")),
            (
                maths.each(lambda w: w * limit, long),
                _("It was multiplied by `max_norm` and not divided by its norm."),
            ),
            (
                maths.each(lambda w: w * norm / limit, long),
                _("The factor is upside down: what is too long became even longer."),
            ),
            (
                maths.scaled_to(long, limit / norm),
                _("You divide by the square of the norm. Take the root first."),
            ),
            (
                maths.each(lambda w: w * limit / sum(layers), long),
                _("You divide by the norms of the tensors added up. Use `global_norm`."),
            ),
            (
                maths.each(np.zeros_like, long),
                _(
                    "Zeros came back: that is called zeroing. Clipping shrinks what is too long, and keeps "
                    "it."
                ),
            ),
            (
                maths.clip(long, np.sqrt(limit)),
                _("It became too short. The limit is `max_norm` itself, not its root."),
            ),
        ),
    )


def _zero_problem(zeros: Weights, limit: float, got) -> Problem | None:
    called = _called(zeros, limit)
    if np.isnan(shared.flat(got)).any():
        return Problem(
            called=called,
            got=describe(got),
            expected=describe(zeros),
            hint=_(
                'Zero divided by zero is NaN, "not a number", and NaN spreads to all it touches. Divide by '
                "`tf.maximum(norm, max_norm)`, which is never 0."
            ),
        )
    return judge(called, got, zeros, _("Nothing times any factor is nothing: zeros must come back."))
