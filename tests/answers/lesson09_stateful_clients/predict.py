"""Answers to `predict(global_weights, taste, items)`."""

import tensorflow as tf
from answers import right, wrong

ONE_EACH = "returns one prediction for each film asked for"
PRODUCT = "multiplies the film's vector and the taste, and adds up"
BIAS = "adds the film's bias"


def rows_of(global_weights, items):
    return tf.gather(global_weights["vectors"], items)


def bias_of(global_weights, items):
    return tf.gather(global_weights["bias"], items)


@right
def multiplies_and_sums(global_weights, taste, items):
    """Writes the sum of products out."""
    return bias_of(global_weights, items) + tf.reduce_sum(rows_of(global_weights, items) * taste, axis=1)


@right
def all_films_first(global_weights, taste, items):
    """Predicts for every film and picks at the end."""
    everything = tf.linalg.matvec(global_weights["vectors"], taste) + global_weights["bias"]
    return tf.gather(everything, items)


@right
def one_hot(global_weights, taste, items):
    """Picks rows by a product with a matrix of zeros and ones."""
    chosen = tf.one_hot(items, tf.shape(global_weights["bias"])[0])
    return tf.linalg.matvec(chosen @ global_weights["vectors"], taste) + tf.linalg.matvec(
        chosen, global_weights["bias"]
    )


@right
def column_of_the_taste(global_weights, taste, items):
    """Makes a column of the taste, multiplies matrices, and takes the column away again."""
    products = tf.matmul(rows_of(global_weights, items), taste[:, tf.newaxis])
    return tf.squeeze(products, axis=1) + bias_of(global_weights, items)


@right
def film_by_film(global_weights, taste, items):
    """Maps over the films one at a time."""

    def one(item):
        return tf.tensordot(global_weights["vectors"][item], taste, 1) + global_weights["bias"][item]

    return tf.map_fn(one, items, fn_output_signature=tf.float32)


@wrong(ONE_EACH, hint="Replace `raise NotImplementedError`")
def untouched(global_weights, taste, items):
    """Has not begun."""
    raise NotImplementedError


@wrong(ONE_EACH, hint="The function returned nothing")
def forgets_to_return(global_weights, taste, items):
    """Computes and drops it."""
    multiplies_and_sums(global_weights, taste, items)


@wrong(ONE_EACH, hint="Pick the ones in `items`")
def every_film(global_weights, taste, items):
    """Does not use `items`."""
    return tf.linalg.matvec(global_weights["vectors"], taste) + global_weights["bias"]


@wrong(ONE_EACH, hint="This is one number")
def sums_over_everything(global_weights, taste, items):
    """Forgets the axis."""
    return tf.reduce_sum(rows_of(global_weights, items) * taste) + tf.reduce_sum(
        bias_of(global_weights, items)
    )


@wrong(ONE_EACH, hint="You add up over the films")
def wrong_axis(global_weights, taste, items):
    """Adds up down the columns."""
    return tf.reduce_sum(rows_of(global_weights, items) * taste, axis=0)


@wrong(ONE_EACH, hint="These are the products")
def products_alone(global_weights, taste, items):
    """Multiplies and does not add up."""
    return rows_of(global_weights, items) * taste + bias_of(global_weights, items)[:, tf.newaxis]


@wrong(ONE_EACH, hint="made a table")
def column_plus_row(global_weights, taste, items):
    """Adds a row of biases to a column of products."""
    return tf.matmul(rows_of(global_weights, items), taste[:, tf.newaxis]) + bias_of(global_weights, items)


@wrong(ONE_EACH, hint="in a row of its own")
def leaves_a_column(global_weights, taste, items):
    """Forgets to take the column away."""
    products = tf.matmul(rows_of(global_weights, items), taste[:, tf.newaxis])
    return products + bias_of(global_weights, items)[:, tf.newaxis]


@wrong(PRODUCT, hint="The products are averaged")
def mean_of_products(global_weights, taste, items):
    """Takes `reduce_mean`."""
    return tf.reduce_mean(rows_of(global_weights, items) * taste, axis=1) + bias_of(global_weights, items)


@wrong(PRODUCT, hint="The taste has no say here")
def bias_alone(global_weights, taste, items):
    """Predicts the same for everybody."""
    return bias_of(global_weights, items)


@wrong(PRODUCT, hint="Vector and taste are added")
def adds_the_taste(global_weights, taste, items):
    """Adds where a product is due."""
    return tf.reduce_sum(rows_of(global_weights, items) + taste, axis=1) + bias_of(global_weights, items)


@wrong(PRODUCT, hint="without the taste")
def ignores_the_taste(global_weights, taste, items):
    """Adds the vector up."""
    return tf.reduce_sum(rows_of(global_weights, items), axis=1) + bias_of(global_weights, items)


@wrong(PRODUCT, hint="You divide by the lengths")
def cosine(global_weights, taste, items):
    """Has read about cosine similarity."""
    rows = tf.math.l2_normalize(rows_of(global_weights, items), axis=1)
    return tf.linalg.matvec(rows, tf.math.l2_normalize(taste)) + bias_of(global_weights, items)


@wrong(PRODUCT, hint="not the ones in `items`")
def first_films(global_weights, taste, items):
    """Takes as many films as asked for, from the top."""
    rows = global_weights["vectors"][: tf.shape(items)[0]]
    return tf.linalg.matvec(rows, taste) + bias_of(global_weights, items)


@wrong(BIAS, hint="The bias is missing")
def forgets_the_bias(global_weights, taste, items):
    """Leaves the bias out."""
    return tf.linalg.matvec(rows_of(global_weights, items), taste)


@wrong(BIAS, hint="Each film has its own")
def mean_bias(global_weights, taste, items):
    """Adds the mean of all biases."""
    return tf.linalg.matvec(rows_of(global_weights, items), taste) + tf.reduce_mean(global_weights["bias"])


@wrong(BIAS, hint="not the ones in `items`")
def first_biases(global_weights, taste, items):
    """Does not gather the biases."""
    bias = global_weights["bias"][: tf.shape(items)[0]]
    return tf.linalg.matvec(rows_of(global_weights, items), taste) + bias


@wrong(BIAS, hint="The bias is subtracted")
def subtracts_the_bias(global_weights, taste, items):
    """Gets the sign wrong."""
    return tf.linalg.matvec(rows_of(global_weights, items), taste) - bias_of(global_weights, items)


@right
def by_hand(global_weights, taste, items):
    """Names each weight first, and multiplies with Einstein's sum."""
    vectors, bias = (tf.gather(global_weights[name], items) for name in ("vectors", "bias"))
    return tf.einsum("nd,d->n", vectors, taste) + bias


@wrong(ONE_EACH, hint="must be float32")
def in_double_precision(global_weights, taste, items):
    """Thinks that more digits are better."""
    return tf.cast(multiplies_and_sums(global_weights, taste, items), tf.float64)


@wrong(ONE_EACH, hint="a list also of one film")
def squeezes_everything(global_weights, taste, items):
    """Squeezes without an axis, which leaves no list of one film."""
    products = tf.matmul(rows_of(global_weights, items), taste[:, tf.newaxis])
    return tf.squeeze(products + bias_of(global_weights, items)[:, tf.newaxis])


@wrong(PRODUCT, hint="multiply its vector and the taste")
def three_sliders(global_weights, taste, items):
    """Writes the lesson's three numbers out, or as many of them as there are."""
    rows = rows_of(global_weights, items)
    terms = [rows[:, place] * taste[place] for place in range(min(3, taste.shape[0] - 1))]
    return tf.add_n(terms) + bias_of(global_weights, items)


@wrong(PRODUCT, hint="cut off at 1 and 5")
def cuts_the_stars_off(global_weights, taste, items):
    """Keeps the stars between 1 and 5."""
    return tf.clip_by_value(multiplies_and_sums(global_weights, taste, items), 1.0, 5.0)
