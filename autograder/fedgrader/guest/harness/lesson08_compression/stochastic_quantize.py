"""What runs beside an answer to `stochastic_quantize`, lesson 8."""

import numpy as np
import tensorflow_federated as tff


def _on_a_phone(answer, values, bits):
    @tff.tensorflow.computation(tff.TensorType(np.float32, np.shape(values)), tff.TensorType(np.int32, [2]))
    def quantize(values, seed):
        return answer(values, bits, seed)

    return quantize


def stochastic_quantize(answer, values, bits, seeds):
    """What the answer returns for each seed, run by TFF as on a phone."""
    quantize = _on_a_phone(answer, values, bits)
    return [quantize(np.float32(values), np.int32(seed)) for seed in seeds]


def type_for_none(answer, shape, bits, seed):
    """The type of what the answer returns for no values, after it has run: a range of nothing may be any."""
    quantize = _on_a_phone(answer, np.zeros(shape), bits)
    quantize(np.zeros(shape, np.float32), np.int32(seed))
    result = quantize.type_signature.result
    if not isinstance(result, tff.StructType):
        return str(result)
    return {str(name): str(field) for name, field in tff.structure.iter_elements(result)}
