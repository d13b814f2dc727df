"""What runs beside an answer to `predict`, lesson 9."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from fedgrader.guest.harness.lesson09_stateful_clients import shared


def predict(answer, cases, taste):
    """What the answer returns for each case, of global weights and films, run by TFF as a client runs it."""
    weights_type = shared.weights_type(*cases[0]["weights"]["vectors"].shape)
    taste_type = shared.state_type(len(taste))["taste"]

    @tff.tensorflow.computation(weights_type, taste_type, tff.TensorType(np.int32, [None]))
    def work(weights, taste, items):
        return _packed(answer(weights, taste, items))

    return [_unpacked(work(shared.weights(case["weights"]), taste, case["items"])) for case in cases]


def _packed(got):
    """A tensor that shows only when it runs how many axes it has, in a form that TFF can return."""
    if tf.is_tensor(got) and got.shape.rank is None:
        return collections.OrderedDict(values=tf.reshape(got, [-1]), shape=tf.shape(got))
    return got


def _unpacked(got):
    is_packed = isinstance(got, dict) and list(got) == ["values", "shape"]
    return np.reshape(got["values"], got["shape"]) if is_packed else got
