"""The check of `run_rounds`, lesson 2."""

import operator
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, same
from fedgrader.guest.problem import Problem

harness = Harness("lesson02_federated_averaging.run_rounds")


@dataclass(frozen=True)
class _AskedRounds:
    """What an answer is given but for the seed; `numbers` is what each client's dataset holds."""

    numbers: list[list[int]]
    chosen: int
    rounds: int
    first_state: int

    def of(self, answer: AnswerHandle, seeds: list[int]) -> list[dict]:
        return answer.ask(
            harness.run_rounds,
            numbers={f"client_{number:02d}": held for number, held in enumerate(self.numbers)},
            clients_per_round=self.chosen,
            num_rounds=self.rounds,
            seeds=seeds,
            first_state=self.first_state,
        )

    def called(self, seed: int) -> str:
        return f"run_rounds(process, client_data, {self.chosen}, {self.rounds}, {seed})"


def _drawn(rng: np.random.Generator) -> _AskedRounds:
    """Clients with two to five numbers each: ten and more for the second client, twenty and more …"""
    clients = range(rng.integers(9, 12))
    held = [[10 * client + place for place in range(rng.integers(2, 6))] for client in clients]
    return _AskedRounds(held, *(int(rng.integers(*ends)) for ends in ((3, 5), (6, 9), (100, 900))))


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
    asked, seed = _drawn(rng), int(rng.integers(1, 1000))
    seeds = [seed, seed, *range(seed + 1, seed + 5)]
    runs = asked.of(answer, seeds)
    problem = _first(_run_problem, asked, runs, seeds)
    yield N_("returns one output a round"), problem
    if problem:
        return
    states = _first(_states_problem, asked, runs, seeds)
    yield N_("carries the state from round to round"), states
    yield (
        N_("draws different clients, anew each round"),
        _first(_draws_problem, asked, runs, seeds)
        or _first(_datasets_problem, asked, runs, seeds)
        or _long_problem(replace(asked, rounds=10 * asked.rounds + 12), answer, seed, with_states=not states),
    )
    yield N_("draws the same for the same seed"), _seed_problem(*map(_draws, runs), called=asked.called(seed))


def _first(
    problem_of: Callable[[_AskedRounds, dict, str], Problem | None],
    asked: _AskedRounds,
    runs: list[dict],
    seeds: list[int],
) -> Problem | None:
    """The problem of the first run that has one."""
    problems = (problem_of(asked, run, asked.called(seed)) for seed, run in zip(seeds, runs, strict=True))
    return next(filter(None, problems), None)


def _run_problem(asked: _AskedRounds, run: dict, called: str) -> Problem | None:
    return _given_problem(asked, run, called) or _outputs_problem(asked, run, called)


def _long_problem(
    asked: _AskedRounds, answer: AnswerHandle, seed: int, *, with_states: bool
) -> Problem | None:
    """The problem of so many rounds that everybody must have had a turn; states may have cost theirs."""
    runs = asked.of(answer, [seed])
    states = (_states_problem,) if with_states else ()
    for problem_of in (_run_problem, *states, _draws_problem, _turns_problem, _datasets_problem):
        if problem := _first(problem_of, asked, runs, [seed]):
            return problem
    return None


def _draws(run: dict) -> list[list[int]]:
    """Each round's clients, known by the first number in their datasets; -1 where it is empty."""
    return [[_client(held) for held in given["clients"]] for given in run["given"]]


def _client(held: list) -> int:
    return int(np.ravel(held)[0]) // 10 if np.size(held) else -1


def _given_problem(asked: _AskedRounds, run: dict, called: str) -> Problem | None:
    """Where `process.next` was handed something that TFF would not take."""
    expected = _("process.next(state, a list of datasets), {rounds} times").format(rounds=asked.rounds)
    for one in run["given"]:
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
    count = len(run["given"])
    if count == asked.rounds:
        return None
    by_count = {
        1: _("Is there a `return` in the loop? Run `num_rounds` rounds, one `process.next` in each."),
        2 * asked.rounds: _(
            "`process.next` is called twice a round. Call it once, and keep what it returns."
        ),
    }
    hint = by_count.get(count, _("Run exactly `num_rounds` rounds, one `process.next` in each."))
    if run["returned"] == "generator":
        hint = _("A function with `yield` does nothing until it is asked. Put the outputs into a list.")
    return Problem(called, _("{rounds} rounds").format(rounds=count), expected, hint)


def _outputs_problem(asked: _AskedRounds, run: dict, called: str) -> Problem | None:
    returned = run["returned"]
    expected = _("a list of {rounds} outputs of `process.next`").format(rounds=asked.rounds)
    if isinstance(returned, str):
        otherwise = _("Keep what `process.next` returned as it is, state and metrics together.")
        hints = {
            "NoneType": _("Nothing came back. End the function with `return outputs`."),
            "int": _("This is the state alone. Keep every round's output in a list, and return the list."),
            "LearningProcessOutput": _("This is the last output alone. Append each round's to a list."),
            "list[int]": _("These are the states alone. Append the whole output: it holds both."),
            "list[OrderedDict]": _("These are the metrics alone. Append the whole output: it holds both."),
            "list[LearningProcessOutput]": _(
                "There are outputs among these that this call's `process.next` did not return. Make the "
                "list in the function; a default such as `outputs=[]` keeps those of earlier calls."
            ),
        }
        got = _("an object of type `{type}`").format(type=returned)
        return Problem(called, got, expected, hints.get(returned, otherwise))
    if returned == list(range(asked.rounds)):
        return None
    mistakes = {
        len(set(returned)) == 1: _("Each entry is the same round. Append inside the loop, once a round."),
        len(returned) == 0: _("The list is empty. Append each round's output."),
    }
    hint = mistakes.get(True, _("One output for each round, in the order of the rounds."))
    got = _("outputs of the rounds {rounds}").format(rounds=describe([number + 1 for number in returned]))
    return Problem(called, got, expected, hint)


def _states_problem(asked: _AskedRounds, run: dict, called: str) -> Problem | None:
    """The toy process's state is a number that grows by one each round."""
    rounds = [given["state"] - asked.first_state for given in run["given"]]
    if same(rounds, list(range(asked.rounds))):
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
            rounds=describe(list(range(asked.rounds)))
        ),
        started_again if not any(rounds) else otherwise,
    )


def _draws_problem(asked: _AskedRounds, run: dict, called: str) -> Problem | None:
    draws, everybody = _draws(run), set(range(len(asked.numbers)))
    expected = _("{number} different clients a round, others in other rounds").format(number=asked.chosen)
    got = _("in the first rounds, the clients {clients}").format(clients=describe(draws[:3]))
    groups = {frozenset(draw) for draw in draws}
    if any(len(set(draw)) < len(draw) for draw in draws):
        if all(len(set(draw)) == 1 for draw in draws):
            hint = _("One client several times over. Does the comprehension use its own variable?")
        else:
            hint = _("Someone takes part twice in a round. Draw with `replace=False`.")
    elif groups == {frozenset(everybody)}:
        hint = _("Everybody takes part in every round. Draw `clients_per_round` of them.")
    elif any(len(draw) != asked.chosen for draw in draws):
        hint = _("`clients_per_round` says how many take part, in each round.")
    elif groups == {frozenset(range(asked.chosen))}:
        hint = _("The first clients of the list take every turn. Draw at random, in the loop.")
    elif len(groups) == 1:
        hint = _(
            "The same clients in every round. Draw inside the loop, with a generator that is made before "
            "it: one made in the loop, from the same seed, begins again each time."
        )
    else:
        return None
    return Problem(called, got, expected, hint)


def _turns_problem(asked: _AskedRounds, run: dict, called: str) -> Problem | None:
    draws = _draws(run)
    turns = Counter(client for draw in draws for client in draw)
    missing = sum(client not in turns for client in range(len(asked.numbers)))
    groups = len({frozenset(draw) for draw in draws})
    # 72 fair draws or more of three or four out of nine to eleven leave nobody out, call nobody in five
    # rounds of six, and make 30 groups or more; each happens otherwise once in 10^8 seeds or less.
    if not missing and max(turns.values()) <= 5 * len(draws) // 6 and groups > len(draws) // 4:
        return None
    return Problem(
        called,
        _(
            "in {rounds} rounds {groups} different groups, {missing} of {number} clients never drawn, one "
            "client drawn {most} times"
        ).format(
            rounds=len(draws),
            groups=groups,
            missing=missing,
            number=len(asked.numbers),
            most=max(turns.values()),
        ),
        _("everybody drawn now and then, in ever new company"),
        _(
            "Draw from all of `client_data.client_ids` in every round, each with the same chance, whoever "
            "else is drawn."
        ),
    )


def _datasets_problem(asked: _AskedRounds, run: dict, called: str) -> Problem | None:
    """The problem of datasets that hold something else than their clients' numbers."""
    for held in (held for given in run["given"] for held in given["clients"]):
        client = _client(held)
        wanted = asked.numbers[client] if client in range(len(asked.numbers)) else None
        if not _is_own(held, wanted):
            return Problem(
                called,
                _("a dataset that holds {elements}").format(elements=describe(held)),
                _("a client's own dataset, which holds {elements}").format(elements=describe(wanted)),
                _("`client_data` is ready for training. Hand each client's dataset on as it is."),
            )
    return None


def _is_own(held: list, wanted: list[int] | None) -> bool:
    """Whether the numbers are those of the client; there are hundreds of datasets, so without numpy."""
    return isinstance(held, list) and all(type(number) is int for number in held) and held == wanted


def _seed_problem(draws: list, repeated: list, *others: list, called: str) -> Problem | None:
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
    expected = _("a draw that depends on the seed")
    if draws in others:
        hint = _("Use the argument `seed`, not a number of your own.")
        return Problem(called, _("the same clients for another seed"), expected, hint)
    alike = max(sum(map(operator.eq, other, draws)) for other in others)
    if alike > len(draws) // 2:  # of fair draws, once in 10^8 seeds or less
        return Problem(
            called,
            _("the same clients for another seed in {alike} of {rounds} rounds").format(
                alike=alike, rounds=len(draws)
            ),
            expected,
            _("Let `seed` decide the draw of every round, not of some."),
        )
    if all(other[0] == draws[0] for other in others):
        return Problem(
            called,
            _("the same clients in round 0, whatever the seed"),
            expected,
            _("Give the generator both numbers, `[seed, round_num]`: their product is 0 in round 0."),
        )
    return None
