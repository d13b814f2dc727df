"""What runs beside an answer to `client_update`, lesson 7."""

import collections

import numpy as np
import tensorflow_federated as tff

from fedgrader.guest.harness import toy_clients
from fedgrader.guest.harness.lesson07_clipping import shared

_BATCHES = tff.SequenceType(
    collections.OrderedDict(x=tff.TensorType(np.float32, [None, 6]), y=tff.TensorType(np.int32, [None]))
)


def client_update(answer, weights, batches, learning_rate, max_norms):
    """What the answer returns for each `max_norm`, run by TFF as a client would run it."""

    @tff.tensorflow.computation(shared.WEIGHTS, _BATCHES, np.float32)
    def client_work(weights, dataset, max_norm):
        return answer(weights, dataset, learning_rate, max_norm)

    elements = [collections.OrderedDict(x=batch["x"], y=batch["y"]) for batch in batches]
    return [client_work(toy_clients.ordered(weights), elements, max_norm) for max_norm in max_norms]
