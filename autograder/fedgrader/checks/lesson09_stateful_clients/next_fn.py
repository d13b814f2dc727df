"""The check of `next_fn`, lesson 9."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge, only_if
from fedgrader.checks import maths
from fedgrader.checks.lesson09_stateful_clients import shared
from fedgrader.checks.maths import Weights
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import same
from fedgrader.guest.problem import Problem

harness = Harness("lesson09_stateful_clients.next_fn")
_TASTES = 4  # as in the harness
_TOY_TYPE = "<vectors=float32[2,2],bias=float32[2]>"
_STATE_TYPE = f"<taste=float32[{_TASTES}],rounds=int32>"


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
    sizes = _sizes(rng)
    numbers = [rng.normal(place, 1, size).round(3).tolist() for place, size in enumerate(sizes)]
    states, others = _states(rng, len(sizes)), _states(rng, len(sizes))
    alone = max(numbers, key=len)
    got = answer.ask(
        harness.next_fn,
        weights=weights,
        rounds=[
            {"states": states, "numbers": numbers},
            {"states": others, "numbers": numbers},
            {"states": states[:1], "numbers": [alone]},
        ],
    )
    called = _("next_fn(…) with clients that have {sizes} ratings").format(sizes=sizes)
    form = _round_type_problem(called, got["type"])
    yield N_("gives back the weights at the server and the states at the clients"), form
    if form:
        return
    (server, own), (server_again, own_again), (server_alone, own_alone) = got["returned"]
    for_one = _("next_fn(…) with a single client")
    yield (
        N_("weighs each update by the client's number of ratings"),
        _mean_problem(called, server, weights, numbers)
        or _mean_problem(called, server_again, weights, numbers)
        or _mean_problem(for_one, server_alone, weights, [alone]),
    )
    yield (
        N_("leaves each client its own new state"),
        _states_problem(called, own, weights, states, numbers)
        or _states_problem(called, own_again, weights, others, numbers)
        or _states_problem(for_one, own_alone, weights, states[:1], [alone]),
    )
    yield N_("sends nothing of a state to the server"), _leak_problem(called, *got["sent"])


def _sizes(rng: np.random.Generator) -> list[int]:
    """How many ratings each of three to five clients has: all different, and one has none."""
    some = rng.choice(np.arange(1, 9), int(rng.integers(2, 5)), replace=False)
    return rng.permutation([0, *some]).tolist()


def _states(rng: np.random.Generator, count: int) -> list[dict]:
    rounds = rng.choice(20, count, replace=False).tolist()
    return [shared.state(rng, _TASTES, number) for number in rounds]


def _round_type_problem(called: str, got: str) -> Problem | None:
    server, clients = f"{_TOY_TYPE}@SERVER", f"{{{_STATE_TYPE}}}@CLIENTS"
    wanted = f"<{server},{clients}>"
    clue = _("The new states are missing. Return them as the second value: they come from `client_work`.")
    averaged = _("The states must stay at the clients, one for each; they are at the server here.")
    return judge(
        called,
        got,
        wanted,
        _("Return two values with a comma between them: what `server_work` returns, then the new states."),
        (
            (server, clue),
            (clients, _("The server's weights are missing. Return them as the first value.")),
            (f"<{clients},{server}>", _("Right values, wrong order: the server's weights come first.")),
            *only_if(got.startswith(f"<{server},") and got.endswith("@SERVER>"), got, averaged),
            *only_if(
                "num_examples" in got and got.endswith("@CLIENTS>"),
                got,
                _("You return all that `client_work` returns. Take the states from it: `.client_state`."),
            ),
            *only_if(
                got != wanted and _without_dtypes(got) == _without_dtypes(wanted),
                got,
                _(
                    "Right fields at the right places, but some numbers are of another type. Leave out the "
                    "cast."
                ),
            ),
        ),
    )


def _without_dtypes(type_string: str) -> str:
    return re.sub(r"(float|int)\d+", "", type_string)


def _mean_problem(called: str, got, weights: Weights, numbers: list[list[float]]) -> Problem | None:
    sizes = np.array([len(mine) for mine in numbers])
    updates = np.array([sum(mine) for mine in numbers])

    def step(update):
        return 0.5 * update + 0.1 * update**2

    def after(change: float) -> Weights:
        return maths.each(lambda w: w + change, weights)

    right = float(sizes @ updates / sizes.sum())
    mistakes = (
        (
            step(float(updates.mean())),
            _(
                "Each client counts the same here, though they have {sizes} ratings. Give "
                "`tff.federated_mean` a `weight`."
            ).format(sizes=sizes.tolist()),
        ),
        (step(float(updates.sum())), _("These are the updates added up. Average them.")),
        (
            step(float(sizes @ updates)),
            _("The weighted sum is not divided by the total of the weights. `tff.federated_mean` does both."),
        ),
        (
            float(sizes @ step(updates) / sizes.sum()),
            _(
                "Each client took the server's step, and the results were averaged. Average the updates, and "
                "map `server_work` over the mean, once, at the server."
            ),
        ),
        (0.0, _("The weights came back unchanged.")),
        (right, _skipped()),
    )
    return judge(
        called,
        got,
        after(step(right)),
        _("Average the updates, each weighted by its `num_examples`, and hand the mean to `server_work`."),
        (
            *((after(change), hint) for change, hint in mistakes),
            (maths.each(lambda w: np.full_like(w, right), weights), _skipped()),
            (
                maths.each(lambda w: w + 0.5 * w + 0.1 * w**2, weights),
                _("`server_work` was given the weights twice. Its second argument is the mean update."),
            ),
        )
        if len(numbers) > 1
        else (),
    )


def _skipped() -> str:
    return _("The server's own step is missing. Give the mean update to `server_work`.")


def _states_problem(
    called: str, got: list, weights: Weights, states: list[dict], numbers: list[list[float]]
) -> Problem | None:
    right = [
        {"taste": state["taste"] + sum(mine) + weights["bias"][0], "rounds": state["rounds"] + 1}
        for state, mine in zip(states, numbers, strict=True)
    ]
    tastes = [state["taste"] for state in got]
    hint = None
    if len(tastes) > 1 and all(same(taste, tastes[0]) for taste in tastes):
        hint = _(
            "All clients end with one and the same taste. A taste that is averaged or shared is nobody's: "
            "leave each client its own."
        )
    old = [state["taste"] for state in states]
    if same([state["rounds"] for state in got], [state["rounds"] for state in right]) and same(tastes, old):
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


def _leak_problem(called: str, once: list, again: list) -> Problem | None:
    """A problem where other states, and nothing else, change what goes up."""
    leaked = ", ".join(sorted(set(_differences(once, again))))
    if isinstance(once, list) and not leaked:
        return None
    return Problem(
        called=called,
        got=_("an upload that changes with the states: {types}").format(types=leaked),
        expected=_("an upload of `update` and `num_examples` only"),
        hint=_(
            "Part of each client's state goes to the server, as `{types}`: of two rounds with the same "
            "ratings and other states, the uploads differ. Only `update` and `num_examples` may go into an "
            "operator that collects."
        ).format(types=leaked),
    )


def _differences(one: Any, other: Any) -> Iterator[str]:
    """The types of the arrays that are not the same in both."""
    if isinstance(one, dict) and isinstance(other, dict) and list(one) == list(other):
        one, other = list(one.values()), list(other.values())
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for mine, theirs in zip(one, other, strict=True):
            yield from _differences(mine, theirs)
    elif not same(one, other):
        array = np.asarray(one)
        yield f"{array.dtype}{list(array.shape) or ''}"
