"""Reference solutions of lesson 1: federated data."""

import collections

import numpy as np
import tensorflow as tf


def label_counts(dataset):
    """Count how often each digit occurs in one client's `dataset`.

    Args:
      dataset: a `tf.data.Dataset` of elements with `label` (int32 scalar, 0 to 9) and `pixels`.

    Returns:
      An integer array of 10 numbers: how many 0s, how many 1s, ..., how many 9s.
    """
    labels = [int(element["label"]) for element in dataset]
    return np.bincount(labels, minlength=10)


def preprocess(dataset, epochs, batch_size, seed):
    """Make one client's `dataset` ready for training.

    Args:
      dataset: a `tf.data.Dataset` of elements with `label` (int32 scalar) and `pixels` (float32[28, 28]).
      epochs: how many times training goes through the data.
      batch_size: how many examples make a batch; only the last batch of an epoch may have fewer.
      seed: what the order of the examples depends on.

    Returns:
      A `tf.data.Dataset` of batches `OrderedDict(x=float32[batch, 784], y=int32[batch])`. Every epoch goes
      through every example once, in a new random order.
    """

    def to_example(element):
        return collections.OrderedDict(x=tf.reshape(element["pixels"], [784]), y=element["label"])

    return dataset.map(to_example).shuffle(1000, seed=seed).batch(batch_size).repeat(epochs)


def sample_clients(client_ids, num_clients, round_num, seed):
    """Choose the clients that take part in one round.

    Args:
      client_ids: a list of strings, all clients there are; it stays as it is.
      num_clients: how many take part.
      round_num: the number of the round; another round has other clients.
      seed: the same seed and round give the same clients.

    Returns:
      A list of `num_clients` different client ids.
    """
    rng = np.random.default_rng([seed, round_num])
    return rng.choice(client_ids, num_clients, replace=False).tolist()


def make_federated_data(client_data, client_ids, preprocess_fn):
    """Collect what TFF takes as federated data: one dataset for each client.

    Args:
      client_data: a `tff.simulation.datasets.ClientData`.
      client_ids: a list of strings, the clients that take part; it stays as it is.
      preprocess_fn: a function that makes a client's dataset ready for training.

    Returns:
      A list of preprocessed `tf.data.Dataset`s, one a client, in the order of `client_ids`.
    """
    return [preprocess_fn(client_data.create_tf_dataset_for_client(client_id)) for client_id in client_ids]
