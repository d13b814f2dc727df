"""Answers to `next_fn(server_weights, client_data, client_work, clip_work, server_work)`."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

ROUND = "is a round: the server's weights in, the server's weights out"
CLIPS = "clips each client's update before the average"
WEIGHS = "weighs each client by its number of examples"


def train(server_weights, client_data, client_work):
    at_clients = tff.federated_broadcast(server_weights)
    return at_clients, tff.federated_map(client_work, (at_clients, client_data))


def minus(weights_type):
    @tff.tensorflow.computation(weights_type, weights_type)
    def subtract(one, other):
        return tf.nest.map_structure(tf.subtract, one, other)

    return subtract


@right
def positions_and_brackets(server_weights, client_data, client_work, clip_work, server_work):
    """Reaches fields with brackets and by position, and zips by hand."""
    at_clients, trained = train(server_weights, client_data, client_work)
    updates = tff.federated_map(clip_work, tff.federated_zip((at_clients, trained[0])))
    mean = tff.federated_mean(updates, trained["num_examples"])
    return tff.federated_map(server_work, tff.federated_zip((server_weights, mean)))


@right
def broadcasts_twice(server_weights, client_data, client_work, clip_work, server_work):
    """Broadcasts once for each use: wasteful, and right."""
    _, trained = train(server_weights, client_data, client_work)
    again = tff.federated_broadcast(server_weights)
    updates = tff.federated_map(clip_work, (again, trained.weights))
    mean = tff.federated_mean(updates, weight=trained.num_examples)
    return tff.federated_map(server_work, (server_weights, mean))


@right
def one_client_computation(server_weights, client_data, client_work, clip_work, server_work):
    """Trains and clips in one computation at the clients."""
    weights_type, dataset_type = server_weights.type_signature.member, client_data.type_signature.member

    @tff.tensorflow.computation(weights_type, dataset_type)
    def train_and_clip(weights, dataset):
        trained = client_work(weights, dataset)
        update = clip_work(weights, trained["weights"])
        return collections.OrderedDict(update=update, num_examples=trained["num_examples"])

    at_clients = tff.federated_broadcast(server_weights)
    clipped = tff.federated_map(train_and_clip, (at_clients, client_data))
    mean = tff.federated_mean(clipped.update, weight=clipped.num_examples)
    return tff.federated_map(server_work, (server_weights, mean))


@right
def sums_and_divides(server_weights, client_data, client_work, clip_work, server_work):
    """Multiplies at the clients, sums twice, and divides at the server."""
    weights_type = server_weights.type_signature.member
    at_clients, trained = train(server_weights, client_data, client_work)
    updates = tff.federated_map(clip_work, (at_clients, trained.weights))

    @tff.tensorflow.computation(weights_type, np.float32)
    def multiply(update, n):
        return tf.nest.map_structure(lambda u: u * n, update)

    @tff.tensorflow.computation(weights_type, np.float32)
    def divide(total, n):
        return tf.nest.map_structure(lambda t: t / n, total)

    total = tff.federated_sum(tff.federated_map(multiply, (updates, trained.num_examples)))
    mean = tff.federated_map(divide, (total, tff.federated_sum(trained.num_examples)))
    return tff.federated_map(server_work, (server_weights, mean))


@wrong(ROUND, hint="Replace `raise NotImplementedError`")
def untouched(server_weights, client_data, client_work, clip_work, server_work):
    """Has not begun."""
    raise NotImplementedError


@wrong(ROUND, hint="The function returned nothing")
def forgot_to_return(server_weights, client_data, client_work, clip_work, server_work):
    """Runs the round and keeps the result."""
    positions_and_brackets(server_weights, client_data, client_work, clip_work, server_work)


@wrong(ROUND, hint="Send the server's part to the clients first")
def clips_against_the_servers_copy(server_weights, client_data, client_work, clip_work, server_work):
    """Compares the clients' weights with weights that are at the server."""
    _, trained = train(server_weights, client_data, client_work)
    updates = tff.federated_map(clip_work, (server_weights, trained.weights))
    mean = tff.federated_mean(updates, weight=trained.num_examples)
    return tff.federated_map(server_work, (server_weights, mean))


@wrong(ROUND, hint="Compare the two, piece by piece")
def clips_everything_the_client_returns(server_weights, client_data, client_work, clip_work, server_work):
    """Hands `clip_work` the weights and the number of examples."""
    at_clients, trained = train(server_weights, client_data, client_work)
    updates = tff.federated_map(clip_work, (at_clients, trained))
    return tff.federated_map(server_work, (server_weights, tff.federated_mean(updates)))


@wrong(ROUND, hint="runs it where the values are")
def calls_the_computation(server_weights, client_data, client_work, clip_work, server_work):
    """Calls `clip_work` like a Python function."""
    at_clients, trained = train(server_weights, client_data, client_work)
    return clip_work(at_clients, trained.weights)


@wrong(ROUND, hint="not at the clients")
def ends_at_the_clients(server_weights, client_data, client_work, clip_work, server_work):
    """Stops after the clients' work."""
    at_clients, trained = train(server_weights, client_data, client_work)
    return tff.federated_map(clip_work, (at_clients, trained.weights))


@wrong(ROUND, hint="Return what `server_work` returns")
def weights_and_more(server_weights, client_data, client_work, clip_work, server_work):
    """Returns the number of examples as well."""
    _, trained = train(server_weights, client_data, client_work)
    after = positions_and_brackets(server_weights, client_data, client_work, clip_work, server_work)
    return after, tff.federated_sum(trained.num_examples)


@wrong(CLIPS, hint="The average is clipped, after the mad client is in it")
def clips_after_averaging(server_weights, client_data, client_work, clip_work, server_work):
    """Clips once, at the server, which looks cheaper."""
    _, trained = train(server_weights, client_data, client_work)
    mean = tff.federated_mean(trained.weights, weight=trained.num_examples)
    update = tff.federated_map(clip_work, (server_weights, mean))
    return tff.federated_map(server_work, (server_weights, update))


@wrong(CLIPS, hint="Nothing was clipped")
def does_not_clip(server_weights, client_data, client_work, clip_work, server_work):
    """Subtracts by itself, and forgets the limit."""
    at_clients, trained = train(server_weights, client_data, client_work)
    subtract = minus(server_weights.type_signature.member)
    updates = tff.federated_map(subtract, (trained.weights, at_clients))
    mean = tff.federated_mean(updates, weight=trained.num_examples)
    return tff.federated_map(server_work, (server_weights, mean))


@wrong(CLIPS, hint="got average weights")
def lesson_six(server_weights, client_data, client_work, clip_work, server_work):
    """Averages weights, as in lesson 6."""
    _, trained = train(server_weights, client_data, client_work)
    mean = tff.federated_mean(trained.weights, weight=trained.num_examples)
    return tff.federated_map(server_work, (server_weights, mean))


@wrong(CLIPS, hint="The updates point backwards")
def swaps_the_arguments_of_clip_work(server_weights, client_data, client_work, clip_work, server_work):
    """Gives `clip_work` the trained weights first."""
    at_clients, trained = train(server_weights, client_data, client_work)
    updates = tff.federated_map(clip_work, (trained.weights, at_clients))
    mean = tff.federated_mean(updates, weight=trained.num_examples)
    return tff.federated_map(server_work, (server_weights, mean))


@wrong(CLIPS, hint="takes the server's weights first")
def swaps_the_arguments_of_server_work(server_weights, client_data, client_work, clip_work, server_work):
    """Gives `server_work` the mean update first."""
    at_clients, trained = train(server_weights, client_data, client_work)
    updates = tff.federated_map(clip_work, (at_clients, trained.weights))
    mean = tff.federated_mean(updates, weight=trained.num_examples)
    return tff.federated_map(server_work, (mean, server_weights))


@wrong(CLIPS, hint="These are the updates added up")
def sums_the_updates(server_weights, client_data, client_work, clip_work, server_work):
    """Adds the updates up."""
    at_clients, trained = train(server_weights, client_data, client_work)
    updates = tff.federated_map(clip_work, (at_clients, trained.weights))
    return tff.federated_map(server_work, (server_weights, tff.federated_sum(updates)))


@wrong(CLIPS, hint="The server's own step is missing")
def returns_the_mean_update(server_weights, client_data, client_work, clip_work, server_work):
    """Forgets to add the update to the weights."""
    at_clients, trained = train(server_weights, client_data, client_work)
    updates = tff.federated_map(clip_work, (at_clients, trained.weights))
    return tff.federated_mean(updates, weight=trained.num_examples)


@wrong(CLIPS, hint="The weights came back unchanged")
def returns_the_weights(server_weights, client_data, client_work, clip_work, server_work):
    """Returns what came in."""
    return server_weights


@wrong(WEIGHS, hint="Give `tff.federated_mean` a `weight`")
def unweighted_mean(server_weights, client_data, client_work, clip_work, server_work):
    """Lets each client count the same."""
    at_clients, trained = train(server_weights, client_data, client_work)
    updates = tff.federated_map(clip_work, (at_clients, trained.weights))
    return tff.federated_map(server_work, (server_weights, tff.federated_mean(updates)))


@wrong(WEIGHS, hint="must be divided by the total of the weights")
def weighs_and_forgets_the_total(server_weights, client_data, client_work, clip_work, server_work):
    """Multiplies each update by its number of examples, and takes a plain mean."""
    at_clients, trained = train(server_weights, client_data, client_work)
    updates = tff.federated_map(clip_work, (at_clients, trained.weights))

    @tff.tensorflow.computation(server_weights.type_signature.member, np.float32)
    def multiply(update, n):
        return tf.nest.map_structure(lambda u: u * n, update)

    weighted = tff.federated_map(multiply, (updates, trained.num_examples))
    return tff.federated_map(server_work, (server_weights, tff.federated_mean(weighted)))


def weighted_by(weight, server_weights, client_data, client_work, clip_work, server_work):
    """The right round but for `weight(num_examples)`."""
    at_clients, trained = train(server_weights, client_data, client_work)
    updates = tff.federated_map(clip_work, (at_clients, trained.weights))
    weights = tff.federated_map(tff.tensorflow.computation(weight, np.float32), trained.num_examples)
    mean = tff.federated_mean(updates, weight=weights)
    return tff.federated_map(server_work, (server_weights, mean))


@wrong(WEIGHS, hint="A client without examples counts here too")
def at_least_one_example(server_weights, client_data, client_work, clip_work, server_work):
    """Fears a weight of zero."""
    given = server_weights, client_data, client_work, clip_work, server_work
    return weighted_by(lambda n: tf.maximum(n, 1.0), *given)


@wrong(WEIGHS, hint="each weighted by its client's `num_examples`")
def at_most_ten_examples(server_weights, client_data, client_work, clip_work, server_work):
    """Lets no client count more than ten times."""
    given = server_weights, client_data, client_work, clip_work, server_work
    return weighted_by(lambda n: tf.minimum(n, 10.0), *given)
