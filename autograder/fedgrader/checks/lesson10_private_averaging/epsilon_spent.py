"""The check of `epsilon_spent`, lesson 10."""

from collections.abc import Iterator

import dp_accounting
import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks.lesson10_private_averaging import shared
from fedgrader.guest.answers import AnswerHandle

harness = Harness("lesson10_private_averaging.epsilon_spent")


@exercise(
    parts={
        N_("knows what one noisy sum gives away"): 1,
        N_("adds up the rounds as the accountant does"): 1,
        N_("counts in that clients are drawn"): 2,
    },
    hints=(
        N_(
            "Three events, one inside the other, like Russian dolls: a noisy sum; of clients that were "
            "drawn; many times over. Which doll is the innermost?"
        ),
        N_(
            "`GaussianDpEvent(noise_multiplier)` is one noisy sum. `PoissonSampledDpEvent(probability, "
            "event)` is drawing clients for it. `SelfComposedDpEvent(event, count)` does it `count` times."
        ),
        N_(
            "`accountant = dp_accounting.rdp.RdpAccountant()`, then `accountant.compose("
            "dp_accounting.SelfComposedDpEvent(dp_accounting.PoissonSampledDpEvent(sampling_probability, "
            "dp_accounting.GaussianDpEvent(noise_multiplier)), num_rounds))`, and return "
            "`accountant.get_epsilon(delta)`."
        ),
    ),
    why=N_(
        "The accountant never saw a weight. It needs to know the noise, the drawing and the number of "
        "rounds, and nothing of the data or the model. That is why the promise holds for every client, also "
        "the strangest, and against everything that anybody will ever do with the model."
    ),
)
def epsilon_spent(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    multiplier = round(float(rng.uniform(1.2, 1.6)), 2)
    probability, rounds = round(float(rng.uniform(0.03, 0.06)), 3), int(rng.integers(40, 70))
    runs = [(multiplier, 1.0, 1), (multiplier, 1.0, rounds), (multiplier, probability, rounds)]
    got = answer.ask(harness.epsilon_spent, runs=runs, delta=shared.DELTA)
    calls = [
        _(
            "epsilon_spent(noise_multiplier={multiplier}, sampling_probability={probability}, "
            "num_rounds={rounds}, delta=1e-5)"
        ).format(multiplier=run[0], probability=run[1], rounds=run[2])
        for run in runs
    ]
    once, often, drawn = (shared.spent(*run) for run in runs)
    yield (
        N_("knows what one noisy sum gives away"),
        judge(
            calls[0],
            got[0],
            once,
            shared.unless_nothing(
                got[0],
                _(
                    "Compose a `GaussianDpEvent(noise_multiplier)`, and ask for `get_epsilon(delta)`, one "
                    "number."
                ),
            ),
            (
                (
                    shared.spent(multiplier**2, 1.0, 1),
                    _("The event gets the variance. Give it the noise multiplier, a standard deviation."),
                ),
                (
                    shared.spent(multiplier**0.5, 1.0, 1),
                    _("You take a root too many: the multiplier is no variance."),
                ),
                (
                    shared.spent(1 / multiplier, 1.0, 1),
                    _("The multiplier is upside down: more noise must give a smaller epsilon."),
                ),
                (0.0, _("Nothing was composed. An accountant that saw nothing says 0.")),
                (
                    np.sqrt(2 * np.log(1.25 / shared.DELTA)) / multiplier,
                    _("This is the old rule for one Gaussian noise. Ask the accountant: it knows more."),
                ),
            ),
        ),
    )
    yield (
        N_("adds up the rounds as the accountant does"),
        judge(
            calls[1],
            got[1],
            often,
            _("Compose the event of a round `num_rounds` times, and ask for epsilon once, at the end."),
            (
                (once, _("Only one round is counted. Every round gives something away: compose them all.")),
                (
                    rounds * once,
                    _(
                        "The epsilons of the rounds are added up. That is true but wasteful: compose the "
                        "events, and ask for epsilon at the end."
                    ),
                ),
                (
                    np.sqrt(rounds) * once,
                    _("You multiply by the root. Let the accountant compose the rounds."),
                ),
                (
                    shared.spent(multiplier, 1.0, rounds + 1),
                    _("One round too many is composed. Is something composed twice?"),
                ),
            ),
        ),
    )
    yield (
        N_("counts in that clients are drawn"),
        judge(
            calls[2],
            got[2],
            drawn,
            _("Wrap the noise of a round in a `PoissonSampledDpEvent`, and compose that `num_rounds` times."),
            (
                (
                    often,
                    _(
                        "The drawing is forgotten: this is what it costs if everybody takes part in every "
                        "round."
                    ),
                ),
                (
                    shared.of_event(
                        dp_accounting.PoissonSampledDpEvent(
                            probability,
                            dp_accounting.SelfComposedDpEvent(
                                dp_accounting.GaussianDpEvent(multiplier), rounds
                            ),
                        )
                    ),
                    _(
                        "Here the clients are drawn once, for all rounds. They are drawn afresh in every "
                        "round: put the sampling inside, and the repeating outside."
                    ),
                ),
                (
                    probability * often,
                    _(
                        "Epsilon is multiplied by the probability. Drawing helps more, or less: ask the "
                        "accountant."
                    ),
                ),
                (
                    shared.spent(multiplier, 1.0, max(1, round(probability * rounds))),
                    _(
                        "You count the rounds in which a client takes part on average. Somebody is drawn "
                        "more often: use `PoissonSampledDpEvent`."
                    ),
                ),
                (
                    rounds * shared.spent(multiplier, probability, 1),
                    _(
                        "The epsilons of the rounds are added up. That is true but wasteful: compose the "
                        "events, and ask for epsilon at the end."
                    ),
                ),
                (shared.spent(multiplier, probability, 1), _("Only one round is counted. Compose them all.")),
            ),
        ),
    )
