"""Answers to `next_fn(server_weights, client_states, client_data, client_work, server_work)`."""

import collections

import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

PLACES = "gives back the weights at the server and the states at the clients"
WEIGHS = "weighs each update by the client's number of ratings"
OWN = "leaves each client its own new state"
NO_LEAK = "sends nothing of a state to the server"


def train(server_weights, client_states, client_data, client_work):
    at_clients = tff.federated_broadcast(server_weights)
    return tff.federated_map(client_work, (at_clients, client_states, client_data))


def serve(server_weights, trained, server_work):
    mean_update = tff.federated_mean(trained.update, weight=trained.num_examples)
    return tff.federated_map(server_work, (server_weights, mean_update))


def averaged_taste(trained):
    """The mean taste of the clients, sent back to each of them."""
    return tff.federated_broadcast(tff.federated_mean(trained.client_state.taste))


@right
def positions(server_weights, client_states, client_data, client_work, server_work):
    """Zips by hand and reaches fields by position."""
    at_clients = tff.federated_broadcast(server_weights)
    trained = tff.federated_map(client_work, tff.federated_zip((at_clients, client_states, client_data)))
    mean = tff.federated_mean(trained[0], trained[2])
    return tff.federated_map(server_work, tff.federated_zip((server_weights, mean))), trained[1]


@right
def sums_and_divides(server_weights, client_states, client_data, client_work, server_work):
    """Multiplies at the clients, sums twice, and divides at the server."""
    trained = train(server_weights, client_states, client_data, client_work)
    update_type = trained.update.type_signature.member

    @tff.tensorflow.computation(update_type, tf.float32)
    def multiply(update, num_examples):
        return tf.nest.map_structure(lambda u: u * num_examples, update)

    @tff.tensorflow.computation(update_type, tf.float32)
    def divide(total, num_examples):
        return tf.nest.map_structure(lambda u: u / num_examples, total)

    total = tff.federated_sum(tff.federated_map(multiply, (trained.update, trained.num_examples)))
    mean = tff.federated_map(divide, (total, tff.federated_sum(trained.num_examples)))
    return tff.federated_map(server_work, (server_weights, mean)), trained.client_state


@right
def takes_the_state_apart(server_weights, client_states, client_data, client_work, server_work):
    """Copies the state field by field, at the clients."""
    trained = train(server_weights, client_states, client_data, client_work)

    @tff.tensorflow.computation(trained.client_state.type_signature.member)
    def copy(state):
        return tf.nest.map_structure(tf.identity, state)

    return serve(server_weights, trained, server_work), tff.federated_map(copy, trained.client_state)


@right
def in_a_list(server_weights, client_states, client_data, client_work, server_work):
    """Returns a list of two."""
    trained = train(server_weights, client_states, client_data, client_work)
    return [serve(server_weights, trained, server_work), trained.client_state]


@wrong(PLACES, hint="Replace `raise NotImplementedError`")
def untouched(server_weights, client_states, client_data, client_work, server_work):
    """Has not begun."""
    raise NotImplementedError


@wrong(PLACES, hint="The new states are missing")
def lesson_six(server_weights, client_states, client_data, client_work, server_work):
    """Returns the server's weights alone, as in lesson 6: the states are lost."""
    return serve(server_weights, train(server_weights, client_states, client_data, client_work), server_work)


@wrong(PLACES, hint="The server's weights are missing")
def states_alone(server_weights, client_states, client_data, client_work, server_work):
    """Returns the states alone."""
    return train(server_weights, client_states, client_data, client_work).client_state


@wrong(PLACES, hint="Right values, wrong order")
def states_first(server_weights, client_states, client_data, client_work, server_work):
    """Returns the states first."""
    trained = train(server_weights, client_states, client_data, client_work)
    return trained.client_state, serve(server_weights, trained, server_work)


@wrong(PLACES, hint="they are at the server here")
def averages_the_states(server_weights, client_states, client_data, client_work, server_work):
    """Averages the tastes at the server, like all other weights."""
    trained = train(server_weights, client_states, client_data, client_work)
    return serve(server_weights, trained, server_work), tff.federated_mean(trained.client_state.taste)


@wrong(PLACES, hint="Take the states from it")
def returns_all_of_the_output(server_weights, client_states, client_data, client_work, server_work):
    """Returns all that the clients computed."""
    trained = train(server_weights, client_states, client_data, client_work)
    return serve(server_weights, trained, server_work), trained


@wrong(PLACES, hint="Leave out the cast")
def casts_the_states(server_weights, client_states, client_data, client_work, server_work):
    """Makes float32 of all numbers of a state, also of the rounds."""
    trained = train(server_weights, client_states, client_data, client_work)

    @tff.tensorflow.computation(trained.client_state.type_signature.member)
    def as_floats(state):
        return tf.nest.map_structure(lambda number: tf.cast(number, tf.float32), state)

    return serve(server_weights, trained, server_work), tff.federated_map(as_floats, trained.client_state)


@wrong(PLACES, hint="this value is at the clients already")
def broadcasts_the_states(server_weights, client_states, client_data, client_work, server_work):
    """Thinks that the server has the states."""
    trained = train(server_weights, tff.federated_broadcast(client_states), client_data, client_work)
    return serve(server_weights, trained, server_work), trained.client_state


@wrong(PLACES, hint="Send the server's part to the clients first: `tff.federated_broadcast`")
def forgets_to_broadcast(server_weights, client_states, client_data, client_work, server_work):
    """Maps over the server's weights as if the clients had them."""
    trained = tff.federated_map(client_work, (server_weights, client_states, client_data))
    return serve(server_weights, trained, server_work), trained.client_state


@wrong(PLACES, hint="in another order,")
def swaps_the_arguments(server_weights, client_states, client_data, client_work, server_work):
    """Gives `client_work` the state first."""
    at_clients = tff.federated_broadcast(server_weights)
    trained = tff.federated_map(client_work, (client_states, at_clients, client_data))
    return serve(server_weights, trained, server_work), trained.client_state


@wrong(PLACES, hint="The mean of integers is no integer")
def averages_everything(server_weights, client_states, client_data, client_work, server_work):
    """Averages the whole output, states and all."""
    trained = train(server_weights, client_states, client_data, client_work)
    mean = tff.federated_mean(trained, weight=trained.num_examples)
    return tff.federated_map(server_work, (server_weights, mean.update)), trained.client_state


@wrong(WEIGHS, hint="Give `tff.federated_mean` a `weight`")
def unweighted_mean(server_weights, client_states, client_data, client_work, server_work):
    """Lets each client count the same."""
    trained = train(server_weights, client_states, client_data, client_work)
    mean = tff.federated_mean(trained.update)
    return tff.federated_map(server_work, (server_weights, mean)), trained.client_state


@wrong(WEIGHS, hint="These are the updates added up")
def sums_the_updates(server_weights, client_states, client_data, client_work, server_work):
    """Adds the updates up."""
    trained = train(server_weights, client_states, client_data, client_work)
    total = tff.federated_sum(trained.update)
    return tff.federated_map(server_work, (server_weights, total)), trained.client_state


@wrong(WEIGHS, hint="The server's own step is missing")
def returns_the_mean_update(server_weights, client_states, client_data, client_work, server_work):
    """Forgets `server_work`."""
    trained = train(server_weights, client_states, client_data, client_work)
    return tff.federated_mean(trained.update, weight=trained.num_examples), trained.client_state


@wrong(WEIGHS, hint="The weights came back unchanged")
def returns_the_old_weights(server_weights, client_states, client_data, client_work, server_work):
    """Trains the clients and forgets the server."""
    trained = train(server_weights, client_states, client_data, client_work)
    return server_weights, trained.client_state


@wrong(OWN, hint="These are the states that came in")
def state_not_written_back(server_weights, client_states, client_data, client_work, server_work):
    """Returns the states as they came."""
    trained = train(server_weights, client_states, client_data, client_work)
    return serve(server_weights, trained, server_work), client_states


@wrong(OWN, hint="The tastes are the old ones")
def keeps_the_old_taste(server_weights, client_states, client_data, client_work, server_work):
    """Takes the number of rounds from the new state, and the taste from the old one."""
    trained = train(server_weights, client_states, client_data, client_work)
    taste, rounds = client_states.taste, trained.client_state.rounds
    return serve(server_weights, trained, server_work), named(taste, rounds)


def named(taste, rounds):
    """A state at the clients with the fields in their order."""
    return tff.federated_zip(collections.OrderedDict(taste=taste, rounds=rounds))


@wrong(OWN, hint="All clients end with one and the same taste")
def one_taste_for_all(server_weights, client_states, client_data, client_work, server_work):
    """Averages the tastes and sends the mean back to all: state shared between clients."""
    trained = train(server_weights, client_states, client_data, client_work)
    states = named(averaged_taste(trained), trained.client_state.rounds)
    return serve(server_weights, trained, server_work), states


@wrong(NO_LEAK, hint="Part of each client's state goes to the server")
def local_weights_averaged(server_weights, client_states, client_data, client_work, server_work):
    """Averages the tastes and sends the mean back to all: they all meet at the server."""
    return one_taste_for_all(server_weights, client_states, client_data, client_work, server_work)


@wrong(NO_LEAK, hint="Part of each client's state goes to the server")
def averages_the_taste_along(server_weights, client_states, client_data, client_work, server_work):
    """Averages the taste along with the update, and does not even use it."""
    trained = train(server_weights, client_states, client_data, client_work)
    both = (trained.update, trained.client_state.taste)
    mean = tff.federated_mean(both, weight=trained.num_examples)
    return tff.federated_map(server_work, (server_weights, mean[0])), trained.client_state


@wrong(NO_LEAK, hint="`int32`")
def counts_rounds_at_the_server(server_weights, client_states, client_data, client_work, server_work):
    """Has the server keep statistics of who took part how often, and makes the weights wait for them."""
    trained = train(server_weights, client_states, client_data, client_work)
    rounds = tff.federated_sum(trained.client_state.rounds)

    @tff.tensorflow.computation(server_weights.type_signature.member, tf.int32)
    def first(weights, _rounds):
        return weights

    served = serve(server_weights, trained, server_work)
    return tff.federated_map(first, (served, rounds)), trained.client_state


@right
def values_by_name(server_weights, client_states, client_data, client_work, server_work):
    """Zips what the clients have, and reads the results by name."""
    at_clients = tff.federated_broadcast(server_weights)
    trained = tff.federated_map(client_work, tff.federated_zip((at_clients, client_states, client_data)))
    mean = tff.federated_mean(trained["update"], weight=trained["num_examples"])
    return tff.federated_map(server_work, (server_weights, mean)), trained["client_state"]


@wrong(WEIGHS, hint="Each client took the server's step")
def the_servers_step_at_the_clients(server_weights, client_states, client_data, client_work, server_work):
    """Lets each client run `server_work`, and averages the weights."""
    at_clients = tff.federated_broadcast(server_weights)
    trained = tff.federated_map(client_work, (at_clients, client_states, client_data))
    stepped = tff.federated_map(server_work, (at_clients, trained.update))
    return tff.federated_mean(stepped, weight=trained.num_examples), trained.client_state


@wrong(NO_LEAK, hint="as `float32`")
def sums_rounds_as_floats(server_weights, client_states, client_data, client_work, server_work):
    """Casts the rounds to float32 at the clients before it adds them up."""
    trained = train(server_weights, client_states, client_data, client_work)

    @tff.tensorflow.computation(tf.int32)
    def as_float(rounds):
        return tf.cast(rounds, tf.float32)

    total = tff.federated_sum(tff.federated_map(as_float, trained.client_state.rounds))

    @tff.tensorflow.computation(server_weights.type_signature.member, tf.float32)
    def first(weights, _total):
        return weights

    served = serve(server_weights, trained, server_work)
    return tff.federated_map(first, (served, total)), trained.client_state
