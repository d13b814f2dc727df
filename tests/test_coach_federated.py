"""Mistakes with federated values and operators: each error is provoked, not quoted."""

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
    at_clients,
    at_server,
    federated,
    local,
    takes_the_mean,
    train,
    unneeded,
)

from fedcourse.coach import explanations


def aggregate(zero):
    add = local(np.float32, np.float32)(lambda a, b: a + b)
    return federated(at_clients(np.float32))(
        lambda x: tff.federated_aggregate(x, zero, add, add, local(np.float32)(lambda a: a))
    )


MISTAKES: Mistakes = {
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
        "no field `c`. Its fields are: `a, b`",
    ),
    "both placements in a zip": (
        lambda: federated(at_server(np.float32), at_clients(np.float32))(
            lambda x, y: tff.federated_zip((x, y))
        ),
        "tff.federated_broadcast",
    ),
    "mean of constants": (lambda: federated()(lambda: tff.federated_mean(1.0)), "of `float32`, some part"),
    "constant weight": (
        lambda: federated(at_clients(np.float32))(lambda x: tff.federated_mean(x, weight=2.0)),
        "of `float32`, some part",
    ),
    "operator outside": (lambda: tff.federated_mean([1.0, 2.0]), "as a `@tff.federated_computation` has"),
    "part of a number": (
        lambda: federated(at_server(np.float32))(lambda x: x[0]),
        "no TensorFlow, numpy or Python arithmetic",
    ),
    "format of a federated value": (
        lambda: federated(at_server(np.float32))(lambda x: f"{x:.2f}"),
        "no TensorFlow, numpy or Python arithmetic",
    ),
    "captured federated value": (
        lambda: federated(at_server(np.float32), at_clients(np.float32))(
            lambda s, x: tff.federated_map(local(np.float32)(lambda a: a + s), x)
        ),
        "Make it an argument",
    ),
    "mean of datasets": (lambda: federated(at_clients(DATA))(takes_the_mean), "A dataset cannot be averaged"),
    "zero of another type": (lambda: aggregate(0), "`float32`, not `int32`"),
    "sum of booleans": (
        lambda: federated(at_clients(np.bool_))(lambda x: tff.federated_sum(x)),
        "`bool` is none",
    ),
    "sum of datasets": (
        lambda: federated(at_clients(DATA))(lambda x: tff.federated_sum(x)),
        "dataset.reduce",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_with_federated_values_are_explained(mistake: str):
    assert_explained(*MISTAKES[mistake])


def test_every_explanation_of_mistakes_with_federated_values_is_needed():
    assert not unneeded(explanations.federated.TABLE, MISTAKES)
