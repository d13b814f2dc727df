"""The coach knows TFF 0.87's own words: each error is provoked, not quoted."""

import collections
import dataclasses
import operator
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache

import nbformat
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_federated as tff
from nbclient import NotebookClient

from fedcourse import runtime
from fedcourse.coach import _EXPLANATIONS, _RENAMED, EXPLANATION, Explanation, explain
from fedcourse.data import load_handwriting
from fedcourse.i18n import use_language
from fedgrader.checking.looks import VERDICT_MIME
from fedgrader.course import load_course
from tools.header import setup

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


@dataclasses.dataclass
class State:
    a: object
    b: object


SPEC = collections.OrderedDict(x=tf.TensorSpec([None, 4], tf.float32), y=tf.TensorSpec([None], tf.int32))
ALGORITHMS, AGGREGATORS, MODELS = tff.learning.algorithms, tff.aggregators, tff.learning.models
SGD = tff.learning.optimizers.build_sgdm(0.1)
LOSS = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def keras_model() -> tf.keras.Model:
    return tf.keras.Sequential([tf.keras.layers.Input([4]), tf.keras.layers.Dense(2)])


def compiled_model() -> tf.keras.Model:
    model = keras_model()
    model.compile("sgd", loss="mse")
    return model


KERAS_OUTSIDE = keras_model()


def tff_model(model: tf.keras.Model | None = None, spec=SPEC, loss=LOSS) -> MODELS.VariableModel:
    return MODELS.from_keras_model(model or keras_model(), input_spec=spec, loss=loss)


def weighted(model_fn=tff_model, optimizer=SGD, **options) -> tff.learning.templates.LearningProcess:
    return ALGORITHMS.build_weighted_fed_avg(model_fn, client_optimizer_fn=optimizer, **options)


def unweighted(**options) -> tff.learning.templates.LearningProcess:
    return ALGORITHMS.build_unweighted_fed_avg(tff_model, client_optimizer_fn=SGD, **options)


@cache
def process() -> tff.learning.templates.LearningProcess:
    return weighted()


def next_round(data, state=None):
    return process().next(process().initialize() if state is None else state, data)


def batches(labels=(0, 1), dtype=np.float32, batch_size: int | None = 2) -> tf.data.Dataset:
    parts = collections.OrderedDict(x=np.zeros([len(labels), 4], dtype), y=np.array(labels, np.int32))
    dataset = tf.data.Dataset.from_tensor_slices(parts)
    return dataset.batch(batch_size) if batch_size else dataset


class Unfinished(MODELS.VariableModel):
    """A model of an older TFF, without `reset_metrics`."""

    trainable_variables = non_trainable_variables = local_variables = input_spec = None
    predict_on_batch = forward_pass = report_local_unfinalized_metrics = metric_finalizers = None


def aggregate(zero):
    add = local(np.float32, np.float32)(lambda a, b: a + b)
    return federated(at_clients(np.float32))(
        lambda x: tff.federated_aggregate(x, zero, add, add, local(np.float32)(lambda a: a))
    )


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
        "no field `c`. Its fields are: `a, b`",
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
    "box of clients for a list": (lambda: next_round(load_handwriting("bundled")[0]), "as a list"),
    "box of clients indexed": (lambda: load_handwriting("bundled")[0][0], "as a list"),
    "box of clients looped over": (lambda: list(load_handwriting("bundled")[0]), "as a list"),
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
    "mean of datasets": (lambda: federated(at_clients(DATA))(takes_the_mean), "A dataset cannot be averaged"),
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
    "shape of an argument": (lambda: local(WEIGHTS)(lambda x: x)(np.zeros(3, np.float32)), "(3,) meets (2,)"),
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
    "zero of another type": (lambda: aggregate(0), "`float32`, not `int32`"),
    "sum of booleans": (
        lambda: federated(at_clients(np.bool_))(lambda x: tff.federated_sum(x)),
        "`bool` is none",
    ),
    "sum of datasets": (
        lambda: federated(at_clients(DATA))(lambda x: tff.federated_sum(x)),
        "dataset.reduce",
    ),
    "plain functions for a process": (
        lambda: tff.templates.IterativeProcess(lambda: 0, lambda state: state),
        "not a plain function",
    ),
    "state that is nowhere": (
        lambda: tff.templates.IterativeProcess(
            local()(lambda: 0.0), federated(at_server(np.float32), at_clients(np.float32))(lambda s, x: s)
        ),
        "Is the state at the server?",
    ),
    "Keras optimizer": (
        lambda: weighted(optimizer=tf.keras.optimizers.SGD(0.1)),
        "A Keras optimizer will not do",
    ),
    "class of a Keras optimizer": (
        lambda: weighted(optimizer=tf.keras.optimizers.SGD),
        "A Keras optimizer will not do",
    ),
    "function that makes an optimizer": (
        lambda: weighted(optimizer=lambda: tf.keras.optimizers.SGD(0.1)),
        "nor will a function",
    ),
    "Keras optimizer at the server": (
        lambda: weighted(server_optimizer_fn=tf.keras.optimizers.SGD(1.0)),
        "A Keras optimizer will not do",
    ),
    "aggregator not called": (
        lambda: weighted(model_aggregator=tff.learning.robust_aggregator),
        "makes an aggregator, but is none",
    ),
    "class of an aggregator": (
        lambda: weighted(model_aggregator=AGGREGATORS.MeanFactory),
        "makes an aggregator, but is none",
    ),
    "unweighted aggregator": (
        lambda: weighted(model_aggregator=AGGREGATORS.SumFactory()),
        "the aggregator `SumFactory` knows no weights",
    ),
    "weighted aggregator": (
        lambda: unweighted(model_aggregator=AGGREGATORS.MeanFactory()),
        "the aggregator `MeanFactory` wants weights",
    ),
    "model for a function": (lambda: weighted(tff_model()), "hand over `model_fn` itself"),
    "Keras model for a function": (lambda: weighted(keras_model()), "hand over `model_fn` itself"),
    "function that makes a Keras model": (
        lambda: weighted(keras_model),
        "tff.learning.models.from_keras_model",
    ),
    "Keras model from outside": (
        lambda: local(tff.TensorType(np.float32, [None, 4]))(lambda x: KERAS_OUTSIDE(x)),
        "its weights are variables",
    ),
    "Keras model from outside in model_fn": (
        lambda: weighted(lambda: tff_model(KERAS_OUTSIDE)),
        "made outside",
    ),
    "compiled model": (lambda: weighted(lambda: tff_model(compiled_model())), "Leave out `model.compile(…)`"),
    "other names than x and y": (
        lambda: tff_model(spec=collections.OrderedDict(pixels=SPEC["x"], label=SPEC["y"])),
        "two parts, `x` and `y`",
    ),
    "class of a loss": (
        lambda: tff_model(loss=tf.keras.losses.MeanSquaredError),
        "parentheses belong to it",
    ),
    "name of a loss": (lambda: tff_model(loss="mse"), "Its name is not enough"),
    "method missing": (Unfinished, "The class `Unfinished` still lacks `reset_metrics`"),
    "weights of an output": (
        lambda: next_round([batches()]).weights,
        "`process.get_model_weights(state)` gives",
    ),
    "model of a state": (lambda: process().initialize().model, "`process.get_model_weights(state)` gives"),
    "older name": (lambda: tff.tf_computation, "write `tff.tensorflow.computation`"),
    "older name in tff.learning": (
        lambda: tff.learning.build_federated_averaging_process,
        "write `tff.learning.algorithms.build_weighted_fed_avg`",
    ),
    "name that is gone": (lambda: tff.framework.sizing_executor_factory, "has no `sizing_executor_factory`"),
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
    for _kind, _pattern, text in _EXPLANATIONS:
        pieces = re.split(r"\{\w+\}", text)
        assert any(all(piece in said for piece in pieces) for said in used), text


def test_what_an_older_name_is_now_exists():
    for now in _RENAMED.values():
        if now.startswith("tff."):
            name, _call, _arguments = now.removeprefix("tff.").partition("(")
            assert operator.attrgetter(name)(tff)


@pytest.mark.parametrize("error", [ValueError("of another kind"), KeyError("x"), Exception(), SystemExit()])
def test_other_errors_are_left_alone(error: BaseException):
    assert explain(error) is None


def lesson_cells(language: str, *sources: str) -> nbformat.NotebookNode:
    """A notebook that begins with a lesson's set-up cell."""
    cells = [setup(load_course(), language, lambda message: message), *sources]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])


def executed(nb: nbformat.NotebookNode) -> list[list[nbformat.NotebookNode]]:
    """The outputs of each cell after a real kernel has run all of them."""
    NotebookClient(nb, timeout=120, allow_errors=True).execute()
    return [cell.outputs for cell in nb.cells]


MEAN_OF_INTEGERS = """\
import numpy as np
import tensorflow_federated as tff

tff.federated_computation(tff.FederatedType(np.int32, tff.CLIENTS))(lambda x: tff.federated_mean(x))"""
UNKNOWN = "raise ValueError('of another kind')"
AWAITED = "import asyncio\nawait asyncio.sleep(0)\nnot_defined_here"
UNSPEAKABLE = "class Unspeakable(Exception):\n    def details(self):\n        raise self\n\nraise Unspeakable"
SYNTAX = "1 +"


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh", "ko", "pt"])
def test_a_kernel_explains_below_the_traceback(language: str):
    nb = lesson_cells(language, MEAN_OF_INTEGERS, UNKNOWN, AWAITED, UNSPEAKABLE, SYNTAX, "1 + 1")
    known, *silent = executed(nb)[1:]
    use_language(language)
    with pytest.raises(TypeError) as caught:
        PROVOKED["mean of ints"][0]()
    expected = Explanation(explain(caught.value))
    error, shown = known
    assert (error.output_type, error.ename, error.evalue) == ("error", "TypeError", str(caught.value))
    assert shown.output_type == "display_data" and shown.metadata == {EXPLANATION: True}
    assert shown.data == {"text/plain": repr(expected), "text/markdown": expected._repr_markdown_()}
    assert [[output.output_type for output in outputs] for outputs in silent] == [
        ["error"],
        ["error", "display_data"],
        ["error"],
        ["error"],
        ["execute_result"],
    ]


@pytest.mark.slow
def test_a_kernels_traceback_is_the_same_with_and_without_the_coach():
    with_coach = lesson_cells("pt", MEAN_OF_INTEGERS, UNKNOWN)
    without = lesson_cells("pt", MEAN_OF_INTEGERS, UNKNOWN)
    without.cells[0].source = without.cells[0].source.replace("    coach.start()\n", "")
    explained, plain = executed(with_coach), executed(without)
    assert len(explained[1]) == 2 and len(plain[1]) == 1
    # The kernel's process id stands in the names of its cells' files.
    for outputs, others in zip(explained[1:], plain[1:], strict=True):
        assert re.sub(r"ipykernel_\d+", "", str(outputs[0])) == re.sub(r"ipykernel_\d+", "", str(others[0]))


@pytest.mark.slow
def test_the_set_up_cell_may_run_twice_and_a_verdict_stays_as_it_is():
    nb = lesson_cells(
        "ko",
        lesson_cells("ko").cells[0].source,
        MEAN_OF_INTEGERS,
        "def label_counts(dataset):\n    return [0] * 9 + [undefined_name]",
        'check("lesson01_federated_data.label_counts", label_counts)',
        "label_counts(None)",
    )
    _setup, again, known, _defined, checked, called = executed(nb)
    assert again == []
    assert [output.output_type for output in known] == ["error", "display_data"]
    [verdict] = checked
    assert verdict.output_type == "execute_result" and verdict.data[VERDICT_MIME]["points"] == 0
    assert "`undefined_name`" in verdict.data[VERDICT_MIME]["findings"][0]["hint"]
    assert [output.output_type for output in called] == ["error", "display_data"]
    assert not [output for cell in nb.cells for output in cell.outputs if output.output_type == "stream"]


def test_outside_ipython_nothing_happens():
    code = "import sys\nfrom fedcourse import coach\ncoach.start()\nassert 'IPython' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_ipython_that_is_only_imported_is_left_alone():
    code = "import IPython\nfrom fedcourse import coach\ncoach.start()\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
