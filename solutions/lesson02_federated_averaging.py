"""Reference solutions of lesson 2: federated averaging with `tff.learning`."""

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from fedcourse.data import unseen_clients


def build_keras_model():
    """A new, untrained network: 784 pixels in, 64 hidden units, ten scores (logits) out."""
    return tf.keras.Sequential(
        [
            tf.keras.layers.InputLayer(input_shape=(784,)),
            tf.keras.layers.Dense(
                64, activation="relu", kernel_initializer=tf.keras.initializers.GlorotUniform(seed=1)
            ),
            tf.keras.layers.Dense(10, kernel_initializer=tf.keras.initializers.GlorotUniform(seed=2)),
        ]
    )


def make_model_fn(build_keras_model, input_spec):
    """Make the recipe that TFF asks for: a function that builds a new TFF model each time it is called.

    Args:
      build_keras_model: a function without arguments that returns a new Keras model; its outputs are logits.
      input_spec: what a batch looks like: OrderedDict(x=TensorSpec, y=TensorSpec).

    Returns:
      A function without arguments. Each call returns a new `tff.learning.models.VariableModel`, made with
      `from_keras_model`, with cross-entropy as its loss and `SparseCategoricalAccuracy` as its only metric.
    """

    def model_fn():
        return tff.learning.models.from_keras_model(
            build_keras_model(),
            loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            input_spec=input_spec,
            metrics=[tf.keras.metrics.SparseCategoricalAccuracy()],
        )

    return model_fn


def build_process(model_fn, client_rate, server_rate):
    """Build federated averaging in which clients count by their number of examples.

    Args:
      model_fn: a function without arguments that returns a new `tff.learning.models.VariableModel`.
      client_rate: the learning rate of plain gradient descent on the clients.
      server_rate: the learning rate of plain gradient descent at the server.

    Returns:
      A `tff.learning.templates.LearningProcess`.
    """
    return tff.learning.algorithms.build_weighted_fed_avg(
        model_fn,
        client_optimizer_fn=tff.learning.optimizers.build_sgdm(client_rate),
        server_optimizer_fn=tff.learning.optimizers.build_sgdm(server_rate),
    )


def run_rounds(process, client_data, clients_per_round, num_rounds, seed):
    """Train for some rounds, each with clients drawn anew, at random from all of them.

    Args:
      process: a `tff.learning.templates.LearningProcess`.
      client_data: a `tff.simulation.datasets.ClientData` whose datasets are ready for training.
      clients_per_round: how many different clients take part in each round.
      num_rounds: how many rounds to train.
      seed: the same seed gives the same clients in every round, another seed gives others.

    Returns:
      A list of what `process.next` returned, one output (with `state` and `metrics`) a round.
    """
    rng = np.random.default_rng(seed)
    state = process.initialize()
    outputs = []
    for _ in range(num_rounds):
        chosen = rng.choice(client_data.client_ids, clients_per_round, replace=False)
        federated_data = [client_data.create_tf_dataset_for_client(client_id) for client_id in chosen]
        output = process.next(state, federated_data)
        state = output.state
        outputs.append(output)
    return outputs


def evaluate(evaluation, model_weights, train, test):
    """Measure on test pages how well a model reads the clients it was trained with, and strangers.

    Args:
      evaluation: what `tff.learning.algorithms.build_fed_eval` returns.
      model_weights: the weights to measure, as `process.get_model_weights(state)` returns them.
      train: a `ClientData`; its clients are the seen ones.
      test: a `ClientData`, ready for evaluation: pages that the seen clients kept back, and all the pages of
        the unseen clients.

    Returns:
      A dict of two accuracies between 0 and 1: {"seen clients": float, "unseen clients": float}.
    """
    state = evaluation.set_model_weights(evaluation.initialize(), model_weights)
    groups = {"seen clients": train.client_ids, "unseen clients": unseen_clients(train, test)}
    accuracies = {}
    for name, client_ids in groups.items():
        federated_data = [test.create_tf_dataset_for_client(client_id) for client_id in client_ids]
        metrics = evaluation.next(state, federated_data).metrics["client_work"]["eval"]
        accuracies[name] = float(metrics["current_round_metrics"]["sparse_categorical_accuracy"])
    return accuracies
