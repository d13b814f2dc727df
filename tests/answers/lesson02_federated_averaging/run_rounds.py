"""Answers to `run_rounds(process, client_data, clients_per_round, num_rounds, seed)`."""

import operator
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


def seeded(client_data, clients_per_round, seed):
    """The draw of each round as it should be."""
    rng = np.random.default_rng(seed)
    return lambda n: rng.choice(client_data.client_ids, clients_per_round, replace=False)


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
    loop(process, client_data, num_rounds, seeded(client_data, clients_per_round, seed))


@wrong(OUTPUTS, hint="This is the state alone")
def returns_the_state(process, client_data, clients_per_round, num_rounds, seed):
    """Returns what was learnt, and nothing else."""
    return loop(process, client_data, num_rounds, seeded(client_data, clients_per_round, seed))[-1].state


@wrong(OUTPUTS, hint="This is the last output alone")
def returns_the_last_output(process, client_data, clients_per_round, num_rounds, seed):
    """Keeps only the last round."""
    return loop(process, client_data, num_rounds, seeded(client_data, clients_per_round, seed))[-1]


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
    outputs = loop(process, client_data, num_rounds, seeded(client_data, clients_per_round, seed))
    return [outputs[-1]]


@wrong(STATE, hint="Every round starts from the untrained state")
def forgets_the_state(process, client_data, clients_per_round, num_rounds, seed):
    """Never takes the new state."""
    draw, state = seeded(client_data, clients_per_round, seed), process.initialize()
    return [process.next(state, datasets(client_data, draw(n))) for n in range(num_rounds)]


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


@wrong(DRAWS, hint="Draw from all of `client_data.client_ids`")
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


@right
def mapped_and_sorted(process, client_data, clients_per_round, num_rounds, seed):
    """Sorts those drawn, maps ids to datasets, and goes on while outputs are missing."""
    rng = random.Random(seed)
    state, outputs = process.initialize(), []
    while len(outputs) < num_rounds:
        chosen = sorted(rng.sample(client_data.client_ids, clients_per_round))
        outputs.append(process.next(state, list(map(client_data.create_tf_dataset_for_client, chosen))))
        state = operator.attrgetter("state")(outputs[-1])
    return outputs


@wrong(OUTPUTS, hint="A function with `yield` does nothing until it is asked")
def yields_the_outputs(process, client_data, clients_per_round, num_rounds, seed):
    """Makes a generator of it."""
    yield from loop(process, client_data, num_rounds, seeded(client_data, clients_per_round, seed))


@wrong(OUTPUTS, hint="a default such as `outputs=[]` keeps those of earlier calls")
def keeps_the_list(process, client_data, clients_per_round, num_rounds, seed, outputs=[]):  # noqa: B006
    """Makes the list once, as a default."""
    outputs += loop(process, client_data, num_rounds, seeded(client_data, clients_per_round, seed))
    return outputs


@wrong(OUTPUTS, hint="`process.next` is called twice a round")
def trains_twice(process, client_data, clients_per_round, num_rounds, seed):
    """Calls `next` once for the state, once for the output."""
    draw, state, outputs = seeded(client_data, clients_per_round, seed), process.initialize(), []
    for round_num in range(num_rounds):
        federated_data = datasets(client_data, draw(round_num))
        outputs.append(process.next(state, federated_data))
        state = process.next(state, federated_data).state
    return outputs


@wrong(OUTPUTS, hint="Run exactly `num_rounds` rounds")
def a_round_too_few(process, client_data, clients_per_round, num_rounds, seed):
    """Counts from one, and stops too early."""
    return loop(process, client_data, num_rounds - 1, seeded(client_data, clients_per_round, seed))


@wrong(STATE, hint="the state that the round before returned")
def the_state_before_the_last(process, client_data, clients_per_round, num_rounds, seed):
    """Is one round late with the new state."""
    draw, outputs = seeded(client_data, clients_per_round, seed), []
    before = state = process.initialize()
    for round_num in range(num_rounds):
        outputs.append(process.next(before, datasets(client_data, draw(round_num))))
        before, state = state, outputs[-1].state
    return outputs


@wrong(DRAWS, hint="Hand each client's dataset on as it is")
def batches_again(process, client_data, clients_per_round, num_rounds, seed):
    """Prepares datasets that are ready."""
    batched = client_data.preprocess(lambda dataset: dataset.batch(10))
    return loop(process, batched, num_rounds, seeded(client_data, clients_per_round, seed))


@wrong(DRAWS, hint="Hand each client's dataset on as it is")
def one_batch_of_each(process, client_data, clients_per_round, num_rounds, seed):
    """Trains on the first batch alone."""
    first = client_data.preprocess(lambda dataset: dataset.take(1))
    return loop(process, first, num_rounds, seeded(client_data, clients_per_round, seed))


@wrong(DRAWS, hint="Draw from all of `client_data.client_ids`")
def never_the_last(process, client_data, clients_per_round, num_rounds, seed):
    """Cannot draw the last client."""
    rng, ids = np.random.default_rng(seed), client_data.client_ids
    chosen = [rng.choice(len(ids) - 1, clients_per_round, replace=False) for _ in range(num_rounds)]
    return loop(process, client_data, num_rounds, lambda n: [ids[index] for index in chosen[n]])


@wrong(DRAWS, hint="whoever else is drawn")
def neighbours(process, client_data, clients_per_round, num_rounds, seed):
    """Draws where a slice of the list begins."""
    rng, ids = np.random.default_rng(seed), client_data.client_ids
    starts = rng.integers(0, len(ids) - clients_per_round + 1, num_rounds)
    return loop(process, client_data, num_rounds, lambda n: ids[starts[n] : starts[n] + clients_per_round])


@wrong(DRAWS, hint="The same clients in every round")
def the_same_in_another_order(process, client_data, clients_per_round, num_rounds, seed):
    """Draws once, and shuffles those drawn in each round."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(client_data.client_ids, clients_per_round, replace=False)
    return loop(process, client_data, num_rounds, lambda n: rng.permutation(chosen))


@wrong(SEED, hint="Let `seed` decide the draw of every round")
def seeds_the_first_round(process, client_data, clients_per_round, num_rounds, seed):
    """Uses the seed for the first round, and the round's number for the others."""

    def draw(round_num):
        rng = np.random.default_rng(round_num or seed)
        return rng.choice(client_data.client_ids, clients_per_round, replace=False)

    return loop(process, client_data, num_rounds, draw)


@wrong(SEED, hint="their product is 0 in round 0")
def seed_times_round(process, client_data, clients_per_round, num_rounds, seed):
    """Multiplies the seed with the round."""
    return loop(
        process,
        client_data,
        num_rounds,
        lambda n: np.random.default_rng(seed * n).choice(
            client_data.client_ids, clients_per_round, replace=False
        ),
    )
