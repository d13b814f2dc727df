"""What runs beside an answer to `stochastic_quantize`, lesson 8."""

import numpy as np
import tensorflow_federated as tff


def stochastic_quantize(answer, values, bits, seeds):
    """What the answer returns for each seed, run by TFF as on a phone."""
    shape = np.shape(values)

    @tff.tensorflow.computation(tff.TensorType(np.float32, shape), tff.TensorType(np.int32, [2]))
    def on_a_phone(values, seed):
        return answer(values, bits, seed)

    return [on_a_phone(np.float32(values), np.int32(seed)) for seed in seeds]
