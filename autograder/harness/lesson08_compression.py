"""Harnesses of lesson 8."""

import collections
import functools
import itertools

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from autograder.harness.inspect_computation import aggregates_by_tree
from fedcourse import signatures
from fedcourse.digits import written_digits
from fedcourse.meter import CannotCount, round_cost

_MODEL = tff.to_type(
    collections.OrderedDict(kernel=tff.TensorType(np.float32, [4, 3]), bias=tff.TensorType(np.float32, [3]))
)
_LEVELS = 15
_LAST_ROUNDS = 3


def _type(parsed):
    """The TFF type of a type read by `fedcourse.signatures`."""
    if isinstance(parsed, signatures.Tensor):
        return tff.TensorType(np.dtype(parsed.dtype).type, parsed.shape)
    return tff.StructType([(name, _type(field)) if name else _type(field) for name, field in parsed.fields])


def bits_of_type(answer, types):
    """What the answer returns for each type; {"raised": text} where it asks a struct for a shape."""
    try:
        return [answer(_type(signatures.parse(text))) for text in types]
    except AttributeError as error:
        if "does not have named field" not in str(error):
            raise
        return {"raised": f"AttributeError: {error}"}


def stochastic_quantize(answer, values, bits, seeds):
    """What the answer returns for each seed, run by TFF as on a phone."""
    shape = np.shape(values)

    @tff.tensorflow.computation(tff.TensorType(np.float32, shape), tff.TensorType(np.int32, [2]))
    def on_a_phone(values, seed):
        return answer(values, bits, seed)

    return [on_a_phone(np.float32(values), np.int32(seed)) for seed in seeds]


@functools.cache
def _toy_coders():
    """A coder of the small model that quantizes the kernel and leaves the bias as it is.

    Each client has a range of its own, so codes cannot be added up.
    """

    @tff.tensorflow.computation(_MODEL)
    def encode(model):
        low, high = tf.reduce_min(model["kernel"]), tf.reduce_max(model["kernel"])
        step = (high - low) / _LEVELS
        levels = tf.cast(tf.round((model["kernel"] - low) / step), tf.uint8)
        return collections.OrderedDict(levels=levels, low=low, step=step, bias=model["bias"])

    @tff.tensorflow.computation(encode.type_signature.result)
    def decode(code):
        kernel = code["low"] + tf.cast(code["levels"], tf.float32) * code["step"]
        return collections.OrderedDict(kernel=kernel, bias=code["bias"])

    return encode, decode


def _ordered(model):
    return collections.OrderedDict(kernel=model["kernel"], bias=model["bias"])


def encoded_sum(answer, groups):
    """The type of the answer's process, what one client sends, and what it sums up, also by way of a tree.

    {"type": name} where it is no aggregation process.
    """
    process = answer(_MODEL, *_toy_coders())
    if not isinstance(process, tff.templates.AggregationProcess):
        return {"type": type(process).__name__}
    result_type = process.next.type_signature.result.result
    if result_type.member != _MODEL:
        return {"type": str(result_type)}
    by_tree = aggregates_by_tree(process.next)
    state, values = process.initialize(), [[_ordered(model) for model in clients] for clients in groups]
    return {
        "type": str(result_type),
        "sent": _bits(process, down=False),
        "sums": [process.next(state, clients).result for clients in values],
        "sums_by_tree": [by_tree(state, clients)["result"] for clients in values],
    }


def _bits(process, down):
    """The bits that one client receives or sends; None where they cannot be counted."""
    try:
        cost = round_cost(process, 1)
    except CannotCount:
        return None
    return cost.broadcast_bits if down else cost.aggregate_bits


def encoded_broadcast(answer, model, num_clients):
    """The type of the answer's process, what each client downloads, and what the clients have in the end.

    {"type": name} where it is no distribution process.
    """
    process = answer(_MODEL, *_toy_coders())
    if not isinstance(process, tff.learning.templates.DistributionProcess):
        return {"type": type(process).__name__}
    result_type = process.next.type_signature.result.result
    if result_type.member != _MODEL:
        return {"type": str(result_type), "received": _bits(process, down=True)}

    @tff.tensorflow.computation(_MODEL, np.float32)
    def times(model, number):
        return tf.nest.map_structure(lambda tensor: tensor * number, model)

    # Clients bring a number each, so that what is at the clients can be seen: their mean is taken.
    @tff.federated_computation(
        process.next.type_signature.parameter[0],
        tff.FederatedType(_MODEL, tff.SERVER),
        tff.FederatedType(np.float32, tff.CLIENTS),
    )
    def seen_by_clients(state, model, ones):
        received = process.next(state, model).result
        return tff.federated_mean(tff.federated_map(times, (received, ones)))

    return {
        "type": str(result_type),
        "received": _bits(process, down=True),
        "model": seen_by_clients(process.initialize(), _ordered(model), [1.0] * num_clients),
    }


def _batches(pages, renamed):
    """The batches of one client, whose digit d is called `renamed[d]`."""
    x, y = tf.reshape(pages["pixels"], [-1, 784]), tf.gather(np.int32(renamed), pages["label"])
    return list(tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(10))


def _model_fn():
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


def within_budget(answer, budget_bits, most_visits, most_rounds, renamed, turns):
    """What the answer's training costs and, if it may be run, the weights after each of the last rounds.

    It is run, from weights that are zero, when it costs no more than `budget_bits`, has clients take part no
    more than `most_visits` times, and takes no more than `most_rounds` rounds. Clients take turns in the
    order `turns`; digit d is called `renamed[d]`, so that only training can tell. {"type": description}
    where the answer is no process with two numbers.
    """
    plan = answer(_model_fn)
    if not isinstance(plan, list | tuple) or len(plan) != 3:
        return {"type": type(plan).__name__}
    process, clients_per_round, num_rounds = plan
    if not isinstance(process, tff.learning.templates.LearningProcess):
        return {"type": f"{type(process).__name__}, …"}
    if not all(isinstance(number, int | np.integer) and number > 0 for number in plan[1:]):
        return {"type": f"LearningProcess, {clients_per_round!r}, {num_rounds!r}"}
    measured = {"clients": int(clients_per_round), "rounds": int(num_rounds)}
    if clients_per_round > len(turns):
        return measured
    cost = round_cost(process, clients_per_round)
    measured |= {"down": cost.broadcast_bits * num_rounds, "up": cost.aggregate_bits * num_rounds}
    too_long = clients_per_round * num_rounds > most_visits or num_rounds > most_rounds
    if too_long or measured["down"] + measured["up"] > budget_bits:
        return measured
    train, _test = written_digits()
    visitors = itertools.cycle([_batches(train[client], renamed) for client in turns])
    return measured | {"weights": _trained(process, visitors, clients_per_round, num_rounds)}


def _trained(process, visitors, clients_per_round, num_rounds):
    """[kernel, bias] after each of the last rounds, in which the next of the `visitors` take part."""
    state = process.initialize()
    zeros = tf.nest.map_structure(np.zeros_like, process.get_model_weights(state))
    state, weights = process.set_model_weights(state, zeros), []
    for _round in range(num_rounds):
        state = process.next(state, list(itertools.islice(visitors, clients_per_round))).state
        weights.append(list(process.get_model_weights(state).trainable))
    return weights[-_LAST_ROUNDS:]
