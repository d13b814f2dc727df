"""Answers to `sample_clients(client_ids, num_clients, round_num, seed)`."""

import functools
import hashlib
import random

import numpy as np
import tensorflow as tf
from answers import right, wrong

NUMBER = "chooses the right number, nobody twice"
TURNS = "chooses anew every round, so that everybody gets a turn"
REPEATABLE = "chooses the same for the same round and seed"

ONE_FOR_ALL = np.random.default_rng(7)


@right
def random_sample(client_ids, num_clients, round_num, seed):
    """Python's own generator, seeded with a string."""
    return random.Random(f"{seed}, {round_num}").sample(client_ids, num_clients)


@right
def permutes_a_copy(client_ids, num_clients, round_num, seed):
    """Shuffles a copy and takes the first."""
    shuffled = list(client_ids)
    np.random.RandomState(1000 * seed + round_num).shuffle(shuffled)
    return shuffled[:num_clients]


@right
def indices_from_tensorflow(client_ids, num_clients, round_num, seed):
    """Shuffles indices with TensorFlow's stateless generator."""
    order = tf.random.experimental.stateless_shuffle(tf.range(len(client_ids)), seed=[seed, round_num])
    return [client_ids[i] for i in order[:num_clients].numpy()]


@right
def smallest_hashes(client_ids, num_clients, round_num, seed):
    """Needs no generator: sorts by a hash of seed, round and id."""

    def ticket(client_id):
        return hashlib.sha256(f"{seed}/{round_num}/{client_id}".encode()).digest()

    return sorted(client_ids, key=ticket)[:num_clients]


@right
def a_tuple_of_numpy_strings(client_ids, num_clients, round_num, seed):
    """Adds round and seed up, and returns what numpy gave."""
    rng = np.random.default_rng(seed + round_num)
    return tuple(rng.permutation(client_ids)[:num_clients])


@wrong(NUMBER, hint="Replace `raise NotImplementedError`")
def untouched(client_ids, num_clients, round_num, seed):
    """Has not begun."""
    raise NotImplementedError


@wrong(NUMBER, hint="Draw without replacement")
def with_replacement(client_ids, num_clients, round_num, seed):
    """Does not know that `choice` draws with replacement."""
    return np.random.default_rng([seed, round_num]).choice(client_ids, num_clients).tolist()


@wrong(NUMBER, hint="Draw without replacement")
def random_choices(client_ids, num_clients, round_num, seed):
    """Takes `choices` for the plural of `choice`."""
    return random.Random(seed * 1000 + round_num).choices(client_ids, k=num_clients)


@wrong(NUMBER, hint="`shuffle` works in place")
def shuffles_in_place(client_ids, num_clients, round_num, seed):
    """Shuffles the caller's list."""
    random.Random(1000 * seed + round_num).shuffle(client_ids)
    return client_ids[:num_clients]


@wrong(NUMBER, hint="not their positions")
def positions(client_ids, num_clients, round_num, seed):
    """Returns indices."""
    return (
        np.random.default_rng([seed, round_num]).choice(len(client_ids), num_clients, replace=False).tolist()
    )


@wrong(NUMBER, hint="exactly `num_clients`")
def one_too_few(client_ids, num_clients, round_num, seed):
    """Counts from 1."""
    return random.Random(1000 * seed + round_num).sample(client_ids, num_clients - 1)


@wrong(NUMBER, hint="Return a list of client ids")
def a_set(client_ids, num_clients, round_num, seed):
    """Uses a set, so that nobody is in it twice."""
    return set(random.Random(1000 * seed + round_num).sample(client_ids, num_clients))


@wrong(NUMBER, hint="Return a list of client ids")
def one_client(client_ids, num_clients, round_num, seed):
    """Draws a single client."""
    return random.Random(1000 * seed + round_num).choice(client_ids)


@wrong(NUMBER, hint="Return a list of client ids")
def forgot_to_return(client_ids, num_clients, round_num, seed):
    """Draws and keeps silent."""
    np.random.default_rng([seed, round_num]).choice(client_ids, num_clients, replace=False)


@wrong(TURNS, hint="Let the draw depend on `round_num`")
def the_first_ones(client_ids, num_clients, round_num, seed):
    """Takes the first clients, always."""
    return client_ids[:num_clients]


@wrong(TURNS, hint="Let the draw depend on `round_num`")
def ignores_the_round(client_ids, num_clients, round_num, seed):
    """Makes the same generator in every round."""
    return np.random.default_rng(seed).choice(client_ids, num_clients, replace=False).tolist()


@wrong(TURNS, hint="Draw from all clients")
def half_of_them(client_ids, num_clients, round_num, seed):
    """Leaves the second half of the clients out."""
    half = client_ids[: len(client_ids) // 2]
    return random.Random(1000 * seed + round_num).sample(half, num_clients)


@wrong(REPEATABLE, hint="Use `seed` as well as `round_num`")
def ignores_the_seed(client_ids, num_clients, round_num, seed):
    """Uses the round's number as the seed."""
    return np.random.default_rng(round_num).choice(client_ids, num_clients, replace=False).tolist()


@wrong(REPEATABLE, hint="Use `seed` as well as `round_num`")
def takes_turns(client_ids, num_clients, round_num, seed):
    """Goes round the list, without any chance."""
    start = round_num * num_clients
    return [client_ids[(start + i) % len(client_ids)] for i in range(num_clients)]


@wrong(REPEATABLE, hint="their product is 0")
def multiplies_seed_and_round(client_ids, num_clients, round_num, seed):
    """Makes one number of two by multiplying them, so that round 0 is the same for all seeds."""
    return np.random.default_rng(seed * round_num).choice(client_ids, num_clients, replace=False).tolist()


@wrong(REPEATABLE, hint="Make a generator inside the function")
def unseeded(client_ids, num_clients, round_num, seed):
    """Uses the generator that everybody shares."""
    return random.sample(client_ids, num_clients)


@wrong(REPEATABLE, hint="Make a generator inside the function")
def generator_outside(client_ids, num_clients, round_num, seed):
    """Makes the generator once, outside, where it remembers how often it was used."""
    return ONE_FOR_ALL.choice(client_ids, num_clients, replace=False).tolist()


@functools.cache
def generator_for(seed):
    return np.random.default_rng(seed)


@wrong(REPEATABLE, hint="Make a generator inside the function")
def one_generator_a_seed(client_ids, num_clients, round_num, seed):
    """Keeps one generator for each seed, and draws on from it."""
    return generator_for(seed).choice(client_ids, num_clients, replace=False).tolist()


def drawn(client_ids, num_clients, *seeds):
    return np.random.default_rng(list(seeds)).choice(client_ids, num_clients, replace=False).tolist()


@right
def draws_up_to_the_round(client_ids, num_clients, round_num, seed):
    """Draws all rounds up to this one, and sorts the last draw."""
    rng = np.random.default_rng(seed)
    for _ in range(round_num + 1):
        chosen = rng.choice(client_ids, num_clients, replace=False)
    return sorted(chosen.tolist())


@wrong(NUMBER, hint="exactly `num_clients`")
def always_ten(client_ids, num_clients, round_num, seed):
    """Writes the number of the lesson."""
    return drawn(client_ids, 10, seed, round_num)


@wrong(NUMBER, hint="Someone here is not in `client_ids`")
def names_of_its_own(client_ids, num_clients, round_num, seed):
    """Makes the ids up from their number."""
    positions = np.random.default_rng([seed, round_num]).choice(len(client_ids), num_clients, replace=False)
    return [f"client_{number:02d}" for number in positions]


@wrong(NUMBER, hint="Return a list of client ids")
def one_client_without_a_list(client_ids, num_clients, round_num, seed):
    """Takes a single client out of its list."""
    chosen = drawn(client_ids, num_clients, seed, round_num)
    return chosen if num_clients > 1 else chosen[0]


@wrong(TURNS, hint="Draw from all clients")
def from_the_first_ten(client_ids, num_clients, round_num, seed):
    """Draws from the first ten."""
    return drawn(client_ids[:10], num_clients, seed, round_num)


@wrong(TURNS, hint="whoever else is drawn")
def neighbours(client_ids, num_clients, round_num, seed):
    """Draws one, and takes those after it in the list."""
    start = int(np.random.default_rng([seed, round_num]).integers(len(client_ids)))
    return [client_ids[(start + i) % len(client_ids)] for i in range(num_clients)]


@wrong(TURNS, hint="whoever else is drawn")
def one_shuffle_for_all_rounds(client_ids, num_clients, round_num, seed):
    """Shuffles once, and goes round."""
    order = drawn(client_ids, len(client_ids), seed)
    return [order[(round_num * num_clients + i) % len(order)] for i in range(num_clients)]


@wrong(REPEATABLE, hint="another seed changes every round")
def divides_the_seed_by_the_round(client_ids, num_clients, round_num, seed):
    """Makes one number of two in a way that loses most of the seed."""
    return drawn(client_ids, num_clients, seed // (round_num + 1))


@wrong(REPEATABLE, hint="another seed changes every round")
def seeds_round_0_alone(client_ids, num_clients, round_num, seed):
    """Thinks that the seed is needed once."""
    return drawn(client_ids, num_clients, seed if round_num == 0 else 0, round_num)
