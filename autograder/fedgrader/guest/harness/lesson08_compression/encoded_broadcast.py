"""What runs beside an answer to `encoded_broadcast`, lesson 8."""

import numpy as np
import tensorflow_federated as tff

from fedgrader.guest.harness.lesson08_compression import shared


def encoded_broadcast(answer, value_type, value, num_clients):
    """The type of the answer's process, what each client downloads, and what each client has then.

    `value_type` is a type as text; {"type": name} where it is no distribution process.
    """
    text, value_type = value_type, shared.type_of(value_type)
    process = answer(value_type, *shared.toy_coders(text))
    if not isinstance(process, tff.learning.templates.DistributionProcess):
        return {"type": type(process).__name__}
    result_type = process.next.type_signature.result.result
    if result_type.member != value_type:
        return {"type": str(result_type)}
    received_only = tff.tensorflow.computation(lambda value, _number: value, [value_type, np.int32])

    # Clients bring a number each, so that there are so many of them.
    @tff.federated_computation(
        process.next.type_signature.parameter[0],
        tff.FederatedType(value_type, tff.SERVER),
        tff.FederatedType(np.int32, tff.CLIENTS),
    )
    def seen_by_clients(state, value, numbers):
        received = process.next(state, value).result
        return tff.federated_map(received_only, (received, numbers))

    return {
        "type": str(result_type),
        "received": shared.bits(process, down=True),
        "values": seen_by_clients(process.initialize(), shared.ordered(value), list(range(num_clients))),
    }
