"""What runs beside an answer to `result_type`, lesson 4."""

from fedgrader.guest.harness.lesson04_federated_types import shared


def result_type(answer, cases):
    """The types that the answer returns for cases of (operator, value's type, and a function's for "map")."""
    return [shared.text(answer(operator, *map(shared.tff_type, types))) for operator, *types in cases]
