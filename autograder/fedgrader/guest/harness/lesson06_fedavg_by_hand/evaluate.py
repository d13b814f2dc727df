"""What runs beside an answer to `evaluate`, lesson 6."""

import collections

import tensorflow as tf
import tensorflow_federated as tff

from fedgrader.guest.harness import toy_clients
from fedgrader.guest.harness.lesson06_fedavg_by_hand import shared


@tff.tensorflow.computation(toy_clients.WEIGHTS, shared.NUMBER_BATCHES)
def _toy_count_correct(weights, batches):
    """A number is read right if it is larger than all weights together."""
    threshold = tf.add_n([tf.reduce_sum(w) for w in weights.values()])
    right = shared.add_up(batches, lambda batch: tf.cast(batch > threshold, tf.float32))
    return collections.OrderedDict(correct=right, num_examples=shared.add_up(batches, tf.ones_like))


def evaluate(answer, cases):
    """The answer traced as an evaluation over toy clients: its type, and its results for the cases."""

    @tff.federated_computation(
        tff.FederatedType(toy_clients.WEIGHTS, tff.SERVER),
        tff.FederatedType(shared.NUMBER_BATCHES, tff.CLIENTS),
    )
    def evaluation(server_weights, client_data):
        return answer(server_weights, client_data, _toy_count_correct)

    return {
        "type": str(evaluation.type_signature.result),
        "accuracies": [evaluation(toy_clients.ordered(weights), clients) for weights, clients in cases],
    }
