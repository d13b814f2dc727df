"""The check of `evaluate`, lesson 6."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson06_fedavg_by_hand import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.problem import Problem

harness = Harness("lesson06_fedavg_by_hand.evaluate")


@exercise(
    parts={N_("returns one number at the server"): 1, N_("gives every example the same say"): 2},
    hints=(
        N_(
            "Two clients: one has 1 example and gets it right, one has 99 and gets none right. "
            "What is the accuracy? Which two numbers must the server know to say so?"
        ),
        N_(
            "Broadcast the weights, map `count_correct`, and add up both counts with "
            "`tff.federated_sum`. Dividing is arithmetic, so it needs a "
            "`@tff.tensorflow.computation`, mapped at the server."
        ),
        N_(
            "`totals = tff.federated_sum(counts)`, then `tff.federated_map(divide, "
            "(totals.correct, totals.num_examples))` with `divide = "
            "tff.tensorflow.computation(lambda a, b: a / b, [np.float32, np.float32])`."
        ),
    ),
    why=N_(
        "Sums travel well: they can be added in any order, by anyone, even under encryption, "
        "and each client only reveals two numbers. A mean of means cannot be mended "
        "afterwards, because the sizes are gone."
    ),
)
def evaluate(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    cases = [_case(rng, counts) for counts in _counts(rng)]
    got = answer.ask(harness.evaluate, cases=cases)
    yield (
        N_("returns one number at the server"),
        judge(
            "evaluate(server_weights, client_data, count_correct)",
            got["type"],
            "float32@SERVER",
            _("Return a single float32 at the server: the accuracy alone."),
            (
                (
                    "{float32}@CLIENTS",
                    _("Every client has its own number here. Bring them together at the server."),
                ),
            ),
        ),
    )
    problems = [_accuracy_problem(one, *case) for one, case in zip(got["accuracies"], cases, strict=True)]
    yield N_("gives every example the same say"), next(filter(None, problems), None)


def _counts(rng: np.random.Generator) -> list[list[tuple[int, int]]]:
    """How many examples are right, and how many there are, at each client of four evaluations.

    The first has clients of all sizes, and in it what is easily returned instead differs; then some client
    has no example, all are right, none is.
    """
    few, many = int(rng.integers(3, 9)), int(rng.integers(11, 30))
    mixed = [(1, 1), (int(rng.integers(2, few)), few), (int(rng.integers(1, many // 3)), many)]
    mixed = [mixed[place] for place in rng.permutation(3)]
    return [
        mixed,
        [*mixed[:1], (0, 0), *mixed[1:], (0, 0)],
        [(size, size) for _right, size in mixed],
        [(0, size) for _right, size in mixed],
    ]


def _case(rng: np.random.Generator, counts: list[tuple[int, int]]) -> tuple[dict, list[list[np.ndarray]]]:
    """Toy weights and clients' batches with so many right: those are larger than all weights together.

    Some are so close to it that with slightly other weights another number is right.
    """
    weights = {
        "kernel": rng.normal(2, 1, size=(2, 2)).astype(np.float32),
        "bias": rng.normal(2, 1, size=2).astype(np.float32),
    }
    threshold = _threshold(weights)
    numbers = [
        threshold + rng.uniform(0.01, 0.5, size) * rng.permutation([1] * right + [-1] * (size - right))
        for right, size in counts
    ]
    return weights, [shared.split(rng, client) for client in numbers]


def _threshold(weights: dict) -> float:
    return float(sum(w.sum() for w in weights.values()))


def _accuracy_problem(got, weights: dict, clients: list[list[np.ndarray]]) -> Problem | None:
    numbers = [np.concatenate([np.zeros(0), *batches]) for batches in clients]
    sizes = np.array([len(client) for client in numbers])
    right = np.array([int(np.sum(client > _threshold(weights))) for client in numbers])
    each = np.divide(right, sizes, out=np.zeros(len(sizes)), where=sizes > 0)
    counts = ", ".join(
        _("{right} of {size}").format(right=r, size=n) for r, n in zip(right, sizes, strict=True)
    )
    divided_zero = maths.is_nan(got) and not sizes.all()
    return judge(
        _("evaluate(server_weights, client_data, count_correct), clients with {counts} right").format(
            counts=counts
        ),
        got,
        float(right.sum() / sizes.sum()),
        _not_a_number()
        if divided_zero
        else _("Add up the right answers of all clients, add up their examples, and divide."),
        () if divided_zero else _mistakes(right, sizes, each),
    )


def _not_a_number() -> str:
    return _(
        "A client without examples divided 0 by 0, which is no number (nan), and nan spoils every mean that "
        "it meets. Divide once, at the server; or use `tf.math.divide_no_nan` at the clients."
    )


def _mistakes(right: np.ndarray, sizes: np.ndarray, each: np.ndarray) -> tuple[tuple[float, str], ...]:
    """`each` is the accuracy of each client."""
    return (
        (
            each.mean(),
            _(
                "This is the mean of the clients' accuracies: a client with one example counts as much as "
                "one with many."
            ),
        ),
        (float(right.sum()), _("This is how many are right. Divide by how many there are.")),
        (float(sizes.sum()), _("This is how many examples there are. How many of them are right?")),
        (
            1 - right.sum() / sizes.sum(),
            _("This is the share that is wrong. Accuracy is the share that is right."),
        ),
        (sizes.sum() / max(right.sum(), 1), _("The division is upside down.")),
        (right.mean(), _("You divide by the number of clients. Divide by the number of examples.")),
        (
            right @ sizes / sizes.sum(),
            _(
                "A mean weighted by `num_examples` multiplies each count by its client's size once "
                "more. Add up the counts instead."
            ),
        ),
        (each.sum(), _("These are the clients' accuracies, added up. Add up the counts instead.")),
        (
            right.sum() / np.maximum(sizes, 1).sum(),
            _("A client without examples counts as if it had one. Its count is 0."),
        ),
    )
