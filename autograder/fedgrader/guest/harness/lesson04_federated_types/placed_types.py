"""What runs beside an answer to `placed_types`, lesson 4."""

from fedgrader.guest.harness.lesson04_federated_types import shared


def placed_types(answer, weights, batch):
    """The types that the answer returns for weights and batches of the given types."""
    return shared.texts(answer(shared.tff_type(weights), shared.tff_type(batch)))
