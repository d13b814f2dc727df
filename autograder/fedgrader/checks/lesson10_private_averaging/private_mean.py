"""The check of `private_mean`, lesson 10."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson10_private_averaging import shared
from fedgrader.checks.maths import Weights
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe
from fedgrader.guest.problem import Problem

harness = Harness("lesson10_private_averaging.private_mean")


def _update(rng: np.random.Generator, norm: float) -> Weights:
    """A random update of a small model, kernel [6, 3] and bias [3], of the global norm `norm`."""
    weights = {"kernel": rng.normal(size=(6, 3)), "bias": 2 * rng.normal(size=3)}
    return maths.scaled_to(weights, norm)


@exercise(
    parts={
        N_("clips each update, and averages"): 1,
        N_("adds noise once, and enough of it"): 2,
        N_("divides by the number of clients that was expected"): 1,
    },
    hints=(
        N_(
            "Four steps, and their order is everything: clip each, add up, one noise, divide. What would "
            "clipping do to noise that is already there?"
        ),
        N_(
            "`tf.nest.map_structure(lambda *tensors: tf.add_n(tensors), *clipped)` adds up a list of "
            "structures. `draw_noise(total)` has standard deviation 1; how large must it be?"
        ),
        N_(
            "`clipped = [clip_by_global_norm(update, max_norm) for update in updates]`; their sum is "
            "`total`; `noise = draw_noise(total)`, called once; then leaf by leaf "
            "`(t + noise_multiplier * max_norm * n) / expected_clients`."
        ),
    ),
    why=N_(
        "Clipping makes sure that nobody changes the sum by more than `max_norm`. The noise is as large as "
        "that, times the multiplier, so the sum with you and the sum without you can hardly be told apart. "
        "Dividing comes last and by a fixed number, because who divides by how many came tells how many came."
    ),
)
def private_mean(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    limit, multiplier, more = 2.0, 1.5, 8
    updates = [_update(rng, norm) for norm in (0.9, 9.0, 16.0, 1.4, 20.0)]
    came = len(updates)
    draws = [{**_update(rng, np.sqrt(21)), "one": np.float32(rng.normal())} for _each in range(3 * came)]
    quiet, noisy, few = answer.ask(
        harness.private_mean,
        updates=updates,
        max_norm=limit,
        runs=[[0.0, float(came)], [multiplier, float(came)], [0.0, float(more)]],
        draws=draws,
    )
    called = _(
        "private_mean(5 updates, max_norm=2, noise_multiplier={multiplier}, expected_clients={clients}, "
        "draw_noise)"
    )
    quiet_call = called.format(multiplier=0, clients=came)
    clips = N_("clips each update, and averages")
    if not maths.has_form(quiet, updates[0]):
        hint = _("Return a dictionary of the form of one update: `kernel` and `bias`.")
        hint, expected = shared.unless_nothing(quiet, hint), describe(updates[0])
        yield clips, Problem(called=quiet_call, got=describe(quiet), expected=expected, hint=hint)
        return
    yield clips, _quiet_problem(quiet_call, quiet, updates, limit)
    yield (
        N_("adds noise once, and enough of it"),
        _noisy_problem(
            called.format(multiplier=multiplier, clients=came), noisy, updates, limit, multiplier, draws
        ),
    )
    total = shared.total([maths.clip(update, limit) for update in updates])
    yield (
        N_("divides by the number of clients that was expected"),
        judge(
            called.format(multiplier=0, clients=more),
            few,
            maths.each(lambda t: t / more, total),
            _("Divide the sum by `expected_clients`, however many updates there are."),
            (
                (
                    maths.each(lambda t: t / came, total),
                    _(
                        "You divide by the number of clients who came. It changes when one client stays "
                        "away, and so gives that client away. Divide by `expected_clients`."
                    ),
                ),
                (total, _not_divided()),
            ),
        ),
    )


def _not_divided() -> str:
    return _("This is the sum. Divide it by `expected_clients`.")


def _quiet_problem(called: str, got, updates: list[Weights], limit: float) -> Problem | None:
    came = len(updates)

    def mean(clipped: list[Weights]) -> Weights:
        return maths.each(lambda t: t / came, shared.total(clipped))

    total, raw = shared.total([maths.clip(update, limit) for update in updates]), shared.total(updates)
    clipped_late = _("The mean is clipped. Clip each update by itself, before they are added up.")
    return judge(
        called,
        got,
        mean([maths.clip(update, limit) for update in updates]),
        _("Without noise, this is the mean of the updates, each clipped to `max_norm` by its global norm."),
        (
            (
                mean([maths.clip_layers(update, limit) for update in updates]),
                _(
                    "`kernel` and `bias` are clipped one by one. Then an update can be longer than "
                    "`max_norm`, and the noise is too small for it. Clip by the global norm."
                ),
            ),
            (
                mean([maths.clip_values(update, limit) for update in updates]),
                _("Each number is cut off by itself. Clip by the global norm, with `clip_by_global_norm`."),
            ),
            (mean(updates), _("Nothing was clipped. What is not limited cannot be hidden by any noise.")),
            (maths.clip(mean(updates), limit), clipped_late),
            (maths.each(lambda t: t / came, maths.clip(raw, limit)), clipped_late),
            (total, _not_divided()),
            (
                mean([maths.scaled_to(update, limit) for update in updates]),
                _("What was short came out longer. Clipping never stretches: use `clip_by_global_norm`."),
            ),
            (maths.each(lambda t: t / came**2, total), _("You divide twice. Once is enough.")),
        ),
    )


def _noisy_problem(
    called: str, got, updates: list[Weights], limit: float, multiplier: float, draws: list[dict]
) -> Problem | None:
    came, stddev = len(updates), multiplier * limit
    clipped = [maths.clip(update, limit) for update in updates]
    total = shared.total(clipped)
    noises = [{name: draw[name] for name in total} for draw in draws]

    def mean(noise: Weights, scale: float) -> Weights:
        return maths.each(lambda t, n: (t + scale * n) / came, total, noise)

    # The noise may be added or subtracted: that is one and the same distribution.
    if not judge("", got, mean(noises[0], -stddev), ""):
        return None
    for_each = shared.total(noises[:came])
    too_early = [
        maths.clip(maths.each(lambda u, n: u + stddev * n, update, noise), limit)
        for update, noise in zip(updates, noises, strict=False)
    ]
    same_noise = _("All numbers get the same noise. Draw one for each: `draw_noise(total)`.")
    no_noise = _("There is no noise in it.")
    return judge(
        called,
        got,
        mean(noises[0], stddev),
        _(
            "Draw noise once, for the sum, and multiply it by `noise_multiplier * max_norm` before you "
            "divide by `expected_clients`."
        ),
        (
            (mean(noises[0], 0.0), no_noise),
            (
                mean(for_each, stddev),
                _(
                    "Each client gets a noise of its own, so there are {clients} in the sum. Add one, to the "
                    "sum: it need only hide one client."
                ).format(clients=came),
            ),
            (
                mean(noises[0], came * stddev),
                _(
                    "The noise on the mean is as large as it should be on the sum. Do you add it after "
                    "dividing, or once for each client? Add it to the sum, once, and divide both."
                ),
            ),
            (
                maths.each(lambda t: t / came, shared.total(too_early)),
                _(
                    "The noise comes before the clipping, and the clipping takes most of it away again. Clip "
                    "first."
                ),
            ),
            (
                maths.each(lambda t, n: (t + stddev * n / came) / came, total, noises[0]),
                _("The noise is divided twice, so it is too small. Divide the noisy sum once."),
            ),
            (
                maths.each(lambda t, n: t / came + stddev * n / np.sqrt(came), total, noises[0]),
                _("The noise is divided by a root. Divide sum and noise by the same number."),
            ),
            (
                mean(noises[0], stddev**2),
                _("The noise is multiplied by the variance. Multiply it by the standard deviation."),
            ),
            (
                mean(noises[0], np.sqrt(stddev)),
                _("You take a root too many: `noise_multiplier * max_norm` is a standard deviation already."),
            ),
            (
                mean(noises[0], multiplier),
                _("The clipping norm is missing in the noise: the multiplier counts in units of `max_norm`."),
            ),
            (mean(noises[0], limit), _("The noise multiplier is missing in the noise.")),
            (mean(noises[0], 1.0), _("The noise has standard deviation 1. Multiply it by what it must be.")),
            (mean(maths.each(lambda n: np.full_like(n, draws[0]["one"]), noises[0]), stddev), same_noise),
            (
                maths.clip(mean(noises[0], stddev), limit),
                _("The noisy mean is clipped. Clip the updates, not what comes out."),
            ),
            (
                maths.each(lambda n: stddev * n / came, noises[0]),
                _("This is the noise alone. Add it to the sum of the clipped updates."),
            ),
        ),
    )
