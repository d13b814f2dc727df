"""Answers to `build_add_half()`."""

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

TYPE = "takes a reading from each client and leaves the result there"
ADDS = "adds half a degree to each reading"

AT_CLIENTS = tff.FederatedType(np.float32, tff.CLIENTS)
AT_SERVER = tff.FederatedType(np.float32, tff.SERVER)


def mapped(function):
    """The computation that maps `function`, float32 to float32, over the clients' readings."""
    local = tff.tensorflow.computation(function, np.float32)
    return tff.federated_computation(lambda readings: tff.federated_map(local, readings), AT_CLIENTS)


@right
def lambdas():
    """Writes both computations as lambdas, with the types behind."""
    add = tff.tensorflow.computation(lambda x: x + 0.5, np.float32)
    return tff.federated_computation(lambda x: tff.federated_map(add, x), AT_CLIENTS)


@right
def the_half_is_an_argument():
    """Places the half at the clients and adds two numbers."""

    @tff.tensorflow.computation(tf.float32, tf.float32)
    def add(one, other):
        return tf.add(one, other)

    @tff.federated_computation(AT_CLIENTS)
    def add_half(readings):
        half = tff.federated_value(np.float32(0.5), tff.CLIENTS)
        return tff.federated_map(add, (readings, half))

    return add_half


@right
def a_computation_in_a_computation():
    """Maps a federated computation's own inner step, written with `tf.function`."""

    @tff.tensorflow.computation(np.float32)
    def add(reading):
        return tf.function(lambda x: x + tf.constant(0.5))(reading)

    @tff.federated_computation(AT_CLIENTS)
    def add_half(readings):
        return tff.federated_map(add, readings)

    @tff.federated_computation(AT_CLIENTS)
    def outer(readings):
        return add_half(readings)

    return outer


@wrong(TYPE, hint="Replace `raise NotImplementedError`")
def untouched():
    """Has not begun."""
    raise NotImplementedError


@wrong(TYPE, hint="The function returned nothing")
def forgot_to_return():
    """Builds it and keeps it."""
    mapped(lambda x: x + 0.5)


@wrong(TYPE, hint="Put the arithmetic into a `@tff.tensorflow.computation`")
def python_in_a_federated_computation():
    """Adds inside the federated computation."""

    @tff.federated_computation(AT_CLIENTS)
    def add_half(readings):
        return readings + 0.5

    return add_half


@wrong(TYPE, hint="Put the arithmetic into a `@tff.tensorflow.computation`")
def tensorflow_in_a_federated_computation():
    """Adds with TensorFlow inside the federated computation."""

    @tff.federated_computation(AT_CLIENTS)
    def add_half(readings):
        return tf.add(readings, 0.5)

    return add_half


@wrong(TYPE, hint="TFF maps computations, not plain functions")
def maps_a_plain_function():
    """Forgets the inner decorator."""

    def add(reading):
        return reading + 0.5

    @tff.federated_computation(AT_CLIENTS)
    def add_half(readings):
        return tff.federated_map(add, readings)

    return add_half


@wrong(TYPE, hint="`tff.federated_map(computation, value)` runs it where the values are")
def calls_instead_of_mapping():
    """Calls the inner computation like a Python function."""
    add = tff.tensorflow.computation(lambda x: x + 0.5, np.float32)
    return tff.federated_computation(lambda x: add(x), AT_CLIENTS)


@wrong(TYPE, hint="an ordinary Python function, which no phone can run")
def a_python_function():
    """Forgets the outer decorator."""
    add = tff.tensorflow.computation(lambda x: x + 0.5, np.float32)

    def add_half(readings):
        return tff.federated_map(add, readings)

    return add_half


@wrong(TYPE, hint="The computation knows no types")
def no_types():
    """Decorates without types."""
    add = tff.tensorflow.computation(lambda x: x + 0.5, np.float32)

    @tff.federated_computation
    def add_half(readings):
        return tff.federated_map(add, readings)

    return add_half


@wrong(TYPE, hint="Return the computation itself, not what comes out of calling it")
def calls_it_at_the_end():
    """Returns a result instead of the computation."""
    return mapped(lambda x: x + 0.5)([1.0, 2.0])


@wrong(TYPE, hint="the TensorFlow part alone")
def the_inner_one_alone():
    """Thinks that the TensorFlow computation is all there is to it."""

    @tff.tensorflow.computation(np.float32)
    def add_half(reading):
        return reading + 0.5

    return add_half


@wrong(TYPE, hint="You add at the server")
def adds_at_the_server():
    """Places the readings at the server."""
    add = tff.tensorflow.computation(lambda x: x + 0.5, np.float32)
    return tff.federated_computation(lambda x: tff.federated_map(add, x), AT_SERVER)


@wrong(TYPE, hint="Each client's own reading is to be corrected")
def corrects_the_mean():
    """Adds half a degree to the mean, at the server."""
    add = tff.tensorflow.computation(lambda x: x + 0.5, np.float32)
    return tff.federated_computation(lambda x: tff.federated_map(add, tff.federated_mean(x)), AT_CLIENTS)


@wrong(TYPE, hint="The parameters are of another type than asked for")
def one_client_with_many():
    """Thinks of one long sequence."""

    @tff.tensorflow.computation(tff.SequenceType(np.float32))
    def first_plus_half(readings):
        return readings.reduce(0.5, lambda total, reading: total + reading)

    @tff.federated_computation(tff.FederatedType(tff.SequenceType(np.float32), tff.CLIENTS))
    def add_half(readings):
        return tff.federated_map(first_plus_half, readings)

    return add_half


@wrong(TYPE, hint="all clients one and the same number")
def broadcasts_the_corrected_mean():
    """Corrects the mean at the server and sends it back."""
    add = tff.tensorflow.computation(lambda x: x + 0.5, np.float32)

    @tff.federated_computation(AT_CLIENTS)
    def add_half(readings):
        return tff.federated_broadcast(tff.federated_map(add, tff.federated_mean(readings)))

    return add_half


@wrong(ADDS, hint="Every client got the mean of all")
def corrects_the_mean_at_the_clients():
    """Sends the mean back, and lets each client add half a degree to it."""
    add = tff.tensorflow.computation(lambda x: x + 0.5, np.float32)

    @tff.federated_computation(AT_CLIENTS)
    def add_half(readings):
        mean = tff.federated_broadcast(tff.federated_mean(readings))
        return tff.federated_map(add, mean)

    return add_half


@wrong(ADDS, hint="Every client got the sum of all")
def corrects_the_sum_at_the_clients():
    """Takes the sum for a list of all readings."""
    add = tff.tensorflow.computation(lambda x: x + 0.5, np.float32)

    @tff.federated_computation(AT_CLIENTS)
    def add_half(readings):
        return tff.federated_map(add, tff.federated_broadcast(tff.federated_sum(readings)))

    return add_half


@wrong(ADDS, hint="The readings came back as they were")
def drops_the_sum():
    """Works the sum out and returns the reading."""
    return mapped(lambda x: (x + 0.5, x)[1])


@wrong(ADDS, hint="The readings came back as they were")
def assigns_outside_tf_function():
    """Adds to a variable, where nothing waits for it."""

    def add(reading):
        variable = tf.Variable(0.0)
        variable.assign(0.5)
        return reading + variable.read_value()

    return mapped(add)


@wrong(ADDS, hint="You add half of the reading")
def half_as_much_again():
    """Reads "half" as a share."""
    return mapped(lambda x: x + x / 2)


@wrong(ADDS, hint="You halve the readings")
def halves():
    """Multiplies by a half."""
    return mapped(lambda x: 0.5 * x)


@wrong(ADDS, hint="You take half a degree away")
def corrects_the_other_way():
    """Has the sign of the error."""
    return mapped(lambda x: x - 0.5)


@wrong(ADDS, hint="Half a degree is added twice")
def twice():
    """Adds in the inner computation, and maps it twice."""
    add = tff.tensorflow.computation(lambda x: x + 0.5, np.float32)
    return tff.federated_computation(lambda x: tff.federated_map(add, tff.federated_map(add, x)), AT_CLIENTS)


@wrong(ADDS, hint="0.5 higher")
def without_the_sign():
    """Forgets that it may freeze."""
    return mapped(lambda x: tf.abs(x) + 0.5)


@wrong(ADDS, hint="0.5 higher")
def away_from_zero():
    """Corrects what is below zero downwards."""
    return mapped(lambda x: tf.where(x > 0, x + 0.5, x - 0.5))


@wrong(ADDS, hint="0.5 higher")
def in_tenths():
    """Rounds as the thermometer shows it."""
    return mapped(lambda x: tf.round(x * 10) / 10 + 0.5)
