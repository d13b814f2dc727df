"""What the harnesses of lesson 4 share."""

import numpy as np
import tensorflow_federated as tff

from fedcourse import signatures

_PLACEMENTS = {"CLIENTS": tff.CLIENTS, "SERVER": tff.SERVER}


def tff_type(text):
    """The TFF type that prints as `text`."""
    return _built(signatures.parse(text))


def _built(read):
    if isinstance(read, signatures.Struct):
        return tff.StructType([(name, _built(t)) if name else _built(t) for name, t in read.fields])
    if isinstance(read, signatures.Sequence):
        return tff.SequenceType(_built(read.element))
    if isinstance(read, signatures.Placed):
        return tff.FederatedType(_built(read.member), _PLACEMENTS[read.placement], read.all_equal)
    if isinstance(read, signatures.Function):
        return tff.FunctionType(read.parameter and _built(read.parameter), _built(read.result))
    return tff.TensorType(np.dtype(read.dtype).type, read.shape)


def texts(types):
    """Types as TFF prints them, by name; where there is no dictionary, the name of what there is."""
    if not isinstance(types, dict):
        return type(types).__name__
    return {str(name): text(value) for name, value in types.items()}


def text(value):
    return None if value is None else str(tff.to_type(value))
