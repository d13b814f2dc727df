"""What runs beside an answer to `server_update`, lesson 6."""

import collections

import numpy as np
import tensorflow_federated as tff

from fedgrader.guest.harness import toy_clients
from fedgrader.guest.harness.lesson06_fedavg_by_hand import shared

_STATE = collections.OrderedDict(weights=shared.WEIGHTS, round_num=np.int32)


def server_update(answer, state, mean_weights, learning_rate):
    """The state that the answer returns, run by TFF as the server would run it."""

    @tff.tensorflow.computation(_STATE, shared.WEIGHTS)
    def server_work(state, mean_weights):
        return answer(state, mean_weights, learning_rate)

    return server_work(toy_clients.state_of(**state), toy_clients.ordered(mean_weights))
