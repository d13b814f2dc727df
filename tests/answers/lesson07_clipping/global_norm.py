"""Answers to `global_norm(structure)`."""

import collections

import numpy as np
import tensorflow as tf
from answers import right, wrong

ONE = "returns one number for the whole structure"
ALL = "measures all numbers, as one long arrow"


def norms(structure):
    return tf.nest.map_structure(tf.norm, structure)


@right
def one_long_vector(structure):
    """Lays all numbers end to end and asks for the norm."""
    return tf.norm(tf.concat([tf.reshape(tensor, [-1]) for tensor in tf.nest.flatten(structure)], 0))


@right
def tensorflow_has_it(structure):
    """Finds `tf.linalg.global_norm`."""
    return tf.linalg.global_norm(tf.nest.flatten(structure))


@right
def norm_of_norms(structure):
    """Takes the norm of the norms, which is the same."""
    return tf.norm(tf.stack(list(norms(structure).values())))


@right
def a_loop(structure):
    """Adds up in a loop, under `tf.function` or not."""
    total = 0.0
    for name in structure:
        total += tf.reduce_sum(tf.square(structure[name]))
    return total**0.5


@wrong(ONE, hint="Replace `raise NotImplementedError`")
def untouched(structure):
    """Has not begun."""
    raise NotImplementedError


@wrong(ONE, hint="The function returned nothing")
def forgot_to_return(structure):
    """Works it out and keeps it."""
    tf.linalg.global_norm(tf.nest.flatten(structure))


@wrong(ONE, hint="This is a norm for each tensor")
def one_norm_a_tensor(structure):
    """Maps the norm over the structure."""
    return norms(structure)


@wrong(ONE, hint="This is a norm for each tensor")
def a_list_of_norms(structure):
    """Collects the norms in a list."""
    return [tf.norm(tensor) for tensor in structure.values()]


@wrong(ONE, hint="This is a norm for each tensor")
def squares_of_each_tensor(structure):
    """Sums the squares of each tensor and stops."""
    return tf.nest.map_structure(lambda tensor: tf.reduce_sum(tensor**2), structure)


@wrong(ONE, hint="This is a norm for each tensor")
def a_tensor_of_norms(structure):
    """Takes the root of each sum of squares, in the order of `tf.nest.flatten`."""
    return tf.sqrt([tf.reduce_sum(tensor**2) for tensor in tf.nest.flatten(structure)])


@wrong(ONE, hint="Return a single number")
def norms_of_the_rows(structure):
    """Sums along one axis only."""
    return tf.sqrt(tf.reduce_sum(structure["kernel"] ** 2, axis=0) + structure["bias"] ** 2)


@wrong(ONE, hint="Use TensorFlow's operations instead of numpy's")
def asks_numpy(structure):
    """Uses numpy while the computation is being recorded."""
    return np.sqrt(sum(np.sum(np.square(tensor.numpy())) for tensor in structure.values()))


@wrong(ONE, hint="goes leaf by leaf")
def squares_the_structure(structure):
    """Treats the structure as one tensor."""
    return tf.sqrt(tf.reduce_sum(structure * collections.OrderedDict(structure)))


@wrong(ALL, hint="Take the square root")
def no_root(structure):
    """Forgets the square root."""
    return tf.add_n([tf.reduce_sum(tensor**2) for tensor in tf.nest.flatten(structure)])


@wrong(ALL, hint="norms added up")
def sum_of_norms(structure):
    """Thinks that norms add up."""
    return tf.add_n(list(norms(structure).values()))


@wrong(ALL, hint="alone")
def longest_tensor(structure):
    """Takes the largest of the norms."""
    return tf.reduce_max(tf.stack(list(norms(structure).values())))


@wrong(ALL, hint="mean of the tensors' norms")
def mean_of_norms(structure):
    """Averages the norms."""
    return tf.reduce_mean(tf.stack(list(norms(structure).values())))


@wrong(ALL, hint="norm of `kernel` alone")
def kernel_only(structure):
    """Forgets the bias."""
    return tf.norm(structure["kernel"])


@wrong(ALL, hint="norm of `bias` alone")
def overwrites_the_total(structure):
    """Writes `=` where `+=` is due, so that only the last tensor is left."""
    total = 0.0
    for tensor in structure.values():
        total = tf.reduce_sum(tensor**2)
    return tf.sqrt(total)


@wrong(ALL, hint="The squares are averaged")
def mean_instead_of_sum(structure):
    """Averages the squares of each tensor."""
    return tf.sqrt(tf.add_n([tf.reduce_mean(tensor**2) for tensor in tf.nest.flatten(structure)]))


@wrong(ALL, hint="The squares are averaged")
def root_mean_square(structure):
    """Averages the squares of all numbers."""
    flat = tf.concat([tf.reshape(tensor, [-1]) for tensor in tf.nest.flatten(structure)], 0)
    return tf.sqrt(tf.reduce_mean(flat**2))


@wrong(ALL, hint="absolute values, added up")
def absolute_values(structure):
    """Takes the other norm, of a taxi in Manhattan."""
    return tf.add_n([tf.reduce_sum(tf.abs(tensor)) for tensor in tf.nest.flatten(structure)])


@wrong(ALL, hint="the largest number alone")
def largest_number(structure):
    """Thinks that the largest number says how large the whole is."""
    return tf.reduce_max([tf.reduce_max(tf.abs(tensor)) for tensor in tf.nest.flatten(structure)])


@wrong(ALL, hint="added before they are squared")
def sums_before_squaring(structure):
    """Squares the sum instead of summing the squares."""
    return tf.sqrt(tf.add_n([tf.reduce_sum(tensor) for tensor in tf.nest.flatten(structure)]) ** 2)


@wrong(ONE, hint="float32 goes in, and float64 comes out")
def in_double(structure):
    """Adds up in float64 and stays there."""
    tensors = [tf.cast(tensor, tf.float64) for tensor in tf.nest.flatten(structure)]
    return tf.sqrt(tf.add_n([tf.reduce_sum(tensor**2) for tensor in tensors]))


@wrong(ALL, hint="Read the last line of the error first")
def by_the_lessons_names(structure):
    """Knows only structures of a kernel and a bias."""
    return tf.sqrt(tf.reduce_sum(structure["kernel"] ** 2) + tf.reduce_sum(structure["bias"] ** 2))


@wrong(ALL, hint="Only two tensors are measured")
def the_first_two_tensors(structure):
    """Unpacks two tensors, as many as the lesson's model has."""
    one, other = tf.nest.flatten(structure)[:2]
    return tf.sqrt(tf.reduce_sum(one**2) + tf.reduce_sum(other**2))


@right
def by_tensorflows_loss(structure):
    """Takes twice TensorFlow's `l2_loss`, which is half the sum of the squares."""
    return tf.sqrt(2 * tf.add_n([tf.nn.l2_loss(tensor) for tensor in tf.nest.flatten(structure)]))
