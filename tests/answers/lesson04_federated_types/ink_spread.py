"""Answers to `ink_spread(client_pages, mean_ink, distance, count_pages)`."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

TYPE = "returns two values, both at the server"
SPREAD = "measures the spread"
PAGES = "counts all pages"


def center_of(client_pages, mean_ink):
    return tff.federated_mean(tff.federated_map(mean_ink, client_pages))


def distances_of(client_pages, mean_ink, distance):
    center = tff.federated_broadcast(center_of(client_pages, mean_ink))
    return tff.federated_map(distance, (client_pages, center))


def pages_of(client_pages, count_pages):
    return tff.federated_sum(tff.federated_map(count_pages, client_pages))


def both(spread, num_pages):
    return collections.OrderedDict(spread=spread, num_pages=num_pages)


@right
def zips_by_hand(client_pages, mean_ink, distance, count_pages):
    """Zips the arguments before the map, by name."""
    center = tff.federated_broadcast(center_of(client_pages, mean_ink))
    arguments = tff.federated_zip(collections.OrderedDict(pages=client_pages, center=center))
    spread = tff.federated_mean(tff.federated_map(distance, arguments))
    return both(spread, pages_of(client_pages, count_pages))


@right
def sums_and_divides(client_pages, mean_ink, distance, count_pages):
    """Writes the mean as a sum over a number of clients, divided at the server."""

    @tff.tensorflow.computation(np.float32, np.float32)
    def divide(total, number):
        return total / number

    num_clients = tff.federated_sum(tff.federated_value(1.0, tff.CLIENTS))
    total = tff.federated_sum(distances_of(client_pages, mean_ink, distance))
    return both(tff.federated_map(divide, (total, num_clients)), pages_of(client_pages, count_pages))


@right
def one_map_for_both(client_pages, mean_ink, distance, count_pages):
    """Lets each client do all its work in one computation."""
    center = tff.federated_broadcast(center_of(client_pages, mean_ink))

    @tff.tensorflow.computation(client_pages.type_signature.member, np.float32)
    def work(pages, center):
        return collections.OrderedDict(far=distance(pages, center), pages=count_pages(pages))

    done = tff.federated_map(work, (client_pages, center))
    return both(tff.federated_mean(done.far), tff.federated_sum(done.pages))


@wrong(TYPE, hint="Replace `raise NotImplementedError`")
def untouched(client_pages, mean_ink, distance, count_pages):
    """Has not begun."""
    raise NotImplementedError


@wrong(TYPE, hint="takes the computation first and the value second")
def as_it_was(client_pages, mean_ink, distance, count_pages):
    """Has mended nothing."""
    inks = tff.federated_map(client_pages, mean_ink)
    distances = tff.federated_map(distance, (tff.federated_mean(inks), client_pages))
    return both(distances, tff.federated_mean(tff.federated_map(count_pages, client_pages)))


@wrong(TYPE, hint="Send the server's part to the clients first: `tff.federated_broadcast`")
def mended_the_first(client_pages, mean_ink, distance, count_pages):
    """Has mended the order of `federated_map`'s arguments."""
    distances = tff.federated_map(distance, (center_of(client_pages, mean_ink), client_pages))
    return both(distances, tff.federated_mean(tff.federated_map(count_pages, client_pages)))


@wrong(TYPE, hint="in another order,")
def mended_two(client_pages, mean_ink, distance, count_pages):
    """Has added the broadcast."""
    center = tff.federated_broadcast(center_of(client_pages, mean_ink))
    distances = tff.federated_map(distance, (center, client_pages))
    return both(distances, tff.federated_mean(tff.federated_map(count_pages, client_pages)))


@wrong(TYPE, hint="The mean of integers is no integer")
def mended_three(client_pages, mean_ink, distance, count_pages):
    """Has put the arguments of `distance` in order."""
    distances = distances_of(client_pages, mean_ink, distance)
    return both(distances, tff.federated_mean(tff.federated_map(count_pages, client_pages)))


@wrong(TYPE, hint="Each client still has a `spread` of its own")
def mended_four(client_pages, mean_ink, distance, count_pages):
    """Has made a sum of the mean of integers, and thinks that it is done because it runs."""
    return both(distances_of(client_pages, mean_ink, distance), pages_of(client_pages, count_pages))


@wrong(TYPE, hint="Each client still has a `num_pages` of its own")
def counts_stay_at_the_clients(client_pages, mean_ink, distance, count_pages):
    """Lets each client keep its count."""
    spread = tff.federated_mean(distances_of(client_pages, mean_ink, distance))
    return both(spread, tff.federated_map(count_pages, client_pages))


@wrong(TYPE, hint="A mean of pages is not how many there are")
def casts_for_the_mean(client_pages, mean_ink, distance, count_pages):
    """Makes the mean of integers possible, though it is not what was asked."""
    cast = tff.tensorflow.computation(lambda n: tf.cast(n, tf.float32), np.int32)
    counts = tff.federated_map(cast, tff.federated_map(count_pages, client_pages))
    spread = tff.federated_mean(distances_of(client_pages, mean_ink, distance))
    return both(spread, tff.federated_mean(counts))


@wrong(TYPE, hint="Return both")
def only_the_spread(client_pages, mean_ink, distance, count_pages):
    """Forgets the pages."""
    return tff.federated_mean(distances_of(client_pages, mean_ink, distance))


@wrong(TYPE, hint="have no names")
def a_tuple(client_pages, mean_ink, distance, count_pages):
    """Returns both without names."""
    spread = tff.federated_mean(distances_of(client_pages, mean_ink, distance))
    return spread, pages_of(client_pages, count_pages)


@wrong(TYPE, hint="this value is at the clients already")
def broadcasts_the_pages(client_pages, mean_ink, distance, count_pages):
    """Broadcasts the other half of the pair."""
    pages = tff.federated_broadcast(client_pages)
    return tff.federated_map(distance, (pages, center_of(client_pages, mean_ink)))


@wrong(TYPE, hint="A dataset cannot be averaged")
def averages_the_pages(client_pages, mean_ink, distance, count_pages):
    """Averages first, and looks at the ink afterwards."""
    return tff.federated_map(mean_ink, tff.federated_mean(client_pages))


@wrong(TYPE, hint="`tff.federated_map(computation, value)` runs it where the values are")
def calls_the_computation(client_pages, mean_ink, distance, count_pages):
    """Calls `mean_ink` like a Python function."""
    return tff.federated_mean(mean_ink(client_pages))


@wrong(SPREAD, hint="These are the distances, added up")
def sums_the_distances(client_pages, mean_ink, distance, count_pages):
    """Adds up where a mean is asked for."""
    spread = tff.federated_sum(distances_of(client_pages, mean_ink, distance))
    return both(spread, pages_of(client_pages, count_pages))


@wrong(SPREAD, hint="How far are the clients from it?")
def returns_the_center(client_pages, mean_ink, distance, count_pages):
    """Makes the errors go away by leaving the distances out."""
    return both(center_of(client_pages, mean_ink), pages_of(client_pages, count_pages))


@wrong(SPREAD, hint="Your center is the sum")
def sums_the_inks(client_pages, mean_ink, distance, count_pages):
    """Takes the sum of the inks for their mean."""
    center = tff.federated_broadcast(tff.federated_sum(tff.federated_map(mean_ink, client_pages)))
    spread = tff.federated_mean(tff.federated_map(distance, (client_pages, center)))
    return both(spread, pages_of(client_pages, count_pages))


@wrong(SPREAD, hint="Send all of them the same center")
def each_its_own_center(client_pages, mean_ink, distance, count_pages):
    """Avoids the broadcast: compares each client with itself."""
    inks = tff.federated_map(mean_ink, client_pages)
    spread = tff.federated_mean(tff.federated_map(distance, (client_pages, inks)))
    return both(spread, pages_of(client_pages, count_pages))


@wrong(SPREAD, hint="You weighted the distances")
def weighted_distances(client_pages, mean_ink, distance, count_pages):
    """Weights by the number of pages."""
    counts = tff.federated_map(count_pages, client_pages)
    spread = tff.federated_mean(distances_of(client_pages, mean_ink, distance), weight=counts)
    return both(spread, tff.federated_sum(counts))


@wrong(SPREAD, hint="Your center is weighted")
def weighted_center(client_pages, mean_ink, distance, count_pages):
    """Lets each page count the same in the center."""
    counts = tff.federated_map(count_pages, client_pages)
    inks = tff.federated_map(mean_ink, client_pages)
    center = tff.federated_broadcast(tff.federated_mean(inks, weight=counts))
    spread = tff.federated_mean(tff.federated_map(distance, (client_pages, center)))
    return both(spread, tff.federated_sum(counts))


@wrong(PAGES, hint="This is the largest client's count")
def largest_count(client_pages, mean_ink, distance, count_pages):
    """Takes the first operator for integers that comes to mind."""
    spread = tff.federated_mean(distances_of(client_pages, mean_ink, distance))
    return both(spread, tff.federated_max(tff.federated_map(count_pages, client_pages)))


@wrong(PAGES, hint="This is the number of clients")
def counts_clients(client_pages, mean_ink, distance, count_pages):
    """Counts who has pages, not the pages."""
    spread = tff.federated_mean(distances_of(client_pages, mean_ink, distance))
    return both(spread, tff.federated_sum(tff.federated_value(1, tff.CLIENTS)))


@right
def means_with_a_weight_of_one(client_pages, mean_ink, distance, count_pages):
    """Says explicitly that each client counts the same."""
    one = tff.federated_value(1.0, tff.CLIENTS)
    center = tff.federated_mean(tff.federated_map(mean_ink, client_pages), weight=one)
    far = tff.federated_map(distance, (client_pages, tff.federated_broadcast(center)))
    return both(tff.federated_mean(far, weight=one), pages_of(client_pages, count_pages))


@wrong(SPREAD, hint="Average the clients' inks")
def a_mean_of_its_own(client_pages, mean_ink, distance, count_pages):
    """Averages a client's numbers itself and leaves `mean_ink` unused."""

    @tff.tensorflow.computation(client_pages.type_signature.member)
    def mean(pages):
        total, count = pages.reduce((0.0, 0.0), lambda sums, page: (sums[0] + page, sums[1] + 1.0))
        return total / count

    return both(
        tff.federated_mean(distances_of(client_pages, mean, distance)), pages_of(client_pages, count_pages)
    )


@wrong(SPREAD, hint="Average the clients' inks")
def divides_by_three_clients(client_pages, mean_ink, distance, count_pages):
    """Divides by the number of clients in the picture."""
    third = tff.tensorflow.computation(lambda total: total / 3.0, np.float32)
    total = tff.federated_sum(distances_of(client_pages, mean_ink, distance))
    return both(tff.federated_map(third, total), pages_of(client_pages, count_pages))
