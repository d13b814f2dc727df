"""Harnesses of lesson 9."""

import collections
import copy

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from autograder.harness import toy_clients
from fedcourse.meter import round_cost

# Seven films and tastes of three numbers: the functions work for any number of them.
_WEIGHTS = collections.OrderedDict(
    vectors=tff.TensorType(np.float32, [7, 3]), bias=tff.TensorType(np.float32, [7])
)
_STATE = collections.OrderedDict(taste=tff.TensorType(np.float32, [3]), rounds=np.int32)
_BATCHES = tff.SequenceType(
    collections.OrderedDict(item=tff.TensorType(np.int32, [None]), rating=tff.TensorType(np.float32, [None]))
)
# The toy clients of `next_fn` hold plain numbers instead of ratings. No two parts are of one type, so that a
# type tells what crosses the network.
_TOY = collections.OrderedDict(
    vectors=tff.TensorType(np.float32, [2, 2]), bias=tff.TensorType(np.float32, [2])
)


def _weights(weights):
    return collections.OrderedDict(vectors=weights["vectors"], bias=weights["bias"])


def _state(state):
    return collections.OrderedDict(taste=state["taste"], rounds=np.int32(state["rounds"]))


def predict(answer, weights, taste, items):
    """What the answer returns for each of the weights, run by TFF as a client would run it."""

    @tff.tensorflow.computation(_WEIGHTS, _STATE["taste"], tff.TensorType(np.int32, [None]))
    def work(weights, taste, items):
        return answer(weights, taste, items)

    return [work(_weights(each), taste, items) for each in weights]


def client_update(answer, weights, state, batches, local_rate, global_rate, local_passes):
    """What the answer returns, run by TFF as a client would run it."""

    @tff.tensorflow.computation(_WEIGHTS, _STATE, _BATCHES)
    def client_work(weights, state, dataset):
        return answer(weights, state, dataset, local_rate, global_rate, local_passes)

    elements = [collections.OrderedDict(item=batch["item"], rating=batch["rating"]) for batch in batches]
    return client_work(_weights(weights), _state(state), elements)


@tff.tensorflow.computation(_TOY, _STATE, toy_clients.NUMBERS)
def _toy_client_work(weights, state, numbers):
    total = toy_clients.add_up(numbers, lambda number: number)
    return collections.OrderedDict(
        update=tf.nest.map_structure(lambda w: tf.ones_like(w) * (total + state["taste"][0]), weights),
        client_state=collections.OrderedDict(
            taste=state["taste"] + total + weights["bias"][0], rounds=state["rounds"] + 1
        ),
        num_examples=toy_clients.add_up(numbers, lambda _: 1.0),
    )


@tff.tensorflow.computation(_TOY, _TOY)
def _toy_server_work(weights, mean_update):
    return tf.nest.map_structure(lambda w, u: w + 0.5 * u, weights, mean_update)


def next_fn(answer, weights, states, clients):
    """The answer traced as a round over toy clients: its type, what it returns, what crosses the network."""

    @tff.federated_computation(
        tff.FederatedType(_TOY, tff.SERVER),
        tff.FederatedType(_STATE, tff.CLIENTS),
        tff.FederatedType(toy_clients.NUMBERS, tff.CLIENTS),
    )
    def one_round(server_weights, client_states, client_data):
        return answer(server_weights, client_states, client_data, _toy_client_work, _toy_server_work)

    transfers = round_cost(one_round, len(clients)).transfers
    return {
        "type": str(one_round.type_signature.result),
        "returned": one_round(_weights(weights), [_state(state) for state in states], clients),
        "down": [transfer.type for transfer in transfers if transfer.down],
        "up": [transfer.type for transfer in transfers if not transfer.down],
    }


def run_round(answer, server_weights, store, rounds, data):
    """What the answer returns and has done to the store after each of `rounds`, lists of client ids.

    The toy round adds a client's datum to its taste, and all tastes to the server's weights. Of each round it
    tells which states and data it was given. A `KeyError` ends it, and is told.
    """
    told = []

    def one_round(server_weights, states, data):
        states = [copy.deepcopy(state) for state in states]
        told[-1] |= {"states": states, "data": list(data)}
        new = [
            collections.OrderedDict(taste=state["taste"] + datum, rounds=state["rounds"] + 1)
            for state, datum in zip(states, data, strict=True)
        ]
        return server_weights + sum(state["taste"] for state in new), copy.deepcopy(new)

    def first_state():
        return collections.OrderedDict(taste=np.zeros(3, np.float32), rounds=0)

    store = {client_id: _state(state) for client_id, state in store.items()}
    for client_ids in rounds:
        told.append({})
        try:
            returned = answer(one_round, server_weights, store, client_ids, data.__getitem__, first_state)
        except KeyError as error:
            told[-1] |= {"missing": str(error.args[0])}
            break
        told[-1] |= {"returned": returned, "store": copy.deepcopy(store)}
        if isinstance(returned, np.ndarray):
            server_weights = returned
    return told
