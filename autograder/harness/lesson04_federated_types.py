"""Harnesses of lesson 4: types go in and come out as TFF prints them."""

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from fedcourse import signatures

_PLACEMENTS = {"CLIENTS": tff.CLIENTS, "SERVER": tff.SERVER}
_PAGES = tff.SequenceType(np.float32)  # a page of the toy clients is a number


def _type(text):
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


def _texts(types):
    """Types as TFF prints them, by name; where there is no dictionary, the name of what there is."""
    if not isinstance(types, dict):
        return type(types).__name__
    return {str(name): _text(value) for name, value in types.items()}


def _text(value):
    return None if value is None else str(tff.to_type(value))


def plain_types(answer, side):
    """The types that the answer returns."""
    return _texts(answer(side))


def placed_types(answer, weights, batch):
    """The types that the answer returns for weights and batches of the given types."""
    return _texts(answer(_type(weights), _type(batch)))


def result_type(answer, cases):
    """The types that the answer returns for cases of (operator, value's type, and a function's for "map")."""
    return [_text(answer(operator, *map(_type, types))) for operator, *types in cases]


def may_be_passed(answer, parameter, offered):
    """What the answer says of the offered types, for a computation with a parameter of type `parameter`."""

    @tff.federated_computation(_type(parameter))
    def computation(value):
        return tff.federated_value(0, tff.SERVER)

    says = answer(computation, {name: _type(text) for name, text in offered.items()})
    return {str(name): _said(value) for name, value in says.items()} if isinstance(says, dict) else says


def _said(value):
    return bool(value) if isinstance(value, bool | np.bool_) else str(value)


@tff.tensorflow.computation(_PAGES)
def _mean_ink(pages):
    total, count = pages.reduce((0.0, 0.0), lambda sums, page: (sums[0] + page, sums[1] + 1.0))
    return total / count


@tff.tensorflow.computation(_PAGES, np.float32)
def _distance(pages, center):
    return tf.abs(pages.reduce(0.0, lambda total, page: total + page) - center)


@tff.tensorflow.computation(_PAGES)
def _count_pages(pages):
    return pages.reduce(0, lambda count, _: count + 1)


def ink_spread(answer, clients):
    """The answer traced over clients with numbers for pages: the type of what it returns, and the values."""

    @tff.federated_computation(tff.FederatedType(_PAGES, tff.CLIENTS))
    def spread(client_pages):
        return answer(client_pages, _mean_ink, _distance, _count_pages)

    result = spread.type_signature.result
    return {"type": str(result), "value": spread(clients) if _is_data(result) else None}


def _is_data(result):
    """Whether running a computation with this result gives plain data."""
    return not isinstance(result, tff.FunctionType)
