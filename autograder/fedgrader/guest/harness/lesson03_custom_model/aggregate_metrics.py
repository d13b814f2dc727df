"""What runs beside an answer to `aggregate_metrics`, lesson 3."""

import collections

import tensorflow as tf
import tensorflow_federated as tff

from fedgrader.guest.harness.lesson03_custom_model import shared


def _ordered(unfinalized):
    return collections.OrderedDict((name, list(unfinalized[name])) for name in shared.UNFINALIZED)


@tff.tensorflow.computation(shared.UNFINALIZED)
def _finalize(unfinalized):
    return collections.OrderedDict(
        loss=tf.math.divide_no_nan(*unfinalized["loss"]),
        accuracy=tf.math.divide_no_nan(*unfinalized["accuracy"]),
        num_examples=unfinalized["num_examples"][0],
    )


def aggregate_metrics(answer, groups):
    """The answer traced as an aggregation: what it returns for each group of clients, and its type."""

    @tff.federated_computation(tff.FederatedType(shared.UNFINALIZED, tff.CLIENTS))
    def aggregation(unfinalized):
        return answer(unfinalized, _finalize)

    return {
        "type": str(aggregation.type_signature.result),
        "metrics": [aggregation([_ordered(client) for client in clients]) for clients in groups],
    }
