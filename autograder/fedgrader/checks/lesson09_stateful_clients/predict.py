"""The check of `predict`, lesson 9."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks.lesson09_stateful_clients import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, shape_of
from fedgrader.guest.problem import Problem

harness = Harness("lesson09_stateful_clients.predict")


@exercise(
    parts={
        N_("returns one prediction for each film asked for"): 1,
        N_("multiplies the film's vector and the taste, and adds up"): 1,
        N_("adds the film's bias"): 1,
    },
    hints=(
        N_(
            "Of the whole table you need only the rows of the films asked for. How does a list of row "
            "numbers become a list of rows?"
        ),
        N_(
            '`tf.gather(global_weights["vectors"], items)` has a row for each film asked for. Multiply each '
            "row with the taste, and add up within the row. The biases are gathered in the same way."
        ),
        N_(
            '`vectors = tf.gather(global_weights["vectors"], items)`, then `tf.gather('
            'global_weights["bias"], items) + tf.reduce_sum(vectors * taste, axis=1)`.'
        ),
    ),
    why=N_(
        "What the films are like and what the user likes meet in a single sum, and only there. So the "
        "formula itself falls into two halves, and each half can live in another place."
    ),
)
def predict(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    full, taste = shared.weights(rng), rng.normal(0, 1, shared.TASTES).astype(np.float32)
    flat = full | {"bias": np.zeros(shared.FILMS, np.float32)}
    items = np.array([5, 0, 5, 2, 6], np.int32)
    of_flat, of_full = answer.ask(harness.predict, weights=[flat, full], taste=taste, items=items)
    called = _("predict(global_weights of 7 films, taste of 3 numbers, items=[5, 0, 5, 2, 6])")
    shape = shape_of(of_full)
    yield (
        N_("returns one prediction for each film asked for"),
        None if shape == items.shape else _shape_problem(called, of_full, shape),
    )
    if shape != items.shape:
        return
    rows, bias = full["vectors"][items], full["bias"][items]
    yield (
        N_("multiplies the film's vector and the taste, and adds up"),
        judge(
            _("{call} with every bias 0").format(call=called),
            of_flat,
            rows @ taste,
            _("For each film: multiply its vector and the taste number by number, and add the products up."),
            (
                (np.mean(rows * taste, axis=1), _("The products are averaged. Add them up.")),
                (np.zeros(len(items)), _("The taste has no say here: `vectors` and `taste` must meet.")),
                (
                    np.sum(rows, axis=1),
                    _("The vectors are added up without the taste. Multiply first."),
                ),
                (
                    np.sum(rows + taste, axis=1),
                    _("Vector and taste are added. Multiply them, then add the products up."),
                ),
                (
                    rows @ taste / np.linalg.norm(rows, axis=1) / np.linalg.norm(taste),
                    _("You divide by the lengths. Do not: how strongly someone feels matters too."),
                ),
                (
                    np.sort(rows @ taste),
                    _("Right numbers, wrong order. Keep the order of `items`."),
                ),
                (full["vectors"][: len(items)] @ taste, _first_films()),
                (
                    1 / (1 + np.exp(-(rows @ taste))),
                    _("Stars are no probabilities. Leave the sigmoid out."),
                ),
            ),
        ),
    )
    plain = of_flat if np.shape(of_flat) == items.shape else rows @ taste
    yield (
        N_("adds the film's bias"),
        judge(
            called,
            of_full,
            plain + bias,
            _("Add to each prediction the bias of that very film."),
            (
                (plain, _("The bias is missing. Add it, gathered with `items` like the vectors.")),
                (plain + np.mean(full["bias"]), _("The mean bias is added. Each film has its own.")),
                (plain + np.sum(full["bias"]), _("All biases are added. Each film has its own.")),
                (plain + full["bias"][: len(items)], _first_films()),
                (plain - bias, _("The bias is subtracted. Add it.")),
                (plain * bias, _("The bias is a factor here. Add it.")),
            ),
        ),
    )


def _first_films() -> str:
    return _("These are the first films of the table, not the ones in `items`. Use `tf.gather`.")


def _shape_problem(called: str, got, shape: tuple[int, ...] | None) -> Problem:
    hints: dict[tuple[int, ...] | None, str] = {
        (): _("This is one number. Add up within each film's row only: `axis=1`."),
        (shared.FILMS,): _(
            "This is a prediction for every film there is. Pick the ones in `items`: `tf.gather`."
        ),
        (5, shared.TASTES): _("These are the products. Add them up within each row: `axis=1`."),
        (shared.TASTES,): _("You add up over the films. Add up within each film's row: `axis=1`."),
        (5, 1): _(
            "Each prediction is in a row of its own. Return a list of numbers: `tf.squeeze(…, axis=1)`."
        ),
        (5, 5): _("A row met a column and made a table. The bias and the products must have the same shape."),
    }
    otherwise = _("Return one float32 for each entry of `items`, in the same order.")
    return Problem(
        called=called,
        got=describe(got),
        expected=_("5 predictions: float32[5]"),
        hint=hints.get(shape, otherwise),
    )
