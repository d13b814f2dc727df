"""What runs beside an answer to `client_update`, lesson 6."""

import collections

import numpy as np
import tensorflow_federated as tff

from fedgrader.guest.harness import toy_clients
from fedgrader.guest.harness.lesson06_fedavg_by_hand import shared

_BATCHES = tff.SequenceType(
    collections.OrderedDict(x=tff.TensorType(np.float32, [None, 784]), y=tff.TensorType(np.int32, [None]))
)


def client_update(answer, weights, clients, learning_rate):
    """What the answer returns for each client's batches, run by TFF as a client would run it."""

    @tff.tensorflow.computation(shared.WEIGHTS, _BATCHES)
    def client_work(weights, dataset):
        return answer(weights, dataset, learning_rate)

    return [client_work(toy_clients.ordered(weights), _as_list(batches)) for batches in clients]


def _as_list(batches):
    """TFF takes a sequence as a list of elements."""
    return [collections.OrderedDict(x=batch["x"], y=batch["y"]) for batch in batches]
