"""What runs beside an answer to `evaluate`, lesson 6."""

import collections

import tensorflow as tf
import tensorflow_federated as tff

from fedgrader.guest.harness import toy_clients


@tff.tensorflow.computation(toy_clients.WEIGHTS, toy_clients.NUMBERS)
def _toy_count_correct(weights, numbers):
    threshold = weights["bias"][0]
    right = toy_clients.add_up(numbers, lambda number: tf.cast(number > threshold, tf.float32))
    return collections.OrderedDict(correct=right, num_examples=toy_clients.add_up(numbers, lambda _: 1.0))


def evaluate(answer, weights, clients):
    """The answer traced as an evaluation over toy clients: what it returns, and its type."""

    @tff.federated_computation(
        tff.FederatedType(toy_clients.WEIGHTS, tff.SERVER),
        tff.FederatedType(toy_clients.NUMBERS, tff.CLIENTS),
    )
    def evaluation(server_weights, client_data):
        return answer(server_weights, client_data, _toy_count_correct)

    return {
        "type": str(evaluation.type_signature.result),
        "accuracy": evaluation(toy_clients.ordered(weights), clients),
    }
