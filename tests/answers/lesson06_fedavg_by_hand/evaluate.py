"""Answers to `evaluate(server_weights, client_data, count_correct)`."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

ONE_NUMBER = "returns one number at the server"
SAME_SAY = "gives every example the same say"


@tff.tensorflow.computation(np.float32, np.float32)
def divide(a, b):
    return a / b


def count(server_weights, client_data, count_correct):
    return tff.federated_map(count_correct, (tff.federated_broadcast(server_weights), client_data))


def accuracies(counts):
    return tff.federated_map(divide, (counts.correct, counts.num_examples))


@right
def two_sums(server_weights, client_data, count_correct):
    """Sums the two counts one after the other, and divides with a lambda."""
    counts = count(server_weights, client_data, count_correct)
    correct, total = tff.federated_sum(counts.correct), tff.federated_sum(counts.num_examples)
    ratio = tff.tensorflow.computation(lambda a, b: tf.math.divide_no_nan(a, b), [np.float32, np.float32])
    return tff.federated_map(ratio, (correct, total))


@right
def weighted_mean_of_accuracies(server_weights, client_data, count_correct):
    """Weighs each client's accuracy by its number of examples, and divides without nan: the same number."""
    counts = count(server_weights, client_data, count_correct)
    safely = tff.tensorflow.computation(lambda a, b: tf.math.divide_no_nan(a, b), [np.float32, np.float32])
    shares = tff.federated_map(safely, (counts.correct, counts.num_examples))
    return tff.federated_mean(shares, weight=counts.num_examples)


@right
def ratio_of_means(server_weights, client_data, count_correct):
    """Divides two means: the number of clients cancels."""
    means = tff.federated_mean(count(server_weights, client_data, count_correct))
    return tff.federated_map(divide, (means.correct, means.num_examples))


@right
def aggregates(server_weights, client_data, count_correct):
    """Builds it from `tff.federated_aggregate`."""
    counts = count(server_weights, client_data, count_correct)
    pair = counts.type_signature.member

    @tff.tensorflow.computation
    def zero():
        return collections.OrderedDict(correct=0.0, num_examples=0.0)

    @tff.tensorflow.computation(pair, pair)
    def add(one, other):
        return tf.nest.map_structure(tf.add, one, other)

    @tff.tensorflow.computation(pair)
    def report(totals):
        return totals["correct"] / totals["num_examples"]

    return tff.federated_aggregate(counts, zero(), add, add, report)


@wrong(ONE_NUMBER, hint="Replace `raise NotImplementedError`")
def untouched(server_weights, client_data, count_correct):
    """Has not begun."""
    raise NotImplementedError


@wrong(ONE_NUMBER, hint="The function returned nothing")
def forgot_to_return(server_weights, client_data, count_correct):
    """Works the accuracy out and drops it."""
    totals = tff.federated_sum(count(server_weights, client_data, count_correct))
    tff.federated_map(divide, (totals.correct, totals.num_examples))


@wrong(ONE_NUMBER, hint="Send the server's part to the clients first: `tff.federated_broadcast`")
def forgot_to_broadcast(server_weights, client_data, count_correct):
    """Maps over the server's weights as if the clients had them."""
    counts = tff.federated_map(count_correct, (server_weights, client_data))
    return tff.federated_sum(accuracies(counts))


@wrong(ONE_NUMBER, hint="in another order,")
def swaps_the_arguments(server_weights, client_data, count_correct):
    """Gives `count_correct` the data first."""
    counts = tff.federated_map(count_correct, (client_data, tff.federated_broadcast(server_weights)))
    return tff.federated_sum(accuracies(counts))


@wrong(ONE_NUMBER, hint="Put the arithmetic into a `@tff.tensorflow.computation`")
def divides_federated_values(server_weights, client_data, count_correct):
    """Divides with a slash, inside the federated computation."""
    totals = tff.federated_sum(count(server_weights, client_data, count_correct))
    return totals.correct / totals.num_examples


@wrong(ONE_NUMBER, hint="Put the arithmetic into a `@tff.tensorflow.computation`")
def tensorflow_on_federated_values(server_weights, client_data, count_correct):
    """Divides with TensorFlow, inside the federated computation."""
    totals = tff.federated_sum(count(server_weights, client_data, count_correct))
    return tf.divide(totals.correct, totals.num_examples)


@wrong(ONE_NUMBER, hint="Put `@tff.tensorflow.computation(…)`")
def maps_a_plain_function(server_weights, client_data, count_correct):
    """Maps an undecorated function."""
    totals = tff.federated_sum(count(server_weights, client_data, count_correct))
    return tff.federated_map(lambda correct, total: correct / total, totals)


@wrong(ONE_NUMBER, hint="or of another name?")
def divides_fields_of_other_names(server_weights, client_data, count_correct):
    """Hands a structure over whose fields are not called a and b."""
    return tff.federated_map(divide, tff.federated_sum(count(server_weights, client_data, count_correct)))


@wrong(ONE_NUMBER, hint="Bring them together at the server")
def one_number_a_client(server_weights, client_data, count_correct):
    """Leaves the accuracies at the clients."""
    return accuracies(count(server_weights, client_data, count_correct))


@wrong(ONE_NUMBER, hint="the accuracy alone")
def the_totals(server_weights, client_data, count_correct):
    """Leaves the division to the reader."""
    return tff.federated_sum(count(server_weights, client_data, count_correct))


@wrong(SAME_SAY, hint="mean of the clients' accuracies")
def mean_of_accuracies(server_weights, client_data, count_correct):
    """Averages the clients' accuracies, each with the same weight."""
    return tff.federated_mean(accuracies(count(server_weights, client_data, count_correct)))


@wrong(SAME_SAY, hint="Divide by how many there are")
def number_of_right_answers(server_weights, client_data, count_correct):
    """Forgets to divide."""
    return tff.federated_sum(count(server_weights, client_data, count_correct)).correct


@wrong(SAME_SAY, hint="How many of them are right?")
def number_of_examples(server_weights, client_data, count_correct):
    """Takes the other field."""
    return tff.federated_sum(count(server_weights, client_data, count_correct)).num_examples


@wrong(SAME_SAY, hint="upside down")
def upside_down(server_weights, client_data, count_correct):
    """Divides the other way round."""
    totals = tff.federated_sum(count(server_weights, client_data, count_correct))
    return tff.federated_map(divide, (totals.num_examples, totals.correct))


@wrong(SAME_SAY, hint="Divide by the number of examples")
def mean_of_right_answers(server_weights, client_data, count_correct):
    """Averages the number of right answers."""
    return tff.federated_mean(count(server_weights, client_data, count_correct).correct)


@wrong(SAME_SAY, hint="once more")
def weighted_mean_of_right_answers(server_weights, client_data, count_correct):
    """Thinks that a weighted mean divides by itself."""
    counts = count(server_weights, client_data, count_correct)
    return tff.federated_mean(counts.correct, weight=counts.num_examples)


@wrong(SAME_SAY, hint="added up")
def sum_of_accuracies(server_weights, client_data, count_correct):
    """Adds ratios up."""
    return tff.federated_sum(accuracies(count(server_weights, client_data, count_correct)))


@wrong(SAME_SAY, hint="the share that is wrong")
def share_of_errors(server_weights, client_data, count_correct):
    """Returns the error rate."""

    @tff.tensorflow.computation(np.float32, np.float32)
    def error_rate(correct, num_examples):
        return 1 - correct / num_examples

    totals = tff.federated_sum(count(server_weights, client_data, count_correct))
    return tff.federated_map(error_rate, totals)


@wrong(SAME_SAY, hint="A client without examples divided 0 by 0")
def an_empty_client_spoils_it(server_weights, client_data, count_correct):
    """Weighs the accuracies, and divides 0 by 0 at a client without examples."""
    counts = count(server_weights, client_data, count_correct)
    return tff.federated_mean(accuracies(counts), weight=counts.num_examples)


@wrong(SAME_SAY, hint="counts as if it had one")
def at_least_one_example(server_weights, client_data, count_correct):
    """Counts one example where there is none."""
    counts = count(server_weights, client_data, count_correct)
    at_least = tff.tensorflow.computation(lambda n: tf.maximum(n, 1.0), np.float32)
    total = tff.federated_sum(tff.federated_map(at_least, counts.num_examples))
    return tff.federated_map(divide, (tff.federated_sum(counts.correct), total))


@wrong(SAME_SAY, hint="Add up the right answers")
def weights_of_its_own(server_weights, client_data, count_correct):
    """Evaluates weights that are all zero."""

    @tff.tensorflow.computation(server_weights.type_signature.member)
    def zeros(weights):
        return tf.nest.map_structure(tf.zeros_like, weights)

    totals = tff.federated_sum(count(tff.federated_map(zeros, server_weights), client_data, count_correct))
    return tff.federated_map(divide, (totals.correct, totals.num_examples))
