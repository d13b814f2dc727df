"""Answers to `next_fn(server_state, client_data, client_work, clip_work, add_noise, server_work)`."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

ROUND = "is a round: the server's state in, the server's state out"
SUMS = "clips each client's update and adds them up, each with the same say"
NOISE = "adds the noise once, at the server"
FRUGAL = "sends no more than it must"


def train(server_state, client_data, client_work):
    at_clients = tff.federated_broadcast(server_state.weights)
    return at_clients, tff.federated_map(client_work, (at_clients, client_data))


def clipped(server_state, client_data, client_work, clip_work):
    at_clients, trained = train(server_state, client_data, client_work)
    return tff.federated_map(clip_work, (at_clients, trained.weights))


def finish(server_state, total, add_noise, server_work):
    noisy = tff.federated_map(add_noise, (total, server_state.round_num))
    return tff.federated_map(server_work, (server_state, noisy))


def minus(weights_type):
    @tff.tensorflow.computation(weights_type, weights_type)
    def subtract(one, other):
        return tf.nest.map_structure(tf.subtract, one, other)

    return subtract


@right
def positions_and_brackets(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Reaches fields with brackets and by position, and zips by hand."""
    at_clients = tff.federated_broadcast(server_state["weights"])
    trained = tff.federated_map(client_work, tff.federated_zip((at_clients, client_data)))
    updates = tff.federated_map(clip_work, tff.federated_zip((at_clients, trained[0])))
    noisy = tff.federated_map(add_noise, tff.federated_zip((tff.federated_sum(updates), server_state[1])))
    return tff.federated_map(server_work, tff.federated_zip((server_state, noisy)))


@right
def one_client_computation(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Trains and clips in one computation at the clients."""
    weights_type = server_state.weights.type_signature.member

    @tff.tensorflow.computation(weights_type, client_data.type_signature.member)
    def train_and_clip(weights, dataset):
        return clip_work(weights, client_work(weights, dataset)["weights"])

    at_clients = tff.federated_broadcast(server_state.weights)
    total = tff.federated_sum(tff.federated_map(train_and_clip, (at_clients, client_data)))
    return finish(server_state, total, add_noise, server_work)


@right
def one_server_computation(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Adds the noise and makes the step in one computation at the server."""
    state_type = server_state.type_signature.member
    updates = clipped(server_state, client_data, client_work, clip_work)

    @tff.tensorflow.computation(state_type, updates.type_signature.member)
    def noise_and_step(state, total):
        return server_work(state, add_noise(total, state["round_num"]))

    return tff.federated_map(noise_and_step, (server_state, tff.federated_sum(updates)))


@right
def aggregates(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Builds the sum from `tff.federated_aggregate`."""
    updates = clipped(server_state, client_data, client_work, clip_work)
    kind = updates.type_signature.member

    @tff.tensorflow.computation
    def zero():
        return collections.OrderedDict(kernel=tf.zeros([2, 2]), bias=tf.zeros([2]))

    @tff.tensorflow.computation(kind, kind)
    def add(one, other):
        return tf.nest.map_structure(tf.add, one, other)

    @tff.tensorflow.computation(kind)
    def report(total):
        return total

    total = tff.federated_aggregate(updates, zero(), add, add, report)
    return finish(server_state, total, add_noise, server_work)


@wrong(ROUND, hint="Replace `raise NotImplementedError`")
def untouched(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Has not begun."""
    raise NotImplementedError


@wrong(ROUND, hint="The function returned nothing")
def forgot_to_return(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Runs the round and keeps the result."""
    one_client_computation(server_state, client_data, client_work, clip_work, add_noise, server_work)


@wrong(ROUND, hint="Send the server's part to the clients first")
def the_round_number_is_at_the_server(
    server_state, client_data, client_work, clip_work, add_noise, server_work
):
    """Adds noise to clients' updates with a round number that is at the server."""
    updates = clipped(server_state, client_data, client_work, clip_work)
    noisy = tff.federated_map(add_noise, (updates, server_state.round_num))
    return tff.federated_map(server_work, (server_state, tff.federated_sum(noisy)))


@wrong(ROUND, hint="The server's own step is missing")
def returns_the_noisy_sum(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Stops after the noise."""
    total = tff.federated_sum(clipped(server_state, client_data, client_work, clip_work))
    return tff.federated_map(add_noise, (total, server_state.round_num))


@wrong(ROUND, hint="not at the clients")
def ends_at_the_clients(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Stops after the clients' work."""
    return clipped(server_state, client_data, client_work, clip_work)


@wrong(SUMS, hint="The updates are averaged")
def averages(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Takes the mean of those who came."""
    mean = tff.federated_mean(clipped(server_state, client_data, client_work, clip_work))
    return finish(server_state, mean, add_noise, server_work)


@wrong(SUMS, hint="weighed by their number of examples")
def weighs(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Averages as in lesson 7."""
    at_clients, trained = train(server_state, client_data, client_work)
    updates = tff.federated_map(clip_work, (at_clients, trained.weights))
    mean = tff.federated_mean(updates, weight=trained.num_examples)
    return finish(server_state, mean, add_noise, server_work)


@wrong(SUMS, hint="weighed by their number of examples")
def sums_what_it_has_weighed(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Multiplies each clipped update by its number of examples."""
    at_clients, trained = train(server_state, client_data, client_work)
    updates = tff.federated_map(clip_work, (at_clients, trained.weights))

    @tff.tensorflow.computation(updates.type_signature.member, np.float32)
    def multiply(update, n):
        return tf.nest.map_structure(lambda u: u * n, update)

    total = tff.federated_sum(tff.federated_map(multiply, (updates, trained.num_examples)))
    return finish(server_state, total, add_noise, server_work)


@wrong(SUMS, hint="Nothing was clipped")
def does_not_clip(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Subtracts by itself, and forgets the limit."""
    at_clients, trained = train(server_state, client_data, client_work)
    subtract = minus(at_clients.type_signature.member)
    total = tff.federated_sum(tff.federated_map(subtract, (trained.weights, at_clients)))
    return finish(server_state, total, add_noise, server_work)


@wrong(SUMS, hint="The sum is clipped")
def clips_the_sum(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Adds up first, and clips once at the server."""
    at_clients, trained = train(server_state, client_data, client_work)
    subtract = minus(at_clients.type_signature.member)
    total = tff.federated_sum(tff.federated_map(subtract, (trained.weights, at_clients)))
    zeros = tff.federated_map(subtract, (total, total))
    return finish(server_state, tff.federated_map(clip_work, (zeros, total)), add_noise, server_work)


@wrong(SUMS, hint="The updates point backwards")
def swaps_the_arguments_of_clip_work(
    server_state, client_data, client_work, clip_work, add_noise, server_work
):
    """Gives `clip_work` the trained weights first."""
    at_clients, trained = train(server_state, client_data, client_work)
    updates = tff.federated_map(clip_work, (trained.weights, at_clients))
    return finish(server_state, tff.federated_sum(updates), add_noise, server_work)


@wrong(SUMS, hint="Trained weights are added up")
def sums_weights(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Adds up trained weights, and forgets `clip_work`."""
    _, trained = train(server_state, client_data, client_work)
    return finish(server_state, tff.federated_sum(trained.weights), add_noise, server_work)


@wrong(NOISE, hint="There is no noise in it")
def no_noise(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Forgets `add_noise`."""
    total = tff.federated_sum(clipped(server_state, client_data, client_work, clip_work))
    return tff.federated_map(server_work, (server_state, total))


@wrong(NOISE, hint="Every client adds noise")
def every_client_adds_noise(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Lets every client add noise, before the sum."""
    state = tff.federated_broadcast(server_state)
    trained = tff.federated_map(client_work, (state.weights, client_data))
    updates = tff.federated_map(clip_work, (state.weights, trained.weights))
    noisy = tff.federated_map(add_noise, (updates, state.round_num))
    return tff.federated_map(server_work, (server_state, tff.federated_sum(noisy)))


@wrong(NOISE, hint="The noise comes before the clipping")
def noise_before_clipping(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Makes the trained weights noisy, and clips then."""
    state = tff.federated_broadcast(server_state)
    trained = tff.federated_map(client_work, (state.weights, client_data))
    noisy = tff.federated_map(add_noise, (trained.weights, state.round_num))
    updates = tff.federated_map(clip_work, (state.weights, noisy))
    return tff.federated_map(server_work, (server_state, tff.federated_sum(updates)))


@wrong(NOISE, hint="The noise is added twice")
def noise_twice(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Adds noise to the noisy sum, since more is better."""
    total = tff.federated_sum(clipped(server_state, client_data, client_work, clip_work))
    noisy = tff.federated_map(add_noise, (total, server_state.round_num))
    return finish(server_state, noisy, add_noise, server_work)


@wrong(NOISE, hint="after the division")
def noise_on_the_weights(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Makes the step first, and adds the noise to the new weights."""
    total = tff.federated_sum(clipped(server_state, client_data, client_work, clip_work))
    state = tff.federated_map(server_work, (server_state, total))
    weights = tff.federated_map(add_noise, (state.weights, server_state.round_num))
    return tff.federated_zip(collections.OrderedDict(weights=weights, round_num=state.round_num))


@wrong(FRUGAL, hint="the rest of the state is the server's own business")
def broadcasts_the_state(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Sends the round number along, which no client needs."""
    state = tff.federated_broadcast(server_state)
    trained = tff.federated_map(client_work, (state.weights, client_data))
    updates = tff.federated_map(clip_work, (state.weights, trained.weights))
    return finish(server_state, tff.federated_sum(updates), add_noise, server_work)


@wrong(FRUGAL, hint="The weights go down more than once")
def broadcasts_what_it_has_broadcast(
    server_state, client_data, client_work, clip_work, add_noise, server_work
):
    """Broadcasts the weights again for the clipping, by way of a copy."""
    weights_type = server_state.weights.type_signature.member
    copy = tff.tensorflow.computation(lambda weights: weights, weights_type)
    _, trained = train(server_state, client_data, client_work)
    again = tff.federated_broadcast(tff.federated_map(copy, server_state.weights))
    updates = tff.federated_map(clip_work, (again, trained.weights))
    return finish(server_state, tff.federated_sum(updates), add_noise, server_work)


@wrong(FRUGAL, hint="and nothing else")
def counts_examples_along(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """Adds up the numbers of examples beside the updates, and does not use them."""
    at_clients, trained = train(server_state, client_data, client_work)
    updates = tff.federated_map(clip_work, (at_clients, trained.weights))
    both = tff.federated_sum(tff.federated_zip((updates, trained.num_examples)))
    return finish(server_state, both[0], add_noise, server_work)


@wrong(SUMS, hint="Train and clip at the clients")
def the_servers_step_at_the_clients(
    server_state, client_data, client_work, clip_work, add_noise, server_work
):
    """Lets each client make the server's step with its own update, and adds up what has changed."""
    updates = clipped(server_state, client_data, client_work, clip_work)
    state = tff.federated_broadcast(server_state)
    stepped = tff.federated_map(server_work, (state, updates))
    subtract = minus(server_state.weights.type_signature.member)
    changes = tff.federated_sum(tff.federated_map(subtract, (stepped.weights, state.weights)))
    return finish(server_state, changes, add_noise, server_work)
