"""What runs beside an answer to `client_update`, lesson 9."""

import collections

import numpy as np
import tensorflow_federated as tff

from fedgrader.guest.harness.lesson09_stateful_clients import shared

_BATCHES = tff.SequenceType(
    collections.OrderedDict(item=tff.TensorType(np.int32, [None]), rating=tff.TensorType(np.float32, [None]))
)


def client_update(answer, weights, clients, local_rate, global_rate, local_passes):
    """What the answer returns for each client, a state and batches, run by TFF as a client would run it."""
    films, tastes = weights["vectors"].shape

    @tff.tensorflow.computation(shared.weights_type(films, tastes), shared.state_type(tastes), _BATCHES)
    def client_work(weights, state, dataset):
        return answer(weights, state, dataset, local_rate, global_rate, local_passes)

    return [
        client_work(
            shared.weights(weights),
            shared.state(client["state"]),
            [
                collections.OrderedDict(item=batch["item"], rating=batch["rating"])
                for batch in client["batches"]
            ],
        )
        for client in clients
    ]
