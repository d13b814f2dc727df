"""Reference solutions of lesson 7: clipping."""

import collections

import tensorflow as tf
import tensorflow_federated as tff

from solutions.lesson06_fedavg_by_hand import initial_weights, loss, predict  # noqa: F401


def global_norm(structure):
    """The length of a whole structure of tensors, as if all its numbers stood in one long vector.

    Args:
      structure: a dictionary of float32 tensors of any shapes, such as weights, gradients or an update.

    Returns:
      A float32 scalar: the square root of the sum of the squares of all numbers in it.
    """
    squares = [tf.reduce_sum(tensor**2) for tensor in tf.nest.flatten(structure)]
    return tf.sqrt(tf.add_n(squares))


def clip_by_global_norm(structure, max_norm):
    """Shrink a structure to length `max_norm` if it is longer, and leave it as it is if not.

    Args:
      structure: a dictionary of float32 tensors of any shapes.
      max_norm: the greatest length that may come out, greater than 0.

    Returns:
      A new structure of the same form: every number times one and the same factor, which is at most 1.
    """
    norm = global_norm(structure)
    factor = max_norm / tf.maximum(norm, max_norm)
    return tf.nest.map_structure(lambda tensor: tensor * factor, structure)


@tf.function
def client_update(weights, dataset, learning_rate, max_norm):
    """Train on one client as in lesson 6, with each batch's gradient clipped.

    Args:
      weights: OrderedDict(kernel float32[784, 10], bias float32[10]), as the server sent them.
      dataset: the client's batches, a `tf.data.Dataset` of OrderedDict(x float32[n, 784], y int32[n]).
      learning_rate: how far a step goes along the negative clipped gradient.
      max_norm: the greatest global norm that a batch's gradient may have.

    Returns:
      OrderedDict(weights=the trained weights, num_examples=how many examples they saw, a float32 scalar).
    """
    num_examples = tf.constant(0.0)
    for batch in dataset:
        with tf.GradientTape() as tape:
            tape.watch(weights)
            batch_loss = loss(weights, batch)
        gradients = clip_by_global_norm(tape.gradient(batch_loss, weights), max_norm)
        weights = tf.nest.map_structure(lambda w, g: w - learning_rate * g, weights, gradients)
        num_examples += tf.cast(tf.shape(batch["y"])[0], tf.float32)
    return collections.OrderedDict(weights=weights, num_examples=num_examples)


def clip_update(server_weights, trained_weights, max_norm):
    """What a client has learnt, and no more of it than `max_norm`.

    Args:
      server_weights: OrderedDict(kernel, bias), the weights the client was given.
      trained_weights: OrderedDict(kernel, bias), the weights it ended with.
      max_norm: the greatest global norm that may come out.

    Returns:
      A new OrderedDict(kernel, bias): the change from given to trained, clipped by its global norm.
    """
    update = tf.nest.map_structure(tf.subtract, trained_weights, server_weights)
    return clip_by_global_norm(update, max_norm)


def next_fn(server_weights, client_data, client_work, clip_work, server_work):
    """One round of federated averaging with clipped updates, as the body of a federated computation.

    Args:
      server_weights: a federated value at the server, the weights before the round.
      client_data: a federated value at the clients, one dataset each.
      client_work: a TFF computation (weights, dataset) -> <weights, num_examples>: training.
      clip_work: a TFF computation (given weights, trained weights) -> update: your `clip_update`.
      server_work: a TFF computation (weights, mean update) -> weights: adds the update to the weights.

    Returns:
      The weights after the round, a federated value at the server.
    """
    weights_at_clients = tff.federated_broadcast(server_weights)
    trained = tff.federated_map(client_work, (weights_at_clients, client_data))
    updates = tff.federated_map(clip_work, (weights_at_clients, trained.weights))
    mean_update = tff.federated_mean(updates, weight=trained.num_examples)
    return tff.federated_map(server_work, (server_weights, mean_update))


def adapt_clipping_norm(clipping_norm, update_norms, target_quantile, learning_rate):
    """One step of the clipping norm towards a quantile of the clients' norms (Andrew et al. 2021).

    Args:
      clipping_norm: the clipping norm of this round, a float32 scalar greater than 0.
      update_norms: float32[n], the global norm of each client's update before it was clipped.
      target_quantile: the share of updates, from 0 to 1, that shall be no longer than the clipping norm.
      learning_rate: how fast the clipping norm moves.

    Returns:
      The clipping norm of the next round: this one times exp(-learning_rate * (share - target_quantile)).
    """
    fits = tf.cast(update_norms <= clipping_norm, tf.float32)
    return clipping_norm * tf.exp(-learning_rate * (tf.reduce_mean(fits) - target_quantile))
