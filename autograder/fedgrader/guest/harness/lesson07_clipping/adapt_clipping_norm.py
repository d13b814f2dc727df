"""What runs beside an answer to `adapt_clipping_norm`, lesson 7."""

import tensorflow as tf


def adapt_clipping_norm(answer, rounds):
    """What the answer returns for each round, a list of its four arguments."""
    return [
        answer(tf.constant(clipping_norm), tf.constant(update_norms), target_quantile, learning_rate)
        for clipping_norm, update_norms, target_quantile, learning_rate in rounds
    ]
