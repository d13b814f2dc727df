"""What runs beside an answer to `make_federated_data`, lesson 1."""

import collections
import functools

import tensorflow as tf
import tensorflow_federated as tff

from fedgrader.guest.harness.lesson01_federated_data import shared


def make_federated_data(answer, clients, client_ids, added, most):
    """The datasets that the answer makes, as lists of elements, and the list of ids as it left it.

    `clients` maps ids to (pixels, labels); preprocessing adds `added` to each label.
    """
    client_data = tff.simulation.datasets.TestClientData(
        {
            client_id: collections.OrderedDict(label=labels, pixels=pixels)
            for client_id, (pixels, labels) in clients.items()
        }
    )
    made = answer(client_data, client_ids, functools.partial(_preprocessed, added))
    if not isinstance(made, list | tuple) or not all(isinstance(item, tf.data.Dataset) for item in made):
        return {"type": _kind(made)}
    return {"datasets": [shared.elements(dataset, most) for dataset in made], "client_ids": client_ids}


def _preprocessed(added, dataset):
    """What stands for preprocessing: it can be told from the label, and twice can be told from once."""
    return dataset.map(
        lambda element: collections.OrderedDict(label=element["label"] + added, pixels=element["pixels"])
    )


def _kind(made):
    """The type's name, with its items' for a list."""
    inner = f"[{type(made[0]).__name__}]" if isinstance(made, list) and made else ""
    return type(made).__name__ + inner
