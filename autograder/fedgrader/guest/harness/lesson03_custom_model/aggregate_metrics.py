"""What runs beside an answer to `aggregate_metrics`, lesson 3."""

import collections

import tensorflow_federated as tff

from fedgrader.guest.harness.lesson03_custom_model import shared


def _ordered(unfinalized):
    return collections.OrderedDict((name, list(unfinalized[name])) for name in shared.UNFINALIZED)


@tff.tensorflow.computation(shared.UNFINALIZED)
def _finalize(unfinalized):
    loss_sum, num_examples = unfinalized["loss"]
    return collections.OrderedDict(
        loss=loss_sum / num_examples,
        accuracy=unfinalized["accuracy"][0] / unfinalized["accuracy"][1],
        num_examples=unfinalized["num_examples"][0],
    )


def aggregate_metrics(answer, clients):
    """The answer traced as an aggregation: what it returns for the clients, and its type."""

    @tff.federated_computation(tff.FederatedType(shared.UNFINALIZED, tff.CLIENTS))
    def aggregation(unfinalized):
        return answer(unfinalized, _finalize)

    return {
        "type": str(aggregation.type_signature.result),
        "metrics": aggregation([_ordered(client) for client in clients]),
    }
