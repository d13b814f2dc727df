"""The check of `next_fn`, lesson 7."""

from collections.abc import Iterator, Sequence

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge, only_if
from fedgrader.checks import maths
from fedgrader.checks.maths import Weights
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.problem import Problem

harness = Harness("lesson07_clipping.next_fn")
_TOY_TYPE = "<kernel=float32[2,2],bias=float32[2]>"
_RATE = 0.5  # the share of the mean update that the toy server adds


@exercise(
    parts={
        N_("is a round: the server's weights in, the server's weights out"): 1,
        N_("clips each client's update before the average"): 2,
        N_("weighs each client by its number of examples"): 1,
    },
    hints=(
        N_(
            "Five steps: broadcast, train, clip, average, add. Only one of them needs a place in the order "
            "that is not the one of lesson 6. What would be left to clip once the average is taken?"
        ),
        N_(
            "The weights that you broadcast are needed twice at the clients: for `client_work`, and for "
            "`clip_work` as the weights to compare with. Give them a name."
        ),
        N_(
            "`trained = tff.federated_map(client_work, (at_clients, client_data))`, then "
            "`updates = tff.federated_map(clip_work, (at_clients, trained.weights))`, then "
            "`tff.federated_mean(updates, weight=trained.num_examples)`, and `server_work` at the end."
        ),
    ),
    why=N_(
        "Before the average, the limit holds for each client: one mad client can move the mean by `max_norm` "
        "times its share of the examples, and no further. After the average, it would hold for the mean "
        "only, whose direction the mad client has chosen long since. Same two operators, other order, other "
        "world."
    ),
)
def next_fn(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    weights = {
        "kernel": rng.normal(size=(2, 2)).astype(np.float32),
        "bias": rng.normal(size=2).astype(np.float32),
    }
    # A toy client moves every weight by the sum of its numbers, and an update is clipped to length 1.
    one_is_mad = [_client(rng, 2, total) for total in rng.permutation([*rng.uniform(0.05, 0.3, 3), 100.0])]
    sizes = rng.permutation([0, 1, *rng.integers(2, 8, int(rng.integers(7, 10))), rng.integers(50, 60)])
    sizes_differ = [_client(rng, int(size), rng.uniform(-0.35, 0.35)) for size in sizes]
    got = answer.ask(harness.next_fn, weights=weights, groups=[one_is_mad, sizes_differ])
    called = "next_fn(server_weights, client_data, client_work, clip_work, server_work)"
    yield (
        N_("is a round: the server's weights in, the server's weights out"),
        judge(
            called,
            got["type"],
            f"{_TOY_TYPE}@SERVER",
            _("Return what `server_work` returns: the weights, placed at the server."),
            (
                *only_if(
                    got["type"].endswith("@CLIENTS"),
                    got["type"],
                    _("The weights must end at the server, not at the clients."),
                ),
            ),
        ),
    )
    mad, sized = got["weights"]
    yield N_("clips each client's update before the average"), _mad_problem(mad, weights, one_is_mad)
    yield N_("weighs each client by its number of examples"), _sizes_problem(sized, weights, sizes_differ)


def _client(rng: np.random.Generator, size: int, total: float) -> list[float]:
    """So many numbers, which together are `total`; none of them where `size` is 0."""
    numbers = rng.uniform(0.5, 1.5, size)
    return [float(number) for number in numbers * total / numbers.sum()] if size else []


def _toy_updates(weights: Weights, clients: list[list[float]], clipped: bool = True) -> list[Weights]:
    updates = [{name: np.full_like(w, sum(client)) for name, w in weights.items()} for client in clients]
    return [maths.clip(update, 1.0) for update in updates] if clipped else updates


def _mean(updates: list[Weights], sizes: Sequence[float]) -> Weights:
    return maths.each(lambda *u: sum(n * x for n, x in zip(sizes, u, strict=True)) / sum(sizes), *updates)


def _add(weights: Weights, update: Weights, rate: float = _RATE) -> Weights:
    return maths.each(lambda w, u: w + rate * u, weights, update)


def _clip_mistakes(weights: Weights, clients: list[list[float]]) -> tuple:
    """What a round returns that clips nothing, or too late; where no update is too long, all is well."""
    raw = _toy_updates(weights, clients, clipped=False)
    mean, plain_mean = (_mean(raw, sizes) for sizes in (list(map(len, clients)), [1.0] * len(clients)))
    after = _(
        "The average is clipped, after the mad client is in it. Clip each client's update first, at the "
        "clients."
    )
    return (
        (_add(weights, maths.clip(mean, 1.0)), after),
        (_add(weights, maths.clip(plain_mean, 1.0)), after),
        (
            _add(weights, mean),
            _("Nothing was clipped. Map `clip_work` over the clients' trained weights."),
        ),
    )


def _round_mistakes(weights: Weights, clients: list[list[float]]) -> tuple:
    """What a round out of order, or with the wrong arguments, returns."""
    sizes = [len(client) for client in clients]
    updates, raw = _toy_updates(weights, clients), _toy_updates(weights, clients, clipped=False)
    mean = _mean(updates, sizes)
    trained_mean = maths.each(np.add, weights, _mean(raw, sizes))
    clipped_trained = [maths.clip(maths.each(np.add, weights, update), 1.0) for update in raw]
    skipped = _("The server's own step is missing. Give the average update to `server_work`.")
    return (
        (
            _add(weights, trained_mean),
            _(
                "`server_work` wants the average update, and got average weights. Use what `clip_work` "
                "returns."
            ),
        ),
        (
            _add(weights, maths.each(lambda u: -u, mean)),
            _(
                "The updates point backwards. `clip_work` takes the given weights first, then the trained "
                "ones."
            ),
        ),
        (
            _add(weights, maths.each(lambda *u: sum(u), *updates)),
            _("These are the updates added up. Average them, or ten clients move ten times as far as one."),
        ),
        (mean, skipped),
        (_add(weights, mean, rate=1.0), skipped),
        (_add(mean, weights), _("`server_work` takes the server's weights first, then the mean update.")),
        (weights, _("The weights came back unchanged.")),
        (
            _add(weights, _mean(clipped_trained, sizes)),
            _(
                "The weights are clipped, not the updates. Give `clip_work` the weights that were "
                "broadcast too."
            ),
        ),
    )


def _mad_problem(got, weights: Weights, clients: list[list[float]]) -> Problem | None:
    sizes = [len(client) for client in clients]
    return judge(
        _("next_fn(…) with {count} clients, one of which sends an enormous update").format(
            count=len(clients)
        ),
        got,
        _add(weights, _mean(_toy_updates(weights, clients), sizes)),
        _(
            "Clip each client's update with `clip_work`, average what is left, and give that to "
            "`server_work`."
        ),
        _clip_mistakes(weights, clients) + _round_mistakes(weights, clients),
    )


def _sizes_problem(got, weights: Weights, clients: list[list[float]]) -> Problem | None:
    sizes, updates = [len(client) for client in clients], _toy_updates(weights, clients)
    total = maths.each(lambda *u: sum(n * x for n, x in zip(sizes, u, strict=True)), *updates)
    not_divided = _(
        "The weighted sum must be divided by the total of the weights. `tff.federated_mean` does both."
    )
    return judge(
        _("next_fn(…) with clients of {sizes} examples, none of them mad").format(sizes=sizes),
        got,
        _add(weights, _mean(updates, sizes)),
        _("Average the updates, each weighted by its client's `num_examples`."),
        (
            (
                _add(weights, _mean(updates, [1.0] * len(updates))),
                _(
                    "Each client counts the same here, though some have far more examples than others. "
                    "Give `tff.federated_mean` a `weight`."
                ),
            ),
            (
                _add(weights, _mean(updates, [max(size, 1) for size in sizes])),
                _(
                    "A client without examples counts here too. Its weight is its number of examples, "
                    "which is 0."
                ),
            ),
            (_add(weights, total), not_divided),
            (_add(weights, maths.each(lambda u: u / len(sizes), total)), not_divided),
            *_round_mistakes(weights, clients),
        ),
    )
