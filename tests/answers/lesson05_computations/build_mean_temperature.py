"""Answers to `build_mean_temperature()`."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

TYPE = "takes a sequence of readings from each client and returns a number at the server"
SAME_SAY = "gives every reading the same say, whoever took it"
EMPTY = "works when a client has no reading"

SEQUENCE = tff.SequenceType(np.float32)
AT_CLIENTS = tff.FederatedType(SEQUENCE, tff.CLIENTS)


def total(readings):
    return readings.reduce(0.0, lambda so_far, reading: so_far + reading)


def count(readings):
    return readings.reduce(0.0, lambda so_far, reading: so_far + 1.0)


def mean(readings):
    """The mean of a client's readings; 0 where there is none."""
    return tf.math.divide_no_nan(total(readings), count(readings))


def build(local, at_server):
    """The computation that runs `local` on each client's sequence and `at_server` on what comes of it."""
    step = tff.tensorflow.computation(local, SEQUENCE)
    return tff.federated_computation(
        lambda readings: at_server(tff.federated_map(step, readings)), AT_CLIENTS
    )


def pair(readings):
    return collections.OrderedDict(total=total(readings), count=count(readings))


def mean_and_count(readings):
    return collections.OrderedDict(mean=mean(readings), count=count(readings))


def ratio(function):
    """Works `function(total, count)` out at the server, from the sums of both."""
    compute = tff.tensorflow.computation(function, [np.float32, np.float32])

    def at_server(pairs):
        sums = tff.federated_sum(pairs)
        return tff.federated_map(compute, (sums.total, sums.count))

    return at_server


@right
def weighted_mean():
    """Averages the clients' means, weighted by the count, and divides without nan."""
    return build(mean_and_count, lambda local: tff.federated_mean(local.mean, weight=local.count))


@right
def counts_with_cardinality():
    """Takes the count from the dataset, as a whole number, and uses it as a weight."""

    def local(readings):
        number = tf.cast(readings.cardinality(), tf.int32)
        return tf.math.divide_no_nan(total(readings), tf.cast(number, tf.float32)), number

    return build(local, lambda both: tff.federated_mean(both[0], weight=both[1]))


@right
def loops():
    """Loops under `tf.function`, and reduces a pair at once elsewhere."""

    @tff.tensorflow.computation(SEQUENCE)
    def local(readings):
        @tf.function
        def loop(readings):
            so_far, number = 0.0, 0.0
            for reading in readings:
                so_far += reading
                number += 1.0
            return so_far, number

        return loop(readings)

    divide = tff.tensorflow.computation(lambda a, b: a / b, [np.float32, np.float32])

    @tff.federated_computation(AT_CLIENTS)
    def mean_temperature(readings):
        parts = tff.federated_map(local, readings)
        return tff.federated_map(divide, (tff.federated_sum(parts[0]), tff.federated_sum(parts[1])))

    return mean_temperature


@right
def ratio_of_means():
    """Divides the mean total by the mean count: the number of clients cancels."""
    divide = tff.tensorflow.computation(lambda total, count: total / count, [np.float32, np.float32])

    def at_server(pairs):
        return tff.federated_map(divide, (tff.federated_mean(pairs.total), tff.federated_mean(pairs.count)))

    return build(pair, at_server)


@right
def aggregates():
    """Hands the pairs to `tff.federated_aggregate`."""
    kind = collections.OrderedDict(total=np.float32, count=np.float32)
    add = tff.tensorflow.computation(lambda a, b: tf.nest.map_structure(tf.add, a, b), [kind, kind])
    report = tff.tensorflow.computation(lambda sums: sums["total"] / sums["count"], kind)
    zero = collections.OrderedDict(total=0.0, count=0.0)
    return build(pair, lambda pairs: tff.federated_aggregate(pairs, zero, add, add, report))


@wrong(TYPE, hint="Replace `raise NotImplementedError`")
def untouched():
    """Has not begun."""
    raise NotImplementedError


@wrong(TYPE, hint="The function returned nothing")
def forgot_to_return():
    """Builds it and keeps it."""
    build(pair, ratio(lambda total, count: total / count))


@wrong(TYPE, hint="Each client has a whole sequence of readings, not one")
def one_reading_each():
    """Expects one number for each client."""
    return tff.federated_computation(
        lambda readings: tff.federated_mean(readings), tff.FederatedType(np.float32, tff.CLIENTS)
    )


@wrong(TYPE, hint="Only a function under `@tf.function` can loop")
def python_loop():
    """Loops as in Python."""

    def local(readings):
        return sum(reading for reading in readings)

    return build(local, tff.federated_mean)


@wrong(TYPE, hint="Put the arithmetic into a `@tff.tensorflow.computation`")
def divides_federated_values():
    """Divides inside the federated computation."""

    def at_server(pairs):
        return tff.federated_sum(pairs.total) / tff.federated_sum(pairs.count)

    return build(pair, at_server)


@wrong(TYPE, hint="Divide one by the other")
def total_and_count():
    """Leaves the division to the reader."""
    return build(pair, tff.federated_sum)


@wrong(TYPE, hint="Divide one by the other")
def total_and_count_one_by_one():
    """The same, as a tuple."""
    return build(pair, lambda pairs: (tff.federated_sum(pairs.total), tff.federated_sum(pairs.count)))


@wrong(TYPE, hint="Bring them together at the server")
def a_mean_a_client():
    """Leaves the means where they are."""
    return build(mean, lambda means: means)


@wrong(TYPE, hint="The mean of integers is no integer")
def averages_whole_numbers():
    """Averages the counts, as whole numbers."""

    def local(readings):
        return tf.cast(total(readings), tf.int32)

    return build(local, tff.federated_mean)


@wrong(TYPE, hint="is a float64 in TensorFlow")
def divides_whole_numbers():
    """Casts total and count to int32 and divides."""

    def local(readings):
        return tf.cast(total(readings), tf.int32), tf.cast(count(readings), tf.int32)

    divide = tff.tensorflow.computation(lambda a, b: a / b, [np.int32, np.int32])

    def at_server(pairs):
        return tff.federated_map(divide, (tff.federated_sum(pairs[0]), tff.federated_sum(pairs[1])))

    return build(local, at_server)


@wrong(TYPE, hint="the TensorFlow part alone")
def one_phone_alone():
    """Averages one phone's readings."""
    return tff.tensorflow.computation(mean, SEQUENCE)


@wrong(SAME_SAY, hint="the mean of the clients' means")
def mean_of_means():
    """Averages the clients' means, each with the same weight."""
    return build(mean, tff.federated_mean)


@wrong(SAME_SAY, hint="This is the total of all readings")
def total_alone():
    """Does not divide."""
    return build(total, tff.federated_sum)


@wrong(SAME_SAY, hint="What is their mean?")
def count_alone():
    """Takes the other number."""
    return build(count, tff.federated_sum)


@wrong(SAME_SAY, hint="You divide by the number of clients")
def mean_of_totals():
    """Averages the totals."""
    return build(total, tff.federated_mean)


@wrong(SAME_SAY, hint="These are the clients' means, added up")
def sum_of_means():
    """Adds the means up."""
    return build(mean, tff.federated_sum)


@wrong(SAME_SAY, hint="so the counts come in twice")
def weighted_mean_of_totals():
    """Thinks that a weighted mean divides by itself."""
    return build(pair, lambda local: tff.federated_mean(local.total, weight=local.count))


@wrong(SAME_SAY, hint="The weight is the total of a client's readings")
def weighs_by_the_total():
    """Takes the total for a weight."""

    def local(readings):
        return collections.OrderedDict(mean=mean(readings), weight=total(readings))

    return build(local, lambda both: tff.federated_mean(both.mean, weight=both.weight))


@wrong(SAME_SAY, hint="upside down")
def upside_down():
    """Divides the other way round."""
    return build(pair, ratio(lambda total, count: count / total))


@wrong(SAME_SAY, hint="The fractions are lost")
def integer_division():
    """Divides with two slashes."""
    return build(pair, ratio(lambda total, count: total // count))


@wrong(SAME_SAY, hint="Only each client's last reading was used")
def forgets_what_came_before():
    """Keeps the newest reading in `reduce`, and divides by one."""

    def local(readings):
        return readings.reduce(0.0, lambda so_far, reading: reading)

    return build(local, tff.federated_mean)


@wrong(SAME_SAY, hint="Only each client's first reading was used")
def first_reading():
    """Takes one reading of each client."""

    def local(readings):
        return total(readings.take(1))

    return build(local, tff.federated_mean)


@wrong(EMPTY, hint="A phone without readings divided 0 by 0")
def a_silent_phone_spoils_it():
    """Averages with weights, and divides 0 by 0 at a phone without readings."""

    def local(readings):
        return collections.OrderedDict(mean=total(readings) / count(readings), count=count(readings))

    return build(local, lambda both: tff.federated_mean(both.mean, weight=both.count))


@wrong(EMPTY, hint="as if it had measured 0 degrees")
def at_least_one():
    """Makes the count at least 1, so that nobody divides by 0."""

    def local(readings):
        number = tf.maximum(count(readings), 1.0)
        return collections.OrderedDict(mean=total(readings) / number, count=number)

    return build(local, lambda both: tff.federated_mean(both.mean, weight=both.count))


@wrong(EMPTY, hint="it adds 0 to the total and 0 to the count")
def a_reading_made_up():
    """Lets a silent phone report twenty degrees."""

    def local(readings):
        number = count(readings)
        silent = tf.cast(tf.equal(number, 0.0), tf.float32)
        return collections.OrderedDict(total=total(readings) + 20.0 * silent, count=number + silent)

    return build(local, ratio(lambda total, count: total / count))


@wrong(SAME_SAY, hint="Add up all readings of all clients")
def ten_readings_each():
    """Takes no more than ten readings of a phone."""
    return build(lambda readings: pair(readings.take(10)), ratio(lambda total, count: total / count))


@wrong(SAME_SAY, hint="Add up all readings of all clients")
def leaves_zeros_out():
    """Thinks that a reading of 0 degrees is no reading."""

    def local(readings):
        return pair(readings.filter(lambda reading: tf.not_equal(reading, 0.0)))

    return build(local, ratio(lambda total, count: total / count))


@wrong(SAME_SAY, hint="Add up all readings of all clients")
def silent_if_the_total_is_zero():
    """Tells a silent phone by its total."""

    def local(readings):
        number = tf.where(tf.equal(total(readings), 0.0), 0.0, count(readings))
        return collections.OrderedDict(total=total(readings), count=number)

    return build(local, ratio(lambda total, count: total / count))


@wrong(SAME_SAY, hint="What should be negative is 0")
def never_below_zero():
    """Expects no frost."""
    return build(pair, ratio(lambda total, count: tf.maximum(total / count, 0.0)))
