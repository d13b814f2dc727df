"""Answers to `stochastic_quantize(values, bits, seed)`."""

import collections

import tensorflow as tf
from answers import right, wrong

FORM = "returns levels and their range"
NEIGHBOURS = "rounds to one of the two neighbours"
AVERAGE = "is right on average"
EDGES = "copes with values that are all equal, and with none"


def code(levels, low, high):
    return collections.OrderedDict(levels=levels, low=low, high=high)


def scale(values, bits):
    low, high = tf.reduce_min(values), tf.reduce_max(values)
    return tf.math.divide_no_nan(values - low, high - low) * (2**bits - 1), low, high


def uniform(values, seed):
    return tf.random.stateless_uniform(tf.shape(values), seed)


def rounded_by(rounding):
    """The answer that is right but for `rounding(scaled, values, seed)`."""

    def answer(values, bits, seed):
        scaled, low, high = scale(values, bits)
        return code(rounding(scaled, values, seed), low, high)

    return answer


@right
def adds_and_rounds_down(values, bits, seed):
    """Adds the random number first; the minimum guards against a sum that is rounded up to the next level."""
    scaled, low, high = scale(values, bits)
    return code(tf.minimum(tf.floor(scaled + uniform(values, seed)), 2.0**bits - 1), low, high)


@right
def chooses_with_where(values, bits, seed):
    """Picks the floor or the one above it, and treats equal values by a condition."""
    low, high = tf.reduce_min(values), tf.reduce_max(values)
    width = tf.where(high > low, high - low, 1.0)
    scaled = (values - low) / width * (2**bits - 1)
    below = tf.floor(scaled)
    return code(tf.where(uniform(values, seed) < scaled - below, below + 1, below), low, high)


@right
def rounds_up(values, bits, seed):
    """Subtracts a random number and rounds up, never below zero."""
    scaled, low, high = scale(values, bits)
    return code(tf.maximum(tf.math.ceil(scaled - uniform(values, seed)), 0.0), low, high)


@right
def in_float64(values, bits, seed):
    """Works in float64 and draws its numbers so, too."""
    low, high = tf.reduce_min(values), tf.reduce_max(values)
    wide = tf.cast(values, tf.float64)
    span = tf.cast(high, tf.float64) - tf.cast(low, tf.float64)
    scaled = tf.math.divide_no_nan(wide - tf.cast(low, tf.float64), span) * (2**bits - 1)
    chance = tf.random.stateless_uniform(tf.shape(values), seed, dtype=tf.float64)
    # What was stored in float32 lies a hair beside the whole number it came from.
    near = tf.round(scaled)
    scaled = tf.where(tf.abs(scaled - near) < 1e-5, near, scaled)
    levels = tf.floor(scaled) + tf.cast(chance < scaled - tf.floor(scaled), tf.float64)
    return code(tf.cast(levels, tf.float32), low, high)


@wrong(FORM, hint="Replace `raise NotImplementedError`")
def untouched(values, bits, seed):
    """Has not begun."""
    raise NotImplementedError


@wrong(FORM, hint="Without the range")
def forgets_the_range(values, bits, seed):
    """Sends the levels and nothing else."""
    scaled, _low, _high = scale(values, bits)
    return tf.floor(scaled + uniform(values, seed))


@wrong(FORM, hint="keep the shape")
def flattens(values, bits, seed):
    """Works on one long vector and leaves it so."""
    values = tf.reshape(values, [-1])
    scaled, low, high = scale(values, bits)
    return code(tf.floor(scaled + uniform(values, seed)), low, high)


@wrong(FORM, hint="the smallest and the largest")
def range_of_zero_to_one(values, bits, seed):
    """Forgets that the other side needs the range of the values, not of the scaled ones."""
    scaled, _low, _high = scale(values, bits)
    return code(tf.floor(scaled + uniform(values, seed)), tf.constant(0.0), tf.constant(1.0))


@wrong(FORM, hint="Leave the levels in float32")
def packs_at_once(values, bits, seed):
    """Casts to bytes already here."""
    scaled, low, high = scale(values, bits)
    return code(tf.cast(tf.floor(scaled + uniform(values, seed)), tf.uint8), low, high)


@wrong(NEIGHBOURS, hint="one level more than there are steps")
def one_level_too_many(values, bits, seed):
    """Takes the number of levels for the number of steps."""
    scaled, low, high = scale(values, bits)
    scaled *= 2**bits / (2**bits - 1)
    return code(tf.floor(scaled + uniform(values, seed)), low, high)


@wrong(NEIGHBOURS, hint="A value that lies just on a level goes up")
def goes_up_from_a_level(values, bits, seed):
    """Goes up where the random number is the larger one, also from where a level is."""
    scaled, low, high = scale(values, bits)
    below = tf.floor(scaled)
    return code(below + tf.cast(uniform(values, seed) > scaled - below, tf.float32), low, high)


@wrong(NEIGHBOURS, hint="The levels do not spread over")
def one_level_too_few(values, bits, seed):
    """Subtracts 1 once for the steps and once more for the zero."""
    scaled, low, high = scale(values, bits)
    scaled *= (2**bits - 2) / (2**bits - 1)
    return code(tf.floor(scaled + 0.999 * uniform(values, seed)), low, high)


@wrong(NEIGHBOURS, hint="It went past the neighbour")
def adds_and_rounds_to_nearest(values, bits, seed):
    """Adds noise and then rounds, which goes up half a level too far."""
    scaled, low, high = scale(values, bits)
    return code(tf.clip_by_value(tf.round(scaled + uniform(values, seed)), 0.0, 2.0**bits - 1), low, high)


@wrong(NEIGHBOURS, hint="Stretch them")
def rounds_the_fraction(values, bits, seed):
    """Rounds what lies between 0 and 1."""
    low, high = tf.reduce_min(values), tf.reduce_max(values)
    fraction = tf.math.divide_no_nan(values - low, high - low)
    return code(tf.floor(fraction + 0.999 * uniform(values, seed)), low, high)


@wrong(NEIGHBOURS, hint="was it rounded?")
def does_not_round(values, bits, seed):
    """Scales, and stops there."""
    return code(*scale(values, bits))


@wrong(AVERAGE, hint="with nothing left to chance")
def rounds_to_nearest(values, bits, seed):
    """Takes `quantize` as it is."""
    scaled, low, high = scale(values, bits)
    return code(tf.round(scaled), low, high)


@wrong(AVERAGE, hint="rounded down, so the average is too low")
def rounds_down(values, bits, seed):
    """Forgets to add the random number."""
    scaled, low, high = scale(values, bits)
    return code(tf.floor(scaled + 1e-4), low, high)


@wrong(AVERAGE, hint="rounded up, so the average is too high")
def always_up(values, bits, seed):
    """Compares with zero instead of a random number."""
    scaled, low, high = scale(values, bits)
    return code(tf.math.ceil(scaled - 1e-4), low, high)


@wrong(AVERAGE, hint="Heads or tails")
def tosses_a_coin(values, bits, seed):
    """Goes up or down with the same chance, wherever the value lies."""
    scaled, low, high = scale(values, bits)
    coin = tf.cast(uniform(values, seed) < 0.5, tf.float32)
    below = tf.floor(scaled + 1e-4)
    is_between = tf.cast(scaled - below > 1e-3, tf.float32)
    return code(below + coin * is_between, low, high)


@wrong(AVERAGE, hint="The chances are swapped")
def swaps_the_chances(values, bits, seed):
    """Goes up where the random number is the larger one."""
    scaled, low, high = scale(values, bits)
    below = tf.floor(scaled + 1e-4)
    fraction = scaled - below
    up = (uniform(values, seed) > fraction) & (fraction > 1e-3)
    return code(below + tf.cast(up, tf.float32), low, high)


@wrong(AVERAGE, hint="One random number serves many values")
def one_number_for_all(values, bits, seed):
    """Draws once."""
    scaled, low, high = scale(values, bits)
    return code(tf.floor(scaled + 0.999 * tf.random.stateless_uniform([], seed)), low, high)


@wrong(AVERAGE, hint="One random number serves many values")
def one_number_a_row(values, bits, seed):
    """Draws once for each row."""
    scaled, low, high = scale(values, bits)
    rows = tf.random.stateless_uniform(tf.concat([tf.shape(values)[:-1], [1]], 0), seed)
    return code(tf.floor(scaled + 0.999 * rows), low, high)


@wrong(AVERAGE, hint="it depends on nothing but its seed")
def ignores_the_seed(values, bits, seed):
    """Draws from TensorFlow's own generator."""
    scaled, low, high = scale(values, bits)
    return code(tf.floor(scaled + 0.999 * tf.random.uniform(tf.shape(values))), low, high)


@wrong(AVERAGE, hint="Use the whole `seed`")
def a_seed_of_its_own(values, bits, seed):
    """Always the same seed."""
    scaled, low, high = scale(values, bits)
    return code(tf.floor(scaled + 0.999 * uniform(values, [4, 2])), low, high)


@wrong(EDGES, hint="`NaN` came out")
def divides_by_zero(values, bits, seed):
    """Does not think of values that are all equal."""
    low, high = tf.reduce_min(values), tf.reduce_max(values)
    scaled = (values - low) / (high - low) * (2**bits - 1)
    return code(tf.floor(scaled + 0.999 * uniform(values, seed)), low, high)


@wrong(EDGES, hint="each is the lowest: level 0")
def equal_values_are_the_highest(values, bits, seed):
    """Treats equal values, but as the top of the range."""
    scaled, low, high = scale(values, bits)
    levels = tf.floor(scaled + 0.999 * uniform(values, seed))
    return code(tf.where(high > low, levels, 2.0**bits - 1), low, high)


@wrong(EDGES, hint="They come out empty too")
def pads_what_is_empty(values, bits, seed):
    """Makes sure that there is always a value, so that there is always a range."""
    if values.shape.num_elements() == 0:
        values = tf.zeros([1])
    scaled, low, high = scale(values, bits)
    return code(tf.floor(scaled + 0.999 * uniform(values, seed)), low, high)


@right
def counts_in_steps(values, bits, seed):
    """Divides by the width of a step, treats what is empty by itself, and names the range of nothing zero."""
    if values.shape.num_elements() == 0:
        return code(values, tf.constant(0.0), tf.constant(0.0))
    low, high = tf.reduce_min(values), tf.reduce_max(values)
    step = (high - low) / (2**bits - 1)
    scaled = tf.math.divide_no_nan(values - low, step)
    below = tf.floor(scaled)
    return code(tf.where(uniform(values, seed) < scaled - below, below + 1, below), low, high)


@wrong(NEIGHBOURS, hint="use `bits`")
def always_eight_bits(values, bits, seed):
    """Takes eight bits, whatever `bits` says."""
    return adds_and_rounds_down(values, 8, seed)


@wrong(NEIGHBOURS, hint="use `bits`")
def seven_is_the_highest(values, bits, seed):
    """Lets no level be above 7."""
    answer = adds_and_rounds_down(values, bits, seed)
    return code(tf.minimum(answer["levels"], 7.0), answer["low"], answer["high"])


@wrong(AVERAGE, hint="Use the whole `seed`")
def the_first_of_the_seed(values, bits, seed):
    """Uses one of the two numbers of the seed."""
    return adds_and_rounds_down(values, bits, [seed[0], 0])


@wrong(AVERAGE, hint="Use the whole `seed`")
def the_sum_of_the_seed(values, bits, seed):
    """Makes one number of two."""
    return adds_and_rounds_down(values, bits, [seed[0] + seed[1], 0])


@wrong(AVERAGE, hint="One random number serves many values")
def one_number_for_two(values, bits, seed):
    """Draws half as many numbers as there are values."""
    scaled, low, high = scale(values, bits)
    numbers = tf.repeat(tf.random.stateless_uniform([tf.size(values) // 2 + 1], seed), 2)
    chance = tf.reshape(numbers[: tf.size(values)], tf.shape(values))
    return code(tf.floor(scaled + 0.999 * chance), low, high)


@wrong(FORM, hint="Leave `low` and `high` in float32")
def a_range_in_double(values, bits, seed):
    """Works in float64 and sends the range so."""
    answer = adds_and_rounds_down(values, bits, seed)
    low, high = (tf.cast(answer[name], tf.float64) for name in ("low", "high"))
    return code(answer["levels"], low, high)


@wrong(FORM, hint="the smallest and the largest")
def zero_is_in_the_range(values, bits, seed):
    """Thinks that the lowest value is never above zero."""
    answer = adds_and_rounds_down(values, bits, seed)
    return code(answer["levels"], tf.minimum(answer["low"], 0.0), tf.maximum(answer["high"], 0.0))


@wrong(FORM, hint="Read the last line of the error first")
def a_table_only(values, bits, seed):
    """Expects two dimensions."""
    scaled, low, high = scale(values, bits)
    rows, columns = values.shape
    return code(tf.floor(scaled + tf.random.stateless_uniform([rows, columns], seed)), low, high)
