"""What runs beside an answer to `next_fn`, lesson 9."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from fedgrader.guest.harness import toy_clients
from fedgrader.guest.harness.lesson09_stateful_clients import shared

# The toy clients of `next_fn` hold plain numbers instead of ratings.
_TOY = collections.OrderedDict(
    vectors=tff.TensorType(np.float32, [2, 2]), bias=tff.TensorType(np.float32, [2])
)
_STATE = shared.state_type(4)
# Where the value stands that a client sends, in the argument of each operator that collects.
_SENT = {
    "federated_sum": None,
    "federated_mean": None,
    "federated_weighted_mean": None,
    "federated_min": None,
    "federated_max": None,
    "federated_aggregate": 0,
}


@tff.tensorflow.computation(_TOY, _STATE, toy_clients.NUMBERS)
def _toy_client_work(weights, state, numbers):
    """The update does not depend on the state: whatever goes up and does was taken from the state."""
    total = toy_clients.add_up(numbers, lambda number: number)
    return collections.OrderedDict(
        update=tf.nest.map_structure(lambda w: tf.ones_like(w) * total, weights),
        client_state=collections.OrderedDict(
            taste=state["taste"] + total + weights["bias"][0], rounds=state["rounds"] + 1
        ),
        num_examples=toy_clients.add_up(numbers, lambda _: 1.0),
    )


@tff.tensorflow.computation(_TOY, _TOY)
def _toy_server_work(weights, mean_update):
    return tf.nest.map_structure(lambda w, u: w + 0.5 * u + 0.1 * u**2, weights, mean_update)


def next_fn(answer, weights, rounds):
    """The answer traced as a round over toy clients: its type, and what it returns in each of `rounds`.

    A round has the clients' states and their numbers. Of the first two, also what the clients send up.
    """

    @tff.federated_computation(
        tff.FederatedType(_TOY, tff.SERVER),
        tff.FederatedType(_STATE, tff.CLIENTS),
        tff.FederatedType(toy_clients.NUMBERS, tff.CLIENTS),
    )
    def one_round(server_weights, client_states, client_data):
        return answer(server_weights, client_states, client_data, _toy_client_work, _toy_server_work)

    uploads = _uploads(one_round)
    arguments = [
        (shared.weights(weights), [shared.state(state) for state in one["states"]], one["numbers"])
        for one in rounds
    ]
    return {
        "type": str(one_round.type_signature.result),
        "returned": [one_round(*each) for each in arguments],
        "sent": [uploads(*each) if uploads else [] for each in arguments[:2]],
    }


def _uploads(computation):
    """A computation that returns what each client sends up in a round; None where nothing goes up."""
    recorded = tff.framework.to_call_dominant(computation.to_building_block())
    body = recorded.result
    if not isinstance(body, tff.framework.Block):
        return None
    sent = [
        call.argument if _SENT[call.function.uri] is None else call.argument[_SENT[call.function.uri]]
        for _name, call in body.locals
        if isinstance(call, tff.framework.Call)
        and isinstance(call.function, tff.framework.Intrinsic)
        and call.function.uri in _SENT
    ]
    if not sent:
        return None
    everything = tff.framework.Block(body.locals, tff.framework.Struct(sent))
    return tff.framework.ConcreteComputation.from_building_block(
        tff.framework.Lambda(recorded.parameter_name, recorded.parameter_type, everything)
    )
