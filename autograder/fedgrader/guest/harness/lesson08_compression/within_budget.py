"""What runs beside an answer to `within_budget`, lesson 8."""

import collections
import itertools

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from fedcourse.digits import written_digits
from fedcourse.meter import round_cost

_LAST_ROUNDS = 3
_LABELS = tf.int64  # the lesson's own models have int32: so one that is not made by `model_fn` can be told
_BATCH = collections.OrderedDict(x=tf.TensorSpec([None, 784], tf.float32), y=tf.TensorSpec([None], _LABELS))


def _batches(pages, renamed):
    """The batches of one client, whose digit d is called `renamed[d]`."""
    x, y = tf.reshape(pages["pixels"], [-1, 784]), tf.gather(tf.cast(renamed, _LABELS), pages["label"])
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
        input_spec=_BATCH,
    )


def within_budget(answer, budget_bits, most_visits, most_rounds, renamed, turns):
    """What the answer's training costs and, if it may be run, what is read after each of the last rounds.

    It is run, from weights that are zero, when it costs no more than `budget_bits`, has clients take part no
    more than `most_visits` times, and takes no more than `most_rounds` rounds. Clients take turns in the
    order `turns`; digit d is called `renamed[d]`, so that only training can tell. {"type": description}
    where the answer is no process with two numbers, {"batches": type} where it trains another model.
    """
    plan = answer(_model_fn)
    if not isinstance(plan, list | tuple) or len(plan) != 3:
        return {"type": type(plan).__name__}
    process, clients_per_round, num_rounds = plan
    if not isinstance(process, tff.learning.templates.LearningProcess):
        return {"type": f"{type(process).__name__}, …"}
    if not all(_is_count(number) for number in plan[1:]):
        return {"type": f"LearningProcess, {clients_per_round!r}, {num_rounds!r}"}
    batches = process.next.type_signature.parameter[1].member.element
    if not batches.is_equivalent_to(tff.types.tensorflow_to_type(_BATCH)):
        return {"batches": str(batches)}
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
    return measured | {"read": _read(process, visitors, clients_per_round, num_rounds)}


def _is_count(number):
    return isinstance(number, int | np.integer) and not isinstance(number, bool) and number > 0


def _read(process, visitors, clients_per_round, num_rounds):
    """Which digits the model takes the strangers' pages for, int64[rounds, pages], after the last rounds.

    The next of the `visitors` take part in each round.
    """
    train, test = written_digits()
    strangers = [pages["pixels"] for client, pages in test.items() if client not in train]
    x = np.concatenate(strangers).reshape(-1, 784)
    state = process.initialize()
    zeros = tf.nest.map_structure(np.zeros_like, process.get_model_weights(state))
    state, read = process.set_model_weights(state, zeros), []
    for _round in range(num_rounds):
        state = process.next(state, list(itertools.islice(visitors, clients_per_round))).state
        kernel, bias = process.get_model_weights(state).trainable
        read.append(np.argmax(x @ kernel + bias, axis=1))
    return np.stack(read[-_LAST_ROUNDS:])
