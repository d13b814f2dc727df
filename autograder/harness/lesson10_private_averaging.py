"""Harnesses of lesson 10."""

import collections
import itertools

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from autograder.harness import toy_clients
from autograder.harness.inspect_computation import broadcasts

_TOY_CLIENTS = 5.0  # the number by which the toy server divides
_TOY_NOISE = 0.25  # what the toy noise of round 1 adds to every number; round 2 adds twice as much


def noise_stddev(answer, noise_multiplier, max_norm, expected_clients):
    """What the answer returns."""
    return answer(noise_multiplier, max_norm, expected_clients)


class _Draws:
    """A `draw_noise` that hands out numbers known beforehand: for each shape, the next array that has it."""

    def __init__(self, draws):
        self._by_shape = collections.defaultdict(list)
        for array in itertools.chain.from_iterable(draw.values() for draw in draws):
            self._by_shape[array.shape].append(array)
        self._used = collections.Counter()

    def __call__(self, structure):
        return tf.nest.map_structure(self._next, structure)

    def _next(self, tensor):
        shape = tuple(np.shape(tensor))
        known = self._by_shape[shape] or [np.ones(shape, np.float32)]
        self._used[shape] += 1
        return tf.constant(known[(self._used[shape] - 1) % len(known)])


def private_mean(answer, updates, max_norm, runs, draws):
    """What the answer returns for each run: a noise multiplier and an expected number of clients."""
    tensors = [tf.nest.map_structure(tf.constant, toy_clients.ordered(update)) for update in updates]
    return [answer(list(tensors), max_norm, *run, draw_noise=_Draws(draws)) for run in runs]


def sample_clients(answer, client_ids, probability, seeds):
    """What the answer returns with a generator for each of the seeds."""
    return [answer(list(client_ids), probability, np.random.default_rng(seed)) for seed in seeds]


@tff.tensorflow.computation(toy_clients.WEIGHTS, np.int32)
def _toy_add_noise(total, round_num):
    return tf.nest.map_structure(lambda t: t + _TOY_NOISE * tf.cast(round_num, tf.float32), total)


@tff.tensorflow.computation(toy_clients.STATE, toy_clients.WEIGHTS)
def _toy_server_work(state, total):
    weights = tf.nest.map_structure(lambda w, t: w + t / _TOY_CLIENTS, state["weights"], total)
    return collections.OrderedDict(weights=weights, round_num=state["round_num"] + 1)


def next_fn(answer, weights, clients, round_nums):
    """The answer traced as a round over toy clients: its type, its broadcasts, the state for each round."""
    at_clients = toy_clients.client_work(), toy_clients.clip_work()

    @tff.federated_computation(
        tff.FederatedType(toy_clients.STATE, tff.SERVER), tff.FederatedType(toy_clients.NUMBERS, tff.CLIENTS)
    )
    def one_round(server_state, client_data):
        return answer(server_state, client_data, *at_clients, _toy_add_noise, _toy_server_work)

    return {
        "type": str(one_round.type_signature.result),
        "broadcasts": broadcasts(one_round),
        "states": [one_round(toy_clients.state_of(weights, number), clients) for number in round_nums],
    }


def epsilon_spent(answer, runs, delta):
    """What the answer returns for each run: a noise multiplier, a probability and a number of rounds."""
    return [answer(*run, delta) for run in runs]


def smallest_noise(answer, epsilon, delta, sampling_probability, num_rounds):
    """What the answer returns."""
    return answer(epsilon, delta, sampling_probability, num_rounds)
