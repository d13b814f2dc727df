"""Answers to `encoded_broadcast(value_type, encode, decode)`."""

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

PROCESS = "is a process that brings the server's value to the clients"
SENDS = "has each client download the code and no more"
RECEIVES = "leaves the clients with what the code stands for"


@tff.federated_computation
def nothing_at_the_server():
    return tff.federated_value((), tff.SERVER)


def process_of(value_type, received_from, wrap=tff.learning.templates.DistributionProcess):
    """The process whose clients get `received_from(value)`."""

    @tff.federated_computation(tff.FederatedType((), tff.SERVER), tff.FederatedType(value_type, tff.SERVER))
    def next_fn(state, value):
        return tff.templates.MeasuredProcessOutput(state, received_from(value), nothing_at_the_server())

    return wrap(nothing_at_the_server, next_fn)


@right
def in_one_line(value_type, encode, decode):
    """All three operators in one expression."""
    return process_of(
        value_type,
        lambda value: tff.federated_map(decode, tff.federated_broadcast(tff.federated_map(encode, value))),
    )


@right
def field_by_field(value_type, encode, decode):
    """Broadcasts each field of the code by itself, which are as many bits."""

    def received_from(value):
        codes = tff.federated_map(encode, value)
        count = len(codes.type_signature.member)
        fields = [(None, tff.federated_broadcast(codes[index])) for index in range(count)]
        return tff.federated_map(decode, tff.federated_zip(tff.structure.Struct(fields)))

    return process_of(value_type, received_from)


@right
def with_a_state(value_type, encode, decode):
    """Counts the rounds at the server."""

    @tff.federated_computation
    def initialize_fn():
        return tff.federated_value(0, tff.SERVER)

    plus_one = tff.tensorflow.computation(lambda number: number + 1, np.int32)

    @tff.federated_computation(initialize_fn.type_signature.result, tff.FederatedType(value_type, tff.SERVER))
    def next_fn(state, value):
        codes = tff.federated_broadcast(tff.federated_map(encode, value))
        return tff.templates.MeasuredProcessOutput(
            tff.federated_map(plus_one, state), tff.federated_map(decode, codes), state
        )

    return tff.learning.templates.DistributionProcess(initialize_fn, next_fn)


@wrong(PROCESS, hint="Replace `raise NotImplementedError`")
def untouched(value_type, encode, decode):
    """Has not begun."""
    raise NotImplementedError


@wrong(PROCESS, hint="Wrap it, together with one that makes the first state")
def only_next(value_type, encode, decode):
    """Returns the computation of a round."""
    return in_one_line(value_type, encode, decode).next


@wrong(PROCESS, hint="nobody decoded it")
def leaves_the_code(value_type, encode, decode):
    """Forgets that phones cannot train on codes."""
    return process_of(value_type, lambda value: tff.federated_broadcast(tff.federated_map(encode, value)))


@wrong(PROCESS, hint="Almost: a broadcast is a")
def an_iterative_process(value_type, encode, decode):
    """Takes the process of lesson 6."""
    return process_of(value_type, tff.federated_broadcast, wrap=tff.templates.IterativeProcess)


@wrong(PROCESS, hint="Send the server's part to the clients first")
def decodes_at_both(value_type, encode, decode):
    """Zips what is at the server with what is at the clients."""

    def received_from(value):
        codes = tff.federated_map(encode, value)
        both = tff.federated_zip((codes, tff.federated_broadcast(codes)))
        return tff.federated_map(decode, both)

    return process_of(value_type, received_from)


@wrong(SENDS, hint="The clients download the whole value")
def encodes_at_the_clients(value_type, encode, decode):
    """Broadcasts first and encodes afterwards, on the phone."""
    return process_of(
        value_type,
        lambda value: tff.federated_map(decode, tff.federated_map(encode, tff.federated_broadcast(value))),
    )


@wrong(SENDS, hint="The clients download the whole value")
def decodes_at_the_server(value_type, encode, decode):
    """Encodes and decodes before the broadcast."""
    return process_of(
        value_type,
        lambda value: tff.federated_broadcast(tff.federated_map(decode, tff.federated_map(encode, value))),
    )


@wrong(SENDS, hint="The value is sent as well as its code")
def sends_both(value_type, encode, decode):
    """Sends the value along and keeps the decoded one."""
    second = tff.tensorflow.computation(lambda _value, decoded: decoded, (value_type, value_type))

    def received_from(value):
        codes = tff.federated_broadcast(tff.federated_map(encode, value))
        pair = (tff.federated_broadcast(value), tff.federated_map(decode, codes))
        return tff.federated_map(second, pair)

    return process_of(value_type, received_from)


@wrong(SENDS, hint="The code is sent twice")
def sends_the_code_twice(value_type, encode, decode):
    """Broadcasts twice, and takes the larger of two that are the same."""
    larger = tff.tensorflow.computation(
        lambda one, other: tf.nest.map_structure(tf.maximum, one, other), (value_type, value_type)
    )

    def received_from(value):
        codes = tff.federated_map(encode, value)
        one, other = (tff.federated_map(decode, tff.federated_broadcast(codes)) for _ in range(2))
        return tff.federated_map(larger, (one, other))

    return process_of(value_type, received_from)


@wrong(RECEIVES, hint="Nobody encoded it")
def ignores_the_coders(value_type, encode, decode):
    """Broadcasts the value and is done."""
    return process_of(value_type, tff.federated_broadcast)


@wrong(RECEIVES, hint="what `decode` makes of the code")
def sends_zeros(value_type, encode, decode):
    """Encodes the difference to itself, which is nothing."""
    nothing = tff.tensorflow.computation(
        lambda value: tf.nest.map_structure(lambda tensor: tensor * 0, value), value_type
    )

    def received_from(value):
        codes = tff.federated_broadcast(tff.federated_map(encode, tff.federated_map(nothing, value)))
        return tff.federated_map(decode, codes)

    return process_of(value_type, received_from)


@wrong(RECEIVES, hint="what `decode` makes of the code")
def codes_twice(value_type, encode, decode):
    """Encodes what was encoded and decoded already."""

    def received_from(value):
        rounded = tff.federated_map(decode, tff.federated_map(encode, value))
        codes = tff.federated_broadcast(tff.federated_map(encode, rounded))
        return tff.federated_map(decode, codes)

    return process_of(value_type, received_from)


@wrong(PROCESS, hint="Read the last line of the error first")
def the_lessons_names(value_type, encode, decode):
    """Sends a kernel and a bias, and knows of nothing else."""
    pick = tff.tensorflow.computation(
        lambda value: type(value)(kernel=value["kernel"], bias=value["bias"]), value_type
    )
    inner = in_one_line(value_type, encode, decode)
    return process_of(
        value_type, lambda value: tff.federated_map(pick, inner.next(nothing_at_the_server(), value).result)
    )
