"""What runs beside an answer to `run_round`, lesson 9."""

import collections
import copy

import numpy as np

from fedgrader.guest.harness.lesson09_stateful_clients import shared


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

    store = {client_id: shared.state(state) for client_id, state in store.items()}
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
