"""Mistakes in writing a TFF type: each error is provoked, not quoted."""

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_federated as tff
from coach_mistakes import (
    SPEC,
    Mistakes,
    State,
    assert_explained,
    at_clients,
    at_server,
    batches,
    unneeded,
)

from fedcourse.coach import explanations

MISTAKES: Mistakes = {
    "TensorFlow's dtype": (lambda: at_clients(tf.float32), "`np.float32`, not `tf.float32`"),
    "TensorFlow's dtype in a tensor's type": (
        lambda: tff.TensorType(tf.float32, [2]),
        "`np.float32`, not `tf.float32`",
    ),
    "TensorFlow's description of a dataset": (lambda: tff.SequenceType(SPEC), "tensorflow_to_type"),
    "dataset as a type": (lambda: at_clients(batches()), "tensorflow_to_type"),
    "dataclass as a type": (lambda: at_server(State(np.float32, np.float32)), "type out of a `"),
    "no placement": (lambda: tff.FederatedType(np.float32), "says what and where"),
    "placement in quotes": (lambda: tff.FederatedType(np.float32, "clients"), "without quotation marks"),
    "placement before the type": (lambda: tff.FederatedType(tff.CLIENTS, np.float32), "The type comes first"),
    "Python's float as a type": (lambda: at_clients(float), "how many bits"),
    "dtype and shape in a list": (lambda: tff.to_type([np.float32, [28, 28]]), "together are"),
    "text as a type": (lambda: tff.to_type("{float32}@CLIENTS"), "A text is how TFF prints a type"),
    "placed twice": (lambda: tff.SequenceType(at_clients(np.float32)), "stands outside, once"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_in_types_are_explained(mistake: str):
    assert_explained(*MISTAKES[mistake])


def test_every_explanation_of_mistakes_in_types_is_needed():
    assert not unneeded(explanations.types.TABLE, MISTAKES)
