"""The check of `next_fn`, lesson 6."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.problem import Problem

harness = Harness("lesson06_fedavg_by_hand.next_fn")
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
