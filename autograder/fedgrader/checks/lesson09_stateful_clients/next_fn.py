"""The check of `next_fn`, lesson 9."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson09_stateful_clients import shared
from fedgrader.checks.maths import Weights
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import same
from fedgrader.guest.problem import Problem

harness = Harness("lesson09_stateful_clients.next_fn")
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
    states = [shared.state(rng, rounds) for rounds in (3, 0, 8)]
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
