"""The check of `client_update`, lesson 9."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson09_stateful_clients import shared
from fedgrader.checks.maths import Weights
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, shape_of
from fedgrader.guest.problem import Problem

harness = Harness("lesson09_stateful_clients.client_update")


def _ratings(rng: np.random.Generator, size: int) -> dict[str, np.ndarray]:
    return {
        "item": rng.integers(0, shared.FILMS, size).astype(np.int32),
        "rating": rng.integers(1, 6, size).astype(np.float32),
    }


def _gradients(weights: Weights, taste: np.ndarray, batch: dict) -> tuple[Weights, np.ndarray]:
    """The gradients of a batch's mean squared error, for the global weights and for the taste."""
    items = batch["item"]
    rows = weights["vectors"][items].astype(float)
    errors = 2 * (rows @ taste + weights["bias"][items] - batch["rating"]) / len(items)
    vectors, bias = np.zeros((shared.FILMS, shared.TASTES)), np.zeros(shared.FILMS)
    np.add.at(vectors, items, errors[:, None] * taste)
    np.add.at(bias, items, errors)
    return {"vectors": vectors, "bias": bias}, errors @ rows


def _train_taste(weights: Weights, taste: np.ndarray, batches: list[dict], rate: float) -> np.ndarray:
    for batch in batches:
        taste = taste - rate * _gradients(weights, taste, batch)[1]
    return taste


def _train_films(weights: Weights, taste: np.ndarray, batches: list[dict], rate: float) -> Weights:
    for batch in batches:
        weights = maths.each(lambda w, g: w - rate * g, weights, _gradients(weights, taste, batch)[0])
    return weights


def _train_both(
    weights: Weights, taste: np.ndarray, batches: list[dict], local_rate: float, global_rate: float
) -> tuple[Weights, np.ndarray]:
    """Both at once, batch by batch."""
    for batch in batches:
        for_films, for_taste = _gradients(weights, taste, batch)
        weights = maths.each(lambda w, g: w - global_rate * g, weights, for_films)
        taste = taste - local_rate * for_taste
    return weights, taste


@exercise(
    parts={
        N_("returns the update, the new state and the number of ratings"): 1,
        N_("first moves the taste, with the films held still"): 2,
        N_("then moves the films, with the new taste held still"): 1,
        N_("counts the round and the ratings"): 1,
    },
    hints=(
        N_(
            "Two loops, one after the other. In each, one of the two gradients is used and the other is "
            "ignored. Where does the first loop get its taste from?"
        ),
        N_(
            'Loop one: start from `client_state["taste"]`, go through `dataset.repeat(local_passes)`, step '
            "with `local_rate`. Loop two: start from `global_weights`, go through `dataset` once, use the "
            "taste that loop one left, step with `global_rate`, and count the ratings."
        ),
        N_(
            "`for_films, for_taste = gradients(trained, taste, batch)` gives both. In loop one "
            "`taste -= local_rate * for_taste`; in loop two `trained = tf.nest.map_structure(lambda w, g: "
            "w - global_rate * g, trained, for_films)`. The update is `tf.nest.map_structure(tf.subtract, "
            "trained, global_weights)`."
        ),
    ),
    why=N_(
        "Two kinds of weights, two optimizers: the taste may take large steps, because it belongs to one "
        "person and nobody averages it; the films take the steps the server can live with. What goes up and "
        "what stays are now two fields of one result, and the next exercise sends them separate ways."
    ),
)
def client_update(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    start, state = shared.weights(rng), shared.state(rng, rounds=4)
    batches = [_ratings(rng, size) for size in (4, 4, 2)]
    rates = {"local_rate": 0.1, "global_rate": 0.3, "local_passes": 2}
    got = answer.ask(harness.client_update, weights=start, state=state, batches=batches, **rates)
    called = _(
        "client_update(global_weights, client_state, dataset of 3 batches, local_rate=0.1, global_rate=0.3, "
        "local_passes=2)"
    )
    form = _output_problem(called, got)
    yield N_("returns the update, the new state and the number of ratings"), form
    if form:
        return
    taste = np.asarray(got["client_state"]["taste"])
    yield (
        N_("first moves the taste, with the films held still"),
        _taste_problem(called, taste, start, state["taste"], batches),
    )
    yield (
        N_("then moves the films, with the new taste held still"),
        _films_problem(called, got["update"], start, state["taste"], taste, batches),
    )
    yield N_("counts the round and the ratings"), _counts_problem(called, got, state, batches)


def _output_problem(called: str, got) -> Problem | None:
    """A problem where fields, order of fields or shapes are not those of the result."""
    fields = {"update": ["vectors", "bias"], "client_state": ["taste", "rounds"]}
    hint = None
    if not isinstance(got, dict) or set(got) != {*fields, "num_examples"}:
        hint = _("Return one `OrderedDict` with the fields `update`, `client_state` and `num_examples`.")
    elif list(got) != [*fields, "num_examples"]:
        hint = _("Right fields, wrong order. Keep the order `update`, `client_state`, `num_examples`.")
    else:
        for field, names in fields.items():
            found = list(got[field]) if isinstance(got[field], dict) else None
            if found != names:
                message = _("`{field}` must be an `OrderedDict` of `{first}` and `{second}`, in this order.")
                hint = hint or message.format(field=field, first=names[0], second=names[1])
    if hint is None:
        shapes = [np.shape(value) for value in (*got["update"].values(), *got["client_state"].values())]
        if (
            shapes == [(shared.FILMS, shared.TASTES), (shared.FILMS,), (shared.TASTES,), ()]
            and shape_of(got["num_examples"]) == ()
        ):
            return None
        hint = _("Every tensor keeps the shape it came with; `rounds` and `num_examples` are single numbers.")
    return Problem(
        called=called,
        got=describe(got),
        expected="OrderedDict(update=OrderedDict(vectors, bias), client_state=OrderedDict(taste, rounds), "
        "num_examples=float32)",
        hint=hint,
    )


def _taste_problem(
    called: str, got: np.ndarray, start: Weights, taste: np.ndarray, batches: list[dict]
) -> Problem | None:
    twice = batches * 2
    right = _train_taste(start, taste, twice, 0.1)
    together = _("The films move in the same loop. Hold them still while the taste catches up.")
    return judge(
        called + '["client_state"]["taste"]',
        got,
        right,
        _(
            "Start from the client's own taste and step against its gradient, batch by batch, "
            "`local_passes` times through the dataset, with `global_weights` unchanged."
        ),
        (
            (taste, _("The taste came back as it went in. Give the new value its name: `taste = …`.")),
            (
                _train_taste(start, np.zeros(shared.TASTES), twice, 0.1),
                _("You start from zeros, so all this client had learnt is lost. Start from its own taste."),
            ),
            (_train_taste(start, taste, twice, -0.1), _uphill()),
            (
                _train_taste(start, taste, twice, 0.3),
                _("The taste steps with `local_rate`, not with the other."),
            ),
            (
                _train_taste(start, taste, batches, 0.1),
                _("One pass only. Go through the data `local_passes` times."),
            ),
            (_train_taste(start, taste, batches[:1], 0.1), _first_batch()),
            (
                _train_taste(start, taste, twice[:2], 0.1),
                _("These are two batches. `local_passes` counts passes through all batches."),
            ),
            (_train_both(start, taste, twice, 0.1, 0.3)[1], together),
            (_train_both(start, taste, batches, 0.1, 0.3)[1], together),
            (
                _train_taste(_train_films(start, taste, batches, 0.3), taste, twice, 0.1),
                _("The films moved first. Let the taste catch up with the films that the server sent."),
            ),
            (right - taste, _("This is the change of the taste. Keep the new taste itself.")),
            (
                _train_taste(start, right, batches, 0.1),
                _("The taste moves on in the second loop. Hold it still there."),
            ),
        ),
    )


def _uphill() -> str:
    return _("The step goes up the slope. Subtract the gradient, do not add it.")


def _first_batch() -> str:
    return _("Only the first batch was used. Is there a `return` in the loop?")


def _films_problem(
    called: str, got, start: Weights, old: np.ndarray, new: np.ndarray, batches: list[dict]
) -> Problem | None:
    """Judged by the taste that the answer itself arrived at, so that no mistake costs twice."""

    def update(taste: np.ndarray, batches: list[dict] = batches, rate: float = 0.3) -> Weights:
        return maths.each(np.subtract, _train_films(start, taste, batches, rate), start)

    right = update(new)
    together = _("Both move in the same loop. Give the films a loop of their own, after the taste's.")
    stale = maths.each(lambda *g: -0.3 * sum(g), *(_gradients(start, new, batch)[0] for batch in batches))
    both_once, _taste = _train_both(start, old, batches, 0.1, 0.3)
    both_twice, _taste = _train_both(start, old, batches * 2, 0.1, 0.3)
    return judge(
        called + '["update"]',
        got,
        right,
        _(
            "Start from `global_weights` and step with `global_rate`, once through the dataset, with the new "
            "taste; then return trained minus given."
        ),
        (
            (maths.each(np.zeros_like, start), _("The update is zero: the films did not move.")),
            (update(old), _("The films learn from the taste the client came with. Use the new one.")),
            (
                maths.each(np.add, start, right),
                _("These are the trained weights. Return the change: trained minus given."),
            ),
            (maths.each(np.negative, right), _("The update points backwards. It is trained minus given.")),
            (update(new, rate=-0.3), _uphill()),
            (update(new, rate=0.1), _("The films step with `global_rate`, not with the other.")),
            (
                update(new, batches=batches * 2),
                _("`local_passes` is for the taste. The films go through the data once."),
            ),
            (update(new, batches=batches[:1]), _first_batch()),
            (right | {"bias": np.zeros(shared.FILMS)}, _("`bias` did not move. It is a global weight, too.")),
            (stale, _("Every gradient is taken at the first weights. Take each one at `trained`.")),
            (maths.each(np.subtract, both_once, start), together),
            (maths.each(np.subtract, both_twice, start), together),
        ),
    )


def _counts_problem(called: str, got: dict, state: dict, batches: list[dict]) -> Problem | None:
    sizes = [len(batch["item"]) for batch in batches]
    rounds, ratings = state["rounds"], sum(sizes)
    return judge(
        called,
        {"rounds": got["client_state"]["rounds"], "num_examples": got["num_examples"]},
        {"rounds": rounds + 1, "num_examples": ratings},
        _("`rounds` is one more than it was, and `num_examples` is the number of ratings the client has."),
        (
            (
                {"rounds": rounds, "num_examples": ratings},
                _("`rounds` is what it was. Add 1: this client has taken part once more."),
            ),
            (
                {"rounds": 1, "num_examples": ratings},
                _("`rounds` begins anew. Add 1 to the number in the client's state."),
            ),
            (
                {"rounds": rounds + 2, "num_examples": ratings},
                _("`rounds` counts rounds, not passes. Add 1."),
            ),
            (
                {"rounds": rounds + 1, "num_examples": len(sizes)},
                _("These are batches. Count the ratings in them."),
            ),
            (
                {"rounds": rounds + 1, "num_examples": 2 * ratings},
                _("Each rating is counted once for each pass. Count in the second loop."),
            ),
            (
                {"rounds": rounds + 1, "num_examples": 3 * ratings},
                _("Each rating is counted in both loops. Count in the second loop only."),
            ),
            (
                {"rounds": rounds + 1, "num_examples": sizes[-1]},
                _("This is the size of the last batch. Add them all up."),
            ),
        ),
    )
