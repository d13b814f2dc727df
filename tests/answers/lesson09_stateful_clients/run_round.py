"""Answers to `run_round(one_round, server_weights, store, client_ids, data_of, first_state)`."""

import collections

from answers import right, wrong

OWN = "hands each client its own state and its own data"
RETURNS = "returns the server's new weights"
KEEPS = "keeps the new states, each under its client's id"
NEW = "welcomes clients it has never met"


def states_of(store, client_ids, first_state):
    return [store[client_id] if client_id in store else first_state() for client_id in client_ids]


def data_for(client_ids, data_of):
    return [data_of(client_id) for client_id in client_ids]


@right
def loops(one_round, server_weights, store, client_ids, data_of, first_state):
    """Fills two lists and writes back in a loop."""
    states, data = [], []
    for client_id in client_ids:
        if client_id not in store:
            store[client_id] = first_state()
        states.append(store[client_id])
        data.append(data_of(client_id))
    server_weights, new_states = one_round(server_weights, states, data)
    for client_id, state in zip(client_ids, new_states, strict=True):
        store[client_id] = state
    return server_weights


@right
def gets(one_round, server_weights, store, client_ids, data_of, first_state):
    """Uses `get` with a default, and positions within the round."""
    states = [store.get(client_id, first_state()) for client_id in client_ids]
    result = one_round(server_weights, states, list(map(data_of, client_ids)))
    for position, client_id in enumerate(client_ids):
        store[client_id] = result[1][position]
    return result[0]


@right
def sorts_the_clients(one_round, server_weights, store, client_ids, data_of, first_state):
    """Brings the clients into an order of its own first, and stays with it."""
    chosen = sorted(client_ids)
    for client_id in chosen:
        store.setdefault(client_id, first_state())
    new_weights, new_states = one_round(
        server_weights, [store[client_id] for client_id in chosen], data_for(chosen, data_of)
    )
    store |= dict(zip(chosen, new_states, strict=True))
    return new_weights


@right
def tries(one_round, server_weights, store, client_ids, data_of, first_state):
    """Asks for forgiveness instead of permission."""

    def state_of(client_id):
        try:
            return store[client_id]
        except KeyError:
            return first_state()

    weights, states = one_round(
        server_weights, [state_of(client_id) for client_id in client_ids], data_for(client_ids, data_of)
    )
    store.update(zip(client_ids, states, strict=True))
    return weights


@wrong(OWN, hint="Replace `raise NotImplementedError`")
def untouched(one_round, server_weights, store, client_ids, data_of, first_state):
    """Has not begun."""
    raise NotImplementedError


@wrong(OWN, hint="Everybody begins anew")
def throws_the_states_away(one_round, server_weights, store, client_ids, data_of, first_state):
    """Hands out fresh states each round."""
    states = [first_state() for _client_id in client_ids]
    server_weights, new_states = one_round(server_weights, states, data_for(client_ids, data_of))
    store.update(zip(client_ids, new_states, strict=True))
    return server_weights


@wrong(OWN, hint="The states are matched by position")
def matches_by_position(one_round, server_weights, store, client_ids, data_of, first_state):
    """Takes the states in the order of the store."""
    states = list(store.values())[: len(client_ids)]
    server_weights, new_states = one_round(server_weights, states, data_for(client_ids, data_of))
    store.update(zip(client_ids, new_states, strict=True))
    return server_weights


@wrong(OWN, hint="A position is no name")
def looks_up_positions(one_round, server_weights, store, client_ids, data_of, first_state):
    """Uses the position in the round as the key."""
    states = [store[position] for position in range(len(client_ids))]
    server_weights, new_states = one_round(server_weights, states, data_for(client_ids, data_of))
    store.update(enumerate(new_states))
    return server_weights


@wrong(OWN, hint="Everybody begins anew")
def keeps_by_position(one_round, server_weights, store, client_ids, data_of, first_state):
    """Keeps one state for each place in the round."""
    places = range(len(client_ids))
    server_weights, new_states = one_round(
        server_weights, states_of(store, places, first_state), data_for(client_ids, data_of)
    )
    store.update(zip(places, new_states, strict=True))
    return server_weights


@wrong(OWN, hint="All clients got one state between them")
def one_state_for_all(one_round, server_weights, store, client_ids, data_of, first_state):
    """Hands the first client's state to all."""
    states = [store[client_ids[0]]] * len(client_ids)
    server_weights, new_states = one_round(server_weights, states, data_for(client_ids, data_of))
    store.update(zip(client_ids, new_states, strict=True))
    return server_weights


@wrong(OWN, hint="States and data are in different orders")
def sorts_only_the_data(one_round, server_weights, store, client_ids, data_of, first_state):
    """Sorts the ids for the data and not for the states."""
    states = states_of(store, client_ids, first_state)
    server_weights, new_states = one_round(server_weights, states, data_for(sorted(client_ids), data_of))
    store.update(zip(client_ids, new_states, strict=True))
    return server_weights


@wrong(OWN, hint="Call `one_round(server_weights, states, data)`")
def runs_no_round(one_round, server_weights, store, client_ids, data_of, first_state):
    """Forgets the round."""
    states_of(store, client_ids, first_state)
    return server_weights


@wrong(RETURNS, hint="Nothing was returned")
def returns_nothing(one_round, server_weights, store, client_ids, data_of, first_state):
    """Thinks that the store is all that changes."""
    loops(one_round, server_weights, store, client_ids, data_of, first_state)


@wrong(RETURNS, hint="from before the round")
def returns_the_old_weights(one_round, server_weights, store, client_ids, data_of, first_state):
    """Gives the new weights another name."""
    loops(one_round, server_weights, store, client_ids, data_of, first_state)
    return server_weights


@wrong(RETURNS, hint="Take them apart")
def returns_both(one_round, server_weights, store, client_ids, data_of, first_state):
    """Returns what the round returns."""
    result = one_round(
        server_weights, states_of(store, client_ids, first_state), data_for(client_ids, data_of)
    )
    store.update(zip(client_ids, result[1], strict=True))
    return result


@wrong(RETURNS, hint="Right fields, wrong order")
def sorts_the_weights(one_round, server_weights, store, client_ids, data_of, first_state):
    """Returns the fields in the order of the alphabet."""
    weights = loops(one_round, server_weights, store, client_ids, data_of, first_state)
    return collections.OrderedDict(sorted(weights.items()))


@wrong(RETURNS, hint="This is the store")
def returns_the_store(one_round, server_weights, store, client_ids, data_of, first_state):
    """Returns the store."""
    loops(one_round, server_weights, store, client_ids, data_of, first_state)
    return store


@wrong(KEEPS, hint="the new states were not put back")
def not_written_back(one_round, server_weights, store, client_ids, data_of, first_state):
    """Returns the weights and forgets the states."""
    states = states_of(store, client_ids, first_state)
    server_weights, _states = one_round(server_weights, states, data_for(client_ids, data_of))
    return server_weights


@wrong(KEEPS, hint="only gives the name to something else")
def rebinds_the_store(one_round, server_weights, store, client_ids, data_of, first_state):
    """Makes a new dictionary under the old name."""
    states = states_of(store, client_ids, first_state)
    server_weights, new_states = one_round(server_weights, states, data_for(client_ids, data_of))
    store = {**store, **dict(zip(client_ids, new_states, strict=True))}
    return server_weights


@wrong(KEEPS, hint="put back by position")
def zips_with_the_store(one_round, server_weights, store, client_ids, data_of, first_state):
    """Thinks that the store is in the order of the round."""
    states = states_of(store, client_ids, first_state)
    server_weights, new_states = one_round(server_weights, states, data_for(client_ids, data_of))
    for client_id, state in zip(store, new_states, strict=False):
        store[client_id] = state
    return server_weights


@wrong(KEEPS, hint="put back by position")
def zips_with_sorted_ids(one_round, server_weights, store, client_ids, data_of, first_state):
    """Sorts the ids on the way back only."""
    states = states_of(store, client_ids, first_state)
    server_weights, new_states = one_round(server_weights, states, data_for(client_ids, data_of))
    store.update(zip(sorted(client_ids), new_states, strict=True))
    return server_weights


@wrong(KEEPS, hint="The store has new keys, 0, 1, 2")
def files_by_position(one_round, server_weights, store, client_ids, data_of, first_state):
    """Files the new states under their positions."""
    states = states_of(store, client_ids, first_state)
    server_weights, new_states = one_round(server_weights, states, data_for(client_ids, data_of))
    store.update(enumerate(new_states))
    return server_weights


@wrong(KEEPS, hint="All clients share one state now")
def last_state_for_all(one_round, server_weights, store, client_ids, data_of, first_state):
    """Overwrites everybody's state in an inner loop."""
    states = states_of(store, client_ids, first_state)
    server_weights, new_states = one_round(server_weights, states, data_for(client_ids, data_of))
    for client_id in client_ids:
        for state in new_states:
            store[client_id] = state
    return server_weights


@wrong(KEEPS, hint="The store has lost")
def empties_the_store(one_round, server_weights, store, client_ids, data_of, first_state):
    """Keeps only the clients of this round."""
    states = states_of(store, client_ids, first_state)
    server_weights, new_states = one_round(server_weights, states, data_for(client_ids, data_of))
    store.clear()
    store.update(zip(client_ids, new_states, strict=True))
    return server_weights


@wrong(NEW, hint="fails for a client who has never taken part")
def new_user_crashes(one_round, server_weights, store, client_ids, data_of, first_state):
    """Has never met a new client."""
    states = [store[client_id] for client_id in client_ids]
    server_weights, new_states = one_round(server_weights, states, data_for(client_ids, data_of))
    store.update(zip(client_ids, new_states, strict=True))
    return server_weights


@wrong(NEW, hint="The new clients were not put into the store")
def writes_known_clients_only(one_round, server_weights, store, client_ids, data_of, first_state):
    """Writes back only to those who are there."""
    states = states_of(store, client_ids, first_state)
    server_weights, new_states = one_round(server_weights, states, data_for(client_ids, data_of))
    for client_id, state in zip(client_ids, new_states, strict=True):
        if client_id in store:
            store[client_id] = state
    return server_weights


@wrong(NEW, hint="The new clients were left out")
def skips_new_clients(one_round, server_weights, store, client_ids, data_of, first_state):
    """Lets only known clients take part."""
    known = [client_id for client_id in client_ids if client_id in store]
    return loops(one_round, server_weights, store, known, data_of, first_state) if known else server_weights


@wrong(NEW, hint="The new clients' first states were kept")
def keeps_the_first_state(one_round, server_weights, store, client_ids, data_of, first_state):
    """Writes the first state of new clients after the round."""
    new = [client_id for client_id in client_ids if client_id not in store]
    server_weights = loops(one_round, server_weights, store, client_ids, data_of, first_state)
    for client_id in new:
        store[client_id] = first_state()
    return server_weights


@wrong(OWN, hint="Call `one_round` once")
def trains_twice(one_round, server_weights, store, client_ids, data_of, first_state):
    """Calls the round once for the weights, and once for the states."""
    states, data = states_of(store, client_ids, first_state), data_for(client_ids, data_of)
    weights = one_round(server_weights, states, data)[0]
    store.update(zip(client_ids, one_round(server_weights, states, data)[1], strict=True))
    return weights


@wrong(OWN, hint="TFF takes the clients' values from a list")
def tuples(one_round, server_weights, store, client_ids, data_of, first_state):
    """Hands over tuples."""
    states, data = tuple(states_of(store, client_ids, first_state)), tuple(data_for(client_ids, data_of))
    server_weights, new_states = one_round(server_weights, states, data)
    store.update(zip(client_ids, new_states, strict=True))
    return server_weights


@wrong(OWN, hint="`client_ids` belongs to the caller")
def sorts_in_place(one_round, server_weights, store, client_ids, data_of, first_state):
    """Sorts the list that it was given."""
    client_ids.sort()
    return loops(one_round, server_weights, store, client_ids, data_of, first_state)


@wrong(NEW, hint="hand over the state that `store` has under this id")
def zeros_for_newcomers(one_round, server_weights, store, client_ids, data_of, first_state):
    """Makes the first state by itself, of zeros."""

    def zeros():
        state = first_state()
        return {"taste": 0 * state["taste"], "rounds": 0 * state["rounds"]}

    return loops(one_round, server_weights, store, client_ids, data_of, zeros)


@wrong(NEW, hint="hand over the state that `store` has under this id")
def somebodys_state_for_newcomers(one_round, server_weights, store, client_ids, data_of, first_state):
    """Gives a new client the state of the first in the store."""

    def somebodys():
        return next(iter(store.values()))

    return loops(one_round, server_weights, store, client_ids, data_of, somebodys)
