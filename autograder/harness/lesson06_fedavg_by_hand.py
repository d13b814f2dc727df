"""Harnesses of lesson 6."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from autograder.harness.inspect_computation import broadcasts

_WEIGHTS = collections.OrderedDict(
    kernel=tff.TensorType(np.float32, [784, 10]), bias=tff.TensorType(np.float32, [10])
)
_STATE = collections.OrderedDict(weights=_WEIGHTS, round_num=np.int32)
_BATCHES = tff.SequenceType(
    collections.OrderedDict(x=tff.TensorType(np.float32, [None, 784]), y=tff.TensorType(np.int32, [None]))
)
# The toy clients of `next_fn` and `evaluate` hold plain numbers instead of images.
_NUMBERS = tff.SequenceType(np.float32)
_TOY = collections.OrderedDict(
    kernel=tff.TensorType(np.float32, [2, 2]), bias=tff.TensorType(np.float32, [2])
)
_TOY_STATE = collections.OrderedDict(weights=_TOY, round_num=np.int32)


def _ordered(weights):
    return collections.OrderedDict(kernel=weights["kernel"], bias=weights["bias"])


def client_update(answer, weights, clients, learning_rate):
    """What the answer returns for each client's batches, run by TFF as a client would run it."""

    @tff.tensorflow.computation(_WEIGHTS, _BATCHES)
    def client_work(weights, dataset):
        return answer(weights, dataset, learning_rate)

    return [client_work(_ordered(weights), _as_list(batches)) for batches in clients]


def _as_list(batches):
    """TFF takes a sequence as a list of elements."""
    return [collections.OrderedDict(x=batch["x"], y=batch["y"]) for batch in batches]


def server_update(answer, state, mean_weights, learning_rate):
    """The state that the answer returns, run by TFF as the server would run it."""

    @tff.tensorflow.computation(_STATE, _WEIGHTS)
    def server_work(state, mean_weights):
        return answer(state, mean_weights, learning_rate)

    ordered = collections.OrderedDict(
        weights=_ordered(state["weights"]), round_num=np.int32(state["round_num"])
    )
    return server_work(ordered, _ordered(mean_weights))


def _sum(numbers, function):
    """The sum of `function` of each number of the dataset, without AutoGraph, which takes its time."""
    add = tf.autograph.experimental.do_not_convert(lambda total, number: total + function(number))
    return numbers.reduce(0.0, add)


@tff.tensorflow.computation(_TOY, _NUMBERS)
def _toy_client_work(weights, numbers):
    total = _sum(numbers, lambda number: number)
    trained = tf.nest.map_structure(lambda w: w + total, weights)
    return collections.OrderedDict(weights=trained, num_examples=_sum(numbers, lambda _: 1.0))


@tff.tensorflow.computation(_TOY_STATE, _TOY)
def _toy_server_work(state, mean_weights):
    weights = tf.nest.map_structure(lambda w, m: w + 0.5 * (m - w), state["weights"], mean_weights)
    return collections.OrderedDict(weights=weights, round_num=state["round_num"] + 1)


@tff.tensorflow.computation(_TOY, _NUMBERS)
def _toy_count_correct(weights, numbers):
    threshold = weights["bias"][0]
    right = _sum(numbers, lambda number: tf.cast(number > threshold, tf.float32))
    return collections.OrderedDict(correct=right, num_examples=_sum(numbers, lambda _: 1.0))


def next_fn(answer, state, clients):
    """The answer traced as a round over toy clients: the type and the state it returns, its broadcasts."""

    @tff.federated_computation(
        tff.FederatedType(_TOY_STATE, tff.SERVER), tff.FederatedType(_NUMBERS, tff.CLIENTS)
    )
    def one_round(server_state, client_data):
        return answer(server_state, client_data, _toy_client_work, _toy_server_work)

    ordered = collections.OrderedDict(
        weights=_ordered(state["weights"]), round_num=np.int32(state["round_num"])
    )
    return {
        "type": str(one_round.type_signature.result),
        "broadcasts": broadcasts(one_round),
        "state": one_round(ordered, clients),
    }


def evaluate(answer, weights, clients):
    """The answer traced as an evaluation over toy clients: what it returns, and its type."""

    @tff.federated_computation(tff.FederatedType(_TOY, tff.SERVER), tff.FederatedType(_NUMBERS, tff.CLIENTS))
    def evaluation(server_weights, client_data):
        return answer(server_weights, client_data, _toy_count_correct)

    return {"type": str(evaluation.type_signature.result), "accuracy": evaluation(_ordered(weights), clients)}
