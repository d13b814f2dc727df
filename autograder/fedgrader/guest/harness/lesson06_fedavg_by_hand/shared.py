"""What the harnesses of lesson 6 share."""

import collections

import numpy as np
import tensorflow_federated as tff

WEIGHTS = collections.OrderedDict(
    kernel=tff.TensorType(np.float32, [784, 10]), bias=tff.TensorType(np.float32, [10])
)
