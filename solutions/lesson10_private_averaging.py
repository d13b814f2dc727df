"""Reference solutions of lesson 10: private averaging."""

import collections

import dp_accounting
import tensorflow as tf
import tensorflow_federated as tff

from solutions.lesson06_fedavg_by_hand import initial_weights, loss, predict  # noqa: F401


@tf.function
def client_update(weights, dataset, learning_rate):
    """Train on one client as in lesson 6: OrderedDict(weights=trained, num_examples=float32 scalar)."""
    num_examples = tf.constant(0.0)
    for batch in dataset:
        with tf.GradientTape() as tape:
            tape.watch(weights)
            batch_loss = loss(weights, batch)
        gradients = tape.gradient(batch_loss, weights)
        weights = tf.nest.map_structure(lambda w, g: w - learning_rate * g, weights, gradients)
        num_examples += tf.cast(tf.shape(batch["y"])[0], tf.float32)
    return collections.OrderedDict(weights=weights, num_examples=num_examples)


def clip_by_global_norm(structure, max_norm):
    """The structure, shrunk to global norm `max_norm` if it is longer: lesson 7's."""
    norm = tf.sqrt(tf.add_n([tf.reduce_sum(tensor**2) for tensor in tf.nest.flatten(structure)]))
    factor = max_norm / tf.maximum(norm, max_norm)
    return tf.nest.map_structure(lambda tensor: tensor * factor, structure)


def noise_stddev(noise_multiplier, max_norm, expected_clients):
    """How large the noise of one round is.

    Args:
      noise_multiplier: the noise in units of what one client can change at most.
      max_norm: the greatest global norm of a client's clipped update.
      expected_clients: how many clients take part in a round on average; it need not be whole.

    Returns:
      OrderedDict(on_sum=, on_mean=): the standard deviation of the noise on each number of the sum of the
      clipped updates, and on each number of their mean.
    """
    on_sum = noise_multiplier * max_norm
    return collections.OrderedDict(on_sum=on_sum, on_mean=on_sum / expected_clients)


def private_mean(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """The mean of clipped updates, with enough noise on their sum to hide any one of them.

    Args:
      updates: a list of dictionaries of float32 tensors, one update a client, all of one form; it is left as
        it is.
      max_norm: the greatest global norm that an update may have; what is longer is clipped.
      noise_multiplier: the standard deviation of the noise on the sum, in units of `max_norm`.
      expected_clients: how many clients take part on average; the noisy sum is divided by it.
      draw_noise: a function that returns, for a structure of tensors, one of the same form full of fresh
        random numbers of mean 0 and standard deviation 1.

    Returns:
      A dictionary of float32 tensors, of the form of one update.
    """
    clipped = [clip_by_global_norm(update, max_norm) for update in updates]
    total = tf.nest.map_structure(lambda *tensors: tf.add_n(tensors), *clipped)
    noise = draw_noise(total)
    stddev = noise_multiplier * max_norm
    return tf.nest.map_structure(lambda t, n: (t + stddev * n) / expected_clients, total, noise)


def sample_clients(client_ids, probability, rng):
    """Who takes part in a round: each client tosses a coin of its own (Poisson sampling).

    Args:
      client_ids: a list of strings; it is left as it is.
      probability: how likely each client is to take part, from 0 to 1.
      rng: a `np.random.Generator`, the source of all chance.

    Returns:
      A list of those who take part, nobody twice. It is sometimes longer, sometimes shorter.
    """
    return [client_id for client_id in client_ids if rng.random() < probability]


def next_fn(server_state, client_data, client_work, clip_work, add_noise, server_work):
    """One round of differentially private federated averaging, as the body of a federated computation.

    Args:
      server_state: a federated value at the server, with the fields `weights` and `round_num`.
      client_data: a federated value at the clients, one dataset each.
      client_work: a TFF computation (weights, dataset) -> <weights, num_examples>: training.
      clip_work: a TFF computation (given weights, trained weights) -> update, clipped.
      add_noise: a TFF computation (update or sum of updates, round_num) -> the same with noise.
      server_work: a TFF computation (state, noisy sum of updates) -> state: divides the sum by the number of
        clients it expects, adds that to the weights, and counts the round.

    Returns:
      The state after the round, a federated value at the server. Only the weights go down, once, and
      only the clipped updates go up.
    """
    weights_at_clients = tff.federated_broadcast(server_state.weights)
    trained = tff.federated_map(client_work, (weights_at_clients, client_data))
    updates = tff.federated_map(clip_work, (weights_at_clients, trained.weights))
    total = tff.federated_sum(updates)
    noisy = tff.federated_map(add_noise, (total, server_state.round_num))
    return tff.federated_map(server_work, (server_state, noisy))


def epsilon_spent(noise_multiplier, sampling_probability, num_rounds, delta):
    """What a whole training gives away, by the accountant of Renyi differential privacy.

    Args:
      noise_multiplier: the standard deviation of a round's noise on the sum, in units of the clipping norm.
      sampling_probability: how likely each client is to take part in a round.
      num_rounds: how many rounds there are, an integer.
      delta: the probability with which the promise may fail.

    Returns:
      The epsilon of all rounds together, a float.
    """
    noisy_sum = dp_accounting.GaussianDpEvent(noise_multiplier)
    one_round = dp_accounting.PoissonSampledDpEvent(sampling_probability, noisy_sum)
    accountant = dp_accounting.rdp.RdpAccountant()
    accountant.compose(dp_accounting.SelfComposedDpEvent(one_round, num_rounds))
    return accountant.get_epsilon(delta)


def smallest_noise(epsilon, delta, sampling_probability, num_rounds):
    """The smallest noise multiplier with which a training stays within its budget.

    Args:
      epsilon: the budget: `epsilon_spent` of all rounds together must not be greater.
      delta: the probability with which the promise may fail.
      sampling_probability: how likely each client is to take part in a round.
      num_rounds: how many rounds there are, an integer.

    Returns:
      A float from 0.1 to 100 that keeps the budget, at most 1 % above the smallest that does.
    """
    too_small, enough = 0.1, 100.0
    while enough > 1.005 * too_small:
        middle = (too_small * enough) ** 0.5
        if epsilon_spent(middle, sampling_probability, num_rounds, delta) > epsilon:
            too_small = middle
        else:
            enough = middle
    return enough
