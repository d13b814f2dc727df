"""Answers to `metric_finalizers()`."""

import collections
import operator

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

FORM = "has a function for each metric, in an `OrderedDict`"
VALUES = "works out each metric from its sums"
EMPTY = "is at ease with a client without examples"


def ratio(sums):
    return tf.math.divide_no_nan(sums[0], sums[1])


def only(sums):
    return sums[0]


def finalizers(loss=ratio, accuracy=ratio, num_examples=only):
    return collections.OrderedDict(loss=loss, accuracy=accuracy, num_examples=num_examples)


@right
def tf_functions():
    """Three functions of their own, under `@tf.function`, that unpack the list."""

    @tf.function
    def loss(sums):
        total, count = sums
        return total / tf.maximum(count, 1.0)

    @tf.function
    def accuracy(sums):
        correct, count = sums
        return tf.where(count > 0, tf.math.divide_no_nan(correct, count), 0.0)

    return finalizers(loss, accuracy, tf.function(lambda sums: tf.identity(sums[0])))


@right
def lambdas():
    """Lambdas all."""
    average = lambda sums: tf.math.divide_no_nan(*sums)  # noqa: E731
    return collections.OrderedDict(
        [("loss", average), ("accuracy", average), ("num_examples", lambda numbers: tf.add_n(numbers))]
    )


@right
def keras_does_it():
    """Lets TFF make finalizers of Keras metrics, whose state is a total and a count."""
    loss, accuracy = (
        tff.learning.metrics.create_keras_metric_finalizer(tf.keras.metrics.Mean) for _ in range(2)
    )
    return finalizers(loss, accuracy)


@wrong(FORM, hint="Replace `raise NotImplementedError`")
def untouched():
    """Has not begun."""
    raise NotImplementedError


@wrong(FORM, hint="The function returned nothing")
def forgot_to_return():
    """Makes the functions and drops them."""
    finalizers()


@wrong(FORM, hint="TFF refuses a plain `dict`")
def a_plain_dict():
    """Thinks that a dictionary is a dictionary."""
    return dict(finalizers())


@wrong(FORM, hint="with the functions `loss`, `accuracy` and `num_examples`")
def one_function():
    """Returns one function for all metrics."""
    return ratio


@wrong(FORM, hint="needs a finalizer of its name")
def no_num_examples():
    """Thinks that a number that is ready needs no finalizer."""
    return collections.OrderedDict(loss=ratio, accuracy=ratio)


@wrong(FORM, hint="A finalizer takes one argument")
def two_arguments():
    """Takes the sums one by one."""

    def divide(total, count):
        return tf.math.divide_no_nan(total, count)

    return finalizers(divide, divide)


@wrong(FORM, hint="without calling them")
def values_instead_of_functions():
    """Calls the functions, with something."""
    return finalizers(ratio([0.0, 1.0]), ratio([0.0, 1.0]), 0.0)


@wrong(VALUES, hint="The division is upside down")
def upside_down():
    """Divides the other way round."""
    inverse = lambda sums: tf.math.divide_no_nan(sums[1], sums[0])  # noqa: E731
    return finalizers(inverse, inverse)


@wrong(VALUES, hint="These are sums, not averages")
def hands_the_sums_on():
    """Returns the first sum of each."""
    return finalizers(only, only)


@wrong(VALUES, hint="`loss` is still a sum")
def summed_loss():
    """Divides the accuracy only."""
    return finalizers(loss=only)


@wrong(VALUES, hint="`accuracy` is still a count")
def counted_accuracy():
    """Divides the loss only."""
    return finalizers(accuracy=only)


@wrong(VALUES, hint="between 0 and 1")
def percent():
    """Turns the accuracy into percent."""
    return finalizers(accuracy=lambda sums: 100 * ratio(sums))


@wrong(VALUES, hint="the mean of the two numbers in the list")
def mean_of_the_list():
    """Averages the list."""
    return finalizers(tf.reduce_mean, tf.reduce_mean)


@wrong(VALUES, hint="the share that is wrong")
def share_of_errors():
    """Returns the error rate."""
    return finalizers(accuracy=lambda sums: 1 - ratio(sums))


@wrong(EMPTY, hint="0 divided by 0 is nan")
def plain_division():
    """Divides with a slash."""
    divide = lambda sums: sums[0] / sums[1]  # noqa: E731
    return finalizers(divide, divide)


@wrong(EMPTY, hint="Where nothing was counted, every metric is 0")
def one_where_there_is_nothing():
    """Calls an empty client perfect."""

    def accuracy(sums):
        return tf.where(sums[1] > 0, ratio(sums), 1.0)

    return finalizers(accuracy=accuracy)


@wrong(FORM, hint="Use TensorFlow's operations instead of numpy's")
def numpy_division():
    """Divides with numpy."""
    divide = lambda sums: np.float32(sums[0]) / np.float32(sums[1])  # noqa: E731
    return finalizers(divide, divide)


@right
def item_getter():
    """Takes the only sum with `operator.itemgetter`, which has no signature."""
    return finalizers(num_examples=operator.itemgetter(0))


@wrong(VALUES, hint="the first sum divided by the second")
def never_fewer_than_two():
    """Divides by two at least."""
    return finalizers(loss=lambda sums: sums[0] / tf.maximum(sums[1], 2.0))


@wrong(VALUES, hint="leave everything float32")
def a_whole_number():
    """Returns the number of examples as an integer."""
    return finalizers(num_examples=lambda sums: tf.cast(sums[0], tf.int32))
