"""The check of `sample_clients`, lesson 1."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe
from fedgrader.guest.problem import Problem

harness = Harness("lesson01_federated_data.sample_clients")
_IDS = [f"client_{number:02d}" for number in range(12)]
_ROUNDS = list(range(60))


@exercise(
    parts={
        N_("chooses the right number, nobody twice"): 1,
        N_("chooses anew every round, so that everybody gets a turn"): 1,
        N_("chooses the same for the same round and seed"): 1,
    },
    hints=(
        N_(
            "Make a random generator inside the function. What must its seed be made of, so that round "
            "4 differs from round 3, but round 3 is the same tomorrow?"
        ),
        N_(
            "`np.random.default_rng(...)` makes a generator from a seed, and the seed may be a list of "
            "numbers."
        ),
        N_(
            "`np.random.default_rng([seed, round_num]).choice(client_ids, num_clients, "
            "replace=False)`; then `.tolist()`."
        ),
    ),
    why=N_(
        "Without replacement nobody is counted twice in a round; with a generator made from the "
        "seed and the round number, each round draws afresh and yet the whole experiment can be "
        "repeated, even from the middle."
    ),
)
def sample_clients(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    seed = int(rng.integers(1, 10_000))
    ids = [str(name) for name in rng.permutation(_IDS)]
    asked = dict(client_ids=ids, num_clients=4, rounds=_ROUNDS)
    got = answer.ask(harness.sample_clients, **asked, seed=seed)
    called = _("sample_clients({number} client ids, num_clients=4, round_num=0, seed={seed})").format(
        number=len(ids), seed=seed
    )
    problem = _choice_problem(got["choices"], called) or _spoilt_problem(got["client_ids"], ids, called)
    yield N_("chooses the right number, nobody twice"), problem
    if not all(isinstance(choice, list) for choice in got["choices"]):
        return
    yield (
        N_("chooses anew every round, so that everybody gets a turn"),
        _turns_problem(got["choices"], called),
    )
    again = answer.ask(harness.sample_clients, **asked, seed=seed)["choices"]
    alone = answer.ask(harness.sample_clients, **(asked | {"rounds": [9]}), seed=seed)["choices"]
    others = [answer.ask(harness.sample_clients, **asked, seed=seed + n)["choices"] for n in (1, 2)]
    yield (
        N_("chooses the same for the same round and seed"),
        _same_choice_problem(got["choices"], again, alone, called)
        or _other_seed_problem(got["choices"], others, called),
    )


def _choice_problem(choices: list, called: str) -> Problem | None:
    expected = _("a list of 4 different ids, all from `client_ids`")
    for choice in choices:
        hint = _choice_hint(choice)
        if hint:
            return Problem(called, describe(choice), expected, hint)
    return None


def _choice_hint(choice) -> str | None:
    if not isinstance(choice, list):
        return _("Return a list of client ids.")
    if len(set(choice)) < len(choice):
        return _("Someone was drawn twice. Draw without replacement: `replace=False`, or `random.sample`.")
    if len(choice) != 4:
        return _("Choose exactly `num_clients` clients.")
    if not set(choice) <= set(_IDS):
        return _("Return the ids themselves, not their positions.")
    return None


def _spoilt_problem(after: list[str], before: list[str], called: str) -> Problem | None:
    if after == before:
        return None
    return Problem(
        called,
        _("a list `client_ids` that is no longer as it was"),
        _("the caller's list, unchanged"),
        _("`shuffle` works in place. Draw from the list, or shuffle a copy."),
    )


def _turns_problem(choices: list[list[str]], called: str) -> Problem | None:
    if all(set(choice) == set(choices[0]) for choice in choices):
        return Problem(
            called,
            _("the same clients in all {rounds} rounds").format(rounds=len(choices)),
            _("other clients in other rounds"),
            _("Let the draw depend on `round_num` too, for example through the generator's seed."),
        )
    missing = sorted(set(_IDS) - {name for choice in choices for name in choice})
    repeated = sum(set(a) == set(b) for a, b in pairwise(choices))
    if missing or repeated > len(choices) // 4:
        return Problem(
            called,
            _(
                "{missing} of 12 clients never drawn in {rounds} rounds, {repeated} rounds like the one "
                "before"
            ).format(missing=len(missing), rounds=len(choices), repeated=repeated),
            _("everybody drawn now and then"),
            _("Draw from all clients in every round, each with the same chance."),
        )
    return None


def _same_choice_problem(choices, again, alone, called: str) -> Problem | None:
    if choices != again or choices[9] != alone[0]:
        return Problem(
            called,
            _("other clients when asked again for the same round"),
            _("the same clients for the same seed and round"),
            _(
                "Make a generator inside the function, from `seed` and `round_num`; one that lives outside "
                "remembers how often it was used."
            ),
        )
    return None


def _other_seed_problem(choices, others, called: str) -> Problem | None:
    expected = _("a draw that depends on the seed")
    if choices in others:
        hint = _("Use `seed` as well as `round_num`.")
        return Problem(called, _("the same clients for another seed"), expected, hint)
    if all(other[0] == choices[0] for other in others):
        return Problem(
            called,
            _("the same clients in round 0, whatever the seed"),
            expected,
            _("Give the generator both numbers, `[seed, round_num]`: their product is 0 in round 0."),
        )
    return None
