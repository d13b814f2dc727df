"""What fails when a computation runs: each error is provoked, not quoted."""

import collections

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_federated as tff
from coach_mistakes import (
    DATA,
    SPEC,
    WEIGHTS,
    Mistakes,
    assert_explained,
    at_clients,
    batches,
    federated,
    keras_model,
    local,
    next_round,
    process,
    tff_model,
    unneeded,
    weighted,
)

from fedcourse.coach import explanations

MISTAKES: Mistakes = {
    "shape of an argument": (lambda: local(WEIGHTS)(lambda x: x)(np.zeros(3, np.float32)), "(3,) meets (2,)"),
    "shapes while it runs": (
        lambda: local(*[tff.TensorType(np.float32, [None])] * 2)(lambda a, b: a + b)(
            np.zeros(2, np.float32), np.zeros(3, np.float32)
        ),
        "[2] meets [3]",
    ),
    "shapes of matrices": (
        lambda: local(*[tff.TensorType(np.float32, [2, 3])] * 2)(lambda a, b: a @ b),
        "3 meets 2",
    ),
    "shape of a layer": (
        lambda: weighted(
            lambda: tff_model(spec=collections.OrderedDict(x=tf.TensorSpec([None, 5]), y=SPEC["y"]))
        ),
        "(None, 5) meets (None, 4)",
    ),
    "last axis of a layer": (lambda: keras_model().layers[-1](tf.zeros([2, 5])), "(2, 5) meets 4"),
    "shape of weights": (
        lambda: (
            process()
            .get_model_weights(process().initialize())
            .assign_weights_to(
                tf.keras.Sequential([tf.keras.layers.Input([5]), tf.keras.layers.Dense(2)]),
            )
        ),
        "(5, 2) meets (4, 2)",
    ),
    "label out of range": (lambda: next_round([batches(labels=(0, 11))]), "11 is out of range"),
    "index out of range": (
        lambda: local(tff.TensorType(np.int32, [None]))(lambda y: tf.gather(tf.zeros([10]), y))(
            np.array([10], np.int32)
        ),
        "below 10, will do",
    ),
    "secure sum": (
        lambda: federated(at_clients(np.int32))(lambda x: tff.federated_secure_sum_bitwidth(x, 8))([1, 2]),
        "no secure sums",
    ),
    "sequence_sum": (lambda: federated(DATA)(lambda x: tff.sequence_sum(x))([1.0, 2.0]), "`dataset.reduce`"),
    "py_function": (
        lambda: local(np.float32)(lambda x: tf.py_function(lambda v: v, [x], tf.float32))(1.0),
        "No Python runs at the clients",
    ),
    "numpy_function": (
        lambda: local(np.float32)(lambda x: tf.numpy_function(lambda v: v, [x], tf.float32))(1.0),
        "No Python runs at the clients",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_failures_of_execution_are_explained(mistake: str):
    assert_explained(*MISTAKES[mistake])


def test_every_explanation_of_failures_of_execution_is_needed():
    assert not unneeded(explanations.execution.TABLE, MISTAKES)
