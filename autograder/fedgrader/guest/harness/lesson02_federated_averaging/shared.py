"""What the harnesses of lesson 2 share."""

import collections

import tensorflow as tf
import tensorflow_federated as tff

SPEC = collections.OrderedDict(x=tf.TensorSpec([None, 2], tf.float32), y=tf.TensorSpec([None], tf.int32))


def keras_model(kernel, bias):
    """A softmax regression with the given first weights: kernel [2, 3], bias [3]."""
    return tf.keras.Sequential(
        [
            tf.keras.layers.InputLayer(input_shape=(2,)),
            tf.keras.layers.Dense(
                3,
                kernel_initializer=tf.constant_initializer(kernel),
                bias_initializer=tf.constant_initializer(bias),
            ),
        ]
    )


def tff_model(kernel, bias):
    return tff.learning.models.from_keras_model(
        keras_model(kernel, bias),
        loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        input_spec=SPEC,
        metrics=[tf.keras.metrics.SparseCategoricalAccuracy()],
    )


def ordered(batch):
    return collections.OrderedDict(x=batch["x"], y=batch["y"])
