"""What runs beside an answer to `next_fn`, lesson 7."""

import tensorflow as tf
import tensorflow_federated as tff

from fedgrader.guest.harness import toy_clients


@tff.tensorflow.computation(toy_clients.WEIGHTS, toy_clients.WEIGHTS)
def _toy_server_work(weights, update):
    return tf.nest.map_structure(lambda w, u: w + 0.5 * u, weights, update)


def next_fn(answer, weights, groups):
    """The answer traced as a round over toy clients: its type, and what it returns for each group of them."""
    at_clients = toy_clients.client_work(), toy_clients.clip_work()

    @tff.federated_computation(
        tff.FederatedType(toy_clients.WEIGHTS, tff.SERVER),
        tff.FederatedType(toy_clients.NUMBERS, tff.CLIENTS),
    )
    def one_round(server_weights, client_data):
        return answer(server_weights, client_data, *at_clients, _toy_server_work)

    return {
        "type": str(one_round.type_signature.result),
        "weights": [one_round(toy_clients.ordered(weights), clients) for clients in groups],
    }
