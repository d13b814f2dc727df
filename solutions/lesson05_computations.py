"""Reference solutions of lesson 5: computations that are written here and run there."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def build_add_half():
    """Build the computation that corrects each phone's reading by half a degree.

    Returns:
      A TFF computation ({float32}@CLIENTS -> {float32}@CLIENTS): each client's reading, plus 0.5.
    """

    @tff.tensorflow.computation(np.float32)
    def add_half_to_one(reading):
        return reading + 0.5

    @tff.federated_computation(tff.FederatedType(np.float32, tff.CLIENTS))
    def add_half(readings):
        return tff.federated_map(add_half_to_one, readings)

    return add_half


def build_share_above():
    """Build the computation that finds out which share of the phones is hotter than the server's threshold.

    Returns:
      A TFF computation (<float32@SERVER,{float32}@CLIENTS> -> float32@SERVER). It takes the threshold, then
      one reading for each client, and returns a number between 0 and 1. A reading that equals the threshold
      is not above it.
    """

    @tff.tensorflow.computation(np.float32, np.float32)
    def is_above(threshold, reading):
        return tf.cast(reading > threshold, tf.float32)

    @tff.federated_computation(
        tff.FederatedType(np.float32, tff.SERVER), tff.FederatedType(np.float32, tff.CLIENTS)
    )
    def share_above(threshold, readings):
        threshold_at_clients = tff.federated_broadcast(threshold)
        return tff.federated_mean(tff.federated_map(is_above, (threshold_at_clients, readings)))

    return share_above


def build_mean_temperature():
    """Build the computation that averages all readings of all phones, each reading with the same say.

    Returns:
      A TFF computation ({float32*}@CLIENTS -> float32@SERVER): a sequence of readings for each client in, the
      mean of all of them out. Some clients may have no reading at all, but not all clients.
    """

    @tff.tensorflow.computation(tff.SequenceType(np.float32))
    def total_and_count(readings):
        total = readings.reduce(0.0, lambda total, reading: total + reading)
        count = readings.reduce(0.0, lambda count, reading: count + 1.0)
        return collections.OrderedDict(total=total, count=count)

    @tff.tensorflow.computation(np.float32, np.float32)
    def divide(total, count):
        return total / count

    @tff.federated_computation(tff.FederatedType(tff.SequenceType(np.float32), tff.CLIENTS))
    def mean_temperature(readings):
        sums = tff.federated_sum(tff.federated_map(total_and_count, readings))
        return tff.federated_map(divide, (sums.total, sums.count))

    return mean_temperature


def build_range():
    """Build the computation that returns how far apart the highest and the lowest reading are.

    Returns:
      A TFF computation ({float32}@CLIENTS -> float32@SERVER): one reading for each client in, the highest
      minus the lowest out. Readings may be of any size, and all of them below zero or far above it.
    """
    extremes = collections.OrderedDict(low=np.float32, high=np.float32)

    @tff.tensorflow.computation
    def zero():
        return collections.OrderedDict(low=np.float32(np.inf), high=np.float32(-np.inf))

    @tff.tensorflow.computation(extremes, np.float32)
    def accumulate(so_far, reading):
        return collections.OrderedDict(
            low=tf.minimum(so_far["low"], reading), high=tf.maximum(so_far["high"], reading)
        )

    @tff.tensorflow.computation(extremes, extremes)
    def merge(one, other):
        return collections.OrderedDict(
            low=tf.minimum(one["low"], other["low"]), high=tf.maximum(one["high"], other["high"])
        )

    @tff.tensorflow.computation(extremes)
    def report(so_far):
        return so_far["high"] - so_far["low"]

    @tff.federated_computation(tff.FederatedType(np.float32, tff.CLIENTS))
    def range_of(readings):
        return tff.federated_aggregate(readings, zero(), accumulate, merge, report)

    return range_of


def what_moves(computation):
    """What crosses the network when `computation` runs: the types that go down to each client and up from it.

    Args:
      computation: a TFF federated computation. It is read, not run.

    Returns:
      Two lists of type strings, (down, up).
    """
    up_operators = ("federated_sum", "federated_mean", "federated_min", "federated_max")
    down, up = [], []

    def look_at(block):
        if isinstance(block, tff.framework.Call) and isinstance(block.function, tff.framework.Intrinsic):
            operator, given = block.function.uri, block.argument.type_signature
            if operator == "federated_broadcast":
                down.append(str(given.member))
            elif operator in up_operators:
                up.append(str(given.member))
            elif operator == "federated_weighted_mean":
                up.extend(str(part.member) for part in given)
            elif operator == "federated_aggregate":
                up.append(str(given[0].member))
        return block, False

    tff.framework.transform_postorder(
        tff.framework.to_call_dominant(computation.to_building_block()), look_at
    )
    return down, up
