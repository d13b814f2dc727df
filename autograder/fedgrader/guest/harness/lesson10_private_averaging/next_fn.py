"""What runs beside an answer to `next_fn`, lesson 10."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from fedcourse.meter import round_cost
from fedgrader.guest.harness import toy_clients
from fedgrader.guest.harness.inspect_computation import broadcasts

_TOY_CLIENTS = 8.0  # the number by which the toy server divides
_TOY_NOISE = 0.25  # what the toy noise of round 1 adds to every number; round 2 adds twice as much


@tff.tensorflow.computation(toy_clients.WEIGHTS, np.int32)
def _toy_add_noise(total, round_num):
    return tf.nest.map_structure(lambda t: t + _TOY_NOISE * tf.cast(round_num, tf.float32), total)


@tff.tensorflow.computation(toy_clients.STATE, toy_clients.WEIGHTS)
def _toy_server_work(state, total):
    """What is no step of the real server, 0.1 times the square, tells one step after the sum from many."""
    weights = tf.nest.map_structure(lambda w, t: w + t / _TOY_CLIENTS + 0.1 * t**2, state["weights"], total)
    return collections.OrderedDict(weights=weights, round_num=state["round_num"] + 1)


def next_fn(answer, weights, rounds):
    """The answer traced as a round over toy clients: its type, what goes down and up, the state after each.

    Each of `rounds` has a round number and the clients' numbers.
    """
    at_clients = toy_clients.client_work(), toy_clients.clip_work()

    @tff.federated_computation(
        tff.FederatedType(toy_clients.STATE, tff.SERVER), tff.FederatedType(toy_clients.NUMBERS, tff.CLIENTS)
    )
    def one_round(server_state, client_data):
        return answer(server_state, client_data, *at_clients, _toy_add_noise, _toy_server_work)

    transfers = round_cost(one_round, 1).transfers
    return {
        "type": str(one_round.type_signature.result),
        "broadcasts": broadcasts(one_round),
        "uploads": [transfer.type for transfer in transfers if not transfer.down],
        "states": [one_round(toy_clients.state_of(weights, number), numbers) for number, numbers in rounds],
    }
