"""The check of `smallest_noise`, lesson 10."""

from collections.abc import Iterator

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
    # Ranges in which no mistake gives the number of another one.
    probability, rounds = round(float(rng.uniform(0.03, 0.04)), 3), int(rng.integers(50, 60))
    best = float(rng.uniform(1.2, 1.36))
    epsilon = shared.spent(best, probability, rounds)
    got = answer.ask(
        harness.smallest_noise,
        epsilon=epsilon,
        delta=shared.DELTA,
        sampling_probability=probability,
        num_rounds=rounds,
    )
    called = _(
        "smallest_noise(epsilon={epsilon}, delta=1e-5, sampling_probability={probability}, "
        "num_rounds={rounds})"
    ).format(epsilon=f"{epsilon:.3f}", probability=probability, rounds=rounds)
    keeps, no_more = N_("keeps the budget"), N_("adds no more noise than it must")
    if shape_of(got) != () or not 0 < float(got) < 1e6:
        hint = shared.unless_nothing(got, _("Return a noise multiplier: one number, greater than 0."))
        yield keeps, Problem(called=called, got=describe(got), expected=f"{best:.3f}", hint=hint)
        return
    noise = float(got)
    spent = shared.spent(noise, probability, rounds)

    def problem(otherwise: str) -> Problem:
        hints = _noise_mistakes(noise, best, epsilon, probability, rounds)
        return Problem(
            called=called,
            got=_("{noise}, which spends an epsilon of {spent}").format(
                noise=f"{noise:.4g}", spent=f"{spent:.3g}"
            ),
            expected=_("{noise}, or at most 1 % more").format(noise=f"{best:.4g}"),
            hint=next(hints, otherwise),
        )

    too_much = _(
        "The budget is overdrawn. Test your answer with `epsilon_spent`: it must not exceed `epsilon`."
    )
    yield keeps, problem(too_much) if spent > 1.001 * epsilon else None
    wasteful = _("It keeps the budget, but less noise would do as well. Look for the smallest.")
    yield no_more, problem(wasteful) if noise > 1.011 * best else None


def _smallest(epsilon: float, probability: float) -> float:
    """The smallest noise multiplier from 1 to 100 that keeps the budget `epsilon` for one round."""
    low, high = 1.0, 100.0
    while high > 1.01 * low:
        middle = (low * high) ** 0.5
        low, high = (middle, high) if shared.spent(middle, probability, 1) > epsilon else (low, middle)
    return high


def _noise_mistakes(
    noise: float, best: float, epsilon: float, probability: float, rounds: int
) -> Iterator[str]:
    """The hints of those mistakes that give just this noise."""

    def near(one: float, other: float) -> bool:
        return abs(one - other) < 0.03 * abs(other)

    if 0.97 * best < noise < best:
        yield _("Just too little: of the two ends of your bracket, return the one that keeps the budget.")
    if near(shared.spent(noise, 1.0, rounds), epsilon):
        yield _("The drawing of clients is forgotten, so there is more noise than needed. Pass it on.")
    if near(shared.spent(noise, probability, 1), epsilon):
        yield _("This keeps the budget for one round. It must last for all of them: pass on `num_rounds`.")
    if near(noise, _smallest(epsilon / rounds, probability)):
        yield _(
            "The budget is cut into equal pieces, one a round. Rounds compose better than that: pass on "
            "`num_rounds`, and compare all that is spent with `epsilon`."
        )
    if near(np.sqrt(2 * np.log(1.25 / shared.DELTA)) / epsilon, noise):
        yield _("This is the old rule for one Gaussian noise. It knows nothing of rounds or of drawing.")
    if near(best**2, noise):
        yield _("This is the variance. Return the noise multiplier, which is a standard deviation.")
    if near(best**0.5, noise):
        yield _("You take a root too many. The noise multiplier is what `epsilon_spent` takes.")
