"""What runs beside an answer to `clip_update`, lesson 7."""

import tensorflow_federated as tff

from fedgrader.guest.harness import toy_clients
from fedgrader.guest.harness.lesson07_clipping import shared


def clip_update(answer, server_weights, trained, max_norm):
    """What the answer returns for each of the trained weights, run by TFF as a client would run it."""

    @tff.tensorflow.computation(shared.WEIGHTS, shared.WEIGHTS)
    def clip_work(server_weights, trained_weights):
        return answer(server_weights, trained_weights, max_norm)

    return [
        clip_work(toy_clients.ordered(server_weights), toy_clients.ordered(weights)) for weights in trained
    ]
