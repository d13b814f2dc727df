"""Answers to `label_counts(dataset)`."""

import collections

import numpy as np
import tensorflow as tf
from answers import right, wrong

EVERY = "counts every label"
ABSENT = "keeps a place for digits that do not occur"


def labels_of(dataset):
    return [int(element["label"]) for element in dataset]


@right
def a_list_of_ten_zeros(dataset):
    """Adds 1 in the right place of a Python list."""
    counts = [0] * 10
    for element in dataset:
        counts[element["label"].numpy()] += 1
    return counts


@right
def counter_in_order(dataset):
    """Lets `Counter` count, and asks it for each digit in turn."""
    counter = collections.Counter(labels_of(dataset))
    return np.array([counter[digit] for digit in range(10)])


@right
def tensorflow_bincount(dataset):
    """Counts a whole batch with TensorFlow."""
    labels = next(iter(dataset.map(lambda element: element["label"]).batch(10_000)))
    return tf.math.bincount(labels, minlength=10, maxlength=10)


@right
def reduce_one_hot(dataset):
    """Adds one-hot vectors up with `dataset.reduce`."""
    return dataset.reduce(
        tf.zeros(10, tf.int32), lambda sums, e: sums + tf.one_hot(e["label"], 10, dtype=tf.int32)
    )


@right
def filter_ten_times(dataset):
    """Goes through the data once for each digit."""
    return [sum(1 for e in dataset if e["label"] == digit) for digit in range(10)]


@right
def histogram_with_eleven_edges(dataset):
    """Uses `np.histogram`, with the edges right."""
    return np.histogram(labels_of(dataset), bins=np.arange(11))[0]


@wrong(EVERY, hint="Replace `raise NotImplementedError`")
def untouched(dataset):
    """Has not begun."""
    raise NotImplementedError


@wrong(EVERY, hint="Nothing came back")
def forgot_to_return(dataset):
    """Counts, and keeps the counts to themselves."""
    np.bincount(labels_of(dataset), minlength=10)


@wrong(ABSENT, hint="The places of absent digits are missing")
def bincount_without_minlength(dataset):
    """Does not think of a client whose largest digit is below 9."""
    return np.bincount(labels_of(dataset))


@wrong(ABSENT, hint="The places of absent digits are missing")
def unique_counts(dataset):
    """Takes the counts of those digits that occur."""
    return np.unique(labels_of(dataset), return_counts=True)[1]


@wrong(EVERY, hint="not a dict")
def counter_as_it_is(dataset):
    """Returns the `Counter`."""
    return collections.Counter(labels_of(dataset))


@wrong(EVERY, hint="A tensor cannot be a key")
def counter_of_tensors(dataset):
    """Counts tensors instead of numbers."""
    return collections.Counter(element["label"] for element in dataset)


@wrong(EVERY, hint="These are shares")
def shares(dataset):
    """Thinks of a distribution that adds up to 1."""
    counts = np.bincount(labels_of(dataset), minlength=10)
    return counts / counts.sum()


@wrong(EVERY, hint="one place too far to the left")
def digits_from_one(dataset):
    """Counts places from 1."""
    counts = np.zeros(10, int)
    for label in labels_of(dataset):
        counts[label - 1] += 1
    return counts


@wrong(EVERY, hint="`range(9)` ends at 8")
def range_nine(dataset):
    """Thinks that `range(9)` holds the 9."""
    labels = labels_of(dataset)
    return [labels.count(digit) for digit in range(9)]


@wrong(EVERY, hint="eleven edges")
def histogram_with_ten_edges(dataset):
    """Takes the edges of `np.histogram` for the digits."""
    return np.histogram(labels_of(dataset), bins=range(10))[0]


@wrong(EVERY, hint="sorted by size")
def most_frequent_first(dataset):
    """Sorts the counts, as for a chart."""
    return sorted(np.bincount(labels_of(dataset), minlength=10), reverse=True)


@wrong(EVERY, hint="how many images there are")
def all_of_them(dataset):
    """Counts the images."""
    return len(labels_of(dataset))


@wrong(EVERY, hint="These are the labels themselves")
def the_labels(dataset):
    """Stops after collecting the labels."""
    return labels_of(dataset)


@wrong(EVERY, hint="Count how often")
def sets_instead_of_adding(dataset):
    """Writes `= 1` where `+= 1` is due."""
    counts = np.zeros(10, int)
    for label in labels_of(dataset):
        counts[label] = 1
    return counts


@wrong(EVERY, hint="Is there a `return` in the loop?")
def returns_in_the_loop(dataset):
    """Indents the `return` too far."""
    counts = np.zeros(10, int)
    for label in labels_of(dataset):
        counts[label] += 1
        return counts


@wrong(EVERY, hint="Read the last line of the error")
def length_of_a_filter(dataset):
    """Asks a filtered dataset for its length, which it does not know."""
    return [len(dataset.filter(lambda e, d=digit: e["label"] == d)) for digit in range(10)]
