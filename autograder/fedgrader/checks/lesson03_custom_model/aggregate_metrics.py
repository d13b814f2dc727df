"""The check of `aggregate_metrics`, lesson 3."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks.lesson03_custom_model import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.problem import Problem

harness = Harness("lesson03_custom_model.aggregate_metrics")


@exercise(
    parts={N_("returns the metrics at the server"): 1, N_("gives every example the same say"): 2},
    hints=(
        N_("Two things happen: dividing and adding up. Which one first?"),
        N_(
            "`tff.federated_sum` adds up what is at the clients, field by field, and leaves the sums at the "
            "server. `tff.federated_map(computation, value)` runs a computation where the value is."
        ),
        N_("`sums = tff.federated_sum(unfinalized)`, then `tff.federated_map(finalize, sums)`."),
    ),
    why=N_(
        "First add, then divide. So the server learns the metrics of all examples together, and no "
        "client's own "
        "accuracy: it only ever needed the total. With secure aggregation it could not see more if "
        "it wanted to."
    ),
)
def aggregate_metrics(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    groups = [_drawn(rng), _drawn(rng, empty=True)]
    got = answer.ask(harness.aggregate_metrics, groups=[group.unfinalized for group in groups])
    called = "aggregate_metrics(unfinalized, finalize)"
    metrics_type = "<loss=float32,accuracy=float32,num_examples=float32>"
    sums_type = "<loss=<float32,float32>,accuracy=<float32,float32>,num_examples=<float32>>"
    divide_last = _("These are the sums, not yet the metrics. Run `finalize` on them, at the server.")
    at_clients = _("Every client has its own numbers here. Bring them together at the server.")
    type_problem = judge(
        called,
        got["type"],
        f"{metrics_type}@SERVER",
        _("Return what `finalize` returns, `loss`, `accuracy` and `num_examples`, placed at the server."),
        (
            (f"{sums_type}@SERVER", divide_last),
            (f"{{{metrics_type}}}@CLIENTS", at_clients),
            (f"{{{sums_type}}}@CLIENTS", at_clients),
        ),
    )
    yield N_("returns the metrics at the server"), type_problem
    if type_problem:
        return
    yield (
        N_("gives every example the same say"),
        next(filter(None, itertools.starmap(_say_problem, zip(got["metrics"], groups, strict=True))), None),
    )


@dataclass(frozen=True)
class _Group:
    """Some clients: how many examples each has, how many of them are read right, and their losses' sum."""

    sizes: np.ndarray
    right: np.ndarray
    loss_sums: np.ndarray

    @property
    def unfinalized(self) -> list[dict]:
        """What each of them reports."""
        return [
            shared.floats({"loss": [loss, n], "accuracy": [correct, n], "num_examples": [n]})
            for loss, correct, n in zip(self.loss_sums, self.right, self.sizes, strict=True)
        ]


def _drawn(rng: np.random.Generator, *, empty: bool = False) -> _Group:
    """Clients of very different sizes and skills, in any order; one of the four is `empty`, or small."""
    sizes = np.array([rng.integers(1, 3), rng.integers(20, 31), rng.integers(5, 9), 0 if empty else 4])
    right = np.array([sizes[0], sizes[1] // 3 + rng.integers(0, 3), sizes[2] - rng.integers(1, 3), 0])
    loss_sums = np.round(sizes * np.array([0.1, 2.0, 0.7, 2.9]) * rng.uniform(0.8, 1.2, 4), 3)
    order = rng.permutation(4)
    return _Group(*(values[order].astype(float) for values in (sizes, right, loss_sums)))


def _say_problem(got, group: _Group) -> Problem | None:
    sizes, right, loss_sums = group.sizes, group.right, group.loss_sums
    called = _("aggregate_metrics(unfinalized, finalize) with clients of {sizes} examples").format(
        sizes=", ".join(f"{n:.0f}" for n in sizes)
    )

    def metrics(loss, accuracy, num_examples):
        return {"loss": float(loss), "accuracy": float(accuracy), "num_examples": float(num_examples)}

    total = sizes.sum()
    losses, shares = (sums / np.maximum(sizes, 1) for sums in (loss_sums, right))
    loss, accuracy = loss_sums.sum() / total, right.sum() / total
    not_a_mean = _(
        "`loss` and `accuracy` are right, because the number of clients cancels. `num_examples` is "
        "now a mean: "
        "sum instead, and it is the number of all examples."
    )
    return judge(
        called,
        got,
        metrics(loss, accuracy, total),
        _("Add up the clients' sums with `tff.federated_sum`; only then divide, with `finalize`."),
        (
            (
                metrics(losses.mean(), shares.mean(), sizes.mean()),
                _(
                    "This is the mean of the clients' losses and accuracies: a client with {few} examples "
                    "says as much as the one with {many}. Add up first, divide afterwards."
                ).format(few=int(sizes.min()), many=int(sizes.max())),
            ),
            (
                metrics(losses.sum(), shares.sum(), total),
                _(
                    "These are the clients' losses and accuracies, added up. Add up their sums "
                    "instead, then divide."
                ),
            ),
            (metrics(loss, accuracy, sizes.mean()), not_a_mean),
            (metrics(loss, accuracy, sizes @ sizes / total), not_a_mean),
            (
                metrics(losses.min(), shares.min(), sizes.min()),
                _("This is the smallest value over the clients. Every example should have its say."),
            ),
            (
                metrics(losses.max(), shares.max(), sizes.max()),
                _("This is the largest value over the clients. Every example should have its say."),
            ),
        ),
    )
