"""What runs beside an answer to `may_be_passed`, lesson 4."""

import numpy as np
import tensorflow_federated as tff

from fedgrader.guest.harness.lesson04_federated_types import shared


def may_be_passed(answer, parameter, offered):
    """What the answer says of the offered types, for a computation with a parameter of type `parameter`.

    With it goes what is left on offer after the call.
    """

    @tff.federated_computation(shared.tff_type(parameter))
    def computation(value):
        return tff.federated_value(0, tff.SERVER)

    types = {name: shared.tff_type(text) for name, text in offered.items()}
    says = answer(computation, types)
    if isinstance(says, dict):
        says = {str(name): _said(value) for name, value in says.items()}
    return {"says": says, "offered": {str(name): str(left) for name, left in types.items()}}


def _said(value):
    return bool(value) if isinstance(value, bool | np.bool_) else str(value)
