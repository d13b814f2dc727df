"""The check of `within_budget`, lesson 8."""

import math
from collections.abc import Iterator

import numpy as np

from fedcourse.digits import written_digits
from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise
from fedgrader.checks.lesson08_compression import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.problem import Problem

harness = Harness("lesson08_compression.within_budget")
_BUDGET_BITS = 8 * 2**20
_MOST_VISITS, _MOST_ROUNDS = 120, 30
_TARGET = 0.75


def _mib(bits: float) -> str:
    return f"{bits / 8 / 2**20:.2f} MiB"


@exercise(
    draws=1,  # each takes its time
    parts={
        N_("says what to train, with how many clients and for how long"): 1,
        N_("costs at most 1 MiB"): 2,
        N_("reads 75 % of strangers' digits"): 2,
    },
    hints=(
        N_(
            "Plain federated averaging costs 61 KiB for each visit of a client, half of it down, half of it "
            "up: 16 visits, and the budget is gone. What have you built to make visits cheaper?"
        ),
        N_(
            "Encode both ways: `model_distributor=encoded_broadcast(…)` and "
            "`model_aggregator=tff.aggregators.MeanFactory(EncodedSum(…))`. The kernel has 7,840 numbers, so "
            "a threshold of 10,000 would leave it as it is."
        ),
        N_(
            "8 bits both ways make a visit cost about 17.6 KiB: 58 visits. Five clients a round for eleven "
            "rounds, with a client rate of 0.1, pass 80 %. Fewer bits up buy you more rounds."
        ),
    ),
    why=N_(
        "You have spent a budget instead of chasing an accuracy: fewer bits a visit, so more visits. There "
        "are other ways to save, such as fewer clients, longer work on the phone, or smaller models, and "
        "they all trade the same three things: bits, time and accuracy. Measure all three, or you compare "
        "nothing."
    ),
)
def within_budget(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    # The clients' order is always the same: what a plan reaches while learning, it reaches when graded.
    # The digits' names change, all of them, so that weights which the answer brings along are worth nothing.
    renamed = (np.arange(10) + rng.integers(1, 10)) % 10
    got = answer.ask(
        harness.within_budget,
        budget_bits=_BUDGET_BITS,
        most_visits=_MOST_VISITS,
        most_rounds=_MOST_ROUNDS,
        renamed=renamed,
        turns=_turns(),
    )
    called = _("within_budget(model_fn)")
    yield N_("says what to train, with how many clients and for how long"), _plan_problem(called, got)
    if _plan_problem(called, got):
        return
    yield N_("costs at most 1 MiB"), _budget_problem(called, got)
    if "read" not in got:
        return
    accuracy = float(np.median(_accuracies(got["read"], renamed)))
    yield N_("reads 75 % of strangers' digits"), _accuracy_problem(called, got, accuracy)


def _turns() -> list[str]:
    train, _test = written_digits()
    return [str(client) for client in np.random.default_rng(8).permutation(list(train))]


def _accuracies(read: np.ndarray, renamed: np.ndarray) -> np.ndarray:
    """The share of the unseen clients' digits, by their new names, that is read right after each round.

    Raises:
      ValueError: it is not a row of whole numbers, one for each page, for each of one to three rounds.
    """
    train, test = written_digits()
    labels = [pages["label"] for client, pages in test.items() if client not in train]
    y = renamed[np.concatenate(labels)]
    if np.asarray(read).dtype.kind != "i" or np.shape(read)[1:] != y.shape or not 1 <= len(read) <= 3:
        raise ValueError
    return np.mean(np.asarray(read) == y, axis=1)


def _plan_problem(called: str, got: dict) -> Problem | None:
    if "type" in got:
        return Problem(
            called=called,
            got=got["type"],
            expected="(LearningProcess, clients_per_round, num_rounds)",
            hint=_(
                "Return three things in this order: the learning process, how many clients a round, and how "
                "many rounds; both are whole numbers above zero."
            ),
        )
    if "batches" in got:
        return Problem(
            called=called,
            got=_("a process whose clients' batches are {type}").format(type=got["batches"]),
            expected=_("a process made from `model_fn`, with batches as its model takes them"),
            hint=_("Make the process from `model_fn`, the argument, and not from a model of your own."),
        )
    clients, rounds = shared.count(got["clients"]), shared.count(got["rounds"])
    if clients > len(_turns()) or clients * rounds > _MOST_VISITS or rounds > _MOST_ROUNDS:
        return Problem(
            called=called,
            got=_("{clients} clients a round, {rounds} rounds").format(clients=clients, rounds=rounds),
            expected=_("at most {most} clients a round, {rounds} rounds and {visits} visits in all").format(
                most=len(_turns()), rounds=_MOST_ROUNDS, visits=_MOST_VISITS
            ),
            hint=_("There are only so many clients, and the check has only so much time: plan for less."),
        )
    return None


def _budget_problem(called: str, got: dict) -> Problem | None:
    down, up = shared.count(got["down"]), shared.count(got["up"])
    if down + up <= _BUDGET_BITS:
        return None
    if math.isclose(down, up, rel_tol=0.02):
        raw = down >= 7850 * 32 * got["clients"] * got["rounds"]
        hint = (
            _("Nothing is compressed, in either direction.")
            if raw
            else _("Both ways are compressed, so now there is too much of it: fewer rounds, clients or bits.")
        )
    elif down > up:
        hint = _("The way up is compressed, the way down is not. The budget counts both.")
    else:
        hint = _("The way down is compressed, the way up is not. The budget counts both.")
    return Problem(
        called=called,
        got=_("{down} down and {up} up; it was not trained").format(down=_mib(down), up=_mib(up)),
        expected=_("at most {budget} in all").format(budget=_mib(_BUDGET_BITS)),
        hint=hint,
    )


def _accuracy_problem(called: str, got: dict, accuracy: float) -> Problem | None:
    if accuracy >= _TARGET:
        return None
    left = 1 - (got["down"] + got["up"]) / _BUDGET_BITS
    if accuracy < 0.2:
        hint = _(
            "The model has learnt next to nothing. Look at both learning rates, and at what arrives at the "
            "clients: are there levels enough?"
        )
    elif left > 0.3:
        hint = _("There is budget left: {share} of it. Train for more rounds.").format(share=f"{left:.0%}")
    else:
        hint = _(
            "The budget is spent, and it is not enough. Make each visit cheaper, with fewer bits or in both "
            "directions, or make it count for more, with another client rate."
        )
    return Problem(
        called=called,
        got=_("{accuracy} for {cost}").format(accuracy=f"{accuracy:.1%}", cost=_mib(got["down"] + got["up"])),
        expected=_("at least {target}").format(target=f"{_TARGET:.0%}"),
        hint=hint,
    )
