"""Answers to `aggregate_metrics(unfinalized, finalize)`."""

import collections

import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

SERVER = "returns the metrics at the server"
SAME_SAY = "gives every example the same say"


@right
def metric_by_metric(unfinalized, finalize):
    """Adds up metric by metric, and ties the sums together again."""
    sums = collections.OrderedDict(
        loss=tff.federated_sum(unfinalized.loss),
        accuracy=tff.federated_sum(unfinalized.accuracy),
        num_examples=tff.federated_sum(unfinalized.num_examples),
    )
    return tff.federated_map(finalize, tff.federated_zip(sums))


@right
def aggregates(unfinalized, finalize):
    """Builds it from `tff.federated_aggregate`, with `finalize` as its last step."""
    sums = unfinalized.type_signature.member

    @tff.tensorflow.computation
    def zero():
        return collections.OrderedDict(loss=[0.0, 0.0], accuracy=[0.0, 0.0], num_examples=[0.0])

    @tff.tensorflow.computation(sums, sums)
    def add(one, other):
        return tf.nest.map_structure(tf.add, one, other)

    return tff.federated_aggregate(unfinalized, zero(), add, add, finalize)


@right
def tff_does_it(unfinalized, finalize):
    """Lets `tff.learning` do it, by finalizers that look into the list."""

    def ratio(sums):
        return tf.math.divide_no_nan(sums[0], sums[1])

    finalizers = collections.OrderedDict(loss=ratio, accuracy=ratio, num_examples=lambda sums: sums[0])
    return tff.learning.metrics.sum_then_finalize(finalizers)(unfinalized)


@right
def means_and_a_sum(unfinalized, finalize):
    """Divides means, whose number of clients cancels, and takes the number of examples from a sum."""
    means = tff.federated_map(finalize, tff.federated_mean(unfinalized))
    total = tff.federated_sum(unfinalized.num_examples[0])
    return tff.federated_zip(
        collections.OrderedDict(loss=means.loss, accuracy=means.accuracy, num_examples=total)
    )


@wrong(SERVER, hint="Replace `raise NotImplementedError`")
def untouched(unfinalized, finalize):
    """Has not begun."""
    raise NotImplementedError


@wrong(SERVER, hint="The function returned nothing")
def forgot_to_return(unfinalized, finalize):
    """Describes the aggregation and drops it."""
    tff.federated_map(finalize, tff.federated_sum(unfinalized))


@wrong(SERVER, hint="Run `finalize` on them, at the server")
def sums_alone(unfinalized, finalize):
    """Leaves the division to the reader."""
    return tff.federated_sum(unfinalized)


@wrong(SERVER, hint="Bring them together at the server")
def finalizes_at_the_clients(unfinalized, finalize):
    """Leaves every client its own metrics."""
    return tff.federated_map(finalize, unfinalized)


@wrong(SERVER, hint="Bring them together at the server")
def hands_on_what_came(unfinalized, finalize):
    """Returns what came in."""
    return unfinalized


@wrong(SERVER, hint="runs it where the values are")
def calls_finalize(unfinalized, finalize):
    """Calls the computation like a Python function."""
    return finalize(tff.federated_sum(unfinalized))


@wrong(SERVER, hint="takes the computation first and the value second")
def swaps_the_arguments(unfinalized, finalize):
    """Maps the value over the computation."""
    return tff.federated_map((unfinalized,), finalize)


@wrong(SERVER, hint="Put the arithmetic into a `@tff.tensorflow.computation`")
def divides_federated_values(unfinalized, finalize):
    """Divides with a slash, inside the federated computation."""
    sums = tff.federated_sum(unfinalized)
    return sums.loss[0] / sums.loss[1]


@wrong(SERVER, hint="collect what is at the clients")
def sums_at_the_server(unfinalized, finalize):
    """Adds up once more what has been added up."""
    return tff.federated_map(finalize, tff.federated_sum(tff.federated_sum(unfinalized)))


@wrong(SERVER, hint="`loss`, `accuracy` and `num_examples`, placed at the server")
def accuracy_alone(unfinalized, finalize):
    """Returns the one metric people ask for."""
    return tff.federated_map(finalize, tff.federated_sum(unfinalized)).accuracy


@wrong(SAME_SAY, hint="examples says as much as the one with")
def mean_of_accuracies(unfinalized, finalize):
    """Averages the clients' losses and accuracies, each with the same weight."""
    return tff.federated_mean(tff.federated_map(finalize, unfinalized))


@wrong(SAME_SAY, hint="losses and accuracies, added up")
def sum_of_accuracies(unfinalized, finalize):
    """Divides first, and adds up afterwards."""
    return tff.federated_sum(tff.federated_map(finalize, unfinalized))


@wrong(SAME_SAY, hint="`num_examples` is now a mean")
def weighted_mean_of_metrics(unfinalized, finalize):
    """Weighs each client's metrics by its number of examples, the number itself included."""
    metrics = tff.federated_map(finalize, unfinalized)
    return tff.federated_mean(metrics, weight=metrics.num_examples)


@wrong(SAME_SAY, hint="`num_examples` is now a mean")
def mean_of_sums(unfinalized, finalize):
    """Averages the sums before it divides."""
    return tff.federated_map(finalize, tff.federated_mean(unfinalized))


@wrong(SAME_SAY, hint="the smallest value over the clients")
def the_worst_client(unfinalized, finalize):
    """Takes the minimum over the clients."""
    return tff.federated_min(tff.federated_map(finalize, unfinalized))


@wrong(SAME_SAY, hint="the largest value over the clients")
def the_best_client(unfinalized, finalize):
    """Takes the maximum over the clients."""
    return tff.federated_max(tff.federated_map(finalize, unfinalized))
