"""What the harnesses of lesson 1 share."""

import collections

import tensorflow as tf


def dataset(pixels, labels):
    """One client's dataset, element by element: pixels float32[n, 28, 28], labels int32[n]."""
    return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(label=labels, pixels=pixels))


def elements(dataset, most):
    """The elements of `dataset` as data, no more than `most` of them."""
    return [tf.nest.map_structure(lambda tensor: tensor.numpy(), element) for element in dataset.take(most)]
