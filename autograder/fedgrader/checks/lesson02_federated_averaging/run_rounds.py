"""The check of `run_rounds`, lesson 2."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe
from fedgrader.guest.problem import Problem

harness = Harness("lesson02_federated_averaging.run_rounds")
_CLIENTS, _CHOSEN, _NUM_ROUNDS = 9, 3, 6


@exercise(
    parts={
        N_("returns one output a round"): 1,
        N_("carries the state from round to round"): 1,
        N_("draws different clients, anew each round"): 2,
        N_("draws the same for the same seed"): 1,
    },
    hints=(
        N_(
            "Three things are made before the loop: a generator, a first state, an empty list. In the loop: "
            "draw clients, collect their datasets, run one round, keep what must be kept."
        ),
        N_(
            "`rng = np.random.default_rng(seed)` before the loop; in it, `rng.choice(client_data.client_ids, "
            "clients_per_round, replace=False)`, one dataset for each of them, and `output = "
            "process.next(state, federated_data)`. What does `state` have to be in the next round?"
        ),
        N_(
            "`federated_data = [client_data.create_tf_dataset_for_client(client_id) for client_id in "
            "chosen]`, `output = process.next(state, federated_data)`, `state = output.state`, "
            "`outputs.append(output)`; after the loop, `return outputs`."
        ),
    ),
    why=N_(
        "All that a federated model has learnt is in the state: whoever drops it starts again from nothing. "
        "And the draw is what makes ten phones a round enough, for over the rounds everybody gets a turn. "
        "With one generator, made before the loop, each draw is new and the whole series can be repeated."
    ),
)
def run_rounds(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    seed, first_state = int(rng.integers(1, 1000)), int(rng.integers(100, 900))
    run, again, other = answer.ask(
        harness.run_rounds,
        num_clients=_CLIENTS,
        clients_per_round=_CHOSEN,
        num_rounds=_NUM_ROUNDS,
        seeds=[seed, seed, seed + 1],
        first_state=first_state,
    )
    called = f"run_rounds(process, client_data, {_CHOSEN}, {_NUM_ROUNDS}, {seed})"
    problem = _given_problem(run["given"], called) or _outputs_problem(run, called)
    yield N_("returns one output a round"), problem
    if problem:
        return
    states = [given["state"] for given in run["given"]]
    yield N_("carries the state from round to round"), _states_problem(states, first_state, called)
    draws, repeated, different = ([given["clients"] for given in one["given"]] for one in (run, again, other))
    problem = _draws_problem(draws, called)
    yield N_("draws different clients, anew each round"), problem
    if not problem:
        yield N_("draws the same for the same seed"), _seed_problem(draws, repeated, different, called)


def _given_problem(given: list[dict], called: str) -> Problem | None:
    """Where `process.next` was handed something that TFF would not take."""
    expected = _("process.next(state, a list of datasets), {rounds} times").format(rounds=_NUM_ROUNDS)
    for one in given:
        if isinstance(one["state"], str):
            hints = {
                "method": _("Call it: `process.initialize()`, with parentheses."),
                "LearningProcessOutput": _(
                    "This is the whole output of the round before. The state is in it: `output.state`."
                ),
                "NoneType": _("There is no state. The first one is `process.initialize()`."),
            }
            otherwise = _("The first state is `process.initialize()`, each later one `output.state`.")
            got = _("process.next(an object of type `{type}`, …)").format(type=one["state"])
            return Problem(called, got, expected, hints.get(one["state"], otherwise))
        if isinstance(one["clients"], str):
            names = _(
                "These are the clients' names. Get each one's dataset: "
                "`client_data.create_tf_dataset_for_client(client_id)`."
            )
            hints = {
                "Dataset": _(
                    "One dataset is one client. TFF takes a list with a dataset for each client of the round."
                ),
                "list[str]": names,
                "ndarray": names,
            }
            otherwise = _("Hand `process.next` a list of datasets, one for each client of the round.")
            got = _("process.next(state, an object of type `{type}`)").format(type=one["clients"])
            return Problem(called, got, expected, hints.get(one["clients"], otherwise))
    if len(given) == _NUM_ROUNDS:
        return None
    hint = _("Run exactly `num_rounds` rounds: one `process.next` each. Is there a `return` in the loop?")
    return Problem(called, _("{rounds} rounds").format(rounds=len(given)), expected, hint)


def _outputs_problem(run: dict, called: str) -> Problem | None:
    returned = run["returned"]
    expected = _("a list of {rounds} outputs of `process.next`").format(rounds=_NUM_ROUNDS)
    if isinstance(returned, str):
        otherwise = _("Keep what `process.next` returned as it is, state and metrics together.")
        hints = {
            "NoneType": _("Nothing came back. End the function with `return outputs`."),
            "int": _("This is the state alone. Keep every round's output in a list, and return the list."),
            "LearningProcessOutput": _("This is the last output alone. Append each round's to a list."),
            "list[int]": _("These are the states alone. Append the whole output: it holds both."),
            "list[OrderedDict]": _("These are the metrics alone. Append the whole output: it holds both."),
        }
        got = _("an object of type `{type}`").format(type=returned)
        return Problem(called, got, expected, hints.get(returned, otherwise))
    if returned == list(range(_NUM_ROUNDS)):
        return None
    mistakes = {
        len(set(returned)) == 1: _("Each entry is the same round. Append inside the loop, once a round."),
        len(returned) == 0: _("The list is empty. Append each round's output."),
    }
    hint = mistakes.get(True, _("One output for each round, in the order of the rounds."))
    got = _("outputs of the rounds {rounds}").format(rounds=describe([number + 1 for number in returned]))
    return Problem(called, got, expected, hint)


def _states_problem(states: list[int], first: int, called: str) -> Problem | None:
    """The toy process's state is a number that grows by one each round."""
    rounds = [state - first for state in states]
    if rounds == list(range(_NUM_ROUNDS)):
        return None
    started_again = _(
        "Every round starts from the untrained state, so nothing is ever learnt. Before the next round: "
        "`state = output.state`; and call `process.initialize()` only once, before the loop."
    )
    otherwise = _("Each round must start from the state that the round before returned: `output.state`.")
    return Problem(
        called,
        _("rounds that start from states that are {rounds} rounds old").format(rounds=describe(rounds)),
        _("rounds that start from states that are {rounds} rounds old").format(
            rounds=describe(list(range(_NUM_ROUNDS)))
        ),
        started_again if not any(rounds) else otherwise,
    )


def _draws_problem(draws: list[list[int]], called: str) -> Problem | None:
    expected = _("{number} different clients a round, others in other rounds").format(number=_CHOSEN)
    everybody = set(range(_CLIENTS))
    got = _("in the first rounds, the clients {clients}").format(clients=describe(draws[:3]))
    if any(len(set(draw)) < len(draw) for draw in draws):
        if all(len(set(draw)) == 1 for draw in draws):
            hint = _("One client several times over. Does the comprehension use its own variable?")
        else:
            hint = _("Someone takes part twice in a round. Draw with `replace=False`.")
        return Problem(called, got, expected, hint)
    if all(set(draw) == everybody for draw in draws):
        hint = _("Everybody takes part in every round. Draw `clients_per_round` of them.")
        return Problem(called, got, expected, hint)
    if any(len(draw) != _CHOSEN for draw in draws):
        hint = _("`clients_per_round` says how many take part, in each round.")
        return Problem(called, got, expected, hint)
    if all(draw == draws[0] for draw in draws):
        if draws[0] == list(range(_CHOSEN)):
            hint = _("The first clients of the list take every turn. Draw at random, in the loop.")
        else:
            hint = _(
                "The same clients in every round. Draw inside the loop, with a generator that is made before "
                "it: one made in the loop, from the same seed, begins again each time."
            )
        return Problem(called, got, expected, hint)
    # Of nine clients, six fair draws of three leave more than four out once in a million seeds.
    if len(everybody - {client for draw in draws for client in draw}) > 4:
        hint = _("Some clients never get a turn. Draw from all of `client_data.client_ids`.")
        return Problem(called, got, expected, hint)
    return None


def _seed_problem(draws: list, repeated: list, different: list, called: str) -> Problem | None:
    if draws != repeated:
        return Problem(
            called,
            _("other clients when run again with the same seed"),
            _("the same clients for the same seed"),
            _(
                "Make the generator inside the function, from `seed`: `np.random.default_rng(seed)`. One "
                "that lives outside remembers how often it was used; one without a seed draws as it likes."
            ),
        )
    if draws == different:
        return Problem(
            called,
            _("the same clients for another seed"),
            _("a draw that depends on the seed"),
            _("Use the argument `seed`, not a number of your own."),
        )
    return None
