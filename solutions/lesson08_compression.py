"""Reference solutions of lesson 8: compression, and what a round costs."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_model_optimization.python.core.internal import tensor_encoding as te


def bits_of_type(type_spec):
    """How many bits one value of a type takes on the network, its numbers sent as they are.

    Args:
      type_spec: a `tff.TensorType`, or a `tff.StructType` of such, nested or not.

    Returns:
      A whole number: elements times bits of the dtype, added up over all tensors of the type.
    """
    tensors = tff.structure.flatten(type_spec)
    return sum(int(np.prod(tensor.shape)) * 8 * np.dtype(tensor.dtype).itemsize for tensor in tensors)


def quantize(values, bits):
    """Round each value to the nearest of 2**bits levels, spread evenly from the lowest to the highest value.

    Args:
      values: a float32 tensor of any shape.
      bits: how many bits a level takes, a whole number from 1 to 8.

    Returns:
      OrderedDict(levels=whole numbers from 0 to 2**bits - 1, float32 of the same shape, low=float32,
      high=float32).
    """
    low, high = tf.reduce_min(values), tf.reduce_max(values)
    scaled = tf.math.divide_no_nan(values - low, high - low) * (2**bits - 1)
    return collections.OrderedDict(levels=tf.round(scaled), low=low, high=high)


def dequantize(encoded, bits):
    """The float32 values that levels stand for, between `low` and `high`."""
    step = (encoded["high"] - encoded["low"]) / (2**bits - 1)
    return encoded["low"] + tf.cast(encoded["levels"], tf.float32) * step


def stochastic_quantize(values, bits, seed):
    """Round each value to one of its two neighbours among 2**bits levels, so that it is right on average.

    Args:
      values: a float32 tensor of any shape; all its values may be equal, and it may be empty.
      bits: how many bits a level takes, a whole number from 1 to 8.
      seed: two int32, the seed of `tf.random.stateless_uniform`.

    Returns:
      OrderedDict(levels=whole numbers from 0 to 2**bits - 1, float32 of the same shape, low=float32,
      high=float32).
    """
    low, high = tf.reduce_min(values), tf.reduce_max(values)
    scaled = tf.math.divide_no_nan(values - low, high - low) * (2**bits - 1)
    below = tf.floor(scaled)
    goes_up = tf.random.stateless_uniform(tf.shape(values), seed) < scaled - below
    return collections.OrderedDict(levels=below + tf.cast(goes_up, tf.float32), low=low, high=high)


def encoded_sum(value_type, encode, decode):
    """Build the process that adds up the clients' values and has them sent encoded.

    Args:
      value_type: the type of one client's value, a `tff.TensorType` or a `tff.StructType`.
      encode: a TFF computation (value -> code) for the client.
      decode: a TFF computation (code -> value) for the one who adds up.

    Returns:
      A `tff.templates.AggregationProcess` without a state: its `next` takes the state `()` and the clients'
      values, and returns the state, the sum of the decoded values at the server, and `()` as measurements.
    """

    @tff.tensorflow.computation
    def zero():
        specs = tff.types.type_to_tf_tensor_specs(value_type)
        return tf.nest.map_structure(lambda spec: tf.zeros(spec.shape, spec.dtype), specs)

    @tff.tensorflow.computation(value_type, encode.type_signature.result)
    def accumulate(so_far, code):
        return tf.nest.map_structure(tf.add, so_far, decode(code))

    @tff.tensorflow.computation(value_type, value_type)
    def merge(one, other):
        return tf.nest.map_structure(tf.add, one, other)

    @tff.tensorflow.computation(value_type)
    def report(so_far):
        return so_far

    @tff.federated_computation
    def initialize_fn():
        return tff.federated_value((), tff.SERVER)

    @tff.federated_computation(tff.FederatedType((), tff.SERVER), tff.FederatedType(value_type, tff.CLIENTS))
    def next_fn(state, values):
        codes = tff.federated_map(encode, values)
        total = tff.federated_aggregate(codes, zero(), accumulate, merge, report)
        nothing = tff.federated_value((), tff.SERVER)
        return tff.templates.MeasuredProcessOutput(state, total, nothing)

    return tff.templates.AggregationProcess(initialize_fn, next_fn)


def encoded_broadcast(value_type, encode, decode):
    """Build the process that brings the server's value to the clients and has it sent encoded.

    Args:
      value_type: the type of the server's value, a `tff.TensorType` or a `tff.StructType`.
      encode: a TFF computation (value -> code) for the server.
      decode: a TFF computation (code -> value) for the client.

    Returns:
      A `tff.learning.templates.DistributionProcess` without a state: its `next` takes the state `()` and the
      server's value, and returns the state, the decoded value at the clients, and `()` as measurements.
    """

    @tff.federated_computation
    def initialize_fn():
        return tff.federated_value((), tff.SERVER)

    @tff.federated_computation(tff.FederatedType((), tff.SERVER), tff.FederatedType(value_type, tff.SERVER))
    def next_fn(state, value):
        codes = tff.federated_broadcast(tff.federated_map(encode, value))
        received = tff.federated_map(decode, codes)
        nothing = tff.federated_value((), tff.SERVER)
        return tff.templates.MeasuredProcessOutput(state, received, nothing)

    return tff.learning.templates.DistributionProcess(initialize_fn, next_fn)


def quantize_large(bits, more_than):
    """An `encoder_fn`: tensors of more than so many numbers are quantized, others are sent as they are."""

    def encoder_fn(spec):
        is_large = spec.shape.num_elements() > more_than
        return te.encoders.uniform_quantization(bits) if is_large else te.encoders.identity()

    return encoder_fn


def coders(value_type, encoder_fn):
    """Two TFF computations, (value -> code) and (code -> value): one encoder for each tensor."""
    specs = tff.types.type_to_tf_tensor_specs(value_type)
    encoders = [te.encoders.as_simple_encoder(encoder_fn(spec), spec) for spec in tf.nest.flatten(specs)]

    @tff.tensorflow.computation(value_type)
    def encode(value):
        # An encoder returns a code and its next state, which ours do not need.
        tensors = tf.nest.flatten(value)
        return [encoder.encode(tensor)[0] for encoder, tensor in zip(encoders, tensors, strict=True)]

    @tff.tensorflow.computation(encode.type_signature.result)
    def decode(codes):
        tensors = [encoder.decode(code) for encoder, code in zip(encoders, codes, strict=True)]
        return tf.nest.pack_sequence_as(specs, tensors)

    return encode, decode


class EncodedSum(tff.aggregators.UnweightedAggregationFactory):
    """A factory of sums whose summands are sent encoded; `make_coders` gets a type, returns two coders."""

    def __init__(self, make_coders):
        self._make_coders = make_coders

    def create(self, value_type):
        return encoded_sum(value_type, *self._make_coders(value_type))


def within_budget(model_fn):
    """Train a softmax regression to 75 % accuracy on unseen clients for at most 1 MiB, both ways together.

    Args:
      model_fn: makes the model, a `tff.learning` model with a kernel [784, 10] and a bias [10].

    Returns:
      (process, clients_per_round, num_rounds): a learning process, how many clients take part in each round,
      and for how many rounds it is to run.
    """

    def make_coders(value_type):
        return coders(value_type, quantize_large(bits=6, more_than=1000))

    weights_type = tff.learning.models.weights_type_from_model(model_fn)
    process = tff.learning.algorithms.build_weighted_fed_avg(
        model_fn,
        client_optimizer_fn=tff.learning.optimizers.build_sgdm(0.1),
        server_optimizer_fn=tff.learning.optimizers.build_sgdm(1.0),
        model_distributor=encoded_broadcast(weights_type, *make_coders(weights_type)),
        model_aggregator=tff.aggregators.MeanFactory(EncodedSum(make_coders)),
    )
    return process, 7, 10
