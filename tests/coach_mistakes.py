"""What the tests of the coach make mistakes with, and the errors that TFF and TensorFlow answer with."""

import collections
import dataclasses
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_federated as tff

from fedcourse import runtime
from fedcourse.coach import explain
from fedcourse.coach.explanations import Row
from fedcourse.coach.lookup import find

# By what is wrong: what provokes the error, and words of its explanation.
Mistakes = Mapping[str, tuple[Callable, str]]

WEIGHTS = tff.TensorType(np.float32, [2])
DATA = tff.SequenceType(np.float32)
PAIR = collections.OrderedDict(a=WEIGHTS, b=WEIGHTS)
OUTSIDE = tf.constant([1.0, 2.0])
SPEC = collections.OrderedDict(x=tf.TensorSpec([None, 4], tf.float32), y=tf.TensorSpec([None], tf.int32))
ALGORITHMS, MODELS = tff.learning.algorithms, tff.learning.models
SGD = tff.learning.optimizers.build_sgdm(0.1)
LOSS = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def error_of(provoke: Callable) -> Exception:
    """The error that `provoke` raises where TFF runs as in a lesson."""
    runtime.start()
    with pytest.raises(Exception) as caught:
        provoke()
    return caught.value


def assert_explained(provoke: Callable, words: str) -> None:
    """The coach's explanation of what `provoke` raises has these words."""
    error = error_of(provoke)
    assert words in (explain(error) or "nothing"), repr(error)


def unneeded(table: tuple[Row, ...], mistakes: Mistakes) -> list[Row]:
    """The rows of `table` that explain none of `mistakes`."""
    found = [find(error_of(provoke)) for provoke, _words in mistakes.values()]
    used = [row for row, _match in filter(None, found)]
    return [row for row in table if row not in used]


@tff.tensorflow.computation(WEIGHTS, DATA)
def train(weights, data):
    """Float [2] plus the sum of the dataset."""
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


def takes_the_mean(value):
    """The body of a federated computation."""
    return tff.federated_mean(value)


@dataclasses.dataclass
class State:
    """A dataclass, which TFF takes neither for a type nor for a value."""

    a: object
    b: object


def keras_model() -> tf.keras.Model:
    """A model from float [batch, 4] to two logits."""
    return tf.keras.Sequential([tf.keras.layers.Input([4]), tf.keras.layers.Dense(2)])


def tff_model(model: tf.keras.Model | None = None, spec=SPEC, loss=LOSS) -> MODELS.VariableModel:
    return MODELS.from_keras_model(model or keras_model(), input_spec=spec, loss=loss)


def weighted(model_fn=tff_model, optimizer=SGD, **options) -> tff.learning.templates.LearningProcess:
    """Federated averaging weighted by examples, whose parts a mistake replaces."""
    return ALGORITHMS.build_weighted_fed_avg(model_fn, client_optimizer_fn=optimizer, **options)


@cache
def process() -> tff.learning.templates.LearningProcess:
    return weighted()


def next_round(data, state=None):
    """What `next` makes of `data`, a dataset a client, and `state`, by default the initial one."""
    return process().next(process().initialize() if state is None else state, data)


def batches(labels=(0, 1), dtype=np.float32, batch_size: int | None = 2) -> tf.data.Dataset:
    """A client's dataset as `SPEC` describes it; unbatched if `batch_size` is None."""
    parts = collections.OrderedDict(x=np.zeros([len(labels), 4], dtype), y=np.array(labels, np.int32))
    dataset = tf.data.Dataset.from_tensor_slices(parts)
    return dataset.batch(batch_size) if batch_size else dataset
