"""What runs beside an answer to `ink_spread`, lesson 4."""

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

_PAGES = tff.SequenceType(np.float32)  # a page of the toy clients is a number, and its ink the square of it


@tff.tensorflow.computation(_PAGES)
def _mean_ink(pages):
    total, count = pages.reduce((0.0, 0.0), lambda sums, page: (sums[0] + page * page, sums[1] + 1.0))
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
