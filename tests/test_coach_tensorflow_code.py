"""Mistakes in TensorFlow code that TFF traces: each error is provoked, not quoted."""

from functools import partial

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_federated as tff
from coach_mistakes import (
    DATA,
    OUTSIDE,
    PAIR,
    WEIGHTS,
    Mistakes,
    assert_explained,
    keras_model,
    local,
    tff_model,
    unneeded,
    weighted,
)

from fedcourse.coach import explanations

VARIABLE = tf.Variable(OUTSIDE)
EXAMPLES = tff.TensorType(np.float32, [None, 4])


def loop(data):
    total = 0.0
    for number in data:
        total += number
    return total


@tf.function
def makes_a_variable(x):
    variable = tf.Variable(0.0)
    variable.assign(x)
    return variable.read_value()


@tf.function
def makes_a_variable_from(x):
    return tf.Variable(x).read_value()


@tf.function
def forgets_to_watch(x):
    with tf.GradientTape() as tape:
        y = x * x
    return x - 0.1 * tape.gradient(y, x)


@tf.function
def mixes_types(x):
    return x + tf.shape(x)[0]


@tf.function
def changes_its_argument(structure):
    structure["a"] = structure["a"] + 1.0
    return structure


@tf.function
def names_it_in_the_loop(data):
    for number in data:
        total = number
    return total


@tf.function
def keeps_a_list(data):
    numbers = []
    for number in data:
        numbers.append(number)
    return tf.stack(numbers)


@tf.function
def returns_from_the_loop(data):
    for number in data:
        return number


@tf.function
def names_it_in_one_branch(x):
    if x > 0:
        y = x
    return y


@tf.function
def begins_with_none(data):
    last = None
    for number in data:
        last = number
    return last


@tf.function
def counts_with_an_integer(data):
    total = 0
    for number in data:
        total = total + number
    return total


def takes_a_model_along():
    model = keras_model()
    local(EXAMPLES)(lambda x: model(x))


def takes_a_model_along_after_another_was_made_inside():
    model = keras_model()
    local(EXAMPLES)(lambda x: keras_model()(x))  # Keras swaps its classes for those of TensorFlow 1
    local(EXAMPLES)(lambda x: model(x))


MISTAKES: Mistakes = {
    "a dot in TensorFlow code": (lambda: local(PAIR)(lambda x: x.a), 'write `["a"]`'),
    "arithmetic on structures": (lambda: local(PAIR, PAIR)(lambda x, y: x - y), "leaf by leaf"),
    "gradient of what was not watched": (
        lambda: local(WEIGHTS)(lambda x: forgets_to_watch(x)),
        "`tape.watch(weights)` comes before the loss",
    ),
    "size of an unknown batch": (
        lambda: local(tff.TensorType(np.float32, [None]))(lambda x: tf.reduce_sum(x) / x.shape[0]),
        "`tf.shape(x)[0]` is a number",
    ),
    "tensor as a key": (lambda: {tf.constant(1): 1}, "cannot be a key"),
    "loop without tf.function": (lambda: local(DATA)(loop), "Put `@tf.function` above"),
    "as_numpy_iterator": (lambda: local(DATA)(lambda d: list(d.as_numpy_iterator())), "`dataset.reduce`"),
    "captured tensor": (lambda: local(WEIGHTS)(lambda x: x + OUTSIDE), "made outside"),
    "captured tensor in a tf.function": (
        lambda: local(WEIGHTS)(lambda x: tf.function(lambda v: v + OUTSIDE)(x)),
        "made outside",
    ),
    "captured variable": (lambda: local(WEIGHTS)(lambda x: x + VARIABLE), "made outside"),
    "numpy() of a traced tensor": (lambda: local(WEIGHTS)(lambda x: x.numpy()), "before there is any data"),
    "numpy on a traced tensor": (lambda: local(WEIGHTS)(lambda x: np.mean(x)), "before there is any data"),
    "float of a traced tensor": (lambda: local(np.float32)(lambda x: float(x)), "before there is any data"),
    "if on a traced tensor": (
        lambda: local(np.float32)(lambda x: x if x > 0 else -x),
        "before there is any data",
    ),
    "mixed types": (lambda: local(WEIGHTS)(lambda x: mixes_types(x)), "`tf.cast(value, tf.float32)`"),
    "changed argument": (lambda: local(PAIR)(lambda s: changes_its_argument(s)), "build a new `OrderedDict`"),
    "first named in a loop": (
        lambda: local(DATA)(lambda d: names_it_in_the_loop(d)),
        "`total` a value before",
    ),
    "unknown name": (lambda: nowhere_defined, "`nowhere_defined` is not known"),  # noqa: F821
    "variable in a tf.function": (lambda: local(np.float32)(lambda x: makes_a_variable(x)), "made anew"),
    "variable from an argument in a tf.function": (
        lambda: local(np.float32)(lambda x: makes_a_variable_from(x)),
        "made anew",
    ),
    "integer divided by float": (
        lambda: local(np.int32)(lambda n: n / 2.0),
        "mix int32 and float32. Turn one into the other: `tf.cast(value, tf.float32)`",
    ),
    "float divided by integer": (
        lambda: local(WEIGHTS, np.int32)(lambda x, n: x / n),
        "`tf.cast(value, tf.float32)`",
    ),
    "integer total of floats": (
        lambda: local(DATA)(lambda d: counts_with_an_integer(d)),
        "`tf.cast(value, tf.float32)`",
    ),
    "None before a loop": (lambda: local(DATA)(lambda d: begins_with_none(d)), "`last` a value before"),
    "value in one branch": (
        lambda: local(np.float32)(lambda x: names_it_in_one_branch(x)),
        "`y` a value in both",
    ),
    "return in a loop": (lambda: local(DATA)(lambda d: returns_from_the_loop(d)), "return it after the loop"),
    "list in a loop": (lambda: local(DATA)(lambda d: keeps_a_list(d)), "a Python list cannot carry it"),
    "len of a dataset": (lambda: local(DATA)(lambda d: len(d)), "which counts"),
    "place in a dataset": (lambda: local(DATA)(lambda d: d[0]), "no numbered places"),
    "Keras model from outside": (takes_a_model_along, "its weights are variables"),
    "Keras model from outside, after one was made inside": (
        takes_a_model_along_after_another_was_made_inside,
        "its weights are variables",
    ),
    "Keras model from outside in model_fn": (
        lambda: weighted(partial(tff_model, keras_model())),
        "made outside",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_in_tensorflow_code_are_explained(mistake: str):
    assert_explained(*MISTAKES[mistake])


def test_every_explanation_of_mistakes_in_tensorflow_code_is_needed():
    assert not unneeded(explanations.tensorflow_code.TABLE, MISTAKES)
