"""The check of `run_round`, lesson 9."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks.lesson09_stateful_clients import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import same
from fedgrader.guest.problem import Problem

harness = Harness("lesson09_stateful_clients.run_round")
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
    store = {name: shared.state(rng, rounds) for name, rounds in zip(names, (5, 2, 7), strict=True)}
    weights = rng.normal(size=shared.TASTES).astype(np.float32)
    data = {name: rng.normal(size=shared.TASTES).astype(np.float32) for name in (*names, "dee", "eve")}
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
    first = {"taste": np.zeros(shared.TASTES, np.float32), "rounds": 0}
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
    fresh = {"taste": np.zeros(shared.TASTES), "rounds": 0}
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
    fresh = {"taste": np.zeros(shared.TASTES), "rounds": 0}
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
