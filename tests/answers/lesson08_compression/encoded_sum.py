"""Answers to `encoded_sum(value_type, encode, decode)`."""

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

PROCESS = "is a process that brings the clients' values to the server"
SUMS = "adds up what the codes stand for"
SENDS = "has each client send its code and no more"
MERGES = "merges what several servers have gathered"


def add(one, other):
    return tf.nest.map_structure(tf.add, one, other)


def filled(value_type, number):
    specs = tff.types.type_to_tf_tensor_specs(value_type)
    return tf.nest.map_structure(lambda spec: tf.fill(spec.shape, tf.cast(number, spec.dtype)), specs)


@tff.federated_computation
def nothing_at_the_server():
    return tff.federated_value((), tff.SERVER)


def process_of(value_type, total_of, wrap=tff.templates.AggregationProcess):
    """The process whose total is `total_of(values)`, a value at the server."""

    @tff.federated_computation(tff.FederatedType((), tff.SERVER), tff.FederatedType(value_type, tff.CLIENTS))
    def next_fn(state, values):
        return tff.templates.MeasuredProcessOutput(state, total_of(values), nothing_at_the_server())

    return wrap(nothing_at_the_server, next_fn)


def built(value_type, encode, decode, start=0.0, accumulate=None, merge=add, report=lambda total: total):
    """The right process but for the parts that are given."""
    code_type = encode.type_signature.result
    accumulate = accumulate or (lambda so_far, code: add(so_far, decode(code)))
    parts = (
        tff.tensorflow.computation(accumulate, [value_type, code_type]),
        tff.tensorflow.computation(merge, [value_type, value_type]),
        tff.tensorflow.computation(report, value_type),
    )
    zero = tff.tensorflow.computation(lambda: filled(value_type, start))

    def total_of(values):
        return tff.federated_aggregate(tff.federated_map(encode, values), zero(), *parts)

    return process_of(value_type, total_of)


@right
def with_lambdas(value_type, encode, decode):
    """The parts as lambdas that are traced with their types."""
    return built(value_type, encode, decode)


@right
def keeps_a_state(value_type, encode, decode):
    """Counts rounds in a state, which nobody asked for, and does no harm."""
    inner = built(value_type, encode, decode)

    @tff.federated_computation
    def initialize_fn():
        return tff.federated_value(0, tff.SERVER)

    plus_one = tff.tensorflow.computation(lambda number: number + 1, np.int32)

    @tff.federated_computation(
        initialize_fn.type_signature.result, tff.FederatedType(value_type, tff.CLIENTS)
    )
    def next_fn(state, values):
        output = inner.next(nothing_at_the_server(), values)
        return tff.templates.MeasuredProcessOutput(
            tff.federated_map(plus_one, state), output.result, output.measurements
        )

    return tff.templates.AggregationProcess(initialize_fn, next_fn)


@right
def gathers_with_a_counter(value_type, encode, decode):
    """Accumulates a pair of sum and count, and reports the sum."""

    @tff.tensorflow.computation
    def zero():
        return filled(value_type, 0.0), 0

    pair = zero.type_signature.result

    @tff.tensorflow.computation(pair, encode.type_signature.result)
    def accumulate(so_far, code):
        total, count = so_far
        return add(total, decode(code)), count + 1

    @tff.tensorflow.computation(pair, pair)
    def merge(one, other):
        return add(one[0], other[0]), one[1] + other[1]

    @tff.tensorflow.computation(pair)
    def report(so_far):
        return so_far[0]

    def total_of(values):
        return tff.federated_aggregate(tff.federated_map(encode, values), zero(), accumulate, merge, report)

    return process_of(value_type, total_of)


@wrong(PROCESS, hint="Replace `raise NotImplementedError`")
def untouched(value_type, encode, decode):
    """Has not begun."""
    raise NotImplementedError


@wrong(PROCESS, hint="Wrap it, together with one that makes the first state")
def only_next(value_type, encode, decode):
    """Returns the computation of a round."""
    return built(value_type, encode, decode).next


@wrong(PROCESS, hint="This is a Python function")
def a_plain_function(value_type, encode, decode):
    """Returns a function that would do it."""

    def add_up(values):
        return tff.federated_sum(values)

    return add_up


@wrong(PROCESS, hint="a factory makes a `tff.templates.AggregationProcess`")
def an_iterative_process(value_type, encode, decode):
    """Takes the process of lesson 6, whose `next` returns what it likes."""
    return process_of(value_type, tff.federated_sum, wrap=tff.templates.IterativeProcess)


@wrong(PROCESS, hint="Return `tff.templates.AggregationProcess(initialize_fn, next_fn)` whose result")
def sums_the_codes(value_type, encode, decode):
    """Adds up the codes, and leaves decoding to others."""
    return process_of(value_type, lambda values: tff.federated_sum(tff.federated_map(encode, values)))


@wrong(SUMS, hint="the sum of what `decode` makes")
def decodes_the_sum(value_type, encode, decode):
    """Adds up the codes first and decodes once, as if all had the same range."""
    return process_of(
        value_type,
        lambda values: tff.federated_map(decode, tff.federated_sum(tff.federated_map(encode, values))),
    )


@wrong(SUMS, hint="Nobody encoded them")
def ignores_the_coders(value_type, encode, decode):
    """Takes a sum and is done."""
    return process_of(value_type, tff.federated_sum)


@wrong(SUMS, hint="This is the mean")
def takes_the_mean(value_type, encode, decode):
    """Divides the sum by the number of clients."""
    one = tff.tensorflow.computation(lambda _value: 1.0, value_type)
    divide = tff.tensorflow.computation(
        lambda total, number: tf.nest.map_structure(
            lambda tensor: tf.cast(tf.cast(tensor, tf.float32) / number, tensor.dtype), total
        ),
        [value_type, np.float32],
    )

    def mean_of(values):
        decoded = tff.federated_map(decode, tff.federated_map(encode, values))
        number = tff.federated_sum(tff.federated_map(one, values))
        return tff.federated_map(divide, (tff.federated_sum(decoded), number))

    return process_of(value_type, mean_of)


@wrong(SUMS, hint="Only one client is left")
def forgets_what_was_before(value_type, encode, decode):
    """Returns the new value from `accumulate`."""
    return built(value_type, encode, decode, accumulate=lambda so_far, code: decode(code))


@wrong(SUMS, hint="must start from zero")
def starts_from_one(value_type, encode, decode):
    """Starts the sum as one starts a product."""
    return built(value_type, encode, decode, start=1.0)


@wrong(SUMS, hint="All zeros")
def drops_the_new_value(value_type, encode, decode):
    """Returns the sum so far from `accumulate`."""
    return built(value_type, encode, decode, accumulate=lambda so_far, code: so_far)


@wrong(SENDS, hint="Decoded on the phone")
def decodes_on_the_phone(value_type, encode, decode):
    """Encodes and decodes at the clients, and sums what comes out."""
    return process_of(
        value_type,
        lambda values: tff.federated_sum(tff.federated_map(decode, tff.federated_map(encode, values))),
    )


@wrong(SENDS, hint="The value is sent as well as its code")
def sends_both(value_type, encode, decode):
    """Sends the value along, in case it is needed."""
    both = tff.StructType([value_type, encode.type_signature.result])
    parts = (
        tff.tensorflow.computation(lambda so_far, pair: add(so_far, decode(pair[1])), [value_type, both]),
        tff.tensorflow.computation(add, [value_type, value_type]),
        tff.tensorflow.computation(lambda total: total, value_type),
    )
    zero = tff.tensorflow.computation(lambda: filled(value_type, 0.0))

    def total_of(values):
        pairs = tff.federated_zip((values, tff.federated_map(encode, values)))
        return tff.federated_aggregate(pairs, zero(), *parts)

    return process_of(value_type, total_of)


@wrong(MERGES, hint="`merge` gets two sums")
def merges_to_one_of_them(value_type, encode, decode):
    """Keeps the first of two sums."""
    return built(value_type, encode, decode, merge=lambda one, other: one)


@wrong(MERGES, hint="`merge` gets two sums")
def merges_by_averaging(value_type, encode, decode):
    """Takes the mean of two sums."""

    def mean(one, other):
        return tf.nest.map_structure(lambda a, b: tf.cast((a + b) / 2, a.dtype), one, other)

    return built(value_type, encode, decode, merge=mean)


@wrong(PROCESS, hint="Read the last line of the error first")
def zeros_of_the_lessons_names(value_type, encode, decode):
    """Knows only models of a kernel and a bias."""
    kernel, bias = (value_type[name] for name in ("kernel", "bias"))

    @tff.tensorflow.computation
    def zero():
        return tf.zeros(kernel.shape), tf.zeros(bias.shape)

    return process_of(value_type, lambda values: zero())


@wrong(PROCESS, hint="it must have the type of what is added up")
def zeros_in_float32(value_type, encode, decode):
    """Forgets that a value may hold whole numbers."""
    specs = tff.types.type_to_tf_tensor_specs(value_type)
    zero = tff.tensorflow.computation(lambda: tf.nest.map_structure(lambda spec: tf.zeros(spec.shape), specs))
    code_type = encode.type_signature.result
    accumulate = tff.tensorflow.computation(
        lambda so_far, code: add(so_far, decode(code)), [value_type, code_type]
    )
    merge = tff.tensorflow.computation(add, [value_type, value_type])
    report = tff.tensorflow.computation(lambda total: total, value_type)
    return process_of(
        value_type,
        lambda values: tff.federated_aggregate(
            tff.federated_map(encode, values), zero(), accumulate, merge, report
        ),
    )
