"""The meter: small rounds counted by hand, the course's CNN to the published figure, and what has no size."""

import collections

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_model_optimization.python.core.internal import tensor_encoding as te

from fedcourse.i18n import speaking
from fedcourse.meter import CannotCount, bits_of, human_bits, human_bytes, round_cost

MIBIT = 2**20
MODEL = collections.OrderedDict(
    kernel=tff.TensorType(np.float32, [784, 10]), bias=tff.TensorType(np.float32, [10])
)
MODEL_BITS = 7850 * 32


def at_server(type_spec):
    return tff.FederatedType(type_spec, tff.SERVER)


def at_clients(type_spec):
    return tff.FederatedType(type_spec, tff.CLIENTS)


@tff.federated_computation(at_server(MODEL), at_clients(MODEL), at_clients(np.int64))
def a_round(model, trained, count):
    received = tff.federated_broadcast(model)
    both = tff.federated_zip((received, trained))
    kernels = tff.federated_map(tff.tensorflow.computation(lambda pair: pair[1]["kernel"]), both)
    return tff.federated_sum(kernels), tff.federated_sum(count), tff.federated_max(trained.bias)


def test_a_round_is_counted_tensor_by_tensor():
    cost = round_cost(a_round, 10)
    assert cost.broadcast_bits_per_client == MODEL_BITS and cost.broadcast_bits == 10 * MODEL_BITS
    assert cost.aggregate_bits_per_client == MODEL_BITS + 64
    assert cost.total_bits == 10 * (2 * MODEL_BITS + 64)
    assert [(t.down, t.operator, t.name, t.type, t.elements, t.bits) for t in cost.transfers] == [
        (True, "federated_broadcast", "kernel", "float32[784,10]", 7840, 7840 * 32),
        (True, "federated_broadcast", "bias", "float32[10]", 10, 320),
        (False, "federated_sum", "", "float32[784,10]", 7840, 7840 * 32),
        (False, "federated_sum", "", "int64", 1, 64),
        (False, "federated_max", "", "float32[10]", 10, 320),
    ]


def test_the_cost_in_words_and_as_a_table():
    cost = round_cost(a_round, 10)
    assert str(cost).splitlines() == [
        "down: 2.40 Mibit (306.64 KiB), per client 245.31 Kibit (30.66 KiB), clients: 10",
        "up: 2.40 Mibit (306.72 KiB), per client 245.38 Kibit (30.67 KiB), clients: 10",
    ]
    table = cost.table().splitlines()
    assert len(table) == 5 and len(set(map(len, table))) == 1
    assert table[0].split() == ["↓", "federated_broadcast", "kernel", "float32[784,10]", "245.00", "Kibit"]
    assert table[3].split() == ["↑", "federated_sum", "–", "int64", "64", "bit"]


def count(body, *types):
    """(down, up) bits for a single client."""
    cost = round_cost(tff.federated_computation(body, *types), 1)
    return cost.broadcast_bits, cost.aggregate_bits


@tff.tensorflow.computation(np.int64, np.float32)
def _add(total, value):
    return total + tf.cast(value, tf.int64)


@tff.tensorflow.computation(np.int64, np.int64)
def _merge(a, b):
    return a + b


@tff.tensorflow.computation(np.int64)
def _report(total):
    return tf.fill([100], total)


@pytest.mark.parametrize(
    ("body", "types", "bits"),
    [
        (lambda v: tff.federated_broadcast(v), [at_server(np.bool_)], (8, 0)),
        (lambda v: tff.federated_mean(v), [at_clients(tff.TensorType(np.float64, [3]))], (0, 192)),
        (lambda v: tff.federated_mean(v, v), [at_clients(np.float32)], (0, 64)),
        (lambda v: tff.federated_min(v), [at_clients(tff.TensorType(np.int8, [5]))], (0, 40)),
        (lambda v: tff.federated_secure_sum(v, 7), [at_clients(np.int32)], (0, 32)),
        (lambda v: tff.federated_secure_sum_bitwidth(v, 4), [at_clients(np.int32)], (0, 32)),
        # Only the clients' values travel: not the int64 in which they are gathered, nor the report.
        (
            lambda v: tff.federated_aggregate(v, np.int64(0), _add, _merge, _report),
            [at_clients(np.float32)],
            (0, 32),
        ),
        (lambda v: tff.federated_broadcast(v), [at_server(tff.TensorType(np.float32, [7, 0]))], (0, 0)),
        (
            lambda v: tff.federated_map(tff.tensorflow.computation(lambda n: -n), v),
            [at_clients(np.int32)],
            (0, 0),
        ),
        # Twice written is twice sent, and what nobody uses is not sent.
        (lambda v: (tff.federated_sum(v), tff.federated_sum(v)), [at_clients(np.int32)], (0, 64)),
        (
            lambda v, w: (tff.federated_broadcast(w), tff.federated_sum(v))[1],
            [at_clients(np.int32), at_server(np.int32)],
            (0, 32),
        ),
    ],
)
def test_each_operator(body, types, bits):
    assert count(body, *types) == bits


def test_calls_of_calls_are_counted():
    @tff.federated_computation(at_clients(np.float32))
    def total(values):
        return tff.federated_sum(values)

    @tff.federated_computation(at_clients(np.float32))
    def outer(values):
        return tff.federated_broadcast(total(values)), total(values)

    cost = round_cost(outer, 3)
    assert (cost.broadcast_bits, cost.aggregate_bits) == (3 * 32, 3 * 64)


def test_the_raw_computation_is_counted_not_the_compiled():
    factory = tff.aggregators.UnweightedMeanFactory()
    process = factory.create(tff.to_type(MODEL))
    assert round_cost(process, 1).aggregate_bits == MODEL_BITS + 32  # the model, and a one to count clients
    assert round_cost(process.next, 1) == round_cost(process, 1)


def test_a_computation_of_tensorflow_sends_nothing():
    assert round_cost(tff.tensorflow.computation(lambda: 1.0), 5).total_bits == 0
    assert round_cost(tff.tensorflow.computation(lambda: 1.0), 5).table() == ""


def select():
    def body(keys, most, values):
        pick = tff.tensorflow.computation(lambda all_values, key: tf.gather(all_values, key))
        return tff.federated_select(keys, most, values, pick)

    keys, values = tff.TensorType(np.int32, [2]), tff.TensorType(np.float32, [9])
    return tff.federated_computation(body, at_clients(keys), at_server(np.int32), at_server(values))


def broadcast_of(type_spec):
    return tff.federated_computation(lambda v: tff.federated_broadcast(v), at_server(type_spec))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (
            lambda: broadcast_of(tff.SequenceType(np.int32)),
            "`int32*` cannot be counted before it runs: a seq",
        ),
        (lambda: broadcast_of(np.str_), "`str` cannot be counted before it runs: a text has any length"),
        (
            lambda: broadcast_of([("x", [np.int32, tff.TensorType(np.float32, [None, 3])])]),
            "`float32[?,3]`, called `x.1`, cannot be counted before it runs: a dimension that is not fixed",
        ),
        (select, "`tff.federated_select` cannot be counted: the runtime decides"),
    ],
)
def test_what_has_no_fixed_size_is_refused(make, says):
    with pytest.raises(CannotCount) as caught:
        round_cost(make(), 10)
    assert says in str(caught.value)


@pytest.mark.parametrize("thing", [lambda x: x, 3, None, tff.TensorType(np.int32)])
def test_what_is_no_computation_is_refused(thing):
    with pytest.raises(TypeError, match="a TFF computation or a process"):
        round_cost(thing, 10)


@pytest.mark.parametrize("number", [0, -1, 2.5, "10", True, None])
def test_a_number_of_clients_that_is_none_is_refused(number):
    with pytest.raises(ValueError, match="whole number of at least 1"):
        round_cost(a_round, number)


def test_errors_speak_the_learners_language():
    with speaking("ko"), pytest.raises(TypeError, match="계산"):
        round_cost(None, 10)
    with speaking("pt"):
        assert str(round_cost(a_round, 10)).startswith("descida: ")


def test_bits_of_a_type():
    assert bits_of(MODEL) == MODEL_BITS
    assert bits_of(at_clients(tff.TensorType(np.uint8, [3, 4]))) == 96
    assert bits_of([np.int32, ("flag", np.bool_)]) == 40
    with pytest.raises(CannotCount, match="no number"):
        bits_of(tff.FunctionType(None, np.int32))


@pytest.mark.parametrize(
    ("bits", "in_bits", "in_bytes"),
    [
        (0, "0 bit", "0 B"),
        (9, "9 bit", "1.12 B"),
        (1023, "1023 bit", "127.88 B"),
        (1024, "1.00 Kibit", "128 B"),
        (2**20 - 1, "1.00 Mibit", "128.00 KiB"),
        (53_227_872, "50.76 Mibit", "6.35 MiB"),
        (5 * 2**30, "5.00 Gibit", "640.00 MiB"),
        (2**60, "1024.00 Pibit", "128.00 PiB"),
    ],
)
def test_sizes_for_people(bits, in_bits, in_bytes):
    assert (human_bits(bits), human_bytes(bits)) == (in_bits, in_bytes)


# --- the published figures ---


def model_fn():
    """The CNN of the FedAvg paper: 1,663,370 parameters."""
    layers = tf.keras.layers
    keras_model = tf.keras.Sequential(
        [
            layers.InputLayer(input_shape=(28, 28, 1)),
            layers.Conv2D(32, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(512, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    assert keras_model.count_params() == 1_663_370
    spec = collections.OrderedDict(
        x=tf.TensorSpec([None, 28, 28, 1], tf.float32), y=tf.TensorSpec([None, 1], tf.int32)
    )
    return tff.learning.models.from_keras_model(
        keras_model,
        loss=tf.keras.losses.SparseCategoricalCrossentropy(),
        metrics=[tf.keras.metrics.SparseCategoricalAccuracy()],
        input_spec=spec,
    )


def fed_avg(**how):
    sgd = tff.learning.optimizers.build_sgdm(0.02)
    return tff.learning.algorithms.build_weighted_fed_avg(
        model_fn, sgd, tff.learning.optimizers.build_sgdm(1.0), **how
    )


def quantized(make, spec):
    encoder = te.encoders.uniform_quantization(8) if spec.shape.num_elements() > 10_000 else None
    return make(encoder or te.encoders.identity(), spec)


def encoded_broadcast():
    """A distributor that quantizes the large variables at the server and restores them at the clients."""
    with tf.Graph().as_default():
        weights_type = tff.learning.models.weights_type_from_model(model_fn())
    specs = tff.types.type_to_tf_tensor_specs(weights_type)
    encoders = tf.nest.map_structure(lambda spec: quantized(te.encoders.as_simple_encoder, spec), specs)

    def through(method, values):
        tensors = [getattr(e, method)(v) for e, v in zip(tf.nest.flatten(encoders), values, strict=True)]
        return [tensor[0] for tensor in tensors] if method == "encode" else tensors

    @tff.tensorflow.computation(weights_type)
    def encode(weights):
        return through("encode", tf.nest.flatten(weights))

    @tff.tensorflow.computation(encode.type_signature.result)
    def decode(encoded):
        return tf.nest.pack_sequence_as(specs, through("decode", encoded))

    @tff.federated_computation
    def initialize():
        return tff.federated_value((), tff.SERVER)

    @tff.federated_computation(at_server(()), at_server(weights_type))
    def next_fn(state, weights):
        sent = tff.federated_broadcast(tff.federated_map(encode, weights))
        received = tff.federated_map(decode, sent)
        return tff.templates.MeasuredProcessOutput(state, received, state)

    return tff.learning.templates.DistributionProcess(initialize, next_fn)


def test_the_cnn_costs_what_was_published():
    plain = round_cost(fed_avg(), 10)
    assert (plain.broadcast_bits_per_client, plain.aggregate_bits_per_client) == (53_227_872, 53_228_128)
    assert f"{plain.broadcast_bits / MIBIT:.2f} {plain.aggregate_bits / MIBIT:.2f}" == "507.62 507.62"
    packed = round_cost(fed_avg(model_aggregator=tff.learning.compression_aggregator()), 10)
    assert f"{packed.broadcast_bits / MIBIT:.2f} {packed.aggregate_bits / MIBIT:.2f}" == "507.62 146.47"
    upload = tff.aggregators.EncodedSumFactory(lambda spec: quantized(te.encoders.as_gather_encoder, spec))
    both = round_cost(
        fed_avg(model_distributor=encoded_broadcast(), model_aggregator=tff.aggregators.MeanFactory(upload)),
        10,
    )
    assert (both.broadcast_bits_per_client, both.aggregate_bits_per_client) == (15_357_568, 15_357_824)
    assert f"{both.broadcast_bits / MIBIT:.2f} {both.aggregate_bits / MIBIT:.2f}" == "146.46 146.46"
