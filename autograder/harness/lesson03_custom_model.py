"""Harnesses of lesson 3: each answer is called inside `@tf.function` in a TFF computation, as a model is."""

import collections
import inspect
import re

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

_Variables = collections.namedtuple(
    "Variables", ["kernel", "bias", "loss_sum", "num_correct", "num_examples"]
)
_BATCH = collections.OrderedDict(x=tf.TensorSpec([None, 784], tf.float32), y=tf.TensorSpec([None], tf.int32))
_OUTPUT = (tf.TensorSpec([], tf.float32), tf.TensorSpec([None, 10], tf.float32), tf.TensorSpec([], tf.int32))
_UNFINALIZED = collections.OrderedDict(
    loss=[np.float32, np.float32], accuracy=[np.float32, np.float32], num_examples=[np.float32]
)


def _made(values):
    return _Variables(**{name: tf.Variable(value, dtype=tf.float32) for name, value in values.items()})


def _values(made):
    """What all variables hold now, by name."""
    return {name: variable.read_value() for name, variable in made._asdict().items()}


def _batch(values):
    return collections.OrderedDict(x=tf.constant(values["x"]), y=tf.constant(values["y"]))


def _fields(output):
    """The fields of a batch's output that are there, by name; none when it is no BatchOutput."""
    fields = output._asdict() if isinstance(output, tff.learning.models.BatchOutput) else {}
    return collections.OrderedDict((name, value) for name, value in fields.items() if value is not None)


def _run(traced):
    """What `traced(notes)` returns in a TFF computation, and the notes that it took while being traced.

    A namedtuple refuses a new value for a field, and a variable `+=`; then all there is, is "sets_a_field",
    the error.
    """
    notes = {}
    try:
        computed = tff.tensorflow.computation(lambda: (traced(notes), tf.constant(0)))()[0]
    except NotImplementedError as error:
        if not str(error).rstrip().endswith("NotImplementedError:"):
            raise
        raise NotImplementedError from None  # the stub's own: AutoGraph had put the frames into its text
    except (AttributeError, RuntimeError) as error:
        refused = re.search("can't set attribute|`variable [^`]*= value` [^.]*", str(error))
        if not refused:
            raise
        return {"sets_a_field": f"{type(error).__name__}: {refused.group()}"}
    return {**notes, "result": computed}


def _apart(ran):
    """`ran` with its pair of a result and all variables taken apart."""
    if "result" in ran:
        ran["result"], ran["variables"] = ran["result"]
    return ran


def forward_pass(answer, variables, batch):
    """The type's name ("kind") and fields ("result") of what is returned, and all variables afterwards."""

    def traced(notes):
        made = _made(variables)

        @tf.function(input_signature=[_BATCH])
        def forward(batch):
            output = answer(made, batch)
            notes["kind"] = type(output).__name__
            return _fields(output), _values(made)

        return forward(_batch(batch))

    return _apart(_run(traced))


def update_metrics(answer, variables, batches, outputs):
    """All variables after each batch; an output is {"loss", "predictions", "num_examples"}."""

    def traced(notes):
        made = _made(variables)

        @tf.function(input_signature=[_BATCH, *_OUTPUT])
        def update(batch, *output):
            answer(made, batch, tff.learning.models.BatchOutput(*output))
            return _values(made)

        @tf.function
        def one_after_the_other():
            return [
                update(_batch(batch), output["loss"], output["predictions"], output["num_examples"])
                for batch, output in zip(batches, outputs, strict=True)
            ]

        return one_after_the_other()

    return _run(traced)


def reset_metrics(answer, variables):
    """All variables after the answer was called."""

    def traced(notes):
        made = _made(variables)

        @tf.function
        def reset():
            answer(made)
            return _values(made)

        return reset()

    return _run(traced)


def unfinalized_metrics(answer, variables):
    """What the answer reports, the name of its type, and all variables afterwards."""

    def traced(notes):
        made = _made(variables)

        @tf.function
        def report():
            reported = answer(made)
            notes["kind"] = type(reported).__name__
            return (0.0 if reported is None else reported), _values(made)

        return report()

    return _apart(_run(traced))


def metric_finalizers(answer, clients):
    """What the answer's functions make of each client's sums, and the name of the type that holds them.

    "not_functions" names those that are none, "arguments" those that do not take one argument.
    """
    finalizers = answer()
    kind = type(finalizers).__name__
    if not isinstance(finalizers, dict):
        return {"kind": kind}
    not_functions = [name for name, function in finalizers.items() if not callable(function)]
    arguments = [name for name, function in finalizers.items() if name not in not_functions]
    arguments = [name for name in arguments if not _takes_one(finalizers[name])]
    found = {"kind": kind, "names": list(finalizers), "not_functions": not_functions, "arguments": arguments}
    if not_functions or arguments or set(finalizers) != set(_UNFINALIZED):
        return found

    # One computation a finalizer: those that TFF makes of Keras metrics share variables named `total` and
    # `count` within a computation, and then one metric may show the other's value.
    computations = {name: _finalizer(finalizers[name], _UNFINALIZED[name]) for name in _UNFINALIZED}
    results = [
        {name: finalize(list(client[name])) for name, finalize in computations.items()} for client in clients
    ]
    return {**found, "results": results}


def _finalizer(function, sums):
    return tff.tensorflow.computation(lambda unfinalized: function(unfinalized), sums)


def _takes_one(function):
    try:
        inspect.signature(function).bind([])
    except TypeError:
        return False
    return True


def _ordered(unfinalized):
    return collections.OrderedDict((name, list(unfinalized[name])) for name in _UNFINALIZED)


@tff.tensorflow.computation(_UNFINALIZED)
def _finalize(unfinalized):
    loss_sum, num_examples = unfinalized["loss"]
    return collections.OrderedDict(
        loss=loss_sum / num_examples,
        accuracy=unfinalized["accuracy"][0] / unfinalized["accuracy"][1],
        num_examples=unfinalized["num_examples"][0],
    )


def aggregate_metrics(answer, clients):
    """The answer traced as an aggregation: what it returns for the clients, and its type."""

    @tff.federated_computation(tff.FederatedType(_UNFINALIZED, tff.CLIENTS))
    def aggregation(unfinalized):
        return answer(unfinalized, _finalize)

    return {
        "type": str(aggregation.type_signature.result),
        "metrics": aggregation([_ordered(client) for client in clients]),
    }
