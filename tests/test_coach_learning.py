"""Mistakes with processes and `tff.learning`: each error is provoked, not quoted."""

import collections

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_federated as tff
from coach_mistakes import (
    ALGORITHMS,
    MODELS,
    SGD,
    SPEC,
    Mistakes,
    assert_explained,
    at_clients,
    at_server,
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


def compiled_model() -> tf.keras.Model:
    model = keras_model()
    model.compile("sgd", loss="mse")
    return model


def unweighted(**options) -> tff.learning.templates.LearningProcess:
    return ALGORITHMS.build_unweighted_fed_avg(tff_model, client_optimizer_fn=SGD, **options)


class Unfinished(MODELS.VariableModel):
    """A model of an older TFF, without `reset_metrics`."""

    trainable_variables = non_trainable_variables = local_variables = input_spec = None
    predict_on_batch = forward_pass = report_local_unfinalized_metrics = metric_finalizers = None


MISTAKES: Mistakes = {
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
        lambda: weighted(model_aggregator=tff.aggregators.MeanFactory),
        "makes an aggregator, but is none",
    ),
    "unweighted aggregator": (
        lambda: weighted(model_aggregator=tff.aggregators.SumFactory()),
        "the aggregator `SumFactory` knows no weights",
    ),
    "weighted aggregator": (
        lambda: unweighted(model_aggregator=tff.aggregators.MeanFactory()),
        "the aggregator `MeanFactory` wants weights",
    ),
    "model for a function": (lambda: weighted(tff_model()), "hand over `model_fn` itself"),
    "Keras model for a function": (lambda: weighted(keras_model()), "hand over `model_fn` itself"),
    "function that makes a Keras model": (
        lambda: weighted(keras_model),
        "tff.learning.models.from_keras_model",
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
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_with_learning_are_explained(mistake: str):
    assert_explained(*MISTAKES[mistake])


def test_every_explanation_of_mistakes_with_learning_is_needed():
    assert not unneeded(explanations.learning.TABLE, MISTAKES)
