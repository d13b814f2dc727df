"""What the harnesses of lesson 8 share."""

import collections
import functools

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from fedcourse import signatures
from fedcourse.meter import CannotCount, round_cost

_LEVELS = 15


def type_of(text):
    """The TFF type that is written so."""
    return _type(signatures.parse(text))


def _type(parsed):
    if isinstance(parsed, signatures.Tensor):
        return tff.TensorType(np.dtype(parsed.dtype).type, parsed.shape)
    if parsed.fields and all(parsed.names):
        return tff.to_type(collections.OrderedDict((name, _type(field)) for name, field in parsed.fields))
    return tff.StructType([_type(field) for field in parsed.types])


@functools.cache
def toy_coders(text):
    """A coder of values of a type: 16 levels for what is float32, and whole numbers as they are.

    Each tensor has a range of its own, so codes cannot be added up. And what comes out lies a quarter of a
    level above the level: what is coded twice is another value than what is coded once.
    """
    value_type = type_of(text)
    specs = tff.types.type_to_tf_tensor_specs(value_type)

    def code_of(tensor):
        if tensor.dtype != tf.float32:
            return tensor
        low = tf.reduce_min(tensor)
        step = (tf.reduce_max(tensor) - low) / _LEVELS
        levels = tf.cast(tf.round((tensor - low) / step), tf.uint8)
        return collections.OrderedDict(levels=levels, low=low, step=step)

    def value_of(code):
        if not isinstance(code, dict):
            return code
        return code["low"] + (tf.cast(code["levels"], tf.float32) + 0.25) * code["step"]

    @tff.tensorflow.computation(value_type)
    def encode(value):
        return [code_of(tensor) for tensor in tf.nest.flatten(value)]

    @tff.tensorflow.computation(encode.type_signature.result)
    def decode(codes):
        return tf.nest.pack_sequence_as(specs, [value_of(code) for code in codes])

    return encode, decode


def ordered(value):
    """A struct's value with its fields in order, also those of structs in it."""
    if isinstance(value, dict):
        return collections.OrderedDict((name, ordered(field)) for name, field in value.items())
    return value


def bits(process, down):
    """The bits that one client receives or sends; None where they cannot be counted."""
    try:
        cost = round_cost(process, 1)
    except CannotCount:
        return None
    return cost.broadcast_bits if down else cost.aggregate_bits
