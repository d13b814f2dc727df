"""What runs beside an answer to `encoded_sum`, lesson 8."""

import tensorflow_federated as tff

from fedgrader.guest.harness.inspect_computation import aggregates_by_tree
from fedgrader.guest.harness.lesson08_compression import shared


def encoded_sum(answer, value_type, groups):
    """The type of the answer's process, what one client sends, and what it sums up, also by way of a tree.

    `value_type` is a type as text; {"type": name} where it is no aggregation process.
    """
    text, value_type = value_type, shared.type_of(value_type)
    process = answer(value_type, *shared.toy_coders(text))
    if not isinstance(process, tff.templates.AggregationProcess):
        return {"type": type(process).__name__}
    result_type = process.next.type_signature.result.result
    if result_type.member != value_type:
        return {"type": str(result_type)}
    by_tree = aggregates_by_tree(process.next)
    state, values = process.initialize(), [[shared.ordered(value) for value in clients] for clients in groups]
    return {
        "type": str(result_type),
        "sent": shared.bits(process, down=False),
        "sums": [process.next(state, clients).result for clients in values],
        "sums_by_tree": [by_tree(state, clients)["result"] for clients in values],
    }
