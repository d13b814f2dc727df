"""Answers to `clip_update(server_weights, trained_weights, max_norm)`."""

import collections

import tensorflow as tf
from answers import right, wrong

from solutions.lesson07_clipping import clip_by_global_norm, global_norm

CHANGE = "returns the change: trained minus given"
CLIPS = "clips the change, not the weights"


def minus(one, other):
    return tf.nest.map_structure(tf.subtract, one, other)


@right
def tensorflow_clips(server_weights, trained_weights, max_norm):
    """Subtracts by name and takes TensorFlow's clipping."""
    kernel = trained_weights["kernel"] - server_weights["kernel"]
    bias = trained_weights["bias"] - server_weights["bias"]
    (kernel, bias), _ = tf.clip_by_global_norm([kernel, bias], max_norm)
    return collections.OrderedDict(kernel=kernel, bias=bias)


@right
def one_long_vector(server_weights, trained_weights, max_norm):
    """Clips all numbers as one vector, and cuts it up again."""
    update = minus(trained_weights, server_weights)
    flat = tf.concat([tf.reshape(tensor, [-1]) for tensor in update.values()], 0)
    flat = tf.clip_by_norm(flat, max_norm)
    pieces = tf.split(flat, [tf.size(tensor) for tensor in update.values()])
    return collections.OrderedDict(
        (name, tf.reshape(piece, tensor.shape))
        for (name, tensor), piece in zip(update.items(), pieces, strict=True)
    )


@right
@tf.function
def decides_with_if(server_weights, trained_weights, max_norm):
    """Writes `if` under `tf.function`."""
    update = minus(trained_weights, server_weights)
    norm = global_norm(update)
    if norm > max_norm:
        update = tf.nest.map_structure(lambda u: u * (max_norm / norm), update)
    return update


@wrong(CHANGE, hint="Replace `raise NotImplementedError`")
def untouched(server_weights, trained_weights, max_norm):
    """Has not begun."""
    raise NotImplementedError


@wrong(CHANGE, hint="The function returned nothing")
def forgot_to_return(server_weights, trained_weights, max_norm):
    """Works the update out and keeps it."""
    clip_by_global_norm(minus(trained_weights, server_weights), max_norm)


@wrong(CHANGE, hint="goes leaf by leaf")
def subtracts_structures(server_weights, trained_weights, max_norm):
    """Treats the weights as one tensor."""
    return clip_by_global_norm(trained_weights - server_weights, max_norm)


@wrong(CHANGE, hint="The update points backwards")
def given_minus_trained(server_weights, trained_weights, max_norm):
    """Subtracts the wrong way round."""
    return clip_by_global_norm(minus(server_weights, trained_weights), max_norm)


@wrong(CHANGE, hint="The two are added")
def adds_and_clips(server_weights, trained_weights, max_norm):
    """Adds where it should subtract."""
    total = tf.nest.map_structure(tf.add, trained_weights, server_weights)
    return clip_by_global_norm(total, max_norm)


@wrong(CHANGE, hint="The weights are clipped here")
def clips_the_weights(server_weights, trained_weights, max_norm):
    """Clips the trained weights instead of the change."""
    return clip_by_global_norm(trained_weights, max_norm)


@wrong(CHANGE, hint="The weights are clipped here")
def clips_before_subtracting(server_weights, trained_weights, max_norm):
    """Clips the trained weights, and subtracts then."""
    return minus(clip_by_global_norm(trained_weights, max_norm), server_weights)


@wrong(CHANGE, hint="These are the trained weights")
def returns_the_trained_weights(server_weights, trained_weights, max_norm):
    """Sends the weights up, as in lesson 6."""
    return trained_weights


@wrong(CLIPS, hint="plus the update")
def adds_the_server_weights(server_weights, trained_weights, max_norm):
    """Adds the clipped change to the server's weights already."""
    update = clip_by_global_norm(minus(trained_weights, server_weights), max_norm)
    return tf.nest.map_structure(tf.add, server_weights, update)


@wrong(CHANGE, hint="Clipping never stretches")
def scales_up(server_weights, trained_weights, max_norm):
    """Gives every update the length `max_norm`."""
    update = minus(trained_weights, server_weights)
    return tf.nest.map_structure(lambda u: u * max_norm / global_norm(update), update)


@wrong(CHANGE, hint="Right fields, wrong order")
def bias_first(server_weights, trained_weights, max_norm):
    """Thinks that the order of the fields does not matter."""
    update = clip_by_global_norm(minus(trained_weights, server_weights), max_norm)
    return collections.OrderedDict(bias=update["bias"], kernel=update["kernel"])


@wrong(CLIPS, hint="The change came out whole")
def subtracts_only(server_weights, trained_weights, max_norm):
    """Does not clip."""
    return minus(trained_weights, server_weights)


@wrong(CLIPS, hint="each by its own norm")
def clips_per_layer(server_weights, trained_weights, max_norm):
    """Clips kernel and bias one by one."""
    update = minus(trained_weights, server_weights)
    return tf.nest.map_structure(lambda u: tf.clip_by_norm(u, max_norm), update)


@wrong(CLIPS, hint="Each number is cut off by itself")
def clips_by_value(server_weights, trained_weights, max_norm):
    """Cuts each number of the update off."""
    update = minus(trained_weights, server_weights)
    return tf.nest.map_structure(lambda u: tf.clip_by_value(u, -max_norm, max_norm), update)


@wrong(CLIPS, hint="that is called zeroing")
def throws_away(server_weights, trained_weights, max_norm):
    """Drops an update that is too long."""
    update = minus(trained_weights, server_weights)
    fits = tf.cast(global_norm(update) <= max_norm, tf.float32)
    return tf.nest.map_structure(lambda u: u * fits, update)


@wrong(CLIPS, hint="It has length 1 now")
def to_length_one(server_weights, trained_weights, max_norm):
    """Clips to length 1, whatever `max_norm` says."""
    return clip_by_global_norm(minus(trained_weights, server_weights), 1.0)


@wrong(CLIPS, hint="Clip the change")
def the_limit_of_the_lesson(server_weights, trained_weights, max_norm):
    """Takes 2, whatever `max_norm` says."""
    return clip_by_global_norm(minus(trained_weights, server_weights), 2.0)


@wrong(CLIPS, hint="It has length 1 now")
def never_below_one(server_weights, trained_weights, max_norm):
    """Thinks that a limit is at least 1."""
    return clip_by_global_norm(minus(trained_weights, server_weights), max(1.0, max_norm))


@wrong(CHANGE, hint="Leave out the cast")
def in_double(server_weights, trained_weights, max_norm):
    """Returns float64."""
    update = clip_by_global_norm(minus(trained_weights, server_weights), max_norm)
    return tf.nest.map_structure(lambda tensor: tf.cast(tensor, tf.float64), update)


@wrong(CHANGE, hint="watch what you divide by")
def divides_by_zero(server_weights, trained_weights, max_norm):
    """Goes to length 1 first, which a client that learnt nothing has not."""
    update = minus(trained_weights, server_weights)
    norm = global_norm(update)
    return tf.nest.map_structure(lambda u: u / norm * tf.minimum(norm, max_norm), update)


@wrong(CHANGE, hint="Do not write into the structure")
def writes_into_the_argument(server_weights, trained_weights, max_norm):
    """Subtracts in place."""
    for name in trained_weights:
        trained_weights[name] -= server_weights[name]
    return clip_by_global_norm(trained_weights, max_norm)
