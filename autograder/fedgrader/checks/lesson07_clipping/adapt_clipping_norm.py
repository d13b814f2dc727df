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
    # Two of eight fit below the first clipping norm, all eight below the second; the target is four.
    update_norms = np.concatenate(
        [rng.uniform(0.2, 0.5, 2), rng.uniform(0.8, 2.0, 5), [3.0]], dtype=np.float32
    )
    small, large = np.float32(0.6), np.float32(4.0)
    shares, target, rate = np.array([2 / 8, 1.0]), 0.5, 0.4
    norms = np.array([small, large], dtype=float)
    got = answer.ask(
        harness.adapt_clipping_norm,
        clipping_norms=[small, large],
        update_norms=update_norms,
        target_quantile=target,
        learning_rate=rate,
    )
    called = _(
        "adapt_clipping_norm(0.6, …, 0.5, 0.4) where 2 of 8 updates fit, and adapt_clipping_norm(4.0, …) "
        "where all do"
    )
    want = norms * np.exp(-rate * (shares - target))
    if any(shape_of(value) != () for value in got):
        problem = judge(
            called, got, list(want), _("Return a single number: the clipping norm of the next round.")
        )
        yield N_("grows when too few fit, shrinks when too many do"), problem
        return
    values = np.array(got, dtype=float)
    right_way = values[0] > norms[0] and values[1] < norms[1]
    problem = judge(
        called,
        list(values),
        list(want),
        _(
            "The next norm is this one times exp(-learning_rate * (share - target_quantile)), where share is "
            "the share of updates that are no longer than the clipping norm."
        ),
        _adapt_mistakes(norms, shares, target, rate, update_norms),
    )
    yield N_("grows when too few fit, shrinks when too many do"), None if right_way else problem
    yield N_("moves by the right factor"), problem


def _adapt_mistakes(
    norms: np.ndarray, shares: np.ndarray, target: float, rate: float, updates: np.ndarray
) -> tuple:
    step, count = -rate * (shares - target), len(updates)
    additive = _("You add the step. Multiply by its exponential: so the norm never falls to zero or below.")
    quantile = float(np.quantile(updates, target))
    candidates = (
        (norms, _("The clipping norm did not move.")),
        (norms * np.exp(-step), _away()),
        (
            norms * np.exp(-rate * ((1 - shares) - target)),
            _("This is the share that is longer. Count those that are no longer than the clipping norm."),
        ),
        (norms + step, additive),
        (norms - step, additive),
        (
            norms * (1 + step),
            _("This is only close to the exponential. Take `tf.exp`: then a large step is safe too."),
        ),
        (
            norms * np.exp(-rate * (shares * count - target)),
            _("This counts the updates that fit. Take their share: divide by how many updates there are."),
        ),
        (norms * np.exp(-rate * shares), _("`target_quantile` is missing: the norm could only ever shrink.")),
        (norms * np.exp(-(shares - target)), _("`learning_rate` is missing.")),
        (np.exp(step), _("This is the factor. Multiply the clipping norm by it.")),
        (
            np.full(2, quantile),
            _(
                "You took the quantile itself, for which the server would have to see every client's norm. "
                "Take a step towards it: the share that fits is enough."
            ),
        ),
        (
            norms * np.exp(-rate * (np.mean(updates) - norms)),
            _("Compare each norm with the clipping norm, and take the share that fits, not the mean norm."),
        ),
    )
    return tuple((list(value), hint) for value, hint in candidates)


def _away() -> str:
    return _("It moves the wrong way: when more fit than should, the norm is too large and must shrink.")
