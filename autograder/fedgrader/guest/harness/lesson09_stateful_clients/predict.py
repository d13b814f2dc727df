"""What runs beside an answer to `predict`, lesson 9."""

import numpy as np
import tensorflow_federated as tff

from fedgrader.guest.harness.lesson09_stateful_clients import shared


def predict(answer, cases, taste):
    """What the answer returns for each case, of global weights and films, run by TFF as a client runs it."""
    weights_type = shared.weights_type(*cases[0]["weights"]["vectors"].shape)
    taste_type = shared.state_type(len(taste))["taste"]

    @tff.tensorflow.computation(weights_type, taste_type, tff.TensorType(np.int32, [None]))
    def work(weights, taste, items):
        return answer(weights, taste, items)

    return [work(shared.weights(case["weights"]), taste, case["items"]) for case in cases]
