"""What runs beside an answer to `adapt_clipping_norm`, lesson 7."""

import tensorflow as tf


def adapt_clipping_norm(answer, clipping_norms, update_norms, target_quantile, learning_rate):
    """What the answer returns for each clipping norm."""
    norms = tf.constant(update_norms)
    return [answer(tf.constant(norm), norms, target_quantile, learning_rate) for norm in clipping_norms]
