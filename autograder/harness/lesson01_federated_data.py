"""Harnesses of lesson 1."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def _dataset(pixels, labels):
    """One client's dataset, element by element: pixels float32[n, 28, 28], labels int32[n]."""
    return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(label=labels, pixels=pixels))


def _elements(dataset, most):
    """The elements of `dataset` as data, no more than `most` of them."""
    return [tf.nest.map_structure(lambda tensor: tensor.numpy(), element) for element in dataset.take(most)]


def label_counts(answer, pixels, labels):
    """What the answer counts in one client's dataset."""
    return answer(_dataset(pixels, labels))


def preprocess(answer, pixels, labels, epochs, batch_size, seed, most):
    """The batches that the answer makes of one client's dataset; {"type": name} when it makes no dataset."""
    made = answer(_dataset(pixels, labels), epochs, batch_size, seed)
    return _elements(made, most) if isinstance(made, tf.data.Dataset) else {"type": type(made).__name__}


def sample_clients(answer, client_ids, num_clients, rounds, seed):
    """The answer's choice for each round, and the list of ids as the answer left it."""
    choices = [answer(client_ids, num_clients, round_num, seed) for round_num in rounds]
    return {"choices": [_ids(choice) for choice in choices], "client_ids": client_ids}


def _ids(choice):
    return (
        [str(item) for item in choice]
        if isinstance(choice, list | tuple | np.ndarray)
        else type(choice).__name__
    )


def make_federated_data(answer, clients, client_ids, most):
    """The datasets that the answer makes, as lists of elements; `clients` maps ids to (pixels, labels)."""
    client_data = tff.simulation.datasets.TestClientData(
        {
            client_id: collections.OrderedDict(label=labels, pixels=pixels)
            for client_id, (pixels, labels) in clients.items()
        }
    )
    made = answer(client_data, client_ids, lambda dataset: dataset.map(_label_plus_ten))
    if not isinstance(made, list | tuple) or not all(isinstance(item, tf.data.Dataset) for item in made):
        return {"type": _kind(made)}
    return {"datasets": [_elements(dataset, most) for dataset in made]}


def _label_plus_ten(element):
    """What stands for preprocessing: it can be told from the label, and twice can be told from once."""
    return (element["label"] if isinstance(element, dict) else element) + 10


def _kind(made):
    """The type's name, with its items' for a list."""
    inner = f" of {type(made[0]).__name__}" if isinstance(made, list) and made else ""
    return type(made).__name__ + inner
