"""The check of `evaluate`, lesson 6."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.guest.answers import AnswerHandle

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
    weights = {"kernel": np.zeros((2, 2), np.float32), "bias": np.full(2, 0.5, np.float32)}
    # Right answers a client: 1 of 1, 2 of 8, 2 of 4: sums and means of every kind differ.
    clients = [
        [float(x) for x in rng.permutation([1.0] * right + [0.0] * wrong)]
        for right, wrong in ((1, 0), (2, 6), (2, 2))
    ]
    got = answer.ask(harness.evaluate, weights=weights, clients=clients)
    called = _("evaluate(server_weights, client_data, count_correct) with 1 of 1, 2 of 8 and 2 of 4 right")
    yield (
        N_("returns one number at the server"),
        judge(
            called,
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
    yield (
        N_("gives every example the same say"),
        judge(
            called,
            got["accuracy"],
            5 / 13,
            _("Add up the right answers of all clients, add up their examples, and divide."),
            (
                (
                    (1 + 2 / 8 + 2 / 4) / 3,
                    _(
                        "This is the mean of the clients' accuracies: the client with one example counts as "
                        "much as the one with eight."
                    ),
                ),
                (5.0, _("This is how many are right. Divide by how many there are.")),
                (13.0, _("This is how many examples there are. How many of them are right?")),
                (8 / 13, _("This is the share that is wrong. Accuracy is the share that is right.")),
                (13 / 5, _("The division is upside down.")),
                (5 / 3, _("You divide by the number of clients. Divide by the number of examples.")),
                (
                    (1 * 1 + 2 * 8 + 2 * 4) / 13,
                    _(
                        "A mean weighted by `num_examples` multiplies each count by its client's size once "
                        "more. Add up the counts instead."
                    ),
                ),
                (
                    1 + 2 / 8 + 2 / 4,
                    _("These are the clients' accuracies, added up. Add up the counts instead."),
                ),
            ),
        ),
    )
