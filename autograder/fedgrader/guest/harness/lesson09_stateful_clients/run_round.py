"""What runs beside an answer to `run_round`, lesson 9."""

import collections
import copy

import numpy as np

from fedgrader.guest.harness.lesson09_stateful_clients import shared


def run_round(answer, server_weights, store, rounds, data, first):
    """What the answer returns and has done to the store after each of `rounds`, lists of client ids.

    The toy round adds a client's datum to its taste, and all tastes to the server's biases. Of each round it
    tells with what it was called, and how often, and which arguments the answer changed though it must not.
    A key that is not in the store, or a client that has no data, ends it, and is told.
    """
    told = []

    def one_round(server_weights, states, data):
        kinds = [type(states).__name__, type(data).__name__]
        states, data = [copy.deepcopy(state) for state in states], list(data)
        told[-1]["calls"].append({"kinds": kinds, "states": states, "data": data})
        new = [
            collections.OrderedDict(taste=state["taste"] + datum, rounds=state["rounds"] + 1)
            for state, datum in zip(states, data, strict=True)
        ]
        bias = server_weights["bias"] + sum(state["taste"] for state in new)
        trained = collections.OrderedDict(vectors=server_weights["vectors"] + 1, bias=bias)
        return trained, copy.deepcopy(new)

    def first_state():
        return shared.state(first)

    store = {client_id: shared.state(state) for client_id, state in store.items()}
    weights = shared.weights(server_weights)
    for client_ids in rounds:
        told.append({"calls": []})
        given, weights_before = list(client_ids), copy.deepcopy(weights)
        try:
            returned = answer(one_round, weights, store, given, data.__getitem__, first_state)
        except KeyError as error:
            told[-1] |= {"missing": str(error.args[0]), "has_data": error.args[0] in data}
            break
        changed = [] if given == client_ids else ["client_ids"]
        if not _are_same(weights, weights_before):
            changed.append("server_weights")
        told[-1] |= {"returned": returned, "store": copy.deepcopy(store), "changed": changed}
        weights = returned if isinstance(returned, collections.OrderedDict) else weights
    return told


def _are_same(one, other):
    return list(one) == list(other) and all(np.array_equal(one[name], other[name]) for name in one)
