"""What the harnesses of lesson 7 share."""

import collections

import numpy as np
import tensorflow_federated as tff

# Six pixels and three digits: the functions work for any number of them.
WEIGHTS = collections.OrderedDict(
    kernel=tff.TensorType(np.float32, [6, 3]), bias=tff.TensorType(np.float32, [3])
)
