"""Reference solutions of lesson 6: federated averaging by hand."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def initial_weights():
    """The weights of a softmax regression before any training: OrderedDict(kernel [784, 10], bias [10])."""
    return collections.OrderedDict(kernel=tf.zeros([784, 10]), bias=tf.zeros([10]))


def predict(weights, x):
    """Ten scores (logits) for each image of a batch: float32[n, 784] in, float32[n, 10] out."""
    return tf.matmul(x, weights["kernel"]) + weights["bias"]


def loss(weights, batch):
    """How wrong `weights` are on a batch, a scalar: cross-entropy, averaged over the batch's examples."""
    logits = predict(weights, batch["x"])
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=batch["y"], logits=logits))


@tf.function
def client_update(weights, dataset, learning_rate):
    """Train on one client: one step of gradient descent a batch, starting from the server's weights.

    Args:
      weights: OrderedDict(kernel float32[784, 10], bias float32[10]), as the server sent them.
      dataset: the client's batches, a `tf.data.Dataset` of OrderedDict(x float32[n, 784], y int32[n]). They
        may differ in size, and there may be none.
      learning_rate: how far a step goes along the negative gradient.

    Returns:
      OrderedDict(weights=the trained weights, num_examples=how many examples they saw, a float32 scalar).
      The weights keep the structure and the dtypes in which they came.
    """
    num_examples = tf.constant(0.0)
    for batch in dataset:
        with tf.GradientTape() as tape:
            tape.watch(weights)
            batch_loss = loss(weights, batch)
        gradients = tape.gradient(batch_loss, weights)
        weights = tf.nest.map_structure(lambda w, g: w - learning_rate * g, weights, gradients)
        num_examples += tf.cast(tf.shape(batch["y"])[0], tf.float32)
    return collections.OrderedDict(weights=weights, num_examples=num_examples)


@tf.function
def server_update(state, mean_weights, learning_rate):
    """Move the server's weights towards the clients' average, and count the round.

    Args:
      state: OrderedDict(weights=OrderedDict(kernel, bias), round_num=int32 scalar).
      mean_weights: OrderedDict(kernel, bias), the weighted average of what the clients sent.
      learning_rate: how far to go: 0 stays where the server is, 1 goes all the way to the average.

    Returns:
      The next state, of the same structure and the same dtypes as `state`.
    """
    weights = tf.nest.map_structure(lambda w, m: w + learning_rate * (m - w), state["weights"], mean_weights)
    return collections.OrderedDict(weights=weights, round_num=state["round_num"] + 1)


def next_fn(server_state, client_data, client_work, server_work):
    """One round of federated averaging, as the body of a federated computation.

    Args:
      server_state: a federated value at the server, with the fields `weights` and `round_num`.
      client_data: a federated value at the clients, one dataset each.
      client_work: a TFF computation (weights, dataset) -> <weights, num_examples>, to be run by each client,
        once.
      server_work: a TFF computation (state, mean weights) -> state, to be run by the server.

    Returns:
      The next server state, a federated value at the server.
    """
    weights_at_clients = tff.federated_broadcast(server_state.weights)
    trained = tff.federated_map(client_work, (weights_at_clients, client_data))
    mean_weights = tff.federated_mean(trained.weights, weight=trained.num_examples)
    return tff.federated_map(server_work, (server_state, mean_weights))


def evaluate(server_weights, client_data, count_correct):
    """Accuracy of the server's weights over all clients' examples, as the body of a federated computation.

    Args:
      server_weights: a federated value at the server, the weights to evaluate.
      client_data: a federated value at the clients, one dataset each; some client's may be empty.
      count_correct: a TFF computation (weights, dataset) -> <correct, num_examples>, two float32 scalars.

    Returns:
      A float32 between 0 and 1 at the server: the share of all examples, whoever's, that are read right.
    """

    @tff.tensorflow.computation(np.float32, np.float32)
    def divide(correct, num_examples):
        return correct / num_examples

    weights_at_clients = tff.federated_broadcast(server_weights)
    counts = tff.federated_map(count_correct, (weights_at_clients, client_data))
    totals = tff.federated_sum(counts)
    return tff.federated_map(divide, (totals.correct, totals.num_examples))
