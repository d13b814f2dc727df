"""Checks of lesson 9: clients with a state of their own."""

from collections.abc import Iterator

import numpy as np

from autograder.answers import AnswerHandle
from autograder.checking import Harness, Step, exercise, judge
from autograder.checks import maths
from autograder.checks.maths import Weights
from autograder.finding import Problem
from autograder.plain import describe, same, shape_of
from fedcourse.i18n import N_, _

harness = Harness("lesson09_stateful_clients")

# --- the same maths in numpy: what the answers must return, and what well-known mistakes return instead ---

FILMS, TASTES = 7, 3


def _weights(rng: np.random.Generator) -> Weights:
    return {
        "vectors": rng.normal(0, 0.6, (FILMS, TASTES)).astype(np.float32),
        "bias": rng.normal(3, 0.7, FILMS).astype(np.float32),
    }


def _state(rng: np.random.Generator, rounds: int) -> dict:
    return {"taste": rng.normal(0, 0.8, TASTES).astype(np.float32), "rounds": rounds}


# --- predict ---


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
    full, taste = _weights(rng), rng.normal(0, 1, TASTES).astype(np.float32)
    flat = full | {"bias": np.zeros(FILMS, np.float32)}
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


def _shape_problem(called: str, got, shape: tuple | None) -> Problem:
    hints = {
        (): _("This is one number. Add up within each film's row only: `axis=1`."),
        (FILMS,): _("This is a prediction for every film there is. Pick the ones in `items`: `tf.gather`."),
        (5, TASTES): _("These are the products. Add them up within each row: `axis=1`."),
        (TASTES,): _("You add up over the films. Add up within each film's row: `axis=1`."),
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


# --- client_update ---


def _ratings(rng: np.random.Generator, size: int) -> dict[str, np.ndarray]:
    return {
        "item": rng.integers(0, FILMS, size).astype(np.int32),
        "rating": rng.integers(1, 6, size).astype(np.float32),
    }


def _gradients(weights: Weights, taste: np.ndarray, batch: dict) -> tuple[Weights, np.ndarray]:
    """The gradients of a batch's mean squared error, for the global weights and for the taste."""
    items = batch["item"]
    rows = weights["vectors"][items].astype(float)
    errors = 2 * (rows @ taste + weights["bias"][items] - batch["rating"]) / len(items)
    vectors, bias = np.zeros((FILMS, TASTES)), np.zeros(FILMS)
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
    start, state = _weights(rng), _state(rng, rounds=4)
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
        if shapes == [(FILMS, TASTES), (FILMS,), (TASTES,), ()] and shape_of(got["num_examples"]) == ():
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
                _train_taste(start, np.zeros(TASTES), twice, 0.1),
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
            (right | {"bias": np.zeros(FILMS)}, _("`bias` did not move. It is a global weight, too.")),
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


# --- next_fn ---

_TOY_TYPE = "<vectors=float32[2,2],bias=float32[2]>"
_STATE_TYPE = "<taste=float32[3],rounds=int32>"
_LOCAL_TYPES = (
    "float32[3]",
    "int32",
)  # of a taste and of a number of rounds; nothing else in the toy has them


@exercise(
    parts={
        N_("gives back the weights at the server and the states at the clients"): 1,
        N_("weighs each update by the client's number of ratings"): 1,
        N_("leaves each client its own new state"): 2,
        N_("sends nothing of a state to the server"): 1,
    },
    hints=(
        N_(
            "`client_work` takes three things, and they are all at the clients once you have broadcast. Of "
            "what it returns, which part travels, and which part is handed back as it is?"
        ),
        N_(
            "`trained = tff.federated_map(client_work, (…, client_states, client_data))`. Only "
            "`trained.update` goes into `tff.federated_mean`. `trained.client_state` needs no operator at "
            "all: it is at the clients, and there it stays."
        ),
        N_(
            "`return tff.federated_map(server_work, (server_weights, mean_update)), trained.client_state`: "
            "two values with a comma between them, the server's first."
        ),
    ),
    why=N_(
        "The function returns something that is at the clients. That is all there is to a stateful client: a "
        "value that goes in at the clients and comes out at the clients, and meets no operator that moves. "
        "Had you averaged it, you would have a global weight once more."
    ),
)
def next_fn(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    weights = {
        "vectors": rng.normal(size=(2, 2)).astype(np.float32),
        "bias": rng.normal(size=2).astype(np.float32),
    }
    states = [_state(rng, rounds) for rounds in (3, 0, 8)]
    clients = [[round(float(x), 3) for x in rng.normal(i, 1, size)] for i, size in enumerate((1, 6, 2))]
    got = answer.ask(harness.next_fn, weights=weights, states=states, clients=clients)
    called = _("next_fn(…) with three clients that have 1, 6 and 2 ratings")
    form = _round_type_problem(called, got["type"])
    yield N_("gives back the weights at the server and the states at the clients"), form
    if not form:
        server, at_clients = got["returned"]
        yield (
            N_("weighs each update by the client's number of ratings"),
            _mean_problem(called, server, weights, states, clients),
        )
        yield (
            N_("leaves each client its own new state"),
            _states_problem(called, at_clients, weights, states, clients),
        )
        yield N_("sends nothing of a state to the server"), _leak_problem(called, got)


def _round_type_problem(called: str, got: str) -> Problem | None:
    server, clients = f"{_TOY_TYPE}@SERVER", f"{{{_STATE_TYPE}}}@CLIENTS"
    clue = _("The new states are missing. Return them as the second value: they come from `client_work`.")
    averaged = _("The states must stay at the clients, one for each; they are at the server here.")
    return judge(
        called,
        got,
        f"<{server},{clients}>",
        _("Return two values with a comma between them: what `server_work` returns, then the new states."),
        (
            (server, clue),
            (clients, _("The server's weights are missing. Return them as the first value.")),
            (f"<{clients},{server}>", _("Right values, wrong order: the server's weights come first.")),
            (
                got if got.startswith(f"<{server},") and got.endswith("@SERVER>") else None,
                averaged,
            ),
            (
                got if "num_examples" in got and got.endswith("@CLIENTS>") else None,
                _("You return all that `client_work` returns. Take the states from it: `.client_state`."),
            ),
        ),
    )


def _mean_problem(
    called: str, got, weights: Weights, states: list[dict], clients: list[list[float]]
) -> Problem | None:
    sizes = np.array([len(client) for client in clients])
    updates = np.array(
        [sum(client) + state["taste"][0] for client, state in zip(clients, states, strict=True)]
    )

    def after(update: float) -> Weights:
        return maths.each(lambda w: w + 0.5 * update, weights)

    skipped = _("The server's own step is missing. Give the mean update to `server_work`.")
    right = float(sizes @ updates / sizes.sum())
    return judge(
        called,
        got,
        after(right),
        _("Average the updates, each weighted by its `num_examples`, and hand the mean to `server_work`."),
        (
            (
                after(float(updates.mean())),
                _(
                    "Each client counts the same here, though one has six times the ratings of another. Give "
                    "`tff.federated_mean` a `weight`."
                ),
            ),
            (after(float(updates.sum())), _("These are the updates added up. Average them.")),
            (
                after(float(sizes @ updates)),
                _(
                    "The weighted sum is not divided by the total of the weights. `tff.federated_mean` "
                    "does both."
                ),
            ),
            (weights, _("The weights came back unchanged.")),
            (maths.each(lambda w: w + right, weights), skipped),
            (maths.each(lambda w: np.full_like(w, right), weights), skipped),
            (
                maths.each(lambda w: w + 0.5 * w, weights),
                _("`server_work` was given the weights twice. Its second argument is the mean update."),
            ),
        ),
    )


def _states_problem(
    called: str, got: list, weights: Weights, states: list[dict], clients: list[list[float]]
) -> Problem | None:
    right = [
        {"taste": state["taste"] + sum(client) + weights["bias"][0], "rounds": state["rounds"] + 1}
        for state, client in zip(states, clients, strict=True)
    ]
    tastes = [state["taste"] for state in got]
    hint = None
    if all(same(taste, tastes[0]) for taste in tastes):
        hint = _(
            "All clients end with one and the same taste. A taste that is averaged or shared is nobody's: "
            "leave each client its own."
        )
    old = [state["taste"] for state in states]
    if [state["rounds"] for state in got] == [state["rounds"] for state in right] and same(tastes, old):
        hint = _("The tastes are the old ones. Return the whole state that `client_work` returned.")
    return judge(
        called,
        got,
        right,
        hint or _("Return the states that `client_work` returned, as they are."),
        (
            (
                states,
                _("These are the states that came in. Return the new ones: `client_work` returned them."),
            ),
        ),
    )


def _leak_problem(called: str, got: dict) -> Problem | None:
    leaked = [type_ for type_ in got["up"] if type_ in _LOCAL_TYPES]
    if not leaked:
        return None
    return Problem(
        called=called,
        got=_("an upload of {types}").format(types=", ".join(got["up"])),
        expected=_("an upload of {types} only").format(types="float32[2,2], float32[2], float32"),
        hint=_(
            "Part of each client's state goes to the server: `{types}` is the type of a taste or of its "
            "number of rounds. Only `update` and `num_examples` may go into an operator that collects."
        ).format(types=", ".join(leaked)),
    )


# --- run_round ---

_KNOWN, _NEW = ["bo", "ann"], ["dee", "ann", "eve"]


@exercise(
    parts={
        N_("hands each client its own state and its own data"): 1,
        N_("returns the server's new weights"): 1,
        N_("keeps the new states, each under its client's id"): 2,
        N_("welcomes clients it has never met"): 1,
    },
    hints=(
        N_(
            "Three steps: take the states out, run the round, put the new states back. In the list that the "
            "round returns, whose state is the first?"
        ),
        N_(
            "`one_round` returns the states in the order of the clients you gave it, so "
            "`zip(client_ids, new_states)` brings names and states together again. And who is not in `store` "
            "yet has `first_state()`."
        ),
        N_(
            "`states = [store[c] if c in store else first_state() for c in client_ids]`, then "
            "`server_weights, new_states = one_round(server_weights, states, [data_of(c) for c in "
            "client_ids])`, then `store.update(zip(client_ids, new_states))`."
        ),
    ),
    why=N_(
        "The place in a list says who came in which order today; the id says who somebody is. As long as "
        "states are filed by id, it does not matter who takes part, in what order, how often, or for the "
        "first time."
    ),
)
def run_round(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    names = ["ann", "bo", "cy"]
    store = {name: _state(rng, rounds) for name, rounds in zip(names, (5, 2, 7), strict=True)}
    weights = rng.normal(size=TASTES).astype(np.float32)
    data = {name: rng.normal(size=TASTES).astype(np.float32) for name in (*names, "dee", "eve")}
    [known] = answer.ask(harness.run_round, server_weights=weights, store=store, rounds=[_KNOWN], data=data)
    called = _("run_round(…) with client_ids={ids} and a store of ann, bo and cy").format(ids=_KNOWN)
    inputs = _inputs_problem(called, known, store, data)
    yield N_("hands each client its own state and its own data"), inputs
    if "returned" not in known or "states" not in known:
        return
    after = _after(store, _KNOWN, data)
    total = weights + sum(after[name]["taste"] for name in _KNOWN)
    if not inputs:
        yield (
            N_("returns the server's new weights"),
            _returned_problem(called, known["returned"], weights, total),
        )
    yield N_("keeps the new states, each under its client's id"), _store_problem(called, known, store, data)
    rounds = [_NEW, ["eve", "dee"]]
    told = answer.ask(harness.run_round, server_weights=weights, store=store, rounds=rounds, data=data)
    yield N_("welcomes clients it has never met"), _new_problem(told, store, data)


def _new(state: dict, datum: np.ndarray) -> dict:
    return {"taste": state["taste"] + datum, "rounds": state["rounds"] + 1}


def _after(store: dict, client_ids: list[str], data: dict) -> dict:
    """The store after a round of these clients."""
    first = {"taste": np.zeros(TASTES, np.float32), "rounds": 0}
    return store | {name: _new(store.get(name, first), data[name]) for name in client_ids}


def _inputs_problem(called: str, told: dict, store: dict, data: dict) -> Problem | None:
    if "missing" in told:
        return _missing_problem(called, told["missing"])
    if "states" not in told:
        return Problem(
            called=called,
            got=_("a result without a round"),
            expected=_("one call of `one_round`"),
            hint=_("Call `one_round(server_weights, states, data)`, with two lists as long as `client_ids`."),
        )
    fresh = {"taste": np.zeros(TASTES), "rounds": 0}
    order = _order(told, data)  # an answer may bring the clients into an order of its own
    states = [store[name] for name in order]
    problem = judge(
        _("one_round(…, states, …), as run_round calls it for {ids}").format(ids=_KNOWN),
        told["states"],
        states,
        _("For each id in `client_ids`, in that order, hand over the state that `store` has under this id."),
        (
            ([fresh] * 2, _("Everybody begins anew, though the store knows both. Look into `store` first.")),
            (
                [states[1], states[0]],
                _("The states are matched by position: bo got ann's. Take each one by its client's id."),
            ),
            (
                [states[0]] * 2,
                _("All clients got one state between them. Each has a state of its own in the store."),
            ),
            (
                list(store.values()),
                _("All states of the store were handed over. Only those in `client_ids` take part."),
            ),
        ),
    )
    wanted = [data[name] for name in order]
    return problem or judge(
        _("one_round(…, …, data), as run_round calls it for {ids}").format(ids=_KNOWN),
        told["data"],
        wanted,
        _("For each id in `client_ids`, in that order, hand over `data_of(client_id)`."),
        ((wanted[::-1], _("States and data are in different orders. Go through `client_ids` for both.")),),
    )


def _order(told: dict, data: dict) -> list[str]:
    """The known clients in the order in which the round was given their states, as far as it makes sense."""
    backwards = _KNOWN[::-1]
    whole = same(told["data"], [data[name] for name in backwards]) and told["states"][0]["rounds"] == 5
    return backwards if whole else _KNOWN


def _missing_problem(called: str, key: str) -> Problem:
    hint = _(
        "`store[…]` fails for a client who has never taken part. Ask first: `if client_id in store`; if not, "
        "take `first_state()`."
    )
    if key.isdigit():
        hint = _("A position is no name. The keys of the store are client ids.")
    return Problem(
        called=called,
        got=f"KeyError: {key!r}",
        expected=_("the server's new weights"),
        hint=hint,
    )


def _returned_problem(called: str, got, before: np.ndarray, after: np.ndarray) -> Problem | None:
    both = _("`one_round` returns two values. Take them apart, and return the first.")
    return judge(
        called,
        got,
        after,
        _("Return the server's weights, as `one_round` returned them."),
        (
            (None, _("Nothing was returned. The caller needs the server's new weights for the next round.")),
            (before, _("These are the weights from before the round. Return what `one_round` returned.")),
            (got if isinstance(got, list) and len(got) == 2 and same(got[0], after) else None, both),
            (
                got if isinstance(got, dict) else None,
                _("This is the store. It is changed in place; return the weights."),
            ),
        ),
    )


def _store_problem(called: str, told: dict, store: dict, data: dict) -> Problem | None:
    """Judged by the states that the round was given, so that no mistake costs twice."""
    new = [_new(state, datum) for state, datum in zip(told["states"], told["data"], strict=True)]
    by_name = dict(zip(_order(told, data), new, strict=False))
    got, bo, ann = told["store"], by_name["bo"], by_name["ann"]
    right = store | {"bo": bo, "ann": ann}
    positions = _(
        "The states were put back by position. `one_round` returns them in the order of `client_ids`: "
        "zip these two."
    )
    lost = [name for name in store if name not in got]
    strange = [name for name in got if name not in store]
    otherwise = _(
        "After the round, the store has the new state of each client that took part, and the old of all "
        "others."
    )
    if lost:
        otherwise = _("The store has lost {names}. Change entries, do not replace the whole.").format(
            names=", ".join(lost)
        )
    if strange:
        otherwise = _("The store has new keys, {names}. File each state under its client's id.").format(
            names=", ".join(strange)
        )
    return judge(
        _("the store after {call}").format(call=called),
        got,
        right,
        otherwise,
        (
            (
                store,
                _(
                    "The store is what it was: the new states were not put back. `store[client_id] = …` "
                    "changes it in place; `store = …` only gives the name to something else."
                ),
            ),
            (store | {"ann": bo, "bo": ann}, positions),
            (
                store | {"ann": bo, "bo": bo},
                _("Both clients share one state now. Give each its own."),
            ),
            (
                store | {"ann": ann, "bo": ann},
                _("Both clients share one state now. Give each its own."),
            ),
            (
                {name: ann for name in store},
                _("All clients share one state now. Give each its own."),
            ),
        ),
    )


def _new_problem(told: list[dict], store: dict, data: dict) -> Problem | None:
    called = _("run_round(…) with client_ids={ids} and a store of ann, bo and cy").format(ids=_NEW)
    if "missing" in told[0]:
        return _missing_problem(called, told[0]["missing"])
    if "missing" in told[-1]:
        return Problem(
            called=_("run_round(…) a second time with dee and eve"),
            got=f"KeyError: {told[-1]['missing']!r}",
            expected=_("the server's new weights"),
            hint=_(
                "Who was new in the first round is not in the store in the second. Put new clients in, too."
            ),
        )
    if len(told[0].get("states", [])) < len(_NEW):
        return Problem(
            called=called,
            got=_("a round of {count} clients").format(count=len(told[0].get("states", []))),
            expected=_("a round of {count} clients").format(count=len(_NEW)),
            hint=_("The new clients were left out. They take part like everybody, with `first_state()`."),
        )
    first, second = (_after(store, _NEW, data), _after(_after(store, _NEW, data), ["eve", "dee"], data))
    fresh = {"taste": np.zeros(TASTES), "rounds": 0}
    return judge(
        _("the store after {call}").format(call=called),
        told[0].get("store"),
        first,
        _("A new client begins with `first_state()`, takes part, and is in the store afterwards."),
        (
            (
                {name: state for name, state in first.items() if name in store},
                _("The new clients were not put into the store. They have a state now, too."),
            ),
            (
                first | {"dee": fresh, "eve": fresh},
                _("The new clients' first states were kept. Keep what `one_round` returned for them."),
            ),
        ),
    ) or judge(
        _("the store after a second round, of eve and dee"),
        told[1].get("store"),
        second,
        _("Who was new in the first round is known in the second: take the state from the store."),
    )
