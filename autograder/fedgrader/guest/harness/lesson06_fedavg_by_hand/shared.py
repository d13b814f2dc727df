"""What the harnesses of lesson 6 share."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

WEIGHTS = collections.OrderedDict(
    kernel=tff.TensorType(np.float32, [784, 10]), bias=tff.TensorType(np.float32, [10])
)
# A toy client's batches, of numbers instead of images.
NUMBER_BATCHES = tff.SequenceType(tff.TensorType(np.float32, [None]))


def add_up(batches, function):
    """The sum of `function` of each number of the toy batches, without AutoGraph, which takes its time."""
    add = tf.autograph.experimental.do_not_convert(
        lambda total, batch: total + tf.reduce_sum(function(batch))
    )
    return batches.reduce(0.0, add)
