"""The check of `smallest_noise`, lesson 10."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise
from fedgrader.checks.lesson10_private_averaging import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, shape_of
from fedgrader.guest.problem import Problem

harness = Harness("lesson10_private_averaging.smallest_noise")


@exercise(
    draws=2,  # each takes its time
    parts={N_("keeps the budget"): 2, N_("adds no more noise than it must"): 1},
    hints=(
        N_(
            "More noise, smaller epsilon. So it is like looking up a word in a dictionary: open it "
            "in the middle, and see which half it is in."
        ),
        N_(
            "Keep two numbers: one with too little noise, one with enough. Try one between them with "
            "`epsilon_spent`, and let it replace one of the two. Stop when they are less than 1 % apart."
        ),
        N_(
            "`while enough > 1.005 * too_small:` try `middle = (too_small * enough) ** 0.5`; if "
            "`epsilon_spent(middle, sampling_probability, num_rounds, delta) > epsilon`, then `too_small = "
            "middle`, else `enough = middle`. Return `enough`."
        ),
    ),
    why=N_(
        "In the world outside the budget comes first: somebody decides what may be given away, and the noise "
        "follows from it. Whether the model is still good is the last question and not the first. If it is "
        "not, the honest ways out are more clients, fewer rounds or a smaller model, but no larger epsilon."
    ),
)
def smallest_noise(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    problems = _problems(answer, _budget(rng), named=True)
    for budget in _far_budgets(rng):
        if not any(problems.values()):
            problems = _problems(answer, budget, named=False)
    yield from problems.items()


@dataclass(frozen=True)
class Budget:
    """What may be spent: so much that `best` is the smallest noise multiplier that keeps it."""

    best: float
    delta: float
    probability: float
    rounds: int

    def spent(self, noise: float, probability: float | None = None, rounds: int | None = None) -> float:
        """What a training spends with another noise, and perhaps other clients and rounds."""
        return shared.spent(
            noise,
            self.probability if probability is None else probability,
            self.rounds if rounds is None else rounds,
            self.delta,
        )

    @cached_property
    def epsilon(self) -> float:
        return self.spent(self.best)


def _budget(rng: np.random.Generator) -> Budget:
    """A budget of a range in which no mistake gives the number of another one."""
    probability, rounds = round(float(rng.uniform(0.03, 0.04)), 3), int(rng.integers(50, 60))
    return Budget(float(rng.uniform(1.2, 1.36)), shared.small_delta(rng), probability, rounds)


def _far_budgets(rng: np.random.Generator) -> Iterator[Budget]:
    """Budgets that take very little noise, or almost 100; all clients come, which is soon worked out."""
    for low, high in ((0.3, 0.6), (99.1, 99.9)):
        yield Budget(float(rng.uniform(low, high)), shared.small_delta(rng), 1.0, int(rng.integers(15, 40)))


def _problems(answer: AnswerHandle, budget: Budget, named: bool) -> dict[str, Problem | None]:
    """What is wrong with each part; `named`, with a hint that names the mistake."""
    got = answer.ask(
        harness.smallest_noise,
        epsilon=budget.epsilon,
        delta=budget.delta,
        sampling_probability=budget.probability,
        num_rounds=budget.rounds,
    )
    called = _(
        "smallest_noise(epsilon={epsilon}, delta={delta}, sampling_probability={probability}, "
        "num_rounds={rounds})"
    ).format(
        epsilon=f"{budget.epsilon:.3f}",
        delta=budget.delta,
        probability=budget.probability,
        rounds=budget.rounds,
    )
    keeps, no_more = N_("keeps the budget"), N_("adds no more noise than it must")
    if shape_of(got) != () or not 0 < float(got) < 1e6:
        hint = shared.unless_nothing(got, _("Return a noise multiplier: one number, greater than 0."))
        expected = f"{budget.best:.3f}"
        return {keeps: Problem(called=called, got=describe(got), expected=expected, hint=hint)}
    noise = float(got)
    spent = budget.spent(noise)

    def problem(otherwise: str) -> Problem:
        hints = _noise_mistakes(noise, budget) if named else iter(())
        return Problem(
            called=called,
            got=_("{noise}, which spends an epsilon of {spent}").format(
                noise=f"{noise:.4g}", spent=f"{spent:.3g}"
            ),
            expected=_("{noise}, or at most 1 % more").format(noise=f"{budget.best:.4g}"),
            hint=next(hints, otherwise),
        )

    too_much = _(
        "The budget is overdrawn. Test your answer with `epsilon_spent`: it must not exceed `epsilon`."
    )
    wasteful = _("It keeps the budget, but less noise would do as well. Look for the smallest.")
    if not named:
        too_much = wasteful = _(
            "Another budget came out right, and this one does not. Look everywhere from 0.1 to 100, and stop "
            "by the ratio of the two ends: a fixed difference is coarse where the noise is small."
        )
    return {
        keeps: problem(too_much) if spent > 1.001 * budget.epsilon else None,
        no_more: problem(wasteful) if noise > 1.011 * budget.best else None,
    }


def _smallest(epsilon: float, budget: Budget) -> float:
    """The smallest noise multiplier from 1 to 100 that keeps the budget `epsilon` for one round."""
    low, high = 1.0, 100.0
    while high > 1.01 * low:
        middle = (low * high) ** 0.5
        low, high = (middle, high) if budget.spent(middle, rounds=1) > epsilon else (low, middle)
    return high


def _noise_mistakes(noise: float, budget: Budget) -> Iterator[str]:
    """The hints of those mistakes that give just this noise."""
    best, epsilon = budget.best, budget.epsilon

    def near(one: float, other: float, within: float = 0.03) -> bool:
        return abs(one - other) < within * abs(other)

    if 0.985 * best < noise < best:
        yield _("Just too little: of the two ends of your bracket, return the one that keeps the budget.")
    if near(budget.spent(noise, probability=1.0), epsilon):
        yield _("The drawing of clients is forgotten, so there is more noise than needed. Pass it on.")
    if near(budget.spent(noise, rounds=1), epsilon):
        yield _("This keeps the budget for one round. It must last for all of them: pass on `num_rounds`.")
    if near(noise, _smallest(epsilon / budget.rounds, budget)):
        yield _(
            "The budget is cut into equal pieces, one a round. Rounds compose better than that: pass on "
            "`num_rounds`, and compare all that is spent with `epsilon`."
        )
    if near(np.sqrt(2 * np.log(1.25 / budget.delta)) / epsilon, noise):
        yield _("This is the old rule for one Gaussian noise. It knows nothing of rounds or of drawing.")
    if near(best**2, noise):
        yield _("This is the variance. Return the noise multiplier, which is a standard deviation.")
    if near(best**0.5, noise):
        yield _("You take a root too many. The noise multiplier is what `epsilon_spent` takes.")
    lesson_delta = 1e-5
    if near(shared.spent(noise, budget.probability, budget.rounds, lesson_delta), epsilon, within=0.008):
        yield _("This keeps the budget for a delta of {delta}. Pass on the `delta` that is given.").format(
            delta=lesson_delta
        )
