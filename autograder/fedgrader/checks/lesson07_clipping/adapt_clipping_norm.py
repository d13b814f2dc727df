"""The check of `adapt_clipping_norm`, lesson 7."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import shape_of

harness = Harness("lesson07_clipping.adapt_clipping_norm")


@exercise(
    parts={N_("grows when too few fit, shrinks when too many do"): 1, N_("moves by the right factor"): 2},
    hints=(
        N_(
            "Ask one question of each client: was your update no longer than the clipping norm? Yes is 1, "
            "no is 0. What is the mean of the answers, and what should it be?"
        ),
        N_(
            "If the share of those that fit is above the target, the norm is too large and must shrink. "
            "`tf.exp` of a negative number is a factor below 1."
        ),
        N_(
            "`share = tf.reduce_mean(tf.cast(update_norms <= clipping_norm, tf.float32))`, then "
            "`clipping_norm * tf.exp(-learning_rate * (share - target_quantile))`."
        ),
    ),
    why=N_(
        "Each client said yes or no, nothing else: the server never learnt a norm. And since the step is a "
        "factor, the clipping norm stays above zero, and it takes as many rounds from 0.01 to 0.1 as from "
        "10 to 100. How far off a mad client's norm is does not matter either: it has one vote."
    ),
)
def adapt_clipping_norm(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    rounds = _rounds(rng)
    got = answer.ask(harness.adapt_clipping_norm, rounds=rounds)
    called = ", ".join(_called(*one) for one in rounds)
    norms, targets, rates = (np.array([one[index] for one in rounds], dtype=float) for index in (0, 2, 3))
    shares = np.array([np.mean(updates <= norm) for norm, updates, *_rest in rounds])
    want = norms * np.exp(-rates * (shares - targets))
    if any(shape_of(value) != () for value in got):
        problem = judge(
            called, got, list(want), _("Return a single number: the clipping norm of the next round.")
        )
        yield N_("grows when too few fit, shrinks when too many do"), problem
        return
    values = np.array(got, dtype=float)
    right_way = np.sign(values - norms) == np.sign(want - norms)
    problem = judge(
        called,
        list(values),
        list(want),
        _(
            "The next norm is this one times exp(-learning_rate * (share - target_quantile)), where share is "
            "the share of updates that are no longer than the clipping norm."
        ),
        _adapt_mistakes(norms, shares, targets, rates, [updates for _norm, updates, *_rest in rounds]),
    )
    yield N_("grows when too few fit, shrinks when too many do"), None if right_way.all() else problem
    yield N_("moves by the right factor"), problem


def _rounds(rng: np.random.Generator) -> list[list]:
    """Clipping norm, update norms, target and learning rate of four rounds.

    Too few fit in the first and too many in the second; some are just as long as the clipping norm. In the
    third a clipping norm is far too small, and one update is infinite. In the fourth there is one client.
    """
    count, fewer, more = int(rng.integers(11, 16)), int(rng.integers(2, 4)), int(rng.integers(8, 10))
    updates = rng.permutation(rng.uniform(0.3, 6.0, count).astype(np.float32))
    ordered = np.sort(updates)
    tiny = rng.uniform(0.0005, 0.001, 3)
    endless = rng.permutation([*tiny, *rng.uniform(0.3, 6.0, 5), np.inf]).astype(np.float32)
    alone = rng.uniform(20, 60, 1).astype(np.float32)
    rates = rng.uniform(0.2, 1.5, 4)
    return [
        [ordered[fewer - 1], updates, float(rng.uniform(0.4, 0.6)), float(rates[0])],
        [ordered[more - 1], updates, float(rng.uniform(0.2, 0.4)), float(rates[1])],
        [np.float32(rng.uniform(0.002, 0.02)), endless, float(rng.uniform(0.3, 0.7)), float(rates[2])],
        [alone[0], alone, float(rng.uniform(0.3, 0.7)), float(rates[3])],
    ]


def _called(norm: np.float32, updates: np.ndarray, target: float, rate: float) -> str:
    return _(
        "adapt_clipping_norm({norm}, {count} norms of which {fit} are no larger, {target}, {rate})"
    ).format(
        norm=f"{norm:.3g}",
        count=len(updates),
        fit=int(np.sum(updates <= norm)),
        target=f"{target:.3g}",
        rate=f"{rate:.3g}",
    )


def _adapt_mistakes(
    norms: np.ndarray,
    shares: np.ndarray,
    targets: np.ndarray,
    rates: np.ndarray,
    updates: list[np.ndarray],
) -> tuple:
    step, counts = -rates * (shares - targets), np.array([len(one) for one in updates])
    shorter = np.array([np.mean(one < norm) for norm, one in zip(norms, updates, strict=True)])
    means = np.array([np.mean(one) for one in updates])
    quantiles = np.array([np.quantile(one, target) for one, target in zip(updates, targets, strict=True)])
    additive = _("You add the step. Multiply by its exponential: so the norm never falls to zero or below.")
    candidates = (
        (norms, _("The clipping norm did not move.")),
        (norms * np.exp(-step), _away()),
        (
            norms * np.exp(-rates * ((1 - shares) - targets)),
            _("This is the share that is longer. Count those that are no longer than the clipping norm."),
        ),
        (
            norms * np.exp(-rates * (shorter - targets)),
            _("An update that is just as long as the clipping norm fits too: `<=`, not `<`."),
        ),
        (norms + step, additive),
        (norms - step, additive),
        (
            norms * (1 + step),
            _("This is only close to the exponential. Take `tf.exp`: then a large step is safe too."),
        ),
        (
            norms * np.exp(-rates * (shares * counts - targets)),
            _("This counts the updates that fit. Take their share: divide by how many updates there are."),
        ),
        (
            norms * np.exp(-rates * shares),
            _("`target_quantile` is missing: the norm could only ever shrink."),
        ),
        (norms * np.exp(-(shares - targets)), _("`learning_rate` is missing.")),
        (np.exp(step), _("This is the factor. Multiply the clipping norm by it.")),
        (
            quantiles,
            _(
                "You took the quantile itself, for which the server would have to see every client's norm. "
                "Take a step towards it: the share that fits is enough."
            ),
        ),
        (
            norms * np.exp(-rates * (means - norms)),
            _("Compare each norm with the clipping norm, and take the share that fits, not the mean norm."),
        ),
    )
    return tuple((list(value), hint) for value, hint in candidates)


def _away() -> str:
    return _("It moves the wrong way: when more fit than should, the norm is too large and must shrink.")
