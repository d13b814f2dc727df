"""What the harnesses of lesson 8 share."""

import collections
import functools

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from fedcourse.meter import CannotCount, round_cost

MODEL = tff.to_type(
    collections.OrderedDict(kernel=tff.TensorType(np.float32, [4, 3]), bias=tff.TensorType(np.float32, [3]))
)
_LEVELS = 15


@functools.cache
def toy_coders():
    """A coder of the small model that quantizes the kernel and leaves the bias as it is.

    Each client has a range of its own, so codes cannot be added up.
    """

    @tff.tensorflow.computation(MODEL)
    def encode(model):
        low, high = tf.reduce_min(model["kernel"]), tf.reduce_max(model["kernel"])
        step = (high - low) / _LEVELS
        levels = tf.cast(tf.round((model["kernel"] - low) / step), tf.uint8)
        return collections.OrderedDict(levels=levels, low=low, step=step, bias=model["bias"])

    @tff.tensorflow.computation(encode.type_signature.result)
    def decode(code):
        kernel = code["low"] + tf.cast(code["levels"], tf.float32) * code["step"]
        return collections.OrderedDict(kernel=kernel, bias=code["bias"])

    return encode, decode


def ordered(model):
    return collections.OrderedDict(kernel=model["kernel"], bias=model["bias"])


def bits(process, down):
    """The bits that one client receives or sends; None where they cannot be counted."""
    try:
        cost = round_cost(process, 1)
    except CannotCount:
        return None
    return cost.broadcast_bits if down else cost.aggregate_bits
