"""Answers to `build_range()`."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

TYPE = "takes a reading from each client and returns a number at the server"
RANGE = "returns the highest reading minus the lowest"
MERGES = "merges what several clerks have gathered"

AT_CLIENTS = tff.FederatedType(np.float32, tff.CLIENTS)
EXTREMES = collections.OrderedDict(low=np.float32, high=np.float32)


def keep(low, high):
    return collections.OrderedDict(low=low, high=high)


def take(so_far, reading):
    return keep(tf.minimum(so_far["low"], reading), tf.maximum(so_far["high"], reading))


def combine(one, other):
    return keep(tf.minimum(one["low"], other["low"]), tf.maximum(one["high"], other["high"]))


def subtract(so_far):
    return so_far["high"] - so_far["low"]


def build(start=(np.inf, -np.inf), accumulate=take, merge=combine, report=subtract):
    """The computation whose parts are right, but for those that are given."""
    parts = (
        tff.tensorflow.computation(accumulate, [EXTREMES, np.float32]),
        tff.tensorflow.computation(merge, [EXTREMES, EXTREMES]),
        tff.tensorflow.computation(report, EXTREMES),
    )
    zero = keep(*(np.float32(number) for number in start))
    return tff.federated_computation(lambda x: tff.federated_aggregate(x, zero, *parts), AT_CLIENTS)


def difference(function):
    """The computation that maps `function`, of two numbers, over what it is given at the server."""
    return tff.tensorflow.computation(function, [np.float32, np.float32])


@right
def min_and_max():
    """Uses the two operators that TFF has for it."""
    minus = difference(lambda high, low: high - low)

    @tff.federated_computation(AT_CLIENTS)
    def range_of(readings):
        return tff.federated_map(minus, (tff.federated_max(readings), tff.federated_min(readings)))

    return range_of


@right
def two_aggregates():
    """Aggregates twice, each with one number, and subtracts with a map."""
    higher = difference(lambda a, b: tf.maximum(a, b))
    lower = difference(lambda a, b: tf.minimum(a, b))
    minus = difference(lambda a, b: a - b)
    same = tff.tensorflow.computation(lambda x: x, np.float32)
    highest = np.finfo(np.float32).max

    @tff.federated_computation(AT_CLIENTS)
    def range_of(readings):
        high = tff.federated_aggregate(readings, -highest, higher, higher, same)
        low = tff.federated_aggregate(readings, highest, lower, lower, same)
        return tff.federated_map(minus, (high, low))

    return range_of


@right
def starts_with_a_tensor():
    """Keeps both numbers in one tensor, the low one with its sign turned, so that both are maxima."""

    @tff.tensorflow.computation
    def zero():
        return tf.fill([2], tf.float32.min)

    kind = tff.TensorType(np.float32, [2])
    accumulate = tff.tensorflow.computation(lambda a, x: tf.maximum(a, tf.stack([x, -x])), [kind, np.float32])
    merge = tff.tensorflow.computation(lambda a, b: tf.maximum(a, b), [kind, kind])
    report = tff.tensorflow.computation(lambda a: tf.reduce_sum(a), kind)

    @tff.federated_computation(AT_CLIENTS)
    def range_of(readings):
        return tff.federated_aggregate(readings, zero(), accumulate, merge, report)

    return range_of


@right
def remembers_whether_it_has_begun():
    """Starts at 0, and notes whether anything came in yet."""
    kind = collections.OrderedDict(low=np.float32, high=np.float32, begun=np.bool_)

    @tff.tensorflow.computation
    def zero():
        return collections.OrderedDict(low=0.0, high=0.0, begun=False)

    @tff.tensorflow.computation(kind, kind)
    def merge(one, other):
        low = tf.where(one["begun"], tf.minimum(one["low"], other["low"]), other["low"])
        high = tf.where(one["begun"], tf.maximum(one["high"], other["high"]), other["high"])
        return tf.nest.map_structure(
            lambda both, alone: tf.where(other["begun"], both, alone),
            collections.OrderedDict(low=low, high=high, begun=True),
            one,
        )

    @tff.tensorflow.computation(kind, np.float32)
    def accumulate(so_far, reading):
        return merge(so_far, collections.OrderedDict(low=reading, high=reading, begun=True))

    report = tff.tensorflow.computation(lambda so_far: so_far["high"] - so_far["low"], kind)

    @tff.federated_computation(AT_CLIENTS)
    def range_of(readings):
        return tff.federated_aggregate(readings, zero(), accumulate, merge, report)

    return range_of


@wrong(TYPE, hint="Replace `raise NotImplementedError`")
def untouched():
    """Has not begun."""
    raise NotImplementedError


@wrong(TYPE, hint="The function returned nothing")
def forgot_to_return():
    """Builds it and keeps it."""
    build()


@wrong(TYPE, hint="Put the arithmetic into a `@tff.tensorflow.computation`")
def subtracts_federated_values():
    """Subtracts inside the federated computation."""

    @tff.federated_computation(AT_CLIENTS)
    def range_of(readings):
        return tff.federated_max(readings) - tff.federated_min(readings)

    return range_of


@wrong(TYPE, hint="Put the arithmetic into a `@tff.tensorflow.computation`")
def pythons_max_and_min():
    """Takes a federated value for a list."""

    @tff.federated_computation(AT_CLIENTS)
    def range_of(readings):
        return max(readings) - min(readings)

    return range_of


@wrong(TYPE, hint="Put `@tff.tensorflow.computation(…)`")
def aggregates_with_plain_functions():
    """Forgets the decorators of the parts."""

    @tff.federated_computation(AT_CLIENTS)
    def range_of(readings):
        return tff.federated_aggregate(readings, keep(np.inf, -np.inf), take, combine, subtract)

    return range_of


@wrong(TYPE, hint="Both extremes arrive at the server")
def reports_both():
    """Does not subtract."""
    return build(report=lambda so_far: so_far)


@wrong(TYPE, hint="Both extremes arrive at the server")
def min_and_max_and_no_difference():
    """Leaves the subtraction to the reader."""
    return tff.federated_computation(lambda x: (tff.federated_max(x), tff.federated_min(x)), AT_CLIENTS)


@wrong(TYPE, hint="The parameters are of another type than asked for")
def whole_degrees():
    """Takes whole numbers."""
    minus = tff.tensorflow.computation(lambda a, b: a - b, [np.int32, np.int32])
    return tff.federated_computation(
        lambda x: tff.federated_map(minus, (tff.federated_max(x), tff.federated_min(x))),
        tff.FederatedType(np.int32, tff.CLIENTS),
    )


@wrong(TYPE, hint="an ordinary Python function")
def a_python_function():
    """Forgets the outer decorator."""
    return lambda readings: tff.federated_max(readings)


@wrong(RANGE, hint="as if some phone had measured 0 degrees")
def starts_at_zero():
    """Starts both extremes at 0: wrong where all readings are below or all above."""
    return build(start=(0, 0))


@wrong(RANGE, hint="as if some phone had measured 0 degrees")
def high_starts_at_zero():
    """Starts `high` at 0: wrong in a frost."""
    return build(start=(np.inf, 0))


@wrong(RANGE, hint="as if some phone had measured 0 degrees")
def smallest_positive():
    """Takes the smallest positive number for the most negative one."""
    return build(start=(np.inf, np.finfo(np.float32).tiny))


@wrong(RANGE, hint="at a number that readings can pass")
def starts_at_a_thousand():
    """Starts at what seems far enough."""
    return build(start=(1000, -1000))


@wrong(RANGE, hint="The sign is wrong")
def low_minus_high():
    """Subtracts the wrong way round."""
    return build(report=lambda so_far: so_far["low"] - so_far["high"])


@wrong(RANGE, hint="This is the highest reading")
def highest_alone():
    """Forgets the lowest."""
    return tff.federated_computation(lambda x: tff.federated_max(x), AT_CLIENTS)


@wrong(RANGE, hint="This is the lowest reading")
def lowest_alone():
    """Forgets the highest."""
    return tff.federated_computation(lambda x: tff.federated_min(x), AT_CLIENTS)


@wrong(RANGE, hint="You add the two extremes")
def sum_of_extremes():
    """Adds."""
    return build(report=lambda so_far: so_far["high"] + so_far["low"])


@wrong(RANGE, hint="You subtract the mean")
def highest_minus_mean():
    """Measures from the mean."""
    minus = difference(lambda a, b: a - b)
    return tff.federated_computation(
        lambda x: tff.federated_map(minus, (tff.federated_max(x), tff.federated_mean(x))), AT_CLIENTS
    )


@wrong(RANGE, hint="Is `low` kept with `tf.minimum`")
def minimum_and_maximum_swapped():
    """Mixes the two up, so that the extremes never move."""

    def mixed(so_far, reading):
        return keep(tf.maximum(so_far["low"], reading), tf.minimum(so_far["high"], reading))

    return build(accumulate=mixed)


@wrong(RANGE, hint="Keep the lowest and the highest reading so far")
def remembers_the_last_reading():
    """Forgets what it kept: the last reading is both the lowest and the highest."""
    return build(accumulate=lambda so_far, reading: keep(reading, reading))


@wrong(RANGE, hint="These are all readings, added up")
def adds_everything_up():
    """Takes the sum for an aggregate of any kind."""
    return tff.federated_computation(lambda x: tff.federated_sum(x), AT_CLIENTS)


@wrong(MERGES, hint="`accumulate` is right, `merge` forgets something")
def merge_keeps_the_first():
    """Returns the first of the two notepads."""
    return build(merge=lambda one, other: one)


@wrong(MERGES, hint="`accumulate` is right, `merge` forgets something")
def merge_keeps_the_second():
    """Returns the second of the two notepads."""
    return build(merge=lambda one, other: other)


@wrong(MERGES, hint="the higher of the two `high`")
def merge_forgets_a_high():
    """Minds the lows only."""
    return build(merge=lambda one, other: keep(tf.minimum(one["low"], other["low"]), one["high"]))


@wrong(MERGES, hint="the higher of the two `high`")
def merge_adds():
    """Adds the notepads up, as in a sum."""
    return build(merge=lambda one, other: tf.nest.map_structure(tf.add, one, other))


@wrong(RANGE, hint="at a number that readings can pass")
def starts_at_a_million():
    """Thinks that nothing is as hot as a million degrees."""
    return build(start=(1e6, -1e6))


@wrong(MERGES, hint="`accumulate` is right, `merge` forgets something")
def merge_crosses_the_notepads():
    """Compares one clerk's lowest with the other's highest."""
    return build(
        merge=lambda one, other: keep(
            tf.minimum(one["low"], other["high"]), tf.maximum(one["high"], other["low"])
        )
    )


@wrong(MERGES, hint="`accumulate` is right, `merge` forgets something")
def merge_expects_no_frost():
    """Lets 0 into the merge."""
    return build(
        merge=lambda one, other: keep(
            tf.minimum(one["low"], other["low"]), tf.maximum(tf.maximum(one["high"], other["high"]), 0.0)
        )
    )


@wrong(RANGE, hint="as if some phone had measured 0 degrees")
def low_starts_at_zero():
    """Starts `low` at 0: wrong in a kiln."""
    return build(start=(0, -np.inf))


@wrong(RANGE, hint="on the wrong side")
def high_starts_with_infinity():
    """Forgets the sign of an infinity."""
    return build(start=(np.inf, np.inf))
