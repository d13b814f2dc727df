"""Answers to `within_budget(model_fn)`."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

from fedcourse.digits import written_digits
from solutions.lesson08_compression import EncodedSum, coders, encoded_broadcast, quantize_large

PLAN = "says what to train, with how many clients and for how long"
BUDGET = "costs at most 1 MiB"
ACCURACY = "reads 75 % of strangers' digits"


def fed_avg(model_fn, rate=0.1, server_rate=1.0, **how):
    return tff.learning.algorithms.build_weighted_fed_avg(
        model_fn,
        client_optimizer_fn=tff.learning.optimizers.build_sgdm(rate),
        server_optimizer_fn=tff.learning.optimizers.build_sgdm(server_rate),
        **how,
    )


def up(bits, more_than=1000):
    encoder_fn = quantize_large(bits, more_than)
    return tff.aggregators.MeanFactory(EncodedSum(lambda value_type: coders(value_type, encoder_fn)))


def down(model_fn, bits, more_than=1000):
    weights_type = tff.learning.models.weights_type_from_model(model_fn)
    return encoded_broadcast(weights_type, *coders(weights_type, quantize_large(bits, more_than)))


def both_ways(model_fn, bits_down, bits_up, rate=0.1, server_rate=1.0):
    distributor, aggregator = down(model_fn, bits_down), up(bits_up)
    return fed_avg(model_fn, rate, server_rate, model_distributor=distributor, model_aggregator=aggregator)


@right
def fewer_bits_more_visits(model_fn):
    """Six bits both ways, and six clients a round for what that saves."""
    return both_ways(model_fn, 6, 6), 6, 12


@right
def tffs_own_sum(model_fn):
    """Takes TFF's own factory for the way up, with a threshold that lets the kernel through."""
    aggregator = tff.aggregators.EncodedSumFactory.quantize_above_threshold(7, 1000)
    process = fed_avg(
        model_fn,
        model_distributor=down(model_fn, 8),
        model_aggregator=tff.aggregators.MeanFactory(aggregator),
    )
    return process, 5, 11


@right
def a_list_and_momentum(model_fn):
    """A list instead of a tuple, and the server goes a little further than it is told."""
    return [both_ways(model_fn, 8, 8, rate=0.1, server_rate=1.2), 5, 11]


@wrong(PLAN, hint="Replace `raise NotImplementedError`")
def untouched(model_fn):
    """Has not begun."""
    raise NotImplementedError


@wrong(PLAN, hint="Return three things in this order")
def only_a_process(model_fn):
    """Returns the process and no plan."""
    return fed_avg(model_fn)


@wrong(PLAN, hint="Return three things in this order")
def numbers_first(model_fn):
    """Another order."""
    return 5, 11, fed_avg(model_fn)


@wrong(PLAN, hint="There are only so many clients")
def more_clients_than_there_are(model_fn):
    """Asks a thousand clients."""
    return fed_avg(model_fn), 1000, 1


@wrong(PLAN, hint="There are only so many clients")
def one_client_a_round(model_fn):
    """Spends the budget on one visit after the other."""
    return both_ways(model_fn, 8, 8), 1, 58


@wrong(BUDGET, hint="Nothing is compressed, in either direction")
def plain(model_fn):
    """Federated averaging as it comes."""
    return fed_avg(model_fn), 10, 12


@wrong(BUDGET, hint="the way down is not")
def up_only(model_fn):
    """Compresses what the phones send."""
    return fed_avg(model_fn, model_aggregator=up(8)), 5, 11


@wrong(BUDGET, hint="the way up is not")
def down_only(model_fn):
    """Compresses what the server sends."""
    return fed_avg(model_fn, model_distributor=down(model_fn, 8)), 5, 11


@wrong(BUDGET, hint="Nothing is compressed, in either direction")
def threshold_too_high(model_fn):
    """Keeps the threshold of the large model, so no variable of this one is large."""
    aggregator = tff.aggregators.EncodedSumFactory.quantize_above_threshold(8, 10_000)
    process = fed_avg(
        model_fn,
        model_distributor=down(model_fn, 8, more_than=10_000),
        model_aggregator=tff.aggregators.MeanFactory(aggregator),
    )
    return process, 5, 11


@wrong(BUDGET, hint="now there is too much of it")
def too_many_rounds(model_fn):
    """Compresses both ways, and then trains and trains."""
    return both_ways(model_fn, 8, 8), 10, 12


@wrong(ACCURACY, hint="There is budget left")
def too_few_rounds(model_fn):
    """Stops after two rounds."""
    return both_ways(model_fn, 8, 8), 5, 2


@wrong(ACCURACY, hint="The budget is spent")
def plain_but_short(model_fn):
    """Does not compress and trains for as long as the budget lasts."""
    return fed_avg(model_fn), 8, 2


@wrong(ACCURACY, hint="has learnt next to nothing")
def a_server_that_does_not_listen(model_fn):
    """Sets the server's rate to zero."""
    return both_ways(model_fn, 8, 8, server_rate=0.0), 5, 3


@wrong(ACCURACY, hint="has learnt next to nothing")
def brings_the_weights_along(model_fn):
    """Has fitted the weights at home, and shows them whatever the clients do."""
    process = both_ways(model_fn, 8, 8)
    train, _test = written_digits()
    x = np.concatenate([pages["pixels"].reshape(-1, 784) for pages in train.values()])
    y = np.eye(10)[np.concatenate([pages["label"] for pages in train.values()])]
    kernel = np.float32(np.linalg.solve(x.T @ x + 10 * np.eye(784), x.T @ y))

    @tff.tensorflow.computation(process.get_model_weights.type_signature.parameter)
    def the_fitted_weights(state):
        return tff.learning.models.ModelWeights([tf.constant(kernel), tf.zeros([10])], [])

    return (
        tff.learning.templates.LearningProcess(
            process.initialize, process.next, the_fitted_weights, process.set_model_weights
        ),
        5,
        11,
    )


def a_model_of_ones_own():
    keras_model = tf.keras.Sequential(
        [
            tf.keras.layers.InputLayer(input_shape=(784,)),
            tf.keras.layers.Dense(10, kernel_initializer="zeros"),
        ]
    )
    return tff.learning.models.from_keras_model(
        keras_model,
        loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        input_spec=collections.OrderedDict(
            x=tf.TensorSpec([None, 784], tf.float32), y=tf.TensorSpec([None], tf.int32)
        ),
    )


@wrong(PLAN, hint="Make the process from `model_fn`")
def ignores_the_argument(model_fn):
    """Trains the lesson's model instead of the one that is passed in."""
    return both_ways(a_model_of_ones_own, 6, 6), 6, 12


@wrong(PLAN, hint="both are whole numbers")
def rounds_that_are_no_whole_number(model_fn):
    """Divides to find out how many rounds there are."""
    return both_ways(model_fn, 6, 6), 6, 24 / 2
