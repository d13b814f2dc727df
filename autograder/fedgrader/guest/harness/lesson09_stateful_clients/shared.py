"""What the harnesses of lesson 9 share."""

import collections

import numpy as np
import tensorflow_federated as tff


def weights_type(films, tastes):
    """The type of the global weights of so many films, with vectors of so many numbers."""
    return collections.OrderedDict(
        vectors=tff.TensorType(np.float32, [films, tastes]), bias=tff.TensorType(np.float32, [films])
    )


def state_type(tastes):
    """The type of a client's state with a taste of so many numbers."""
    return collections.OrderedDict(taste=tff.TensorType(np.float32, [tastes]), rounds=np.int32)


def weights(weights):
    return collections.OrderedDict(vectors=weights["vectors"], bias=weights["bias"])


def state(state):
    return collections.OrderedDict(taste=state["taste"], rounds=np.int32(state["rounds"]))
