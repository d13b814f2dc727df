"""The check of `predict`, lesson 9."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import contract
from fedgrader.checks.lesson09_stateful_clients import shared
from fedgrader.checks.maths import Weights
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
    films, tastes = shared.sizes(rng)
    full, taste = shared.weights(rng, films, tastes), rng.normal(0, 1, tastes).astype(np.float32)
    flat = full | {"bias": np.zeros(films, np.float32)}
    # One film is there twice, first and last, so they are neither sorted nor the first of the table.
    count = int(rng.choice([n for n in (4, 5, 6, 7) if n != tastes]))
    chosen = rng.choice(films, count - 1, replace=False)
    items, last = np.array([*chosen, chosen[0]], np.int32), np.array([films - 1], np.int32)
    asked = [(flat, items), (full, items), (full, last)]
    of_flat, of_full, of_one = answer.ask(
        harness.predict, cases=[{"weights": weights, "items": those} for weights, those in asked], taste=taste
    )
    call = _("predict(global_weights of {films} films, taste of {tastes} numbers, items={items})")
    called, for_one = (
        call.format(films=films, tastes=tastes, items=those.tolist()) for those in (items, last)
    )
    form = _form_problem(called, of_full, items, full) or _form_problem(for_one, of_one, last, full)
    yield N_("returns one prediction for each film asked for"), form
    if form:
        return
    product = _product_problem(_("{call} with every bias 0").format(call=called), of_flat, full, taste, items)
    yield N_("multiplies the film's vector and the taste, and adds up"), product
    bias = _bias_problem(called, of_full, of_flat, full, taste, items)
    if not (product or bias):
        wanted = full["vectors"][last] @ taste + full["bias"][last]
        bias = judge(
            for_one, of_one, wanted, _("The last film of the table, asked for alone, comes out wrong.")
        )
    yield N_("adds the film's bias"), bias


def _form_problem(called: str, got, items: np.ndarray, weights: Weights) -> Problem | None:
    """A problem where there is not one float32 for each of the items."""
    count, shape = len(items), shape_of(got)
    if shape == items.shape:
        hint = contract.other_dtype("predict(…)", got, "float32")
    else:
        films, tastes = weights["vectors"].shape
        hints: dict[tuple[int, ...] | None, str] = {
            (count, count): _(
                "A row met a column and made a table. The bias and the products must have the same shape."
            ),
            (count, 1): _(
                "Each prediction is in a row of its own. Return a list of numbers: `tf.squeeze(…, axis=1)`."
            ),
            (): _(
                "This is one number. Add up within each film's row only, with `axis=1`, and keep a list also "
                "of one film."
            ),
            (films,): _(
                "This is a prediction for every film there is. Pick the ones in `items`: `tf.gather`."
            ),
            (count, tastes): _("These are the products. Add them up within each row: `axis=1`."),
            (tastes,): _("You add up over the films. Add up within each film's row: `axis=1`."),
        }
        hint = hints.get(shape, _("Return one float32 for each entry of `items`, in the same order."))
    expected = _("{count} predictions: float32[{count}]").format(count=count)
    return Problem(called=called, got=describe(got), expected=expected, hint=hint) if hint else None


def _product_problem(
    called: str, got, weights: Weights, taste: np.ndarray, items: np.ndarray
) -> Problem | None:
    rows = weights["vectors"][items]
    return judge(
        called,
        got,
        rows @ taste,
        _("For each film: multiply its vector and the taste number by number, and add the products up."),
        (
            (np.mean(rows * taste, axis=1), _("The products are averaged. Add them up.")),
            (np.zeros(len(items)), _("The taste has no say here: `vectors` and `taste` must meet.")),
            (np.sum(rows, axis=1), _("The vectors are added up without the taste. Multiply first.")),
            (
                np.sum(rows + taste, axis=1),
                _("Vector and taste are added. Multiply them, then add the products up."),
            ),
            (
                rows @ taste / np.linalg.norm(rows, axis=1) / np.linalg.norm(taste),
                _("You divide by the lengths. Do not: how strongly someone feels matters too."),
            ),
            (np.sort(rows @ taste), _("Right numbers, wrong order. Keep the order of `items`.")),
            (weights["vectors"][: len(items)] @ taste, _first_films()),
            (1 / (1 + np.exp(-(rows @ taste))), _("Stars are no probabilities. Leave the sigmoid out.")),
            (
                np.clip(rows @ taste, 1, 5),
                _("The stars are cut off at 1 and 5. Leave them as they come: training needs the slope."),
            ),
        ),
    )


def _bias_problem(
    called: str, got, of_flat, weights: Weights, taste: np.ndarray, items: np.ndarray
) -> Problem | None:
    """Judged by what the answer returned where every bias is 0, so that no mistake costs twice."""
    bias, every = weights["bias"][items], weights["bias"]
    plain = of_flat if np.shape(of_flat) == items.shape else weights["vectors"][items] @ taste
    return judge(
        called,
        got,
        plain + bias,
        _("Add to each prediction the bias of that very film."),
        (
            (plain, _("The bias is missing. Add it, gathered with `items` like the vectors.")),
            (plain + np.mean(every), _("The mean bias is added. Each film has its own.")),
            (plain + np.sum(every), _("All biases are added. Each film has its own.")),
            (plain + every[: len(items)], _first_films()),
            (plain - bias, _("The bias is subtracted. Add it.")),
            (plain * bias, _("The bias is a factor here. Add it.")),
        ),
    )


def _first_films() -> str:
    return _("These are the first films of the table, not the ones in `items`. Use `tf.gather`.")
