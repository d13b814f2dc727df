"""The check of `epsilon_spent`, lesson 10."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge, only_if
from fedgrader.checks.lesson10_private_averaging import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import same, shape_of

harness = Harness("lesson10_private_averaging.epsilon_spent")


@exercise(
    draws=2,  # each takes its time
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
    # With less noise, or more clients drawn, the accountant takes much longer.
    runs.append((round(float(rng.uniform(3, 5)), 2), round(float(rng.uniform(0.1, 0.2)), 2), rounds // 3))
    delta = shared.small_delta(rng)
    of_sum, of_rounds, of_drawn, of_others = answer.ask(harness.epsilon_spent, runs=runs, delta=delta)
    calls = [
        _(
            "epsilon_spent(noise_multiplier={multiplier}, sampling_probability={probability}, "
            "num_rounds={rounds}, delta={delta})"
        ).format(multiplier=run[0], probability=run[1], rounds=run[2], delta=delta)
        for run in runs
    ]

    once = shared.spent(*runs[0], delta)
    taken = [
        (shared.spent(other, 1.0, 1, its), other, its, hint)
        for other, its, hint in _taken_for(multiplier, delta)
    ]
    # Later parts are judged by what the answer takes for the noise and for delta, so that it costs once.
    noise, its_delta = next(
        ((m, d) for value, m, d, _hint in taken if same(of_sum, value)), (multiplier, delta)
    )

    def spent(probability: float, rounds: int) -> float:
        return shared.spent(noise, probability, rounds, its_delta)

    yield (
        N_("knows what one noisy sum gives away"),
        judge(
            calls[0],
            of_sum,
            once,
            shared.unless_nothing(
                of_sum,
                _(
                    "Compose a `GaussianDpEvent(noise_multiplier)`, and ask for `get_epsilon(delta)`, one "
                    "number."
                ),
            ),
            (
                *((value, hint) for value, _noise, _delta, hint in taken),
                *only_if(
                    shape_of(of_sum) == () and float(of_sum) == 0,  # to the last bit: delta is small, too
                    0.0,
                    _("Nothing was composed. An accountant that saw nothing says 0."),
                ),
                (
                    np.sqrt(2 * np.log(1.25 / delta)) / multiplier,
                    _("This is the old rule for one Gaussian noise. Ask the accountant: it knows more."),
                ),
            ),
        ),
    )
    often, drawn = spent(1.0, rounds), spent(probability, rounds)
    yield (
        N_("adds up the rounds as the accountant does"),
        judge(
            calls[1],
            of_rounds,
            often,
            _("Compose the event of a round `num_rounds` times, and ask for epsilon once, at the end."),
            (
                (
                    spent(1.0, 1),
                    _("Only one round is counted. Every round gives something away: compose them all."),
                ),
                (
                    rounds * spent(1.0, 1),
                    _(
                        "The epsilons of the rounds are added up. That is true but wasteful: compose the "
                        "events, and ask for epsilon at the end."
                    ),
                ),
                (
                    np.sqrt(rounds) * spent(1.0, 1),
                    _("You multiply by the root. Let the accountant compose the rounds."),
                ),
                (
                    spent(1.0, rounds + 1),
                    _("One round too many is composed. Is something composed twice?"),
                ),
            ),
        ),
    )
    drawing = judge(
        calls[2],
        of_drawn,
        drawn,
        _("Wrap the noise of a round in a `PoissonSampledDpEvent`, and compose that `num_rounds` times."),
        (
            (
                often,
                _("The drawing is forgotten: this is what it costs if everybody takes part in every round."),
            ),
            (
                shared.spent_drawn_once(noise, probability, rounds, its_delta),
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
                spent(1.0, max(1, round(probability * rounds))),
                _(
                    "You count the rounds in which a client takes part on average. Somebody is drawn "
                    "more often: use `PoissonSampledDpEvent`."
                ),
            ),
            (
                rounds * spent(probability, 1),
                _(
                    "The epsilons of the rounds are added up. That is true but wasteful: compose the "
                    "events, and ask for epsilon at the end."
                ),
            ),
            (spent(probability, 1), _("Only one round is counted. Compose them all.")),
        ),
    )
    if not drawing and same([of_sum, of_rounds], [once, often]):
        drawing = judge(
            calls[3],
            of_others,
            shared.spent(*runs[3], delta),
            _(
                "With other numbers it came out right. Take all four from the arguments, and keep nothing "
                "from an earlier call."
            ),
        )
    yield N_("counts in that clients are drawn"), drawing


def _taken_for(multiplier: float, delta: float) -> list[tuple[float, float, str]]:
    """What may be taken for the noise multiplier and for delta, and the hint that says so."""
    other_delta = _("This is epsilon for a delta of {other}. Ask with the `delta` that is given.")
    return [
        (
            multiplier**2,
            delta,
            _("The event gets the variance. Give it the noise multiplier, a standard deviation."),
        ),
        (multiplier**0.5, delta, _("You take a root too many: the multiplier is no variance.")),
        (
            1 / multiplier,
            delta,
            _("The multiplier is upside down: more noise must give a smaller epsilon."),
        ),
        *((multiplier, other, other_delta.format(other=other)) for other in (1e-5, 1 / 320)),
    ]
