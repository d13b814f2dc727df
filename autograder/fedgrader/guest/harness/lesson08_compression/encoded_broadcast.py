"""What runs beside an answer to `encoded_broadcast`, lesson 8."""

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from fedgrader.guest.harness.lesson08_compression import shared


def encoded_broadcast(answer, model, num_clients):
    """The type of the answer's process, what each client downloads, and what the clients have in the end.

    {"type": name} where it is no distribution process.
    """
    process = answer(shared.MODEL, *shared.toy_coders())
    if not isinstance(process, tff.learning.templates.DistributionProcess):
        return {"type": type(process).__name__}
    result_type = process.next.type_signature.result.result
    if result_type.member != shared.MODEL:
        return {"type": str(result_type), "received": shared.bits(process, down=True)}

    @tff.tensorflow.computation(shared.MODEL, np.float32)
    def times(model, number):
        return tf.nest.map_structure(lambda tensor: tensor * number, model)

    # Clients bring a number each, so that what is at the clients can be seen: their mean is taken.
    @tff.federated_computation(
        process.next.type_signature.parameter[0],
        tff.FederatedType(shared.MODEL, tff.SERVER),
        tff.FederatedType(np.float32, tff.CLIENTS),
    )
    def seen_by_clients(state, model, ones):
        received = process.next(state, model).result
        return tff.federated_mean(tff.federated_map(times, (received, ones)))

    return {
        "type": str(result_type),
        "received": shared.bits(process, down=True),
        "model": seen_by_clients(process.initialize(), shared.ordered(model), [1.0] * num_clients),
    }
