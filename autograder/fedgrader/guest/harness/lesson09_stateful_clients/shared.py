"""What the harnesses of lesson 9 share."""

import collections

import numpy as np
import tensorflow_federated as tff

# Seven films and tastes of three numbers: the functions work for any number of them.
WEIGHTS = collections.OrderedDict(
    vectors=tff.TensorType(np.float32, [7, 3]), bias=tff.TensorType(np.float32, [7])
)
STATE = collections.OrderedDict(taste=tff.TensorType(np.float32, [3]), rounds=np.int32)


def weights(weights):
    return collections.OrderedDict(vectors=weights["vectors"], bias=weights["bias"])


def state(state):
    return collections.OrderedDict(taste=state["taste"], rounds=np.int32(state["rounds"]))
