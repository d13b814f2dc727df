"""Harnesses of lesson 7."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from autograder.harness import toy_clients

# Six pixels and three digits: the functions work for any number of them.
_WEIGHTS = collections.OrderedDict(
    kernel=tff.TensorType(np.float32, [6, 3]), bias=tff.TensorType(np.float32, [3])
)
_BATCHES = tff.SequenceType(
    collections.OrderedDict(x=tff.TensorType(np.float32, [None, 6]), y=tff.TensorType(np.int32, [None]))
)


def global_norm(answer, structures):
    """What the answer returns for each structure, run by TFF."""
    work = tff.tensorflow.computation(lambda structure: answer(structure), _WEIGHTS)
    return [work(toy_clients.ordered(structure)) for structure in structures]


def clip_by_global_norm(answer, structures, max_norm):
    """What the answer returns for each structure, run by TFF."""
    work = tff.tensorflow.computation(lambda structure: answer(structure, max_norm), _WEIGHTS)
    return [work(toy_clients.ordered(structure)) for structure in structures]


def client_update(answer, weights, batches, learning_rate, max_norms):
    """What the answer returns for each `max_norm`, run by TFF as a client would run it."""

    @tff.tensorflow.computation(_WEIGHTS, _BATCHES, np.float32)
    def client_work(weights, dataset, max_norm):
        return answer(weights, dataset, learning_rate, max_norm)

    elements = [collections.OrderedDict(x=batch["x"], y=batch["y"]) for batch in batches]
    return [client_work(toy_clients.ordered(weights), elements, max_norm) for max_norm in max_norms]


def clip_update(answer, server_weights, trained, max_norm):
    """What the answer returns for each of the trained weights, run by TFF as a client would run it."""

    @tff.tensorflow.computation(_WEIGHTS, _WEIGHTS)
    def clip_work(server_weights, trained_weights):
        return answer(server_weights, trained_weights, max_norm)

    return [
        clip_work(toy_clients.ordered(server_weights), toy_clients.ordered(weights)) for weights in trained
    ]


@tff.tensorflow.computation(toy_clients.WEIGHTS, toy_clients.WEIGHTS)
def _toy_server_work(weights, update):
    return tf.nest.map_structure(lambda w, u: w + 0.5 * u, weights, update)


def next_fn(answer, weights, groups):
    """The answer traced as a round over toy clients: its type, and what it returns for each group of them."""
    at_clients = toy_clients.client_work(), toy_clients.clip_work()

    @tff.federated_computation(
        tff.FederatedType(toy_clients.WEIGHTS, tff.SERVER),
        tff.FederatedType(toy_clients.NUMBERS, tff.CLIENTS),
    )
    def one_round(server_weights, client_data):
        return answer(server_weights, client_data, *at_clients, _toy_server_work)

    return {
        "type": str(one_round.type_signature.result),
        "weights": [one_round(toy_clients.ordered(weights), clients) for clients in groups],
    }


def adapt_clipping_norm(answer, clipping_norms, update_norms, target_quantile, learning_rate):
    """What the answer returns for each clipping norm."""
    norms = tf.constant(update_norms)
    return [answer(tf.constant(norm), norms, target_quantile, learning_rate) for norm in clipping_norms]
