"""Toy clients, which hold plain numbers instead of images: a round over them is quickly traced."""

import collections
from functools import cache

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

NUMBERS = tff.SequenceType(np.float32)
WEIGHTS = collections.OrderedDict(
    kernel=tff.TensorType(np.float32, [2, 2]), bias=tff.TensorType(np.float32, [2])
)
STATE = collections.OrderedDict(weights=WEIGHTS, round_num=np.int32)


def ordered(weights):
    """`weights`, of toys or not, in the order of their TFF type."""
    return collections.OrderedDict(kernel=weights["kernel"], bias=weights["bias"])


def state_of(weights, round_num):
    """A server's state, of toys or not."""
    return collections.OrderedDict(weights=ordered(weights), round_num=np.int32(round_num))


def add_up(numbers, function):
    """The sum of `function` of each number of the dataset, without AutoGraph, which takes its time."""
    add = tf.autograph.experimental.do_not_convert(lambda total, number: total + function(number))
    return numbers.reduce(0.0, add)


@cache
def client_work():
    """A computation that adds the sum of a client's numbers to each weight, and counts the numbers."""

    @tff.tensorflow.computation(WEIGHTS, NUMBERS)
    def work(weights, numbers):
        total = add_up(numbers, lambda number: number)
        trained = tf.nest.map_structure(lambda w: w + total, weights)
        return collections.OrderedDict(weights=trained, num_examples=add_up(numbers, lambda _: 1.0))

    return work


@cache
def clip_work():
    """A computation that makes of the weights before and after training an update of a norm of at most 1."""

    @tff.tensorflow.computation(WEIGHTS, WEIGHTS)
    def work(given, trained):
        update = tf.nest.map_structure(tf.subtract, trained, given)
        clipped, _ = tf.clip_by_global_norm(tf.nest.flatten(update), 1.0)
        return tf.nest.pack_sequence_as(update, clipped)

    return work
