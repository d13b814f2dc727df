"""What runs beside an answer to `client_update`, lesson 7."""

import collections

import numpy as np
import tensorflow_federated as tff

from fedgrader.guest.harness import toy_clients
from fedgrader.guest.harness.lesson07_clipping import shared

_BATCHES = tff.SequenceType(
    collections.OrderedDict(x=tff.TensorType(np.float32, [None, 784]), y=tff.TensorType(np.int32, [None]))
)


def client_update(answer, weights, datasets, learning_rate, max_norms):
    """What the answer returns for each dataset with its `max_norm`, run by TFF as a client would run it."""

    @tff.tensorflow.computation(shared.type_of(weights), _BATCHES, np.float32)
    def client_work(weights, dataset, max_norm):
        return answer(weights, dataset, learning_rate, max_norm)

    return [
        client_work(
            toy_clients.ordered(weights),
            [collections.OrderedDict(x=batch["x"], y=batch["y"]) for batch in batches],
            max_norm,
        )
        for batches, max_norm in zip(datasets, max_norms, strict=True)
    ]
