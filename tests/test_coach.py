"""The coach knows TFF 0.87's own words: each error is provoked, not quoted."""

import collections
from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_federated as tff

from fedcourse import runtime
from fedcourse.coach import _EXPLANATIONS, explain

WEIGHTS = tff.TensorType(np.float32, [2])
DATA = tff.SequenceType(np.float32)
PAIR = collections.OrderedDict(a=WEIGHTS, b=WEIGHTS)
OUTSIDE = tf.constant([1.0, 2.0])
VARIABLE = tf.Variable(OUTSIDE)


@pytest.fixture(scope="module", autouse=True)
def _tff_runs():
    runtime.start()


@tff.tensorflow.computation(WEIGHTS, DATA)
def train(weights, data):
    return weights + data.reduce(0.0, lambda a, b: a + b)


def federated(*types: tff.FederatedType) -> Callable:
    """Trace a function as the body of a federated computation."""
    return tff.federated_computation(*types)


def local(*types) -> Callable:
    """Trace a function as TensorFlow code."""
    return tff.tensorflow.computation(*types)


def at_clients(member) -> tff.FederatedType:
    return tff.FederatedType(member, tff.CLIENTS)


def at_server(member) -> tff.FederatedType:
    return tff.FederatedType(member, tff.SERVER)


def loop(data):
    total = 0.0
    for number in data:
        total += number
    return total


def takes_the_mean(value):
    return tff.federated_mean(value)


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


PROVOKED: dict[str, tuple[Callable, str]] = {
    "mean at the server": (
        lambda: federated(at_server(np.float32))(takes_the_mean),
        "this value is at the server already",
    ),
    "sum at the server": (
        lambda: federated(at_server(np.float32))(lambda x: tff.federated_sum(x)),
        "this value is at the server already",
    ),
    "broadcast from the clients": (
        lambda: federated(at_clients(np.float32))(lambda x: tff.federated_broadcast(x)),
        "Only the server can broadcast",
    ),
    "un-broadcast value": (
        lambda: federated(at_server(WEIGHTS), at_clients(DATA))(
            lambda w, d: tff.federated_map(train, (w, d))
        ),
        "tff.federated_broadcast",
    ),
    "un-broadcast value, the other way round": (
        lambda: federated(at_clients(DATA), at_server(WEIGHTS))(
            lambda d, w: tff.federated_map(train, (d, w))
        ),
        "tff.federated_broadcast",
    ),
    "value without a placement": (
        lambda: federated(at_clients(DATA))(lambda d: tff.federated_map(train, (np.zeros(2, np.float32), d))),
        "tff.federated_value",
    ),
    "swapped arguments of the computation": (
        lambda: federated(at_clients(WEIGHTS), at_clients(DATA))(
            lambda w, d: tff.federated_map(train, (d, w))
        ),
        "takes `<weights=float32[2],data=float32*>`, and you hand it `<float32*,float32[2]>`",
    ),
    "missing argument": (
        lambda: federated(at_clients(WEIGHTS))(lambda w: tff.federated_map(train, w)),
        "is something missing",
    ),
    "swapped arguments of map": (
        lambda: federated(at_clients(WEIGHTS))(lambda w: tff.federated_map(w, train)),
        "the computation first and the value second",
    ),
    "mean of ints": (
        lambda: federated(at_clients(np.int32))(takes_the_mean),
        "mean of integers is no integer",
    ),
    "plain function in map": (
        lambda: federated(at_clients(np.float32))(lambda x: tff.federated_map(lambda v: v / 2, x)),
        "Put `@tff.tensorflow.computation(…)`",
    ),
    "tf.function in map": (
        lambda: federated(at_clients(np.float32))(lambda x: tff.federated_map(tf.function(lambda v: v), x)),
        "Put `@tff.tensorflow.computation(…)`",
    ),
    "tensor in a federated computation": (
        lambda: federated(at_clients(WEIGHTS))(lambda x: tff.federated_broadcast(OUTSIDE)),
        "no TensorFlow, numpy or Python arithmetic",
    ),
    "TF op on a federated value": (
        lambda: federated(at_clients(np.float32))(lambda x: tf.reduce_mean(x)),
        "no TensorFlow, numpy or Python arithmetic",
    ),
    "numpy on a federated value": (
        lambda: federated(at_server(np.float32))(lambda x: np.sqrt(x)),
        "no TensorFlow, numpy or Python arithmetic",
    ),
    "arithmetic on federated values": (
        lambda: federated(at_server(np.float32), at_server(np.float32))(lambda x, y: x / y),
        "no TensorFlow, numpy or Python arithmetic",
    ),
    "comparison of federated values": (
        lambda: federated(at_server(np.float32))(lambda x: x < 3.0),
        "no TensorFlow, numpy or Python arithmetic",
    ),
    "float of a federated value": (
        lambda: federated(at_server(np.float32))(lambda x: float(x)),
        "no TensorFlow, numpy or Python arithmetic",
    ),
    "if on a federated value": (
        lambda: federated(at_server(np.float32))(lambda x: x and 1.0),
        "no TensorFlow, numpy or Python arithmetic",
    ),
    "loop over the clients": (
        lambda: federated(at_clients(np.float32))(lambda x: [v for v in x]),
        "no TensorFlow, numpy or Python arithmetic",
    ),
    "numpy() of a federated value": (
        lambda: federated(at_server(np.float32))(lambda x: x.numpy()),
        "no TensorFlow, numpy or Python arithmetic",
    ),
    "no such field": (
        lambda: federated(at_server(PAIR))(lambda x: x.c),
        "no field `c`. Its fields are: a, b",
    ),
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
    "single value for a list": (
        lambda: federated(at_clients(np.float32))(takes_the_mean)(3.0),
        "one entry for each",
    ),
    "single dataset for a list": (
        lambda: federated(at_clients(DATA))(
            lambda d: tff.federated_map(local(DATA)(lambda d: d.reduce(0.0, lambda a, b: a + b)), d)
        )(tf.data.Dataset.from_tensor_slices([1.0, 2.0])),
        "one entry for each",
    ),
    "computation called on federated values": (
        lambda: federated(at_clients(WEIGHTS), at_clients(DATA))(lambda w, d: train(w, d)),
        "runs it where the values are",
    ),
    "nothing returned": (lambda: federated(at_clients(np.float32))(lambda x: None), "End it with `return`"),
    "nothing returned from TensorFlow": (lambda: local(np.float32)(lambda x: None), "End it with `return`"),
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
    "tf dtype in a federated type": (
        lambda: tff.FederatedType(tf.float32, tff.CLIENTS),
        "write `np.float32` instead",
    ),
    "tf dtype in a tensor type": (lambda: tff.TensorType(tf.float32, [2]), "write `np.float32` instead"),
    "placement before the type": (lambda: tff.FederatedType(tff.CLIENTS, np.float32), "The type comes first"),
    "Python's float as a type": (lambda: tff.FederatedType(float, tff.CLIENTS), "how many bits"),
    "dtype and shape in a list": (lambda: tff.to_type([np.float32, [28, 28]]), "together are"),
    "text as a type": (lambda: tff.to_type("{float32}@CLIENTS"), "A text is how TFF prints a type"),
    "element_spec as a type": (
        lambda: tff.SequenceType(tf.TensorSpec([2], tf.float32)),
        "tff.types.tensorflow_to_type",
    ),
    "no placement": (lambda: tff.FederatedType(np.float32), "Who has it?"),
    "placement as text": (lambda: tff.FederatedType(np.float32, "CLIENTS"), "without quotation marks"),
    "placed twice": (lambda: tff.SequenceType(at_clients(np.float32)), "stands outside, once"),
    "zip of two places": (
        lambda: federated(at_server(np.float32), at_clients(np.float32))(
            lambda s, c: tff.federated_zip((s, c))
        ),
        "Only values at the same place",
    ),
    "ints for floats": (
        lambda: federated(at_clients(np.float32))(takes_the_mean)([1, 2]),
        "takes float32, and you hand it int",
    ),
    "arrays for numbers": (
        lambda: federated(at_clients(np.float32))(takes_the_mean)([[1.0, 2.0]]),
        "an array of shape (), and you hand it one of shape (2,)",
    ),
    "dataset of other elements": (
        lambda: local(DATA)(lambda d: d.reduce(0.0, lambda a, b: a + b))(tf.data.Dataset.range(2)),
        "are `int64`; the computation takes `float32`",
    ),
    "mean of datasets": (lambda: federated(at_clients(DATA))(takes_the_mean), "A dataset cannot be averaged"),
    "sum of datasets": (
        lambda: federated(at_clients(DATA))(lambda d: tff.federated_sum(d)),
        "A dataset cannot be averaged",
    ),
}


@pytest.mark.parametrize("mistake", PROVOKED)
def test_tffs_errors_are_explained(mistake: str):
    provoke, explanation = PROVOKED[mistake]
    with pytest.raises(Exception) as caught:
        provoke()
    assert explanation in (explain(caught.value) or "nothing"), repr(caught.value)


def test_every_explanation_is_needed():
    used = set()
    for provoke, _explanation in PROVOKED.values():
        with pytest.raises(Exception) as caught:
            provoke()
        used.add(explain(caught.value))
    fixed = {text for _kind, _pattern, text in _EXPLANATIONS if "{" not in text}
    assert fixed <= used


@pytest.mark.parametrize("error", [ValueError("of another kind"), KeyError("x"), Exception(), SystemExit()])
def test_other_errors_are_left_alone(error: BaseException):
    assert explain(error) is None
