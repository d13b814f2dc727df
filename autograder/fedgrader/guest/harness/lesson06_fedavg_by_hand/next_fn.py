"""What runs beside an answer to `next_fn`, lesson 6."""

import collections

import tensorflow as tf
import tensorflow_federated as tff

from fedgrader.guest.harness import toy_clients
from fedgrader.guest.harness.inspect_computation import broadcasts


@tff.tensorflow.computation(toy_clients.STATE, toy_clients.WEIGHTS)
def _toy_server_work(state, mean_weights):
    weights = tf.nest.map_structure(lambda w, m: w + 0.5 * (m - w), state["weights"], mean_weights)
    return collections.OrderedDict(weights=weights, round_num=state["round_num"] + 1)


def next_fn(answer, state, clients):
    """The answer traced as a round over toy clients: the type and the state it returns, its broadcasts."""
    client_work = toy_clients.client_work()

    @tff.federated_computation(
        tff.FederatedType(toy_clients.STATE, tff.SERVER), tff.FederatedType(toy_clients.NUMBERS, tff.CLIENTS)
    )
    def one_round(server_state, client_data):
        return answer(server_state, client_data, client_work, _toy_server_work)

    return {
        "type": str(one_round.type_signature.result),
        "broadcasts": broadcasts(one_round),
        "state": one_round(toy_clients.state_of(**state), clients),
    }
