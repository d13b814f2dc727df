"""The check of `run_round`, lesson 9."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge, only_if
from fedgrader.checks import contract
from fedgrader.checks.lesson09_stateful_clients import shared
from fedgrader.checks.maths import Weights
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, same
from fedgrader.guest.problem import Problem

harness = Harness("lesson09_stateful_clients.run_round")
_NAMES = ("ann", "bo", "cy", "dee", "eve", "fay", "gus", "hal")


@dataclass(frozen=True)
class Round:
    """A round of `client_ids`, what the store was and what `told` of it, and how people are told of it."""

    client_ids: list[str]
    store: dict
    first: dict
    data: dict[str, np.ndarray]
    told: dict

    @property
    def called(self) -> str:
        return _("run_round(…) with client_ids={ids} and a store of {names}").format(
            ids=self.client_ids, names=", ".join(self.store)
        )

    @property
    def states(self) -> list[dict]:
        """The states that the round should be given, in the order of `client_ids`."""
        return self.states_of(self.client_ids)

    def states_of(self, names: list[str]) -> list[dict]:
        return [self.store.get(name, self.first) for name in names]

    def store_after(self) -> dict:
        return self.store | {
            name: _new(state, self.data[name])
            for name, state in zip(self.client_ids, self.states, strict=True)
        }

    def weights_after(self, weights: Weights) -> Weights:
        tastes = [
            _new(state, self.data[name])["taste"]
            for name, state in zip(self.client_ids, self.states, strict=True)
        ]
        return {"vectors": weights["vectors"] + 1, "bias": weights["bias"] + sum(tastes)}

    @property
    def order(self) -> list[str]:
        """The clients as the answer handed them over; it may bring them into an order of its own."""
        call = self.told["calls"][0]
        names = [
            next((name for name in self.data if same(datum, self.data[name])), "") for datum in call["data"]
        ]
        whole = sorted(names) == sorted(self.client_ids) and same(call["states"], self.states_of(names))
        return names if whole else self.client_ids


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
    tastes = shared.sizes(rng)[1]
    names = rng.permutation(_NAMES).tolist()
    known, new = names[: int(rng.integers(4, 6))], names[6:]
    rounds = rng.choice(np.arange(2, 20), len(known) + 1, replace=False).tolist()
    *kept, first = [shared.state(rng, tastes, number) for number in rounds]
    inputs = {
        "server_weights": shared.weights(rng, tastes, tastes),
        "data": {name: rng.normal(size=tastes).astype(np.float32) for name in names},
        "first": first,
        "store": dict(zip(known, kept, strict=True)),
    }
    [told] = answer.ask(harness.run_round, rounds=[some := _out_of_order(rng, known)], **inputs)
    one = Round(some, inputs["store"], first, inputs["data"], told)
    handed = _inputs_problem(one)
    yield N_("hands each client its own state and its own data"), handed
    if "returned" not in told or not told["calls"]:
        return
    returned = None if handed else _returned_problem(one, inputs["server_weights"])
    if not handed:
        yield N_("returns the server's new weights"), returned
    kept_problem = _store_problem(one)
    yield N_("keeps the new states, each under its client's id"), kept_problem
    mixed = [[new[1], some[0], new[0]], [new[0], some[1], new[1]], new[:1]]
    told = answer.ask(harness.run_round, rounds=mixed, **inputs)
    problem = _newcomers_problem(mixed, told, inputs)
    if not (problem or handed or returned or kept_problem):  # else it would cost twice
        problem = _history_problem(mixed, told, inputs)
    yield N_("welcomes clients it has never met"), problem


def _out_of_order(rng: np.random.Generator, known: list[str]) -> list[str]:
    """All clients of the store but one, neither in its order nor in that of the alphabet."""
    while True:
        some = rng.permutation(known)[1:].tolist()
        if some not in (known[: len(some)], sorted(some), [name for name in known if name in some]):
            return some


def _new(state: dict, datum: np.ndarray) -> dict:
    return {"taste": state["taste"] + datum, "rounds": state["rounds"] + 1}


def _inputs_problem(one: Round) -> Problem | None:
    called, told = one.called, one.told
    if "missing" in told:
        return _missing_problem(called, told)
    calls = told["calls"]
    if len(calls) != 1:
        return Problem(
            called=called,
            got=_("{count} calls of `one_round`").format(count=len(calls)),
            expected=_("one call of `one_round`"),
            hint=_("Call `one_round(server_weights, states, data)`, with two lists as long as `client_ids`.")
            if not calls
            else _(
                "Each call trains all clients anew. Call `one_round` once, and take its two results apart."
            ),
        )
    if not same(calls[0]["kinds"], ["list", "list"]):
        return Problem(
            called=_("one_round(…, states, data), as run_round calls it"),
            got=", ".join(calls[0]["kinds"]),
            expected="list, list",
            hint=_("TFF takes the clients' values from a list, and refuses all else. Wrap it in `list(…)`."),
        )
    if not same(told["changed"], []):
        return contract.changed_input(called, ", ".join(map(str, told["changed"])))
    return _states_problem(one, calls[0]) or _data_problem(one, calls[0])


def _states_problem(one: Round, call: dict) -> Problem | None:
    states = one.states_of(one.order)
    by_position = list(one.store.values())[: len(states)]
    return judge(
        _("one_round(…, states, …), as run_round calls it for {ids}").format(ids=one.client_ids),
        call["states"],
        states,
        _("For each id in `client_ids`, in that order, hand over the state that `store` has under this id."),
        (
            (
                [one.first] * len(states),
                _("Everybody begins anew, though the store knows them. Look into `store` first."),
            ),
            (
                by_position,
                _("The states are matched by position in the store. Take each one by its client's id."),
            ),
            (
                [states[0]] * len(states),
                _("All clients got one state between them. Each has a state of its own in the store."),
            ),
            (
                list(one.store.values()),
                _("All states of the store were handed over. Only those in `client_ids` take part."),
            ),
        )
        if len(states) > 1
        else (),
    )


def _data_problem(one: Round, call: dict) -> Problem | None:
    wanted = [one.data[name] for name in one.order]
    hint = _("For each id in `client_ids`, in that order, hand over `data_of(client_id)`.")
    orders = [sorted(one.order), one.order[::-1], sorted(one.order)[::-1]]
    if any(same(call["data"], [one.data[name] for name in order]) for order in orders):
        hint = _("States and data are in different orders. Go through `client_ids` for both.")
    called = _("one_round(…, …, data), as run_round calls it for {ids}").format(ids=one.client_ids)
    return judge(called, call["data"], wanted, hint)


def _missing_problem(called: str, told: dict) -> Problem:
    key = told["missing"]
    hint = _("`{key}` is nobody's id. Look up in `store` and in `data_of` what is in `client_ids`.")
    if told["has_data"]:
        hint = _(
            "`store[…]` fails for a client who has never taken part. Ask first: `if client_id in store`; if "
            "not, take `first_state()`."
        )
    elif key.isdigit():
        hint = _("A position is no name. The keys of the store are client ids.")
    return Problem(
        called=called,
        got=f"KeyError: {key!r}",
        expected=_("the server's new weights"),
        hint=hint.format(key=key),
    )


def _returned_problem(one: Round, before: Weights) -> Problem | None:
    got, after = one.told["returned"], one.weights_after(before)
    both = _("`one_round` returns two values. Take them apart, and return the first.")
    problem = judge(
        one.called,
        got,
        after,
        _("Return the server's weights, as `one_round` returned them."),
        (
            (None, _("Nothing was returned. The caller needs the server's new weights for the next round.")),
            (before, _("These are the weights from before the round. Return what `one_round` returned.")),
            *only_if(isinstance(got, list) and len(got) == 2 and same(got[0], after), got, both),
            *only_if(
                isinstance(got, dict) and set(got) >= set(one.store),
                got,
                _("This is the store. It is changed in place; return the weights."),
            ),
        ),
    )
    if problem or not (hint := _form_hint(got, before)):
        return problem
    return Problem(called=one.called, got=describe(got), expected=describe(after), hint=hint)


def _form_hint(got: dict, before: Weights) -> str | None:
    if list(got) != list(before):
        return _("Right fields, wrong order. Keep the order in which they came: it is part of a TFF type.")
    hints = (contract.other_dtype(name, got[name], like.dtype.name) for name, like in before.items())
    return next(filter(None, hints), None)


def _store_problem(one: Round) -> Problem | None:
    """Judged by the states that the round was given, so that no mistake costs twice."""
    store, got, ids = one.store, one.told["store"], one.client_ids
    call = one.told["calls"][-1]
    new = [_new(state, datum) for state, datum in zip(call["states"], call["data"], strict=True)]
    right = store | dict(zip(one.order, new, strict=False))
    positions = _(
        "The states were put back by position. `one_round` returns them in the order of `client_ids`: "
        "zip these two."
    )
    lost = [name for name in store if name not in got]
    strange = [name for name in got if name not in right]
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
    one_for_all = _("All clients share one state now. Give each its own.")
    return judge(
        _("the store after {call}").format(call=one.called),
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
            (store | dict(zip(store, new, strict=False)), positions),
            (store | dict(zip(sorted(ids), new, strict=False)), positions),
            *((store | dict.fromkeys(ids, state), one_for_all) for state in new),
            *((dict.fromkeys(store, state), one_for_all) for state in new),
        )
        if len(ids) > 1
        else (),
    )


def _newcomers_problem(rounds: list[list[str]], told: list[dict], inputs: dict) -> Problem | None:
    """A problem where the new clients do not take part, or are not in the store afterwards."""
    store = inputs["store"]
    first = Round(rounds[0], store, inputs["first"], inputs["data"], told[0])
    new = [name for name in rounds[0] if name not in store]
    if "missing" in told[0]:
        return _missing_problem(first.called, told[0])
    if "missing" in told[-1]:
        if not told[-1]["has_data"]:
            return _missing_problem(first.called, told[-1])
        return Problem(
            called=_("run_round(…) in a later round with {names}").format(names=", ".join(new)),
            got=f"KeyError: {told[-1]['missing']!r}",
            expected=_("the server's new weights"),
            hint=_(
                "Who was new in the first round is not in the store in the second. Put new clients in, too."
            ),
        )
    count = len(told[0]["calls"][-1]["states"]) if told[0]["calls"] else 0
    if count < len(rounds[0]):
        return Problem(
            called=first.called,
            got=_("a round of {count} clients").format(count=count),
            expected=_("a round of {count} clients").format(count=len(rounds[0])),
            hint=_("The new clients were left out. They take part like everybody, with `first_state()`."),
        )
    kept, after = told[0]["store"], first.store_after()
    hint = None
    if not set(new) <= set(kept):
        hint = _("The new clients were not put into the store. They have a state now, too.")
    elif same({name: kept[name] for name in new}, dict.fromkeys(new, first.first)):
        hint = _("The new clients' first states were kept. Keep what `one_round` returned for them.")
    if hint is None:
        return None
    return Problem(
        called=_("the store after {call}").format(call=first.called),
        got=describe(kept),
        expected=describe(after),
        hint=hint,
    )


def _history_problem(rounds: list[list[str]], told: list[dict], inputs: dict) -> Problem | None:
    """A problem in any of several rounds, one after the other with one store."""
    store, weights = inputs["store"], inputs["server_weights"]
    for client_ids, one_told in zip(rounds, told, strict=True):
        one = Round(client_ids, store, inputs["first"], inputs["data"], one_told)
        if problem := _inputs_problem(one) or _returned_problem(one, weights) or _store_problem(one):
            return problem
        store, weights = one.store_after(), one.weights_after(weights)
    return None
