"""Mistakes with what goes into a computation and comes out: each error is provoked, not quoted."""

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_federated as tff
from coach_mistakes import (
    DATA,
    PAIR,
    WEIGHTS,
    Mistakes,
    State,
    assert_explained,
    at_clients,
    at_server,
    batches,
    federated,
    local,
    next_round,
    process,
    takes_the_mean,
    train,
    unneeded,
)

from fedcourse.coach import explanations
from fedcourse.data import load_handwriting

MISTAKES: Mistakes = {
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
    "box of clients for a list": (lambda: next_round(load_handwriting("bundled")[0]), "as a list"),
    "box of clients indexed": (lambda: load_handwriting("bundled")[0][0], "as a list"),
    "box of clients looped over": (lambda: list(load_handwriting("bundled")[0]), "as a list"),
    "dataclass returned": (lambda: local(np.float32)(lambda x: State(x, x)), "nor a dataclass"),
    "dataclass returned from a federated computation": (
        lambda: federated(at_server(np.float32))(lambda x: State(x, x)),
        "nor a dataclass",
    ),
    "tensor returned from a federated computation": (
        lambda: federated(at_server(np.float32))(lambda x: tf.constant(1.0)),
        "a federated computation federated values",
    ),
    "dataclass handed over": (
        lambda: local(PAIR)(lambda s: s["a"])(State(1.0, 2.0)),
        "a dataclass is not",
    ),
    "argument missing": (
        lambda: local(np.float32, np.float32)(lambda x, y: x)(1.0),
        "Is an argument missing?",
    ),
    "arguments too many": (
        lambda: local(np.float32)(lambda x: x)(1.0, 2.0),
        "`float32` is all that this computation takes",
    ),
    "type missing in the decorator": (
        lambda: local(np.float32)(lambda x, y: x),
        "one type in the decorator for each argument",
    ),
    "field missing": (lambda: local(PAIR)(lambda s: s["a"])({"a": np.zeros(2, np.float32)}), "or a field?"),
    "state missing": (lambda: process().next([batches()]), "`process.next(state, data)` takes two"),
    "state and data swapped": (lambda: process().next([batches()], process().initialize()), "takes two"),
    "unbatched dataset": (lambda: next_round([batches(batch_size=None)]), "is the dataset batched"),
    "dataset of float64": (
        lambda: next_round([batches(dtype=np.float64)]),
        "`<x=float64[?,4],y=int32[?]>`, and `<x=float32[?,4],y=int32[?]>` is expected",
    ),
    "array for a dataset": (lambda: next_round([np.zeros([2, 4])]), "must be a `tf.data.Dataset`, not"),
    "integers for floats": (
        lambda: federated(at_clients(np.float32))(takes_the_mean)([1, 2]),
        "`int`, and `float32` is expected",
    ),
    "float64 for float32": (lambda: local(WEIGHTS)(lambda x: x)(np.zeros(2)), "`np.float32(value)` does"),
    "list for an array": (
        lambda: local(WEIGHTS)(lambda x: x)([1, 2]),
        "`list`, and `float32` is expected",
    ),
    "output for a state": (
        lambda: next_round([batches()], next_round([batches()])),
        "`state, metrics = process.next(state, data)`",
    ),
    "weights for a state": (
        lambda: next_round([batches()], process().get_model_weights(process().initialize())),
        "process.set_model_weights",
    ),
    "lists of two lengths": (
        lambda: federated(at_clients(np.float32), at_clients(np.float32))(lambda x, y: (x, y))(
            [1.0, 2.0], [1.0]
        ),
        "one entry for each of them",
    ),
    "no client": (
        lambda: federated(at_server(np.float32))(lambda x: tff.federated_broadcast(x))(1.0),
        "No client takes part",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_with_arguments_and_results_are_explained(mistake: str):
    assert_explained(*MISTAKES[mistake])


def test_every_explanation_of_mistakes_with_arguments_and_results_is_needed():
    assert not unneeded(explanations.computations.TABLE, MISTAKES)
