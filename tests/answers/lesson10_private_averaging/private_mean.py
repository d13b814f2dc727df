"""Answers to `private_mean(updates, max_norm, noise_multiplier, expected_clients, draw_noise)`."""

import numpy as np
import tensorflow as tf
from answers import right, wrong

from solutions.lesson10_private_averaging import clip_by_global_norm

CLIPS = "clips each update, and averages"
NOISE = "adds noise once, and enough of it"
DIVIDES = "divides by the number of clients that was expected"

each = tf.nest.map_structure


def total_of(updates):
    return each(lambda *tensors: tf.add_n(tensors), *updates)


def clip_all(updates, max_norm):
    return [clip_by_global_norm(update, max_norm) for update in updates]


def finish(total, noise, stddev, divisor):
    return each(lambda t, n: (t + stddev * n) / divisor, total, noise)


@right
def a_loop(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Adds up in a loop, and subtracts the noise, which is the same to a random number."""
    total = each(tf.zeros_like, updates[0])
    for update in updates:
        total = each(tf.add, total, clip_by_global_norm(update, max_norm))
    noise = draw_noise(updates[0])
    return finish(total, noise, -max_norm * noise_multiplier, expected_clients)


@right
def tensor_by_tensor(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Draws the noise for the kernel and for the bias one after the other, and divides each part."""
    clipped = clip_all(updates, max_norm)
    result = {}
    for name in ("bias", "kernel"):
        tensors = tf.stack([update[name] for update in clipped])
        noise = draw_noise(updates[0][name]) * noise_multiplier * max_norm / expected_clients
        result[name] = tf.reduce_sum(tensors, axis=0) / expected_clients + noise
    return result


@right
def tensorflows_own_clipping(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Uses `tf.clip_by_global_norm`, and scales the noise first."""
    clipped = []
    for update in updates:
        tensors, _ = tf.clip_by_global_norm(tf.nest.flatten(update), max_norm)
        clipped.append(tf.nest.pack_sequence_as(update, tensors))
    noise = each(lambda n: n * (noise_multiplier * max_norm), draw_noise(clipped[0]))
    return each(lambda t: t / expected_clients, total_of([*clipped, noise]))


@right
def in_numpy(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Works in numpy."""
    total = {name: np.sum([u[name] for u in clip_all(updates, max_norm)], axis=0) for name in updates[0]}
    noise = draw_noise(total)
    stddev = max_norm * noise_multiplier
    return {name: (total[name] + stddev * np.asarray(noise[name])) / expected_clients for name in total}


@wrong(CLIPS, hint="Replace `raise NotImplementedError`")
def untouched(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Has not begun."""
    raise NotImplementedError


@wrong(CLIPS, hint="The function returned nothing")
def forgot_to_return(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Works it out and keeps it."""
    a_loop(updates, max_norm, noise_multiplier, expected_clients, draw_noise)


@wrong(CLIPS, hint="and must be float32")
def in_double_precision(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Wants to be exact, and leaves it at that."""
    result = a_loop(updates, max_norm, noise_multiplier, expected_clients, draw_noise)
    return each(lambda t: tf.cast(t, tf.float64), result)


@wrong(CLIPS, hint="of the form of one update")
def a_list_of_noisy_updates(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Makes each update noisy, and never adds up."""
    return [finish(u, draw_noise(u), noise_multiplier * max_norm, 1) for u in clip_all(updates, max_norm)]


@wrong(CLIPS, hint="clipped one by one")
def clips_each_tensor(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Clips the kernel by its norm and the bias by its norm."""
    clipped = [each(lambda tensor: tf.clip_by_norm(tensor, max_norm), update) for update in updates]
    total = total_of(clipped)
    return finish(total, draw_noise(total), noise_multiplier * max_norm, expected_clients)


@wrong(CLIPS, hint="Each number is cut off by itself")
def clips_each_number(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Clips by value."""
    clipped = [each(lambda tensor: tf.clip_by_value(tensor, -max_norm, max_norm), u) for u in updates]
    total = total_of(clipped)
    return finish(total, draw_noise(total), noise_multiplier * max_norm, expected_clients)


@wrong(CLIPS, hint="Nothing was clipped")
def does_not_clip(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Thinks that noise is enough."""
    total = total_of(updates)
    return finish(total, draw_noise(total), noise_multiplier * max_norm, expected_clients)


@wrong(CLIPS, hint="The mean is clipped")
def clips_the_mean(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Clips once, which looks cheaper."""
    mean = each(lambda t: t / expected_clients, total_of(updates))
    clipped = clip_by_global_norm(mean, max_norm)
    return finish(clipped, draw_noise(clipped), noise_multiplier * max_norm / expected_clients, 1)


@wrong(CLIPS, hint="The mean is clipped")
def clips_the_sum(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Clips the sum."""
    total = clip_by_global_norm(total_of(updates), max_norm)
    return finish(total, draw_noise(total), noise_multiplier * max_norm, expected_clients)


@wrong(CLIPS, hint="This is the sum")
def never_divides(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Returns the noisy sum."""
    total = total_of(clip_all(updates, max_norm))
    return finish(total, draw_noise(total), noise_multiplier * max_norm, 1)


@wrong(CLIPS, hint="Clipping never stretches")
def stretches_short_updates(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Brings every update to the same length."""
    scaled = [
        each(lambda t, u=update: t * max_norm / tf.linalg.global_norm(tf.nest.flatten(u)), update)
        for update in updates
    ]
    total = total_of(scaled)
    return finish(total, draw_noise(total), noise_multiplier * max_norm, expected_clients)


@wrong(NOISE, hint="There is no noise in it")
def no_noise(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Clips, and calls it private."""
    return each(lambda t: t / expected_clients, total_of(clip_all(updates, max_norm)))


@wrong(NOISE, hint="Each client gets a noise of its own")
def noise_per_client(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Adds noise to every clipped update."""
    stddev = noise_multiplier * max_norm
    noisy = [finish(update, draw_noise(update), stddev, 1) for update in clip_all(updates, max_norm)]
    return each(lambda t: t / expected_clients, total_of(noisy))


@wrong(NOISE, hint="or once for each client?")
def the_same_noise_for_each_client(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Draws once, and adds it to every update."""
    noise, stddev = draw_noise(updates[0]), noise_multiplier * max_norm
    noisy = [finish(update, noise, stddev, 1) for update in clip_all(updates, max_norm)]
    return each(lambda t: t / expected_clients, total_of(noisy))


@wrong(NOISE, hint="The noise comes before the clipping")
def noise_before_clipping(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Adds the noise first, and clips then."""
    stddev = noise_multiplier * max_norm
    noisy = [finish(update, draw_noise(update), stddev, 1) for update in updates]
    return each(lambda t: t / expected_clients, total_of(clip_all(noisy, max_norm)))


@wrong(NOISE, hint="Do you add it after dividing")
def noise_on_the_mean(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Divides first, and adds noise of the size that the sum needs."""
    total = total_of(clip_all(updates, max_norm))
    mean = each(lambda t: t / expected_clients, total)
    return finish(mean, draw_noise(mean), noise_multiplier * max_norm, 1)


@wrong(NOISE, hint="The noise is divided twice")
def noise_divided_twice(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Takes the noise of the mean, adds it to the sum, and divides both."""
    total = total_of(clip_all(updates, max_norm))
    stddev = noise_multiplier * max_norm / expected_clients
    return finish(total, draw_noise(total), stddev, expected_clients)


@wrong(NOISE, hint="The noise is divided by a root")
def noise_divided_by_the_root(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Remembers that the noise of a mean falls with the root."""
    mean = each(lambda t: t / expected_clients, total_of(clip_all(updates, max_norm)))
    return finish(mean, draw_noise(mean), noise_multiplier * max_norm / np.sqrt(expected_clients), 1)


@wrong(NOISE, hint="Multiply it by the standard deviation")
def variance_for_standard_deviation(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Multiplies by the variance."""
    total = total_of(clip_all(updates, max_norm))
    return finish(total, draw_noise(total), (noise_multiplier * max_norm) ** 2, expected_clients)


@wrong(NOISE, hint="The clipping norm is missing")
def forgets_the_norm(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Takes the multiplier for the noise itself."""
    total = total_of(clip_all(updates, max_norm))
    return finish(total, draw_noise(total), noise_multiplier, expected_clients)


@wrong(NOISE, hint="The noise multiplier is missing")
def forgets_the_multiplier(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Makes the noise as large as the clipping norm."""
    total = total_of(clip_all(updates, max_norm))
    return finish(total, draw_noise(total), max_norm, expected_clients)


@wrong(NOISE, hint="The noise has standard deviation 1")
def noise_as_it_comes(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Adds the noise as it comes."""
    total = total_of(clip_all(updates, max_norm))
    return finish(total, draw_noise(total), 1.0, expected_clients)


@wrong(NOISE, hint="All numbers get the same noise")
def one_number_for_all(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Draws a single number."""
    total, noise = total_of(clip_all(updates, max_norm)), draw_noise(tf.zeros([]))
    return each(lambda t: (t + noise_multiplier * max_norm * noise) / expected_clients, total)


@wrong(NOISE, hint="The noisy mean is clipped")
def clips_the_outcome_as_well(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Clips once more, to be on the safe side."""
    total = total_of(clip_all(updates, max_norm))
    noisy = finish(total, draw_noise(total), noise_multiplier * max_norm, expected_clients)
    return clip_by_global_norm(noisy, max_norm)


@wrong(DIVIDES, hint="who came")
def divides_by_those_who_came(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Divides by the number of updates."""
    total = total_of(clip_all(updates, max_norm))
    return finish(total, draw_noise(total), noise_multiplier * max_norm, len(updates))


@wrong(DIVIDES, hint="Divide the noisy sum by `expected_clients`")
def noise_over_those_who_came(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Divides the sum by those expected, and the noise by those who came."""
    total = total_of(clip_all(updates, max_norm))
    stddev = noise_multiplier * max_norm / len(updates)
    return finish(each(lambda t: t / expected_clients, total), draw_noise(total), stddev, 1)


@wrong(CLIPS, hint="`updates` belongs to the caller")
def clips_in_place(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Puts the clipped updates into the list that it was given."""
    for place, update in enumerate(updates):
        updates[place] = clip_by_global_norm(update, max_norm)
    total = total_of(updates)
    return finish(total, draw_noise(total), noise_multiplier * max_norm, expected_clients)


@wrong(DIVIDES, hint="need not be whole")
def whole_clients(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Takes the expected number of clients for a whole one."""
    return in_numpy(updates, max_norm, noise_multiplier, int(expected_clients), draw_noise)


@wrong(CLIPS, hint="There is a `nan` in it")
def always_divides_by_the_norm(updates, max_norm, noise_multiplier, expected_clients, draw_noise):
    """Shortens by hand, and divides by the norm of zeros."""
    clipped = []
    for update in updates:
        norm = tf.linalg.global_norm(tf.nest.flatten(update))
        clipped.append(each(lambda t, n=norm: t / n * tf.minimum(n, max_norm), update))
    total = total_of(clipped)
    return finish(total, draw_noise(total), noise_multiplier * max_norm, expected_clients)
