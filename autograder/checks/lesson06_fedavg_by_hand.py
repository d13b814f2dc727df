"""Checks of lesson 6: federated averaging by hand."""

from collections.abc import Iterator

import numpy as np

from autograder.answers import AnswerHandle
from autograder.checking import Harness, Step, exercise, judge
from autograder.checks import maths
from autograder.finding import Problem
from autograder.plain import describe, shape_of
from fedcourse.i18n import N_, _

harness = Harness("lesson06_fedavg_by_hand")

# --- the same maths in numpy: what the answers must return, and what well-known mistakes return instead ---


def _weights(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {
        "kernel": rng.normal(0, 0.1, (784, 10)).astype(np.float32),
        "bias": rng.normal(0, 0.1, 10).astype(np.float32),
    }


def _train(weights: dict, batches: list[dict], rate: float, **how) -> dict:
    for batch in batches:
        weights = maths.each(lambda w, g: w - rate * g, weights, maths.gradient(weights, batch, **how))
    return weights


def _order_problem(called: str, got, want: dict) -> Problem | None:
    """A problem where a structure has the right fields in another order: to TFF it is of another type."""
    if not _is_misordered(got, want):
        return None
    return Problem(
        called=called,
        got=describe(got),
        expected=describe(want),
        hint=_("Right fields, wrong order. Keep the order in which they came: it is part of a TFF type."),
    )


def _is_misordered(got, want) -> bool:
    if not (isinstance(got, dict) and isinstance(want, dict) and set(got) == set(want)):
        return False
    return list(got) != list(want) or any(_is_misordered(got[name], want[name]) for name in want)


# --- client_update ---


@exercise(
    parts={
        N_("returns the weights and the number of examples"): 1,
        N_("takes one step on one batch"): 1,
        N_("trains on every batch, from the weights it is given"): 2,
        N_("counts the examples"): 1,
    },
    hints=(
        N_(
            "Two things are carried from one batch to the next, and they are also what you return. Which two?"
        ),
        N_(
            "For one batch: compute `loss(weights, batch)` inside `tf.GradientTape()`, after "
            "`tape.watch(weights)`; take `tape.gradient`; then subtract `learning_rate` times "
            "the gradient from each weight."
        ),
        N_(
            "`weights = tf.nest.map_structure(lambda w, g: w - learning_rate * g, weights, "
            "gradients)` makes the step. Put it in `for batch in dataset:`, add "
            '`tf.cast(tf.shape(batch["y"])[0], tf.float32)` to a count that starts at '
            "`tf.constant(0.0)`, and return both in an `OrderedDict`."
        ),
    ),
    why=N_(
        "Nothing in your function knows about the other clients, or about the server: "
        "weights come in, data stays, weights go out. That is all a phone ever does in "
        "federated averaging. The number of examples goes along so that the server can weigh "
        "this client's opinion."
    ),
)
def client_update(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    rate = 0.1
    start, batches = _weights(rng), [maths.digits(rng, size) for size in (8, 8, 5)]
    one, several = answer.ask(
        harness.client_update, weights=start, clients=[batches[:1], batches], learning_rate=rate
    )
    yield N_("returns the weights and the number of examples"), _client_output_problem(several, start)
    if not _is_client_output(several):
        return
    yield N_("takes one step on one batch"), _one_step_problem(one["weights"], start, batches[:1], rate)
    yield (
        N_("trains on every batch, from the weights it is given"),
        _every_batch_problem(several["weights"], start, batches, rate),
    )
    yield N_("counts the examples"), _count_problem(several["num_examples"], batches)


def _is_client_output(got) -> bool:
    if not (
        isinstance(got, dict) and set(got) == {"weights", "num_examples"} and _is_weights(got["weights"])
    ):
        return False
    return shape_of(got["num_examples"]) == ()


def _is_weights(got) -> bool:
    shapes = {"kernel": (784, 10), "bias": (10,)}
    return isinstance(got, dict) and {name: shape_of(value) for name, value in got.items()} == shapes


def _client_output_problem(got, start: dict) -> Problem | None:
    called = "client_update(weights, dataset, 0.1)"
    if _is_client_output(got):
        return _order_problem(called, got["weights"], start)
    return Problem(
        called=called,
        got=describe(got),
        expected="OrderedDict(weights=OrderedDict(kernel=float32[784, 10], bias=float32[10]), "
        "num_examples=float32)",
        hint=_(
            "Return one `OrderedDict` with the two fields `weights` and `num_examples`; "
            "`weights` keeps the structure that came in."
        ),
    )


def _unchanged() -> str:
    return _(
        "The weights came back as they went in. Variables that are assigned outside "
        "`@tf.function` keep their first value in a TFF computation; and a new value must be "
        "given a name to survive: `weights = …`."
    )


def _step_mistakes(start: dict, batches: list[dict], rate: float) -> tuple:
    trained = _train(start, batches, rate)
    return (
        (start, _unchanged()),
        (
            maths.each(np.subtract, trained, start),
            _("This is the change, trained minus given. Return the trained weights themselves."),
        ),
        (
            maths.each(np.subtract, start, trained),
            _("This is the change, given minus trained. Return the trained weights themselves."),
        ),
        (
            _train(start, batches, -rate),
            _("The step goes up the slope. Subtract the gradient, do not add it."),
        ),
        (_train(start, batches, 1.0), _("The step ignores `learning_rate`. Multiply the gradient by it.")),
        (
            _train(start, batches, rate, total=True),
            _(
                "The loss is summed over the batch. Average it, as `loss` does, or big batches take "
                "giant steps."
            ),
        ),
        (
            _train(maths.each(np.zeros_like, start), batches, rate),
            _("You start from zeros. Start from `weights`, the ones the server sent."),
        ),
    )


def _one_step_problem(got: dict, start: dict, batches: list[dict], rate: float) -> Problem | None:
    trained = _train(start, batches, rate)
    return judge(
        _("client_update(weights, dataset of 1 batch of 8 examples, learning_rate=0.1)"),
        got,
        trained,
        _(
            "One step is: new weight = weight minus `learning_rate` times its gradient, for "
            "`kernel` and for `bias`."
        ),
        (
            (
                maths.gradient(start, batches[0]),
                _("These are the gradients. Return the weights after the step."),
            ),
            (trained | {"bias": start["bias"]}, _("`bias` did not move. It has a gradient of its own.")),
            *_step_mistakes(start, batches, rate),
        ),
    )


def _every_batch_problem(got: dict, start: dict, batches: list[dict], rate: float) -> Problem | None:
    at_start = [maths.gradient(start, batch) for batch in batches]
    summed = maths.each(lambda w, *g: w - rate * sum(g), start, *at_start)
    averaged = maths.each(lambda w, *g: w - rate * sum(g) / len(g), start, *at_start)
    stale = _(
        "Every gradient is taken at the first weights. Take each one at the weights the last step left."
    )
    return judge(
        _("client_update(weights, dataset of 3 batches, learning_rate=0.1)"),
        got,
        _train(start, batches, rate),
        _("Go through the dataset once, batch by batch; each step starts where the one before ended."),
        (
            (
                _train(start, batches[:1], rate),
                _("Only the first batch was used. Is there a `return` in the loop?"),
            ),
            (
                _train(start, batches[-1:], rate),
                _(
                    "Only the last batch counts. Each step must start from the weights of the step "
                    "before, not from the first ones."
                ),
            ),
            (_train(start, batches[:-1], rate), _("The last, smaller batch was left out.")),
            (summed, stale),
            (averaged, stale),
            (_train(start, batches * 2, rate), _("You go through the data twice. One pass is asked for.")),
            *_step_mistakes(start, batches, rate),
        ),
    )


def _count_problem(got, batches: list[dict]) -> Problem | None:
    sizes = [len(batch["y"]) for batch in batches]
    return judge(
        _("client_update(weights, dataset of 3 batches with 8, 8 and 5 examples, learning_rate=0.1)"),
        {"num_examples": got},
        {"num_examples": sum(sizes)},
        _('Add up the number of examples of each batch: `tf.shape(batch["y"])[0]`.'),
        (
            ({"num_examples": len(sizes)}, _("These are batches. Count the examples in them.")),
            ({"num_examples": sizes[0] * len(sizes)}, _("The last batch is smaller than the others.")),
            ({"num_examples": sizes[-1]}, _("This is the size of the last batch. Add them all up.")),
            ({"num_examples": sizes[0]}, _("This is the size of the first batch. Add them all up.")),
            ({"num_examples": sum(sizes) * 784}, _("These are pixels. An example is one image.")),
            ({"num_examples": 0}, _("The count never grows. Add to it in the loop.")),
        ),
    )


# --- server_update ---


@exercise(
    parts={N_("moves the weights towards the average"): 2, N_("counts the round"): 1},
    hints=(
        N_(
            "Draw a line from the server's weights to the clients' average. `learning_rate` says "
            "how far along the line to go."
        ),
        N_(
            "The way from here to there is `mean - weight`. A step of length `learning_rate` "
            "along it starts at `weight`."
        ),
        N_(
            '`tf.nest.map_structure(lambda w, m: w + learning_rate * (m - w), state["weights"], '
            'mean_weights)`, and `state["round_num"] + 1`, in an `OrderedDict` of the structure '
            "of `state`."
        ),
    ),
    why=N_(
        "With `learning_rate` 1 the server simply takes the average: that is federated "
        "averaging as first published. Seen as a step, `mean - weight` plays the part of a "
        "negative gradient, and any optimizer can use it: that is how FedAdam and server "
        "momentum came about."
    ),
)
def server_update(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    weights, mean, rate = _weights(rng), _weights(rng), 0.3
    state = {"weights": weights, "round_num": int(rng.integers(3, 50))}
    got = answer.ask(harness.server_update, state=state, mean_weights=mean, learning_rate=rate)
    called = _("server_update(state with round_num={number}, mean_weights, learning_rate=0.3)").format(
        number=state["round_num"]
    )
    fields = got if isinstance(got, dict) else {}
    moved = maths.each(lambda w, m: w + rate * (m - w), weights, mean)
    yield (
        N_("moves the weights towards the average"),
        _order_problem(called, got, state | {"weights": moved})
        or judge(
            called,
            fields.get("weights", got),
            moved,
            _(
                "Return an `OrderedDict` with `weights` and `round_num`; each weight goes "
                "`learning_rate` of the way from where the server is to the average."
            ),
            (
                ({**moved, "bias": weights["bias"]}, _("`bias` did not move. It has an average of its own.")),
                (
                    maths.each(lambda w, m: (w + m) / 2, weights, mean),
                    _("You always go half of the way. Go `learning_rate` of the way: 0.3 here."),
                ),
                (mean, _("You take the average whole. Go only `learning_rate` of the way: 0.3 here.")),
                (weights, _unchanged()),
                (
                    maths.each(lambda w, m: w + rate * m, weights, mean),
                    _("`mean_weights` are weights, not a change: the change is `mean - weight`."),
                ),
                (
                    maths.each(lambda w, m: w - rate * m, weights, mean),
                    _("`mean_weights` are weights, not a gradient: the change is `mean - weight`."),
                ),
                (
                    maths.each(lambda w, m: w - rate * (m - w), weights, mean),
                    _("You walk away from the average. Check the sign."),
                ),
                (
                    maths.each(lambda w, m: rate * (m - w), weights, mean),
                    _("This is the step alone. Add it to the server's weights."),
                ),
                (
                    maths.each(lambda w, m: rate * w + (1 - rate) * m, weights, mean),
                    _("The two shares are swapped: with `learning_rate` 0 the server must stay where it is."),
                ),
            ),
        ),
    )
    yield (
        N_("counts the round"),
        judge(
            called,
            fields.get("round_num"),
            state["round_num"] + 1,
            _("Return the next round's number in the field `round_num`: one more than it was."),
            ((state["round_num"], _("The round's number did not change. Add 1.")),),
        ),
    )


# --- next_fn ---

_TOY_TYPE = "<kernel=float32[2,2],bias=float32[2]>"


def _toy(rng: np.random.Generator) -> tuple[dict, list[list[float]]]:
    """A small server state, and clients that hold different amounts of numbers."""
    weights = {
        "kernel": rng.normal(size=(2, 2)).astype(np.float32),
        "bias": rng.normal(size=2).astype(np.float32),
    }
    clients = [[round(float(x), 3) for x in rng.normal(i, 1, size)] for i, size in enumerate((1, 6, 2))]
    return weights, clients


@exercise(
    parts={
        N_("is a round: the server's state in, the server's state out"): 1,
        N_("weighs each client by its number of examples"): 3,
        N_("sends no more than it must"): 1,
    },
    hints=(
        N_(
            "Say the four steps aloud: broadcast, client update, upload and average, server "
            "update. Each is one line, and each has a `tff.federated_…` function of its own."
        ),
        N_(
            "`tff.federated_broadcast` takes only what the clients need; "
            "`tff.federated_map(client_work, (…, …))` runs at the clients; `tff.federated_mean` "
            "has an argument `weight`."
        ),
        N_(
            "`trained = tff.federated_map(client_work, "
            "(tff.federated_broadcast(server_state.weights), client_data))`; then "
            "`tff.federated_mean(trained.weights, weight=trained.num_examples)`; then "
            "`tff.federated_map(server_work, (server_state, …))`."
        ),
    ),
    why=N_(
        "You described the round; you did not run it. TFF recorded four steps and where each "
        "happens. Nothing in your lines depends on how many clients there are, or on this being a "
        "simulation. And no dataset appears after `client_work`: only weights and a count reach the "
        "server."
    ),
)
def next_fn(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    weights, clients = _toy(rng)
    state = {"weights": weights, "round_num": 7}
    got = answer.ask(harness.next_fn, state=state, clients=clients)
    called = _(
        "next_fn(server_state, client_data, client_work, server_work) with clients of 1, 6 and 2 examples"
    )
    wanted_type = f"<weights={_TOY_TYPE},round_num=int32>@SERVER"
    at_clients = got["type"] if got["type"].endswith("@CLIENTS") else None
    yield (
        N_("is a round: the server's state in, the server's state out"),
        judge(
            called,
            got["type"],
            wanted_type,
            _("Return what `server_work` returns: the state, placed at the server."),
            (
                (at_clients, _("The state must end at the server, not at the clients.")),
                (f"{_TOY_TYPE}@SERVER", _server_work_is_missing()),
            ),
        ),
    )
    yield (
        N_("weighs each client by its number of examples"),
        _mean_problem(got["state"], state, clients, called),
    )
    yield N_("sends no more than it must"), _broadcast_problem(got["broadcasts"], called)


def _server_work_is_missing() -> str:
    return _("The server's own step is missing. Give the average to `server_work`.")


def _mean_problem(got, state: dict, clients: list[list[float]], called: str) -> Problem | None:
    start, sizes = state["weights"], np.array([len(client) for client in clients])
    sums = np.array([sum(client) for client in clients])

    def after(mean: dict) -> dict:
        return {"weights": maths.each(lambda w, m: w + 0.5 * (m - w), start, mean), "round_num": 8}

    weighted = maths.each(lambda w: w + float(sizes @ sums / sizes.sum()), start)
    unweighted = maths.each(lambda w: w + float(sums.mean()), start)
    skipped = _server_work_is_missing()
    return judge(
        called,
        got,
        after(weighted),
        _(
            "The server's new weights must come from the average of the clients' trained "
            "weights, each weighted by its `num_examples`, passed through `server_work`."
        ),
        (
            (
                after(unweighted),
                _(
                    "Each client counts the same here, though one has six times the examples of another. "
                    "Give `tff.federated_mean` a `weight`."
                ),
            ),
            (
                after(maths.each(lambda w: len(sizes) * w + float(sums.sum()), start)),
                _("This is the sum of the clients' weights. Average them."),
            ),
            (
                after(maths.each(lambda w: sizes.sum() * w + float(sizes @ sums), start)),
                _(
                    "The weighted sum is not divided by the total of the weights. `tff.federated_mean` "
                    "does both."
                ),
            ),
            (state, _("The state came back unchanged.")),
            (
                state | {"round_num": 8},
                _("`server_work` was given the server's own weights, not the average."),
            ),
            ({"weights": weighted, "round_num": 8}, skipped),
            ({"weights": weighted, "round_num": 7}, skipped),
            (weighted, skipped),
        ),
    )


def _broadcast_problem(broadcasts: list[str], called: str) -> Problem | None:
    if sorted(broadcasts) in ([_TOY_TYPE], ["float32[2,2]", "float32[2]"]):
        return None
    return Problem(
        called=called,
        got=_("a broadcast of {types}").format(types=", ".join(broadcasts) or "–"),
        expected=_("one broadcast, of the weights alone: {types}").format(types=_TOY_TYPE),
        hint=_(
            "Every client downloads what you broadcast. Broadcast `server_state.weights`, once; "
            "the rest of the state is the server's own business."
        ),
    )


# --- evaluate ---


@exercise(
    parts={N_("returns one number at the server"): 1, N_("gives every example the same say"): 2},
    hints=(
        N_(
            "Two clients: one has 1 example and gets it right, one has 99 and gets none right. "
            "What is the accuracy? Which two numbers must the server know to say so?"
        ),
        N_(
            "Broadcast the weights, map `count_correct`, and add up both counts with "
            "`tff.federated_sum`. Dividing is arithmetic, so it needs a "
            "`@tff.tensorflow.computation`, mapped at the server."
        ),
        N_(
            "`totals = tff.federated_sum(counts)`, then `tff.federated_map(divide, "
            "(totals.correct, totals.num_examples))` with `divide = "
            "tff.tensorflow.computation(lambda a, b: a / b, [np.float32, np.float32])`."
        ),
    ),
    why=N_(
        "Sums travel well: they can be added in any order, by anyone, even under encryption, "
        "and each client only reveals two numbers. A mean of means cannot be mended "
        "afterwards, because the sizes are gone."
    ),
)
def evaluate(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    weights = {"kernel": np.zeros((2, 2), np.float32), "bias": np.full(2, 0.5, np.float32)}
    # Right answers a client: 1 of 1, 2 of 8, 2 of 4: sums and means of every kind differ.
    clients = [
        [float(x) for x in rng.permutation([1.0] * right + [0.0] * wrong)]
        for right, wrong in ((1, 0), (2, 6), (2, 2))
    ]
    got = answer.ask(harness.evaluate, weights=weights, clients=clients)
    called = _("evaluate(server_weights, client_data, count_correct) with 1 of 1, 2 of 8 and 2 of 4 right")
    yield (
        N_("returns one number at the server"),
        judge(
            called,
            got["type"],
            "float32@SERVER",
            _("Return a single float32 at the server: the accuracy alone."),
            (
                (
                    "{float32}@CLIENTS",
                    _("Every client has its own number here. Bring them together at the server."),
                ),
            ),
        ),
    )
    yield (
        N_("gives every example the same say"),
        judge(
            called,
            got["accuracy"],
            5 / 13,
            _("Add up the right answers of all clients, add up their examples, and divide."),
            (
                (
                    (1 + 2 / 8 + 2 / 4) / 3,
                    _(
                        "This is the mean of the clients' accuracies: the client with one example counts as "
                        "much as the one with eight."
                    ),
                ),
                (5.0, _("This is how many are right. Divide by how many there are.")),
                (13.0, _("This is how many examples there are. How many of them are right?")),
                (8 / 13, _("This is the share that is wrong. Accuracy is the share that is right.")),
                (13 / 5, _("The division is upside down.")),
                (5 / 3, _("You divide by the number of clients. Divide by the number of examples.")),
                (
                    (1 * 1 + 2 * 8 + 2 * 4) / 13,
                    _(
                        "A mean weighted by `num_examples` multiplies each count by its client's size once "
                        "more. Add up the counts instead."
                    ),
                ),
                (
                    1 + 2 / 8 + 2 / 4,
                    _("These are the clients' accuracies, added up. Add up the counts instead."),
                ),
            ),
        ),
    )
