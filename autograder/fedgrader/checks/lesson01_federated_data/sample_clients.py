"""The check of `sample_clients`, lesson 1."""

import operator
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, same
from fedgrader.guest.problem import Problem

harness = Harness("lesson01_federated_data.sample_clients")
_ROUNDS = list(range(60))


@dataclass(frozen=True)
class _AskedClients:
    """One question: how many of which clients, for one seed, in which rounds."""

    ids: list[str]
    num_clients: int
    rounds: list[int]
    seed: int

    def of(self, answer: AnswerHandle) -> dict:
        return answer.ask(
            harness.sample_clients,
            client_ids=self.ids,
            num_clients=self.num_clients,
            rounds=self.rounds,
            seed=self.seed,
        )

    def called(self, round_num: int = 0) -> str:
        return _(
            "sample_clients({number} client ids, num_clients={chosen}, round_num={round_num}, seed={seed})"
        ).format(number=len(self.ids), chosen=self.num_clients, round_num=round_num, seed=self.seed)


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
    ids = [f"client_{number}" for number in rng.choice(np.arange(100, 1000), rng.integers(11, 14), False)]
    asked = _AskedClients(ids, int(rng.integers(4, 6)), _ROUNDS, int(rng.integers(1, 10_000)))
    got = asked.of(answer)
    problem = _reply_problem(asked, got)
    if not problem:
        single = replace(asked, num_clients=1, rounds=[0])
        problem = _reply_problem(single, single.of(answer))
    yield N_("chooses the right number, nobody twice"), problem
    choices = got["choices"]
    if not all(isinstance(choice, list) for choice in choices):
        return
    yield (
        N_("chooses anew every round, so that everybody gets a turn"),
        _turns_problem(asked, choices),
    )
    questions = [asked, replace(asked, rounds=[9]), *(replace(asked, seed=asked.seed + n) for n in (1, 2))]
    replies = [question.of(answer) for question in questions]
    again, alone, *others = (reply["choices"] for reply in replies)
    yield (
        N_("chooses the same for the same round and seed"),
        (None if problem else next(filter(None, map(_reply_problem, questions, replies)), None))
        or _same_choice_problem(asked, choices, again, alone)
        or _other_seed_problem(asked, choices, others),
    )


def _reply_problem(asked: _AskedClients, got: dict) -> Problem | None:
    return _choice_problem(asked, got["choices"]) or _spoilt_problem(asked, got)


def _choice_problem(asked: _AskedClients, choices: list) -> Problem | None:
    expected = _("a list of {number} different ids, all from `client_ids`").format(number=asked.num_clients)
    for round_num, choice in zip(asked.rounds, choices, strict=True):
        hint = _choice_hint(asked, choice)
        if hint:
            return Problem(asked.called(round_num), describe(choice), expected, hint)
    return None


def _choice_hint(asked: _AskedClients, choice) -> str | None:
    if not isinstance(choice, list):
        return _("Return a list of client ids.")
    if len(set(choice)) < len(choice):
        return _("Someone was drawn twice. Draw without replacement: `replace=False`, or `random.sample`.")
    if len(choice) != asked.num_clients:
        return _("Choose exactly `num_clients` clients.")
    if all(item.isdecimal() for item in choice):
        return _("Return the ids themselves, not their positions.")
    if not set(choice) <= set(asked.ids):
        return _(
            "Someone here is not in `client_ids`. Draw from that list, whatever the ids in it look like."
        )
    return None


def _spoilt_problem(asked: _AskedClients, got: dict) -> Problem | None:
    if same(got["client_ids"], asked.ids):
        return None
    return Problem(
        asked.called(),
        _("a list `client_ids` that is no longer as it was"),
        _("the caller's list, unchanged"),
        _("`shuffle` works in place. Draw from the list, or shuffle a copy."),
    )


def _turns_problem(asked: _AskedClients, choices: list[list[str]]) -> Problem | None:
    groups = {frozenset(choice) for choice in choices}
    if len(groups) == 1:
        return Problem(
            asked.called(),
            _("the same clients in all {rounds} rounds").format(rounds=len(choices)),
            _("other clients in other rounds"),
            _("Let the draw depend on `round_num` too, for example through the generator's seed."),
        )
    turns = Counter(name for choice in choices for name in choice)
    known = asked.ids if set(turns) <= set(asked.ids) else list(turns)
    missing = sum(name not in turns for name in known)
    # Sixty fair draws of four or five out of at most thirteen leave nobody out, call nobody 46 times, and
    # hardly ever choose the same group twice; each happens otherwise once in 10^8 seeds or less.
    if not missing and max(turns.values()) <= 46 and len(groups) > len(choices) // 2:
        return None
    return Problem(
        asked.called(),
        _(
            "in {rounds} rounds {groups} different groups, {missing} of {number} clients never drawn, one "
            "client drawn {most} times"
        ).format(
            rounds=len(choices),
            groups=len(groups),
            missing=missing,
            number=len(known),
            most=max(turns.values()),
        ),
        _("everybody drawn now and then, in ever new company"),
        _("Draw from all clients in every round, each with the same chance, whoever else is drawn."),
    )


def _same_choice_problem(asked: _AskedClients, choices: list, again: list, alone: list) -> Problem | None:
    if choices == again and choices[9:10] == alone:
        return None
    return Problem(
        asked.called(),
        _("other clients when asked again for the same round"),
        _("the same clients for the same seed and round"),
        _(
            "Make a generator inside the function, from `seed` and `round_num`; one that lives outside "
            "remembers how often it was used."
        ),
    )


def _other_seed_problem(asked: _AskedClients, choices: list, others: list[list]) -> Problem | None:
    expected = _("a draw that depends on the seed")
    if choices in others:
        hint = _("Use `seed` as well as `round_num`.")
        return Problem(asked.called(), _("the same clients for another seed"), expected, hint)
    if all(other[0] == choices[0] for other in others):
        return Problem(
            asked.called(),
            _("the same clients in round 0, whatever the seed"),
            expected,
            _("Give the generator both numbers, `[seed, round_num]`: their product is 0 in round 0."),
        )
    alike = max(sum(map(operator.eq, other, choices)) for other in others)
    if alike > len(choices) // 4:
        return Problem(
            asked.called(),
            _("the same clients for another seed in {alike} of {rounds} rounds").format(
                alike=alike, rounds=len(choices)
            ),
            expected,
            _("Give the generator both numbers, `[seed, round_num]`: then another seed changes every round."),
        )
    return None
