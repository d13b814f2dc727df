"""What runs beside an answer to `next_fn`, lesson 6."""

import collections

import tensorflow as tf
import tensorflow_federated as tff

from fedgrader.guest.harness import toy_clients
from fedgrader.guest.harness.inspect_computation import broadcasts, maps_of
from fedgrader.guest.harness.lesson06_fedavg_by_hand import shared


@tff.tensorflow.computation(toy_clients.WEIGHTS, shared.NUMBER_BATCHES)
def _toy_client_work(weights, batches):
    """Adds the sum of a client's numbers to each weight, and counts the numbers."""
    total = shared.add_up(batches, tf.identity)
    trained = tf.nest.map_structure(lambda w: w + total, weights)
    return collections.OrderedDict(weights=trained, num_examples=shared.add_up(batches, tf.ones_like))


def _toy_server_work(learning_rate):
    @tff.tensorflow.computation(toy_clients.STATE, toy_clients.WEIGHTS)
    def work(state, mean_weights):
        weights = tf.nest.map_structure(
            lambda w, m: w + learning_rate * (m - w), state["weights"], mean_weights
        )
        return collections.OrderedDict(weights=weights, round_num=state["round_num"] + 1)

    return work


def next_fn(answer, state, clients, learning_rate):
    """The answer traced as a round over toy clients: the type and the state it returns, and what it does.

    That is: what it broadcasts, and how many times each client trains.
    """
    server_work = _toy_server_work(learning_rate)

    @tff.federated_computation(
        tff.FederatedType(toy_clients.STATE, tff.SERVER),
        tff.FederatedType(shared.NUMBER_BATCHES, tff.CLIENTS),
    )
    def one_round(server_state, client_data):
        return answer(server_state, client_data, _toy_client_work, server_work)

    return {
        "type": str(one_round.type_signature.result),
        "broadcasts": broadcasts(one_round),
        "trainings": maps_of(one_round, _toy_client_work),
        "state": one_round(toy_clients.state_of(**state), clients),
    }
