"""Answers to `sample_clients(client_ids, probability, rng)`."""

import numpy as np
from answers import right, wrong

FORM = "returns clients, and nobody twice"
COINS = "lets every client toss a coin of its own"


@right
def a_mask(client_ids, probability, rng):
    """Tosses all coins at once."""
    return np.array(client_ids)[rng.random(len(client_ids)) < probability]


@right
def how_many_first(client_ids, probability, rng):
    """Draws the number of heads, and then who they are: the same distribution."""
    heads = rng.binomial(len(client_ids), probability)
    return list(rng.choice(client_ids, heads, replace=False))


@right
def a_loop(client_ids, probability, rng):
    """Goes through a shuffled list."""
    chosen = []
    for index in rng.permutation(len(client_ids)):
        if rng.binomial(1, probability) == 1:
            chosen.append(client_ids[index])
    return chosen


@right
def tails_are_left_out(client_ids, probability, rng):
    """Leaves out those who do not come."""
    return [client_id for client_id in client_ids if not rng.uniform() >= probability]


@wrong(FORM, hint="Replace `raise NotImplementedError`")
def untouched(client_ids, probability, rng):
    """Has not begun."""
    raise NotImplementedError


@wrong(FORM, hint="Return the ids of those who take part")
def truth_values(client_ids, probability, rng):
    """Returns the coins and not the clients."""
    return rng.random(len(client_ids)) < probability


@wrong(FORM, hint="Return the ids of those who take part")
def positions(client_ids, probability, rng):
    """Returns where they are in the list."""
    return np.flatnonzero(rng.random(len(client_ids)) < probability)


@wrong(FORM, hint="Somebody is in the list twice")
def with_replacement(client_ids, probability, rng):
    """Draws with replacement."""
    return list(rng.choice(client_ids, rng.binomial(len(client_ids), probability)))


@wrong(COINS, hint="There are always")
def a_fixed_number(client_ids, probability, rng):
    """Draws a fixed number, as in the lessons before."""
    return list(rng.choice(client_ids, round(probability * len(client_ids)), replace=False))


@wrong(COINS, hint="The same clients come each time")
def its_own_generator(client_ids, probability, rng):
    """Makes a generator of its own, with a fixed seed."""
    rng = np.random.default_rng(0)
    return [client_id for client_id in client_ids if rng.random() < probability]


@wrong(COINS, hint="One coin decides for all")
def one_coin(client_ids, probability, rng):
    """Tosses once."""
    return list(client_ids) if rng.random() < probability else []


@wrong(COINS, hint="Turn the comparison round")
def the_wrong_way(client_ids, probability, rng):
    """Keeps those whose number is larger."""
    return [client_id for client_id in client_ids if rng.random() > probability]


@wrong(COINS, hint="All clients come, or none")
def compares_with_one(client_ids, probability, rng):
    """Asks whether a number from 0 to 1 is below 1."""
    return [client_id for client_id in client_ids if rng.random() < 1]


@wrong(COINS, hint="The wrong number comes")
def normal_numbers(client_ids, probability, rng):
    """Draws from the bell curve."""
    return [client_id for client_id in client_ids if rng.normal() < probability]


@wrong(COINS, hint="Some clients come more often than others")
def always_the_first(client_ids, probability, rng):
    """Draws how many come, and takes the first of the list."""
    return client_ids[: rng.binomial(len(client_ids), probability)]


@wrong(COINS, hint="varies by the wrong amount")
def any_number(client_ids, probability, rng):
    """Draws how many come evenly, with the right mean."""
    mean = round(probability * len(client_ids))
    most = min(mean, len(client_ids) - mean)
    size = rng.integers(mean - most, mean + most + 1)
    return list(rng.choice(client_ids, size, replace=False))


@wrong(COINS, hint="The coins are not those of `rng`")
def numpys_own_generator(client_ids, probability, rng):
    """Uses numpy's global generator."""
    return [client_id for client_id in client_ids if np.random.random() < probability]


@wrong(FORM, hint="`client_ids` belongs to the caller")
def shuffles_in_place(client_ids, probability, rng):
    """Shuffles the list that it was given."""
    rng.shuffle(client_ids)
    return [client_id for client_id in client_ids if rng.random() < probability]


@wrong(COINS, hint="With probability 0 nobody comes")
def at_least_one(client_ids, probability, rng):
    """Makes sure that somebody comes."""
    return [client_id for client_id in client_ids if rng.random() < probability] or client_ids[:1]


@wrong(COINS, hint="With probability 0 nobody comes")
def percent_from_zero(client_ids, probability, rng):
    """Throws dice of 100 sides, which begin at 0, and compares as if they began at 1."""
    return [client_id for client_id in client_ids if rng.integers(100) <= 100 * probability]


@wrong(COINS, hint="come and stay away together")
def a_coin_for_two(client_ids, probability, rng):
    """Tosses one coin for the first two clients."""
    coins = rng.random(len(client_ids))
    coins[1] = coins[0]
    return [client_id for client_id, coin in zip(client_ids, coins, strict=True) if coin < probability]


@wrong(COINS, hint="The wrong number comes")
def one_half(client_ids, probability, rng):
    """Uses the notebook's probability."""
    return [client_id for client_id in client_ids if rng.random() < 0.5]
