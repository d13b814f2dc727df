"""Answers to `build_share_above()`."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

TYPE = "takes the server's threshold and the clients' readings, and returns a number at the server"
SHARE = "returns the share of the readings that are above the threshold"
FRUGAL = "broadcasts the threshold, once, and nothing else"

AT_CLIENTS = tff.FederatedType(np.float32, tff.CLIENTS)
AT_SERVER = tff.FederatedType(np.float32, tff.SERVER)
THRESHOLD = 30.0


def local(function):
    """A TensorFlow computation of two numbers."""
    return tff.tensorflow.computation(function, [np.float32, np.float32])


is_above = local(lambda threshold, reading: tf.cast(reading > threshold, tf.float32))
divide = local(lambda a, b: a / b)


def averaged(function):
    """The mean over the clients of `function`, of (threshold, reading)."""
    compare = local(function)

    @tff.federated_computation(AT_SERVER, AT_CLIENTS)
    def share_above(threshold, readings):
        return tff.federated_mean(tff.federated_map(compare, (tff.federated_broadcast(threshold), readings)))

    return share_above


@right
def counts_and_divides():
    """Counts those above and all, and divides at the server."""

    @tff.tensorflow.computation(np.float32, np.float32)
    def count(reading, threshold):
        return collections.OrderedDict(above=tf.where(reading > threshold, 1.0, 0.0), all=1.0)

    @tff.federated_computation(AT_SERVER, AT_CLIENTS)
    def share_above(threshold, readings):
        counts = tff.federated_map(count, (readings, tff.federated_broadcast(threshold)))
        totals = tff.federated_sum(counts)
        return tff.federated_map(divide, (totals.above, totals.all))

    return share_above


@right
def weighted_mean():
    """Zips by hand and gives the mean a weight of one."""

    @tff.tensorflow.computation(np.float32, np.float32)
    def compare(reading, threshold):
        return tf.cast(tf.greater(reading, threshold), tf.float32)

    @tff.federated_computation(AT_SERVER, AT_CLIENTS)
    def share_above(threshold, readings):
        both = tff.federated_zip((readings, tff.federated_broadcast(threshold)))
        one = tff.federated_value(1.0, tff.CLIENTS)
        return tff.federated_mean(tff.federated_map(compare, both), weight=one)

    return share_above


@right
def a_branch_in_tf_function():
    """Writes an `if`, which AutoGraph turns into TensorFlow under `tf.function`."""

    @tff.tensorflow.computation(np.float32, np.float32)
    def compare(threshold, reading):
        return tf.cond(reading > threshold, lambda: 1.0, lambda: 0.0)

    @tff.federated_computation(AT_SERVER, AT_CLIENTS)
    def share_above(limit, temperatures):
        limit = tff.federated_broadcast(limit)
        return tff.federated_mean(tff.federated_map(compare, (limit, temperatures)))

    return share_above


@right
def counts_whole_numbers():
    """Sums int32, and casts before the division."""
    compare = local(lambda threshold, reading: tf.cast(reading > threshold, tf.int32))

    @tff.tensorflow.computation(np.int32, np.int32)
    def ratio(above, size):
        return tf.cast(above, tf.float32) / tf.cast(size, tf.float32)

    @tff.federated_computation(AT_SERVER, AT_CLIENTS)
    def share_above(threshold, readings):
        above = tff.federated_map(compare, (tff.federated_broadcast(threshold), readings))
        size = tff.federated_sum(tff.federated_value(np.int32(1), tff.CLIENTS))
        return tff.federated_map(ratio, (tff.federated_sum(above), size))

    return share_above


@wrong(TYPE, hint="Replace `raise NotImplementedError`")
def untouched():
    """Has not begun."""
    raise NotImplementedError


@wrong(TYPE, hint="The function returned nothing")
def forgot_to_return():
    """Builds it and keeps it."""
    averaged(lambda threshold, reading: tf.cast(reading > threshold, tf.float32))


@wrong(TYPE, hint="The threshold is no parameter")
def captures_a_python_number():
    """Uses the notebook's own threshold."""
    compare = tff.tensorflow.computation(lambda x: tf.cast(x > THRESHOLD, tf.float32), np.float32)
    return tff.federated_computation(lambda x: tff.federated_mean(tff.federated_map(compare, x)), AT_CLIENTS)


@wrong(TYPE, hint="The threshold is at the server when this begins")
def every_client_has_a_threshold():
    """Expects the clients to know the threshold."""

    @tff.federated_computation(AT_CLIENTS, AT_CLIENTS)
    def share_above(threshold, readings):
        return tff.federated_mean(tff.federated_map(is_above, (threshold, readings)))

    return share_above


@wrong(TYPE, hint="Right parameters, wrong order")
def readings_first():
    """Takes the readings first."""

    @tff.federated_computation(AT_CLIENTS, AT_SERVER)
    def share_above(readings, threshold):
        both = (tff.federated_broadcast(threshold), readings)
        return tff.federated_mean(tff.federated_map(is_above, both))

    return share_above


@wrong(TYPE, hint="Send the server's part to the clients first: `tff.federated_broadcast`")
def forgets_the_broadcast():
    """Compares what is at two places."""

    @tff.federated_computation(AT_SERVER, AT_CLIENTS)
    def share_above(threshold, readings):
        return tff.federated_mean(tff.federated_map(is_above, (threshold, readings)))

    return share_above


@wrong(TYPE, hint="Put the arithmetic into a `@tff.tensorflow.computation`")
def compares_federated_values():
    """Compares inside the federated computation."""

    @tff.federated_computation(AT_SERVER, AT_CLIENTS)
    def share_above(threshold, readings):
        return tff.federated_mean(readings > tff.federated_broadcast(threshold))

    return share_above


@wrong(TYPE, hint="The mean of integers is no integer")
def averages_whole_numbers():
    """Casts to int32."""
    return averaged(lambda threshold, reading: tf.cast(reading > threshold, tf.int32))


@wrong(TYPE, hint="Bring them together at the server")
def an_answer_a_client():
    """Stops at the clients."""

    @tff.federated_computation(AT_SERVER, AT_CLIENTS)
    def share_above(threshold, readings):
        return tff.federated_map(is_above, (tff.federated_broadcast(threshold), readings))

    return share_above


@wrong(TYPE, hint="is a float64 in TensorFlow")
def divides_whole_numbers():
    """Divides int32 by int32."""
    compare = local(lambda threshold, reading: tf.cast(reading > threshold, tf.int32))
    ratio = tff.tensorflow.computation(lambda above, size: above / size, [np.int32, np.int32])

    @tff.federated_computation(AT_SERVER, AT_CLIENTS)
    def share_above(threshold, readings):
        above = tff.federated_map(compare, (tff.federated_broadcast(threshold), readings))
        size = tff.federated_sum(tff.federated_value(np.int32(1), tff.CLIENTS))
        return tff.federated_map(ratio, (tff.federated_sum(above), size))

    return share_above


@wrong(TYPE, hint="Return one single float32")
def count_and_share():
    """Returns the number of phones as well."""

    @tff.federated_computation(AT_SERVER, AT_CLIENTS)
    def share_above(threshold, readings):
        above = tff.federated_map(is_above, (tff.federated_broadcast(threshold), readings))
        return tff.federated_mean(above), tff.federated_sum(above)

    return share_above


@wrong(SHARE, hint="does not depend on the threshold that the server passes in")
def ignores_the_parameter():
    """Has the parameter and compares with the notebook's own threshold."""
    compare = tff.tensorflow.computation(lambda x: tf.cast(x > THRESHOLD, tf.float32), np.float32)

    @tff.federated_computation(AT_SERVER, AT_CLIENTS)
    def share_above(threshold, readings):
        return tff.federated_mean(tff.federated_map(compare, readings))

    return share_above


@wrong(FRUGAL, hint="no phone can know the server's threshold")
def ignores_the_parameter_and_sends_nothing():
    """The same, and nothing is sent."""
    return ignores_the_parameter()


@wrong(SHARE, hint="`>`, not `>=`")
def at_least():
    """Counts readings that equal the threshold."""
    return averaged(lambda threshold, reading: tf.cast(reading >= threshold, tf.float32))


@wrong(SHARE, hint="in the order in which it names them")
def swaps_the_two_numbers():
    """Names the reading first and hands over the threshold first."""
    return averaged(lambda reading, threshold: tf.cast(reading > threshold, tf.float32))


@wrong(SHARE, hint="that are not above the threshold")
def not_above():
    """Returns the rest."""
    return averaged(lambda threshold, reading: tf.cast(reading <= threshold, tf.float32))


@wrong(SHARE, hint="This is how many are above")
def how_many():
    """Sums instead of averaging."""

    @tff.federated_computation(AT_SERVER, AT_CLIENTS)
    def share_above(threshold, readings):
        return tff.federated_sum(tff.federated_map(is_above, (tff.federated_broadcast(threshold), readings)))

    return share_above


@wrong(SHARE, hint="This is in percent")
def percent():
    """Returns percent."""
    return averaged(lambda threshold, reading: 100 * tf.cast(reading > threshold, tf.float32))


@wrong(SHARE, hint="You average first and compare afterwards")
def compares_the_mean():
    """Compares the mean with the threshold, at the server, so nobody needs a broadcast."""

    @tff.federated_computation(AT_SERVER, AT_CLIENTS)
    def share_above(threshold, readings):
        return tff.federated_map(is_above, (threshold, tff.federated_mean(readings)))

    return share_above


@wrong(SHARE, hint="`//` throws the fraction away")
def integer_division():
    """Divides with two slashes."""
    floor = local(lambda above, size: above // size)

    @tff.federated_computation(AT_SERVER, AT_CLIENTS)
    def share_above(threshold, readings):
        above = tff.federated_map(is_above, (tff.federated_broadcast(threshold), readings))
        size = tff.federated_sum(tff.federated_value(1.0, tff.CLIENTS))
        return tff.federated_map(floor, (tff.federated_sum(above), size))

    return share_above


@wrong(SHARE, hint="This is the mean of the readings above the threshold")
def mean_of_the_hot_ones():
    """Averages the temperatures of those that are above."""

    @tff.federated_computation(AT_SERVER, AT_CLIENTS)
    def share_above(threshold, readings):
        hot = tff.federated_map(is_above, (tff.federated_broadcast(threshold), readings))
        return tff.federated_mean(readings, weight=hot)

    return share_above


@wrong(SHARE, hint="These are differences")
def averages_differences():
    """Forgets the comparison."""
    return averaged(lambda threshold, reading: reading - threshold)


@wrong(FRUGAL, hint="The same number goes down more than once")
def broadcasts_twice():
    """Broadcasts once for the comparison and once more for nothing."""

    @tff.tensorflow.computation(np.float32, np.float32, np.float32)
    def compare(threshold, reading, again):
        return tf.cast(tf.logical_and(reading > threshold, reading > again), tf.float32)

    @tff.federated_computation(AT_SERVER, AT_CLIENTS)
    def share_above(threshold, readings):
        once, twice = tff.federated_broadcast(threshold), tff.federated_broadcast(threshold)
        return tff.federated_mean(tff.federated_map(compare, (once, readings, twice)))

    return share_above


@wrong(FRUGAL, hint="Send the threshold alone")
def broadcasts_the_mean_too():
    """Sends the mean of the readings along, for no reason."""

    @tff.tensorflow.computation(np.float32, tff.StructType([("threshold", np.float32), ("mean", np.float32)]))
    def compare(reading, sent):
        return tf.cast(reading > sent["threshold"], tf.float32)

    @tff.federated_computation(AT_SERVER, AT_CLIENTS)
    def share_above(threshold, readings):
        pair = collections.OrderedDict(threshold=threshold, mean=tff.federated_mean(readings))
        sent = tff.federated_broadcast(tff.federated_zip(pair))
        return tff.federated_mean(tff.federated_map(compare, (readings, sent)))

    return share_above


@wrong(SHARE, hint="average that")
def divides_by_eight_phones():
    """Divides by the number of phones in the lesson."""
    eighth = tff.tensorflow.computation(lambda above: above / 8.0, np.float32)

    @tff.federated_computation(AT_SERVER, AT_CLIENTS)
    def share_above(threshold, readings):
        above = tff.federated_map(is_above, (tff.federated_broadcast(threshold), readings))
        return tff.federated_map(eighth, tff.federated_sum(above))

    return share_above


@wrong(SHARE, hint="whatever their signs")
def divides_to_compare():
    """Asks whether the ratio is above one, which is wrong below zero."""
    return averaged(lambda threshold, reading: tf.cast(reading / threshold > 1, tf.float32))


@wrong(SHARE, hint="whatever their signs")
def allows_for_a_tolerance():
    """Calls a reading above only if it is clearly so."""
    return averaged(lambda threshold, reading: tf.cast(reading > threshold + 0.05, tf.float32))
