"""What runs beside an answer to `make_model_fn`, lesson 2."""

import collections
import functools
import inspect

import tensorflow as tf
import tensorflow_federated as tff

from fedcourse.coach.blame import in_short
from fedgrader.guest.harness.lesson02_federated_averaging import shared


def make_model_fn(answer, kernel, bias):
    """What two calls of the answer's model_fn make.

    {"type": name} when no function comes back, {"needs": text} when it takes arguments, {"raised": text} when
    the Keras model was refused as compiled.
    """
    model_fn = answer(functools.partial(shared.keras_model, kernel, bias), shared.SPEC)
    if isinstance(model_fn, tff.learning.models.VariableModel | tf.keras.Model) or not callable(model_fn):
        return {"type": type(model_fn).__name__.lstrip("_")}
    try:
        inspect.signature(model_fn).bind()
    except TypeError as error:
        return {"needs": f"TypeError: {error}"}
    try:
        first, second = model_fn(), model_fn()
    except ValueError as error:
        if "must not be compiled" not in str(error):
            raise
        return {"raised": f"ValueError: {error}"}
    if not isinstance(second, tff.learning.models.VariableModel):
        return {"made": type(second).__name__}
    return {
        "same_model": first is second,
        "shared_weights": _share(first.trainable_variables, second.trainable_variables),
        "shared_metrics": _share(first.local_variables, second.local_variables),
        "input_spec": _shown(second.input_spec),
    }


def _shown(spec):
    """The name and the type of each field, in their order; of what has no fields, the name of its type."""
    if not isinstance(spec, collections.abc.Mapping):
        return type(spec).__name__
    return [[name, f"{field.dtype.name}{field.shape.as_list()}"] for name, field in spec.items()]


def _share(variables, others):
    return bool({id(variable) for variable in variables} & {id(other) for other in others})


def report(answer, kernel, bias, batch):
    """What the answer's model says of a batch when TFF records it, as on a client: its loss and metrics.

    {"raised": text} when the loss or a metric, not the making of the model, failed.
    """
    made = []
    try:
        return _report(answer, made, kernel, bias, batch)
    except ValueError as error:
        if not made:
            raise
        return {"raised": in_short(error)}


def _report(answer, made, kernel, bias, batch):
    """Loss and metrics of the batch; `made` gets the model before it is used."""
    # Recipes for other networks, made before and after, leave this one alone.
    kernels = (-kernel, kernel, 2 * kernel)
    _, model_fn, _ = [
        answer(functools.partial(shared.keras_model, one, bias), shared.SPEC) for one in kernels
    ]

    @tff.tensorflow.computation
    def on_a_client():
        model = model_fn()
        made.append(model)

        @tf.function
        def forward_pass():
            output = model.forward_pass(
                tf.nest.map_structure(tf.constant, shared.ordered(batch)), training=True
            )
            return output.loss, model.report_local_unfinalized_metrics()

        loss, unfinished = forward_pass()
        finalizers = model.metric_finalizers()
        metrics = collections.OrderedDict(
            (name, finalizers[name](values)) for name, values in unfinished.items()
        )
        return collections.OrderedDict(loss=loss, metrics=metrics)

    return on_a_client()
