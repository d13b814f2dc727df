"""What runs beside an answer to `next_fn`, lesson 9."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from fedcourse.meter import round_cost
from fedgrader.guest.harness import toy_clients
from fedgrader.guest.harness.lesson09_stateful_clients import shared

# The toy clients of `next_fn` hold plain numbers instead of ratings. No two parts are of one type, so that a
# type tells what crosses the network.
_TOY = collections.OrderedDict(
    vectors=tff.TensorType(np.float32, [2, 2]), bias=tff.TensorType(np.float32, [2])
)


@tff.tensorflow.computation(_TOY, shared.STATE, toy_clients.NUMBERS)
def _toy_client_work(weights, state, numbers):
    total = toy_clients.add_up(numbers, lambda number: number)
    return collections.OrderedDict(
        update=tf.nest.map_structure(lambda w: tf.ones_like(w) * (total + state["taste"][0]), weights),
        client_state=collections.OrderedDict(
            taste=state["taste"] + total + weights["bias"][0], rounds=state["rounds"] + 1
        ),
        num_examples=toy_clients.add_up(numbers, lambda _: 1.0),
    )


@tff.tensorflow.computation(_TOY, _TOY)
def _toy_server_work(weights, mean_update):
    return tf.nest.map_structure(lambda w, u: w + 0.5 * u, weights, mean_update)


def next_fn(answer, weights, states, clients):
    """The answer traced as a round over toy clients: its type, what it returns, what crosses the network."""

    @tff.federated_computation(
        tff.FederatedType(_TOY, tff.SERVER),
        tff.FederatedType(shared.STATE, tff.CLIENTS),
        tff.FederatedType(toy_clients.NUMBERS, tff.CLIENTS),
    )
    def one_round(server_weights, client_states, client_data):
        return answer(server_weights, client_states, client_data, _toy_client_work, _toy_server_work)

    transfers = round_cost(one_round, len(clients)).transfers
    return {
        "type": str(one_round.type_signature.result),
        "returned": one_round(shared.weights(weights), [shared.state(state) for state in states], clients),
        "down": [transfer.type for transfer in transfers if transfer.down],
        "up": [transfer.type for transfer in transfers if not transfer.down],
    }
