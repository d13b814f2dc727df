"""Answers to `run_rounds(process, client_data, clients_per_round, num_rounds, seed)`."""

import random

import numpy as np
from answers import right, wrong

OUTPUTS = "returns one output a round"
STATE = "carries the state from round to round"
DRAWS = "draws different clients, anew each round"
SEED = "draws the same for the same seed"

ONE_FOR_ALL = np.random.default_rng(7)


def datasets(client_data, client_ids):
    return [client_data.create_tf_dataset_for_client(client_id) for client_id in client_ids]


def loop(process, client_data, num_rounds, draw):
    """The loop as it should be, with the clients that `draw(round_num)` names."""
    state, outputs = process.initialize(), []
    for round_num in range(num_rounds):
        output = process.next(state, datasets(client_data, draw(round_num)))
        state = output.state
        outputs.append(output)
    return outputs


@right
def a_generator_a_round(process, client_data, clients_per_round, num_rounds, seed):
    """Makes a generator in each round, from seed and round, as in lesson 1."""

    def draw(round_num):
        rng = np.random.default_rng([seed, round_num])
        return rng.permutation(client_data.client_ids)[:clients_per_round]

    return loop(process, client_data, num_rounds, draw)


@right
def random_sample(process, client_data, clients_per_round, num_rounds, seed):
    """Python's own generator; the state is unpacked, and kept in the outputs alone."""
    rng = random.Random(seed)
    outputs = []
    for _ in range(num_rounds):
        state = outputs[-1].state if outputs else process.initialize()
        chosen = rng.sample(client_data.client_ids, clients_per_round)
        outputs += [process.next(state, datasets(client_data, chosen))]
    return outputs


@right
def draws_all_rounds_first(process, client_data, clients_per_round, num_rounds, seed):
    """Draws indices for all rounds before the first, and returns a tuple."""
    rng = np.random.RandomState(seed)
    plan = [rng.choice(len(client_data.client_ids), clients_per_round, False) for _ in range(num_rounds)]
    return tuple(
        loop(process, client_data, num_rounds, lambda n: [client_data.client_ids[i] for i in plan[n]])
    )


@wrong(OUTPUTS, hint="Replace `raise NotImplementedError`")
def untouched(process, client_data, clients_per_round, num_rounds, seed):
    """Has not begun."""
    raise NotImplementedError


@wrong(OUTPUTS, hint="End the function with `return outputs`")
def forgot_to_return(process, client_data, clients_per_round, num_rounds, seed):
    """Trains and keeps silent."""
    rng = np.random.default_rng(seed)
    ids = client_data.client_ids
    loop(process, client_data, num_rounds, lambda n: rng.choice(ids, clients_per_round, replace=False))


@wrong(OUTPUTS, hint="This is the state alone")
def returns_the_state(process, client_data, clients_per_round, num_rounds, seed):
    """Returns what was learnt, and nothing else."""
    rng = np.random.default_rng(seed)
    ids = client_data.client_ids
    return loop(
        process, client_data, num_rounds, lambda n: rng.choice(ids, clients_per_round, replace=False)
    )[-1].state


@wrong(OUTPUTS, hint="This is the last output alone")
def returns_the_last_output(process, client_data, clients_per_round, num_rounds, seed):
    """Keeps only the last round."""
    rng = np.random.default_rng(seed)
    ids = client_data.client_ids
    return loop(
        process, client_data, num_rounds, lambda n: rng.choice(ids, clients_per_round, replace=False)
    )[-1]


@wrong(OUTPUTS, hint="These are the metrics alone")
def returns_the_metrics(process, client_data, clients_per_round, num_rounds, seed):
    """Throws the states away."""
    rng = np.random.default_rng(seed)
    state, history = process.initialize(), []
    for _ in range(num_rounds):
        chosen = rng.choice(client_data.client_ids, clients_per_round, replace=False)
        state, metrics = process.next(state, datasets(client_data, chosen))
        history.append(metrics)
    return history


@wrong(OUTPUTS, hint="Is there a `return` in the loop?")
def one_round_only(process, client_data, clients_per_round, num_rounds, seed):
    """Indents the `return` too far."""
    rng = np.random.default_rng(seed)
    outputs = []
    for _ in range(num_rounds):
        chosen = rng.choice(client_data.client_ids, clients_per_round, replace=False)
        outputs.append(process.next(process.initialize(), datasets(client_data, chosen)))
        return outputs


@wrong(OUTPUTS, hint="The state is in it: `output.state`")
def carries_the_whole_output(process, client_data, clients_per_round, num_rounds, seed):
    """Hands the output of a round to the next one."""
    rng = np.random.default_rng(seed)
    state, outputs = process.initialize(), []
    for _ in range(num_rounds):
        chosen = rng.choice(client_data.client_ids, clients_per_round, replace=False)
        state = process.next(state, datasets(client_data, chosen))
        outputs.append(state)
    return outputs


@wrong(OUTPUTS, hint="`process.initialize()`, with parentheses")
def does_not_call_initialize(process, client_data, clients_per_round, num_rounds, seed):
    """Forgets the parentheses."""
    chosen = client_data.client_ids[:clients_per_round]
    return [process.next(process.initialize, datasets(client_data, chosen)) for _ in range(num_rounds)]


@wrong(OUTPUTS, hint="These are the clients' names")
def names_for_datasets(process, client_data, clients_per_round, num_rounds, seed):
    """Hands over ids instead of data."""
    rng = np.random.default_rng(seed)
    state, outputs = process.initialize(), []
    for _ in range(num_rounds):
        chosen = rng.choice(client_data.client_ids, clients_per_round, replace=False)
        outputs.append(process.next(state, list(chosen)))
        state = outputs[-1].state
    return outputs


@wrong(OUTPUTS, hint="One dataset is one client")
def pools_the_clients(process, client_data, clients_per_round, num_rounds, seed):
    """Pours the clients' data together."""
    rng = np.random.default_rng(seed)
    state, outputs = process.initialize(), []
    for _ in range(num_rounds):
        chosen = rng.choice(client_data.client_ids, clients_per_round, replace=False)
        first, *others = datasets(client_data, chosen)
        for other in others:
            first = first.concatenate(other)
        outputs.append(process.next(state, first))
        state = outputs[-1].state
    return outputs


@wrong(OUTPUTS, hint="Append inside the loop")
def appends_after_the_loop(process, client_data, clients_per_round, num_rounds, seed):
    """Fills the list with the last output."""
    rng = np.random.default_rng(seed)
    ids = client_data.client_ids
    outputs = loop(
        process, client_data, num_rounds, lambda n: rng.choice(ids, clients_per_round, replace=False)
    )
    return [outputs[-1]]


@wrong(STATE, hint="Every round starts from the untrained state")
def forgets_the_state(process, client_data, clients_per_round, num_rounds, seed):
    """Never takes the new state."""
    rng = np.random.default_rng(seed)
    state, outputs = process.initialize(), []
    for _ in range(num_rounds):
        chosen = rng.choice(client_data.client_ids, clients_per_round, replace=False)
        outputs.append(process.next(state, datasets(client_data, chosen)))
    return outputs


@wrong(STATE, hint="call `process.initialize()` only once")
def initializes_in_the_loop(process, client_data, clients_per_round, num_rounds, seed):
    """Puts the first line into the loop."""
    rng = np.random.default_rng(seed)
    outputs = []
    for _ in range(num_rounds):
        state = process.initialize()
        chosen = rng.choice(client_data.client_ids, clients_per_round, replace=False)
        output = process.next(state, datasets(client_data, chosen))
        state = output.state
        outputs.append(output)
    return outputs


@wrong(DRAWS, hint="The same clients in every round")
def draws_once(process, client_data, clients_per_round, num_rounds, seed):
    """Draws before the loop."""
    ids = client_data.client_ids
    chosen = np.random.default_rng(seed).choice(ids, clients_per_round, replace=False)
    return loop(process, client_data, num_rounds, lambda n: chosen)


@wrong(DRAWS, hint="one made in the loop, from the same seed, begins again")
def seeds_in_the_loop(process, client_data, clients_per_round, num_rounds, seed):
    """Makes the same generator in each round."""
    ids = client_data.client_ids
    return loop(
        process,
        client_data,
        num_rounds,
        lambda n: np.random.default_rng(seed).choice(ids, clients_per_round, replace=False),
    )


@wrong(DRAWS, hint="The first clients of the list")
def the_first_ones(process, client_data, clients_per_round, num_rounds, seed):
    """Takes the first clients, always."""
    return loop(process, client_data, num_rounds, lambda n: client_data.client_ids[:clients_per_round])


@wrong(DRAWS, hint="Draw with `replace=False`")
def with_replacement(process, client_data, clients_per_round, num_rounds, seed):
    """Does not know that `choice` draws with replacement."""
    rng = np.random.default_rng(seed)
    return loop(
        process, client_data, num_rounds, lambda n: rng.choice(client_data.client_ids, clients_per_round)
    )


@wrong(DRAWS, hint="One client several times over")
def one_client_many_times(process, client_data, clients_per_round, num_rounds, seed):
    """Uses the wrong variable in the comprehension."""
    rng = np.random.default_rng(seed)

    def draw(round_num):
        chosen = rng.choice(client_data.client_ids, clients_per_round, replace=False)
        return [chosen[0] for _ in chosen]

    return loop(process, client_data, num_rounds, draw)


@wrong(DRAWS, hint="`clients_per_round` says how many")
def one_client(process, client_data, clients_per_round, num_rounds, seed):
    """Draws a single client each round."""
    rng = np.random.default_rng(seed)
    return loop(process, client_data, num_rounds, lambda n: [rng.choice(client_data.client_ids)])


@wrong(DRAWS, hint="Everybody takes part in every round")
def everybody(process, client_data, clients_per_round, num_rounds, seed):
    """Uses all the data there are."""
    return loop(process, client_data, num_rounds, lambda n: client_data.client_ids)


@wrong(DRAWS, hint="Some clients never get a turn")
def half_of_them(process, client_data, clients_per_round, num_rounds, seed):
    """Leaves the second half of the clients out."""
    rng = np.random.default_rng(seed)
    half = client_data.client_ids[: len(client_data.client_ids) // 2]
    return loop(
        process, client_data, num_rounds, lambda n: rng.choice(half, clients_per_round, replace=False)
    )


@wrong(SEED, hint="Make the generator inside the function")
def unseeded(process, client_data, clients_per_round, num_rounds, seed):
    """Uses the generator that everybody shares."""
    return loop(
        process, client_data, num_rounds, lambda n: random.sample(client_data.client_ids, clients_per_round)
    )


@wrong(SEED, hint="Make the generator inside the function")
def generator_outside(process, client_data, clients_per_round, num_rounds, seed):
    """Makes the generator once, outside, where it remembers how often it was used."""
    ids = client_data.client_ids
    return loop(
        process, client_data, num_rounds, lambda n: ONE_FOR_ALL.choice(ids, clients_per_round, replace=False)
    )


@wrong(SEED, hint="Use the argument `seed`")
def a_seed_of_its_own(process, client_data, clients_per_round, num_rounds, seed):
    """Writes 42."""
    rng = np.random.default_rng(42)
    ids = client_data.client_ids
    return loop(process, client_data, num_rounds, lambda n: rng.choice(ids, clients_per_round, replace=False))
