"""Harnesses of lesson 6."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from autograder.harness import toy_clients
from autograder.harness.inspect_computation import broadcasts

_WEIGHTS = collections.OrderedDict(
    kernel=tff.TensorType(np.float32, [784, 10]), bias=tff.TensorType(np.float32, [10])
)
_STATE = collections.OrderedDict(weights=_WEIGHTS, round_num=np.int32)
_BATCHES = tff.SequenceType(
    collections.OrderedDict(x=tff.TensorType(np.float32, [None, 784]), y=tff.TensorType(np.int32, [None]))
)


def client_update(answer, weights, clients, learning_rate):
    """What the answer returns for each client's batches, run by TFF as a client would run it."""

    @tff.tensorflow.computation(_WEIGHTS, _BATCHES)
    def client_work(weights, dataset):
        return answer(weights, dataset, learning_rate)

    return [client_work(toy_clients.ordered(weights), _as_list(batches)) for batches in clients]


def _as_list(batches):
    """TFF takes a sequence as a list of elements."""
    return [collections.OrderedDict(x=batch["x"], y=batch["y"]) for batch in batches]


def server_update(answer, state, mean_weights, learning_rate):
    """The state that the answer returns, run by TFF as the server would run it."""

    @tff.tensorflow.computation(_STATE, _WEIGHTS)
    def server_work(state, mean_weights):
        return answer(state, mean_weights, learning_rate)

    return server_work(toy_clients.state_of(**state), toy_clients.ordered(mean_weights))


@tff.tensorflow.computation(toy_clients.STATE, toy_clients.WEIGHTS)
def _toy_server_work(state, mean_weights):
    weights = tf.nest.map_structure(lambda w, m: w + 0.5 * (m - w), state["weights"], mean_weights)
    return collections.OrderedDict(weights=weights, round_num=state["round_num"] + 1)


@tff.tensorflow.computation(toy_clients.WEIGHTS, toy_clients.NUMBERS)
def _toy_count_correct(weights, numbers):
    threshold = weights["bias"][0]
    right = toy_clients.add_up(numbers, lambda number: tf.cast(number > threshold, tf.float32))
    return collections.OrderedDict(correct=right, num_examples=toy_clients.add_up(numbers, lambda _: 1.0))


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


def evaluate(answer, weights, clients):
    """The answer traced as an evaluation over toy clients: what it returns, and its type."""

    @tff.federated_computation(
        tff.FederatedType(toy_clients.WEIGHTS, tff.SERVER),
        tff.FederatedType(toy_clients.NUMBERS, tff.CLIENTS),
    )
    def evaluation(server_weights, client_data):
        return answer(server_weights, client_data, _toy_count_correct)

    return {
        "type": str(evaluation.type_signature.result),
        "accuracy": evaluation(toy_clients.ordered(weights), clients),
    }
