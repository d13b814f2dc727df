"""Answers to `next_fn(server_state, client_data, client_work, server_work)`."""

import collections

import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

ROUND = "is a round: the server's state in, the server's state out"
WEIGHS = "weighs each client by its number of examples"
FRUGAL = "sends no more than it must, and trains each client once"


def train(server_state, client_data, client_work):
    return tff.federated_map(client_work, (tff.federated_broadcast(server_state.weights), client_data))


@right
def positions_and_brackets(server_state, client_data, client_work, server_work):
    """Reaches fields with brackets and by position, and zips by hand."""
    weights = tff.federated_broadcast(server_state["weights"])
    trained = tff.federated_map(client_work, tff.federated_zip((weights, client_data)))
    mean = tff.federated_mean(trained[0], trained[1])
    return tff.federated_map(server_work, tff.federated_zip((server_state, mean)))


@right
def averages_everything(server_state, client_data, client_work, server_work):
    """Averages the whole output of the clients and uses the weights of it."""
    trained = train(server_state, client_data, client_work)
    mean = tff.federated_mean(trained, weight=trained.num_examples)
    return tff.federated_map(server_work, (server_state, mean.weights))


@right
def sums_and_divides(server_state, client_data, client_work, server_work):
    """Multiplies at the clients, sums twice, and divides at the server."""
    trained = train(server_state, client_data, client_work)

    @tff.tensorflow.computation(trained.type_signature.member)
    def multiply(output):
        return tf.nest.map_structure(lambda w: w * output["num_examples"], output["weights"])

    total = tff.federated_sum(tff.federated_map(multiply, trained))
    num_examples = tff.federated_sum(trained.num_examples)

    @tff.tensorflow.computation(total.type_signature.member, num_examples.type_signature.member)
    def divide(total, num_examples):
        return tf.nest.map_structure(lambda w: w / num_examples, total)

    mean = tff.federated_map(divide, (total, num_examples))
    return tff.federated_map(server_work, (server_state, mean))


@right
def aggregates(server_state, client_data, client_work, server_work):
    """Builds the weighted mean from `tff.federated_aggregate`."""
    trained = train(server_state, client_data, client_work)
    output_type = trained.type_signature.member
    specs = tff.types.type_to_tf_tensor_specs(output_type)

    @tff.tensorflow.computation
    def zero():
        return tf.nest.map_structure(lambda spec: tf.zeros(spec.shape, spec.dtype), specs)

    sums_type = zero.type_signature.result

    @tff.tensorflow.computation(sums_type, output_type)
    def accumulate(sums, output):
        n = output["num_examples"]
        weights = tf.nest.map_structure(lambda s, w: s + n * w, sums["weights"], output["weights"])
        return collections.OrderedDict(weights=weights, num_examples=sums["num_examples"] + n)

    @tff.tensorflow.computation(sums_type, sums_type)
    def merge(one, other):
        return tf.nest.map_structure(tf.add, one, other)

    @tff.tensorflow.computation(sums_type)
    def report(sums):
        return tf.nest.map_structure(lambda w: w / sums["num_examples"], sums["weights"])

    mean = tff.federated_aggregate(trained, zero(), accumulate, merge, report)
    return tff.federated_map(server_work, (server_state, mean))


@right
def broadcasts_field_by_field(server_state, client_data, client_work, server_work):
    """Sends kernel and bias one after the other, which are as many bits."""
    fields = [(name, tff.federated_broadcast(server_state.weights[name])) for name in ("kernel", "bias")]
    weights = tff.federated_zip(collections.OrderedDict(fields))
    trained = tff.federated_map(client_work, (weights, client_data))
    mean = tff.federated_mean(trained.weights, weight=trained.num_examples)
    return tff.federated_map(server_work, (server_state, mean))


@wrong(ROUND, hint="Replace `raise NotImplementedError`")
def untouched(server_state, client_data, client_work, server_work):
    """Has not begun."""
    raise NotImplementedError


@wrong(ROUND, hint="The function returned nothing")
def forgot_to_return(server_state, client_data, client_work, server_work):
    """Describes the round and drops it."""
    trained = train(server_state, client_data, client_work)
    mean = tff.federated_mean(trained.weights, weight=trained.num_examples)
    tff.federated_map(server_work, (server_state, mean))


@wrong(ROUND, hint="Send the server's part to the clients first: `tff.federated_broadcast`")
def forgot_to_broadcast(server_state, client_data, client_work, server_work):
    """Maps over the server's weights as if the clients had them."""
    trained = tff.federated_map(client_work, (server_state.weights, client_data))
    mean = tff.federated_mean(trained.weights, weight=trained.num_examples)
    return tff.federated_map(server_work, (server_state, mean))


@wrong(ROUND, hint="this value is at the clients already")
def broadcasts_the_clients(server_state, client_data, client_work, server_work):
    """Broadcasts from the wrong place."""
    data = tff.federated_broadcast(client_data)
    return tff.federated_map(client_work, (server_state.weights, data))


@wrong(ROUND, hint="this value is at the server already")
def averages_at_the_server(server_state, client_data, client_work, server_work):
    """Averages what is at the server."""
    mean = tff.federated_mean(server_state.weights)
    return tff.federated_map(server_work, (server_state, mean))


@wrong(ROUND, hint="in another order,")
def swaps_the_clients_arguments(server_state, client_data, client_work, server_work):
    """Gives `client_work` the data first."""
    trained = tff.federated_map(client_work, (client_data, tff.federated_broadcast(server_state.weights)))
    mean = tff.federated_mean(trained.weights, weight=trained.num_examples)
    return tff.federated_map(server_work, (server_state, mean))


@wrong(ROUND, hint="in another order,")
def swaps_the_servers_arguments(server_state, client_data, client_work, server_work):
    """Gives `server_work` the average first."""
    trained = train(server_state, client_data, client_work)
    mean = tff.federated_mean(trained.weights, weight=trained.num_examples)
    return tff.federated_map(server_work, (mean, server_state))


@wrong(ROUND, hint="takes the computation first and the value second")
def swaps_the_arguments_of_map(server_state, client_data, client_work, server_work):
    """Maps the value over the function."""
    weights = tff.federated_broadcast(server_state.weights)
    return tff.federated_map(tff.federated_zip((weights, client_data)), client_work)


@wrong(ROUND, hint="runs it where the values are")
def calls_the_computation(server_state, client_data, client_work, server_work):
    """Calls `client_work` like a Python function."""
    return client_work(tff.federated_broadcast(server_state.weights), client_data)


@wrong(ROUND, hint="Put the arithmetic into a `@tff.tensorflow.computation`")
def tensorflow_on_federated_values(server_state, client_data, client_work, server_work):
    """Divides with TensorFlow, inside the federated computation."""
    trained = train(server_state, client_data, client_work)
    mean = tf.divide(tff.federated_sum(trained.weights.bias), tff.federated_sum(trained.num_examples))
    return tff.federated_map(server_work, (server_state, mean))


@wrong(ROUND, hint="Put the arithmetic into a `@tff.tensorflow.computation`")
def multiplies_federated_values(server_state, client_data, client_work, server_work):
    """Multiplies with a star, inside the federated computation."""
    trained = train(server_state, client_data, client_work)
    mean = tff.federated_mean(trained.weights.bias * trained.num_examples)
    return tff.federated_map(server_work, (server_state, mean))


@wrong(ROUND, hint="Put `@tff.tensorflow.computation(…)`")
def maps_a_plain_function(server_state, client_data, client_work, server_work):
    """Maps an undecorated function."""
    trained = train(server_state, client_data, client_work)
    weights = tff.federated_map(lambda output: output["weights"], trained)
    return tff.federated_map(server_work, (server_state, tff.federated_mean(weights)))


@wrong(ROUND, hint="The server's own step is missing")
def forgets_the_servers_step(server_state, client_data, client_work, server_work):
    """Returns the average itself."""
    trained = train(server_state, client_data, client_work)
    return tff.federated_mean(trained.weights, weight=trained.num_examples)


@wrong(ROUND, hint="not at the clients")
def ends_at_the_clients(server_state, client_data, client_work, server_work):
    """Stops after the clients' work."""
    return train(server_state, client_data, client_work)


@wrong(ROUND, hint="Return what `server_work` returns")
def state_and_more(server_state, client_data, client_work, server_work):
    """Returns the number of examples as well, like `tff.learning` returns metrics."""
    trained = train(server_state, client_data, client_work)
    mean = tff.federated_mean(trained.weights, weight=trained.num_examples)
    return tff.federated_map(server_work, (server_state, mean)), tff.federated_sum(trained.num_examples)


@wrong(WEIGHS, hint="Give `tff.federated_mean` a `weight`")
def unweighted_mean(server_state, client_data, client_work, server_work):
    """Lets each client count the same."""
    trained = train(server_state, client_data, client_work)
    mean = tff.federated_mean(trained.weights)
    return tff.federated_map(server_work, (server_state, mean))


@wrong(WEIGHS, hint="This is the sum of the clients' weights")
def sums_instead_of_averaging(server_state, client_data, client_work, server_work):
    """Adds the clients' weights up."""
    trained = train(server_state, client_data, client_work)
    return tff.federated_map(server_work, (server_state, tff.federated_sum(trained.weights)))


@wrong(WEIGHS, hint="not divided by the total of the weights")
def weighted_sum(server_state, client_data, client_work, server_work):
    """Multiplies by the number of examples, sums, and does not divide."""
    trained = train(server_state, client_data, client_work)

    @tff.tensorflow.computation(trained.type_signature.member)
    def multiply(output):
        return tf.nest.map_structure(lambda w: w * output["num_examples"], output["weights"])

    total = tff.federated_sum(tff.federated_map(multiply, trained))
    return tff.federated_map(server_work, (server_state, total))


@wrong(WEIGHS, hint="was given the server's own weights")
def gives_the_server_its_own_weights(server_state, client_data, client_work, server_work):
    """Trains the clients and does not use what they send."""
    train(server_state, client_data, client_work)
    return tff.federated_map(server_work, (server_state, server_state.weights))


@wrong(WEIGHS, hint="The state came back unchanged")
def returns_the_state(server_state, client_data, client_work, server_work):
    """Returns what came in."""
    return server_state


@wrong(FRUGAL, hint="Broadcast `server_state.weights`, once")
def broadcasts_the_whole_state(server_state, client_data, client_work, server_work):
    """Sends the round's number along."""
    state_at_clients = tff.federated_broadcast(server_state)
    trained = tff.federated_map(client_work, (state_at_clients.weights, client_data))
    mean = tff.federated_mean(trained.weights, weight=trained.num_examples)
    return tff.federated_map(server_work, (server_state, mean))


@right
def averages_part_by_part(server_state, client_data, client_work, server_work):
    """Averages kernel and bias one after the other."""
    trained = train(server_state, client_data, client_work)
    means = [
        (name, tff.federated_mean(trained.weights[name], weight=trained.num_examples))
        for name in ("kernel", "bias")
    ]
    return tff.federated_map(server_work, (server_state, collections.OrderedDict(means)))


@wrong(WEIGHS, hint="You weigh each client by its batches")
def counts_batches(server_state, client_data, client_work, server_work):
    """Counts the elements of each dataset itself; they are batches."""
    trained = train(server_state, client_data, client_work)

    @tff.tensorflow.computation(client_data.type_signature.member)
    def count(dataset):
        return dataset.reduce(0.0, lambda number, _: number + 1.0)

    mean = tff.federated_mean(trained.weights, weight=tff.federated_map(count, client_data))
    return tff.federated_map(server_work, (server_state, mean))


@wrong(FRUGAL, hint="is a training of its own")
def trains_twice(server_state, client_data, client_work, server_work):
    """Trains once for the weights and once for the count."""
    weights = tff.federated_broadcast(server_state.weights)
    once = tff.federated_map(client_work, (weights, client_data))
    again = tff.federated_map(client_work, (weights, client_data))
    mean = tff.federated_mean(once.weights, weight=again.num_examples)
    return tff.federated_map(server_work, (server_state, mean))
