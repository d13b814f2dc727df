"""The check of `next_fn`, lesson 6."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson06_fedavg_by_hand import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, same
from fedgrader.guest.problem import Problem

harness = Harness("lesson06_fedavg_by_hand.next_fn")
_TOY_TYPE = "<kernel=float32[2,2],bias=float32[2]>"


def _toy(rng: np.random.Generator) -> tuple[dict, list[list[np.ndarray]]]:
    """Small weights, and the batches of clients with one, few, many and no examples.

    The biases are so far from 0 that one stays below it and one above, whatever the clients add.
    """
    weights = {
        "kernel": rng.normal(size=(2, 2)).astype(np.float32),
        "bias": (rng.permutation([-1, 1]) * rng.uniform(12, 20, 2)).astype(np.float32),
    }
    sizes = rng.permutation([1, int(rng.integers(2, 9)), int(rng.integers(11, 25)), 0])
    numbers = [rng.normal(0.1 * place, 0.1, size) for place, size in enumerate(sizes)]
    return weights, [shared.split(rng, client) for client in numbers]


@exercise(
    parts={
        N_("is a round: the server's state in, the server's state out"): 1,
        N_("weighs each client by its number of examples"): 3,
        N_("sends no more than it must, and trains each client once"): 1,
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
    state, rate = {"weights": weights, "round_num": int(rng.integers(0, 50))}, float(rng.uniform(0.2, 0.8))
    got = answer.ask(harness.next_fn, state=state, clients=clients, learning_rate=rate)
    sizes = [sum(map(len, batches)) for batches in clients]
    called = _(
        "next_fn(server_state, client_data, client_work, server_work), clients with {sizes} examples"
    ).format(sizes=", ".join(map(str, sizes)))
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
        _mean_problem(got["state"], state, clients, rate, called),
    )
    yield (
        N_("sends no more than it must, and trains each client once"),
        _broadcast_problem(got["broadcasts"], called) or _training_problem(got["trainings"], called),
    )


def _server_work_is_missing() -> str:
    return _("The server's own step is missing. Give the average to `server_work`.")


def _mean_problem(
    got, state: dict, clients: list[list[np.ndarray]], rate: float, called: str
) -> Problem | None:
    start, now = state["weights"], state["round_num"]
    sizes = np.array([sum(map(len, batches)) for batches in clients])
    sums = np.array([sum(float(batch.sum()) for batch in batches) for batches in clients])

    def after(mean: dict) -> dict:
        return {"weights": maths.each(lambda w, m: w + rate * (m - w), start, mean), "round_num": now + 1}

    weighted = maths.each(lambda w: w + float(sizes @ sums / sizes.sum()), start)
    unweighted = maths.each(lambda w: w + float(sums.mean()), start)
    skipped, batches = _server_work_is_missing(), np.array([len(batches) for batches in clients])
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
                    "Each client counts the same here, however many examples it has. Give "
                    "`tff.federated_mean` a `weight`."
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
                state | {"round_num": now + 1},
                _("`server_work` was given the server's own weights, not the average."),
            ),
            ({"weights": weighted, "round_num": now + 1}, skipped),
            ({"weights": weighted, "round_num": now}, skipped),
            (
                after(maths.each(lambda w: w + float(batches @ sums / batches.sum()), start)),
                _("You weigh each client by its batches. Their `num_examples` is what counts."),
            ),
            (weighted, skipped),
        ),
    )


def _training_problem(trainings: int, called: str) -> Problem | None:
    if same(trainings, 0) or same(
        trainings, 1
    ):  # 0 where the answer has put `client_work` into a computation of its own
        return None
    return Problem(
        called=called,
        got=_("`client_work`, run {number} times by each client").format(number=describe(trainings)),
        expected=_("`client_work`, run once by each client"),
        hint=_(
            "Each `tff.federated_map(client_work, …)` is a training of its own. Give its result a name, and "
            "take both `.weights` and `.num_examples` from that."
        ),
    )


def _broadcast_problem(broadcasts: list[str], called: str) -> Problem | None:
    if any(same(sorted(broadcasts), alone) for alone in ([_TOY_TYPE], ["float32[2,2]", "float32[2]"])):
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
