"""The check of `private_mean`, lesson 10."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import contract, maths
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
    # Neither the limit nor the noise is near 1, where to forget one of them would not show; and clipping the
    # noisy mean shows, since it is longer than the limit.
    limit = round(float(rng.uniform(*(((0.35, 0.5), (1.6, 2.5))[rng.integers(2)]))), 2)
    multiplier = round(float(rng.uniform(1.8, 2.6)), 2)
    updates = _updates(rng, limit)
    came = len(updates)
    more = came + int(rng.integers(2, 6)) + 0.5  # an expected number need not be whole
    draws = [{**_update(rng, np.sqrt(21)), "one": np.float32(rng.normal())} for _each in range(3 * came)]
    asked = {"max_norm": limit, "draws": draws}
    told = answer.ask(
        harness.private_mean,
        updates=updates,
        runs=[[0.0, came], [multiplier, came], [0.0, more], [multiplier, more]],
        **asked,
    )
    quiet, noisy, *few = told["returned"]
    called = _(
        "private_mean({count} updates, max_norm={norm}, noise_multiplier={multiplier}, "
        "expected_clients={clients}, draw_noise)"
    )

    def call(noise: float, clients: float, count: int = came) -> str:
        return called.format(count=count, norm=limit, multiplier=noise, clients=clients)

    clips = N_("clips each update, and averages")
    form = _form_problem(call(0, came), told, updates)
    if form:
        yield clips, form
        return
    clipped = _quiet_problem(call(0, came), quiet, updates, limit)
    zeros = maths.each(np.zeros_like, updates[-1])
    for some in ([], [zeros]) if clipped is None else ():
        told = answer.ask(harness.private_mean, updates=[*updates[-1:], *some], runs=[[0.0, 3]], **asked)
        clipped = clipped or _few_problem(call(0, 3, count=1 + len(some)), told, updates[-1], limit)
    yield clips, clipped
    noise = _noisy_problem(call(multiplier, came), noisy, updates, limit, multiplier, draws)
    yield N_("adds noise once, and enough of it"), noise
    divided = _divided_problem(call(0, more), few[0], quiet, came, more)
    if not (clipped or noise or divided):
        divided = _divided_problem(call(multiplier, more), few[1], noisy, came, more)
    yield N_("divides by the number of clients that was expected"), divided


def _few_problem(called: str, told: dict, update: Weights, limit: float) -> Problem | None:
    """A problem where `update` was alone, or with another of zeros."""
    clipped = maths.each(lambda t: t / 3, maths.clip(update, limit))
    hint = _("One update counts like many, and one of zeros adds nothing: the sum, over `expected_clients`.")
    if form := _form_problem(called, told, [update]):
        return form
    [got] = told["returned"]
    return judge(called, got, clipped, hint)


def _updates(rng: np.random.Generator, limit: float) -> list[Weights]:
    """Some updates shorter and some longer than the limit, the last of them long."""
    lengths = [0.4, 0.7, *rng.uniform(4, 10, int(rng.integers(2, 5)))]
    return [_update(rng, limit * length) for length in (*rng.permutation(lengths), 8.0)]


def _form_problem(called: str, told: dict, updates: list[Weights]) -> Problem | None:
    expected = describe(updates[0])
    for got in told["returned"]:
        if hint := _form_hint(got, updates[0]):
            return Problem(called=called, got=describe(got), expected=expected, hint=hint)
    if told["left_alone"] is not True:
        return contract.changed_input(called, "updates")
    return None


def _form_hint(got, update: Weights) -> str | None:
    if maths.has_form(got, update):
        dtypes = (contract.other_dtype(name, value, "float32") for name, value in got.items())
        return next(filter(None, dtypes), None)
    hint = _("Return a dictionary of the form of one update: `kernel` and `bias`.")
    return shared.unless_nothing(got, hint)


def _divided_problem(called: str, got, before: Weights, came: int, more: float) -> Problem | None:
    """Judged by what the answer returned where as many were expected as came."""
    return judge(
        called,
        got,
        maths.each(lambda t: t * came / more, before),
        _("Divide the noisy sum by `expected_clients`, however many updates there are."),
        (
            (
                before,
                _(
                    "You divide by the number of clients who came. It changes when one client stays "
                    "away, and so gives that client away. Divide by `expected_clients`."
                ),
            ),
            (maths.each(lambda t: t * came, before), _not_divided()),
            (maths.each(lambda t: t * came / int(more), before), shared.whole_number()),
            (maths.each(lambda t: t * came / round(more), before), shared.whole_number()),
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
