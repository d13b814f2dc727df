"""What the harnesses of lesson 7 share."""

import collections

import numpy as np
import tensorflow_federated as tff


def type_of(structure):
    """The TFF type of a dictionary of float32 arrays."""
    return tff.to_type(
        collections.OrderedDict(
            (name, tff.TensorType(np.float32, np.shape(tensor))) for name, tensor in structure.items()
        )
    )


def is_unchanged(structure, before):
    """Whether a structure still holds the very tensors of its copy `before`, under the same names."""
    return list(structure) == list(before) and all(structure[name] is before[name] for name in before)
