"""Answers to `adapt_clipping_norm(clipping_norm, update_norms, target_quantile, learning_rate)`."""

import numpy as np
import tensorflow as tf
from answers import right, wrong

DIRECTION = "grows when too few fit, shrinks when too many do"
FACTOR = "moves by the right factor"


def share_of(update_norms, clipping_norm):
    return tf.reduce_mean(tf.cast(update_norms <= clipping_norm, tf.float32))


@right
def numpy_will_do(clipping_norm, update_norms, target_quantile, learning_rate):
    """Uses numpy."""
    share = np.mean(np.asarray(update_norms) <= float(clipping_norm))
    return float(clipping_norm) * np.exp(learning_rate * (target_quantile - share))


@right
def in_logarithms(clipping_norm, update_norms, target_quantile, learning_rate):
    """Takes the step in the logarithm of the norm, which is where it comes from."""
    step = learning_rate * (share_of(update_norms, clipping_norm) - target_quantile)
    return tf.exp(tf.math.log(clipping_norm) - step)


@right
def counts_in_a_loop(clipping_norm, update_norms, target_quantile, learning_rate):
    """Counts one by one, those that are too long."""
    too_long = sum(1 for norm in update_norms if norm > clipping_norm)
    share = 1 - too_long / len(update_norms)
    return clipping_norm * tf.exp(-learning_rate * (share - target_quantile))


@wrong(DIRECTION, hint="Replace `raise NotImplementedError`")
def untouched(clipping_norm, update_norms, target_quantile, learning_rate):
    """Has not begun."""
    raise NotImplementedError


@wrong(DIRECTION, hint="Return a single number")
def one_number_a_client(clipping_norm, update_norms, target_quantile, learning_rate):
    """Forgets the mean."""
    fits = tf.cast(update_norms <= clipping_norm, tf.float32)
    return clipping_norm * tf.exp(-learning_rate * (fits - target_quantile))


@wrong(DIRECTION, hint="Return a single number")
def forgot_to_return(clipping_norm, update_norms, target_quantile, learning_rate):
    """Works it out and keeps it."""
    in_logarithms(clipping_norm, update_norms, target_quantile, learning_rate)


@wrong(DIRECTION, hint="It moves the wrong way")
def the_wrong_way(clipping_norm, update_norms, target_quantile, learning_rate):
    """Loses the minus sign."""
    share = share_of(update_norms, clipping_norm)
    return clipping_norm * tf.exp(learning_rate * (share - target_quantile))


@wrong(DIRECTION, hint="This is the share that is longer")
def counts_those_that_are_too_long(clipping_norm, update_norms, target_quantile, learning_rate):
    """Asks which updates are longer."""
    share = tf.reduce_mean(tf.cast(update_norms > clipping_norm, tf.float32))
    return clipping_norm * tf.exp(-learning_rate * (share - target_quantile))


@wrong(DIRECTION, hint="The clipping norm did not move")
def stands_still(clipping_norm, update_norms, target_quantile, learning_rate):
    """Returns what came in."""
    return clipping_norm


@wrong(DIRECTION, hint="`target_quantile` is missing")
def forgets_the_target(clipping_norm, update_norms, target_quantile, learning_rate):
    """Does not compare the share with anything."""
    return clipping_norm * tf.exp(-learning_rate * share_of(update_norms, clipping_norm))


@wrong(DIRECTION, hint="This counts the updates that fit")
def counts_instead_of_share(clipping_norm, update_norms, target_quantile, learning_rate):
    """Sums the answers instead of averaging them."""
    count = tf.reduce_sum(tf.cast(update_norms <= clipping_norm, tf.float32))
    return clipping_norm * tf.exp(-learning_rate * (count - target_quantile))


@wrong(FACTOR, hint="This is the factor")
def factor_alone(clipping_norm, update_norms, target_quantile, learning_rate):
    """Returns what the norm should be multiplied by."""
    share = share_of(update_norms, clipping_norm)
    return tf.exp(-learning_rate * (share - target_quantile))


@wrong(FACTOR, hint="You add the step")
def adds_the_step(clipping_norm, update_norms, target_quantile, learning_rate):
    """Steps by a sum instead of a factor."""
    return clipping_norm - learning_rate * (share_of(update_norms, clipping_norm) - target_quantile)


@wrong(FACTOR, hint="only close to the exponential")
def no_exponential(clipping_norm, update_norms, target_quantile, learning_rate):
    """Multiplies by one minus the step."""
    share = share_of(update_norms, clipping_norm)
    return clipping_norm * (1 - learning_rate * (share - target_quantile))


@wrong(FACTOR, hint="`learning_rate` is missing")
def forgets_the_learning_rate(clipping_norm, update_norms, target_quantile, learning_rate):
    """Goes as fast as it can."""
    return clipping_norm * tf.exp(-(share_of(update_norms, clipping_norm) - target_quantile))


@wrong(FACTOR, hint="You took the quantile itself")
def takes_the_quantile(clipping_norm, update_norms, target_quantile, learning_rate):
    """Sorts the norms, which the server never gets to see."""
    return np.quantile(np.asarray(update_norms), target_quantile)


def stepped(clipping_norm, share, target_quantile, learning_rate):
    return clipping_norm * tf.exp(-learning_rate * (share - target_quantile))


@wrong(FACTOR, hint="fits too: `<=`, not `<`")
def does_not_count_ties(clipping_norm, update_norms, target_quantile, learning_rate):
    """Writes `<` for `<=`."""
    share = tf.reduce_mean(tf.cast(update_norms < clipping_norm, tf.float32))
    return stepped(clipping_norm, share, target_quantile, learning_rate)


@wrong(FACTOR, hint="The next norm is this one times")
def always_eight_clients(clipping_norm, update_norms, target_quantile, learning_rate):
    """Divides by a number of clients of its own."""
    count = tf.reduce_sum(tf.cast(update_norms <= clipping_norm, tf.float32))
    return stepped(clipping_norm, count / 8, target_quantile, learning_rate)


@wrong(FACTOR, hint="The next norm is this one times")
def always_half(clipping_norm, update_norms, target_quantile, learning_rate):
    """Takes the lesson's target."""
    return stepped(clipping_norm, share_of(update_norms, clipping_norm), 0.5, learning_rate)


@wrong(FACTOR, hint="The next norm is this one times")
def the_rate_of_the_lesson(clipping_norm, update_norms, target_quantile, learning_rate):
    """Takes the lesson's learning rate."""
    return stepped(clipping_norm, share_of(update_norms, clipping_norm), target_quantile, 0.4)


@wrong(FACTOR, hint="The next norm is this one times")
def ten_clients(clipping_norm, update_norms, target_quantile, learning_rate):
    """Looks at ten clients at most."""
    return stepped(clipping_norm, share_of(update_norms[:10], clipping_norm), target_quantile, learning_rate)


@wrong(FACTOR, hint="The next norm is this one times")
def leaves_out_what_is_infinite(clipping_norm, update_norms, target_quantile, learning_rate):
    """Takes the vote from those whose norm is infinite."""
    finite = tf.boolean_mask(update_norms, tf.math.is_finite(update_norms))
    return stepped(clipping_norm, share_of(finite, clipping_norm), target_quantile, learning_rate)


@wrong(FACTOR, hint="The next norm is this one times")
def never_below_a_tenth(clipping_norm, update_norms, target_quantile, learning_rate):
    """Guards against small limits."""
    share = share_of(update_norms, clipping_norm)
    return tf.maximum(stepped(clipping_norm, share, target_quantile, learning_rate), 0.1)


@wrong(FACTOR, hint="The next norm is this one times")
def as_if_sorted(clipping_norm, update_norms, target_quantile, learning_rate):
    """Searches in the norms as if they were in order."""
    place = tf.searchsorted(update_norms, [clipping_norm], side="right")[0]
    share = tf.cast(place, tf.float32) / tf.cast(tf.size(update_norms), tf.float32)
    return stepped(clipping_norm, share, target_quantile, learning_rate)


@wrong(DIRECTION, hint="The part behind the point is cut off")
def a_whole_number(clipping_norm, update_norms, target_quantile, learning_rate):
    """Makes a whole number of the norm."""
    return int(in_logarithms(clipping_norm, update_norms, target_quantile, learning_rate))
