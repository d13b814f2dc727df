"""Answers to `clip_by_global_norm(structure, max_norm)`."""

import collections

import tensorflow as tf
from answers import right, wrong

from solutions.lesson07_clipping import global_norm

SHRINKS = "shrinks what is too long, and keeps its direction"
SHORT = "leaves alone what is short enough"
ZERO = "survives an arrow of length zero"


def times(structure, factor):
    return tf.nest.map_structure(lambda tensor: tensor * factor, structure)


@right
def tensorflow_has_it(structure, max_norm):
    """Packs what `tf.clip_by_global_norm` returns into the old form."""
    clipped, _ = tf.clip_by_global_norm(tf.nest.flatten(structure), max_norm)
    return tf.nest.pack_sequence_as(structure, clipped)


@right
def decides_with_cond(structure, max_norm):
    """Decides with `tf.cond`."""
    norm = global_norm(structure)
    return tf.cond(norm > max_norm, lambda: times(structure, max_norm / norm), lambda: structure)


@right
@tf.function
def decides_with_if(structure, max_norm):
    """Writes `if`, which `tf.function` turns into a part of the graph."""
    norm = global_norm(structure)
    if norm > max_norm:
        structure = times(structure, max_norm / norm)
    return structure


@right
def divides_without_nan(structure, max_norm):
    """Divides with a function that makes 0 of 0 divided by 0, name by name."""
    factor = tf.minimum(1.0, tf.math.divide_no_nan(max_norm, global_norm(structure)))
    clipped = collections.OrderedDict()
    for name, tensor in structure.items():
        clipped[name] = factor * tensor
    return clipped


@right
def minimum_with_infinity(structure, max_norm):
    """Divides by zero, and takes the minimum of 1 and infinity."""
    return times(structure, tf.minimum(1.0, max_norm / global_norm(structure)))


@wrong(SHRINKS, hint="Replace `raise NotImplementedError`")
def untouched(structure, max_norm):
    """Has not begun."""
    raise NotImplementedError


@wrong(SHRINKS, hint="Return a dictionary of the same form")
def a_list(structure, max_norm):
    """Returns the list that TensorFlow's function returns."""
    return tf.clip_by_global_norm(tf.nest.flatten(structure), max_norm)[0]


@wrong(SHRINKS, hint="Return a dictionary of the same form")
def list_and_norm(structure, max_norm):
    """Overlooks that TensorFlow's function returns the norm too."""
    return tf.clip_by_global_norm(tf.nest.flatten(structure), max_norm)


@wrong(SHRINKS, hint="Right fields, wrong order")
def bias_first(structure, max_norm):
    """Thinks that the order of the fields does not matter."""
    clipped = times(structure, max_norm / tf.maximum(global_norm(structure), max_norm))
    return collections.OrderedDict(bias=clipped["bias"], kernel=clipped["kernel"])


@wrong(SHRINKS, hint="no number to show yet")
def python_if(structure, max_norm):
    """Writes `if` where the number is not there yet."""
    norm = global_norm(structure)
    return times(structure, max_norm / norm) if norm > max_norm else structure


@wrong(SHRINKS, hint="each by its own norm")
def clips_per_layer(structure, max_norm):
    """Clips each tensor by itself, as Keras does with `clipnorm`."""
    return tf.nest.map_structure(lambda tensor: tf.clip_by_norm(tensor, max_norm), structure)


@wrong(SHRINKS, hint="Each number is cut off by itself")
def clips_by_value(structure, max_norm):
    """Cuts each number off, as Keras does with `clipvalue`."""
    return tf.nest.map_structure(lambda tensor: tf.clip_by_value(tensor, -max_norm, max_norm), structure)


@wrong(SHRINKS, hint="came back as it went in")
def clips_nothing(structure, max_norm):
    """Computes the clipped structure and does not keep it."""
    times(structure, max_norm / tf.maximum(global_norm(structure), max_norm))
    return structure


@wrong(SHRINKS, hint="It has length 1 now")
def to_length_one(structure, max_norm):
    """Forgets to multiply by `max_norm`."""
    return times(structure, 1 / tf.maximum(global_norm(structure), 1.0))


@wrong(SHRINKS, hint="multiplied by `max_norm` and not divided")
def multiplies_only(structure, max_norm):
    """Takes `max_norm` for the factor."""
    return times(structure, max_norm)


@wrong(SHRINKS, hint="The factor is upside down")
def upside_down(structure, max_norm):
    """Divides the norm by its limit."""
    return times(structure, tf.maximum(1.0, global_norm(structure) / max_norm))


@wrong(SHRINKS, hint="You divide by the square of the norm")
def forgets_the_root(structure, max_norm):
    """Divides by the sum of squares."""
    norm = tf.add_n([tf.reduce_sum(tensor**2) for tensor in tf.nest.flatten(structure)])
    return times(structure, max_norm / tf.maximum(norm, max_norm))


@wrong(SHRINKS, hint="the norms of the tensors added up")
def adds_norms(structure, max_norm):
    """Measures the whole by the sum of the tensors' norms."""
    norm = tf.add_n([tf.norm(tensor) for tensor in tf.nest.flatten(structure)])
    return times(structure, max_norm / tf.maximum(norm, max_norm))


@wrong(SHRINKS, hint="that is called zeroing")
def throws_away(structure, max_norm):
    """Drops what is too long."""
    return times(structure, tf.cast(global_norm(structure) <= max_norm, tf.float32))


@wrong(SHORT, hint="Clipping never stretches")
def scales_up(structure, max_norm):
    """Gives every structure the same length."""
    return times(structure, tf.math.divide_no_nan(max_norm, global_norm(structure)))


@wrong(SHORT, hint="Clipping never stretches")
def maximum_for_minimum(structure, max_norm):
    """Mixes up `tf.minimum` and `tf.maximum` where the structure is short."""
    factor = max_norm / global_norm(structure)
    return times(structure, tf.where(factor < 1, factor, tf.maximum(1.0, factor)))


@wrong(SHORT, hint="Zeros came back")
def drops_what_is_short(structure, max_norm):
    """Lets nothing through that is not too long."""
    norm = global_norm(structure)
    return times(structure, tf.where(norm > max_norm, max_norm / norm, 0.0))


@wrong(ZERO, hint="Zero divided by zero is NaN")
def divides_by_zero(structure, max_norm):
    """Goes to length 1 first, and then to the length that is due."""
    norm = global_norm(structure)
    unit = tf.nest.map_structure(lambda tensor: tensor / norm, structure)
    return times(unit, tf.minimum(norm, max_norm))


@wrong(ZERO, hint="Nothing times any factor is nothing")
def adds_a_little(structure, max_norm):
    """Adds something small where the norm is zero, to be safe."""
    norm = global_norm(structure)
    some = tf.where(norm > 0, 0.0, 1e-2)
    factor = max_norm / tf.maximum(norm, max_norm)
    return tf.nest.map_structure(lambda tensor: (tensor + some) * factor, structure)


@wrong(SHRINKS, hint="Multiply every number by `max_norm`")
def the_limit_of_the_lesson(structure, max_norm):
    """Uses the limit that the lesson uses, not the argument."""
    return tensorflow_has_it(structure, 2.0)


@wrong(SHRINKS, hint="It has length 1 now")
def never_below_one(structure, max_norm):
    """Thinks that a limit is at least 1."""
    return tensorflow_has_it(structure, max(1.0, max_norm))


@wrong(SHRINKS, hint="Read the last line of the error first")
def by_the_lessons_names(structure, max_norm):
    """Knows only structures of a kernel and a bias."""
    factor = max_norm / tf.maximum(global_norm(structure), max_norm)
    return collections.OrderedDict(kernel=structure["kernel"] * factor, bias=structure["bias"] * factor)


@wrong(SHRINKS, hint="Multiply every number by `max_norm`")
def norm_of_the_first_two_tensors(structure, max_norm):
    """Measures as many tensors as the lesson's model has."""
    norm = tf.linalg.global_norm(tf.nest.flatten(structure)[:2])
    return times(structure, max_norm / tf.maximum(norm, max_norm))


@wrong(SHRINKS, hint="Leave out the cast")
def in_double(structure, max_norm):
    """Returns float64."""
    return tf.nest.map_structure(lambda t: tf.cast(t, tf.float64), tensorflow_has_it(structure, max_norm))


@wrong(SHRINKS, hint="Do not write into the structure")
def writes_into_the_argument(structure, max_norm):
    """Clips in place, so that the caller's structure is another one afterwards."""
    factor = max_norm / tf.maximum(global_norm(structure), max_norm)
    for name in structure:
        structure[name] = structure[name] * factor
    return structure
