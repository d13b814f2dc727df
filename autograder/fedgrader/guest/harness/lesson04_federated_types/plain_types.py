"""What runs beside an answer to `plain_types`, lesson 4."""

from fedgrader.guest.harness.lesson04_federated_types import shared


def plain_types(answer, side):
    """The types that the answer returns."""
    return shared.texts(answer(side))
