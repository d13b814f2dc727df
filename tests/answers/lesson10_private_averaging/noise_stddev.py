"""Answers to `noise_stddev(noise_multiplier, max_norm, expected_clients)`."""

import collections

import numpy as np
from answers import right, wrong

SUM = "knows the noise on the sum"
MEAN = "knows the noise on the mean"


def both(on_sum, on_mean):
    return collections.OrderedDict(on_sum=on_sum, on_mean=on_mean)


@right
def from_the_mean_back(noise_multiplier, max_norm, expected_clients):
    """Begins with the mean, and multiplies."""
    on_mean = max_norm / expected_clients * noise_multiplier
    return {"on_mean": on_mean, "on_sum": on_mean * expected_clients}


@right
def by_variances(noise_multiplier, max_norm, expected_clients):
    """Goes through the variances, as a textbook would."""
    variance = (noise_multiplier * max_norm) ** 2
    return both(np.sqrt(variance), np.sqrt(variance / expected_clients**2))


@right
def in_numpy(noise_multiplier, max_norm, expected_clients):
    """Computes both at once in numpy."""
    on_sum, on_mean = np.array([1, 1 / expected_clients]) * max_norm * noise_multiplier
    return both(on_sum, on_mean)


@wrong(SUM, hint="Replace `raise NotImplementedError`")
def untouched(noise_multiplier, max_norm, expected_clients):
    """Has not begun."""
    raise NotImplementedError


@wrong(SUM, hint="the two fields `on_sum` and `on_mean`")
def only_one_number(noise_multiplier, max_norm, expected_clients):
    """Returns the noise on the mean alone."""
    return noise_multiplier * max_norm / expected_clients


@wrong(SUM, hint="the two fields `on_sum` and `on_mean`")
def a_pair(noise_multiplier, max_norm, expected_clients):
    """Returns a tuple without names."""
    return noise_multiplier * max_norm, noise_multiplier * max_norm / expected_clients


@wrong(SUM, hint="The function returned nothing")
def forgot_to_return(noise_multiplier, max_norm, expected_clients):
    """Works it out and keeps it."""
    both(noise_multiplier * max_norm, noise_multiplier * max_norm / expected_clients)


@wrong(SUM, hint="This is the variance")
def variances(noise_multiplier, max_norm, expected_clients):
    """Takes variances for standard deviations."""
    variance = (noise_multiplier * max_norm) ** 2
    return both(variance, variance / expected_clients**2)


@wrong(SUM, hint="a noise for each client")
def a_noise_for_each_client(noise_multiplier, max_norm, expected_clients):
    """Thinks that each client brings noise."""
    on_sum = noise_multiplier * max_norm * expected_clients**0.5
    return both(on_sum, on_sum / expected_clients)


@wrong(SUM, hint="grows with the number of clients")
def grows_with_the_crowd(noise_multiplier, max_norm, expected_clients):
    """Thinks that the noise must hide all clients together."""
    return both(noise_multiplier * max_norm * expected_clients, noise_multiplier * max_norm)


@wrong(SUM, hint="The clipping norm is missing")
def forgets_the_norm(noise_multiplier, max_norm, expected_clients):
    """Takes the multiplier for the noise itself."""
    return both(noise_multiplier, noise_multiplier / expected_clients)


@wrong(SUM, hint="This is the noise on the mean")
def swapped(noise_multiplier, max_norm, expected_clients):
    """Swaps the two."""
    return both(noise_multiplier * max_norm / expected_clients, noise_multiplier * max_norm)


@wrong(SUM, hint="You divide by the noise multiplier")
def divides_by_the_multiplier(noise_multiplier, max_norm, expected_clients):
    """Takes the multiplier for a divisor."""
    return both(max_norm / noise_multiplier, max_norm / noise_multiplier / expected_clients)


@wrong(MEAN, hint="The noise is not divided")
def not_divided(noise_multiplier, max_norm, expected_clients):
    """Thinks that the mean has the noise of the sum."""
    return both(noise_multiplier * max_norm, noise_multiplier * max_norm)


@wrong(MEAN, hint="You divide by the root")
def divided_by_the_root(noise_multiplier, max_norm, expected_clients):
    """Remembers that the noise of a mean falls with the root."""
    on_sum = noise_multiplier * max_norm
    return both(on_sum, on_sum / np.sqrt(expected_clients))


@wrong(MEAN, hint="A variance is divided here")
def variance_divided(noise_multiplier, max_norm, expected_clients):
    """Divides the variance."""
    on_sum = noise_multiplier * max_norm
    return both(on_sum, on_sum**2 / expected_clients)


@wrong(MEAN, hint="You divide twice")
def divided_twice(noise_multiplier, max_norm, expected_clients):
    """Divides by the square, as one does with variances."""
    on_sum = noise_multiplier * max_norm
    return both(on_sum, on_sum / expected_clients**2)


@wrong(MEAN, hint="You multiply where you should divide")
def multiplied(noise_multiplier, max_norm, expected_clients):
    """Goes the wrong way."""
    on_sum = noise_multiplier * max_norm
    return both(on_sum, on_sum * expected_clients)


@wrong(MEAN, hint="need not be whole")
def whole_clients(noise_multiplier, max_norm, expected_clients):
    """Takes the expected number of clients for a whole one."""
    on_sum = noise_multiplier * max_norm
    return both(on_sum, on_sum / int(expected_clients))


@wrong(SUM, hint="noise multiplier times the clipping norm")
def the_lessons_norm(noise_multiplier, max_norm, expected_clients):
    """Uses the notebook's clipping norm."""
    on_sum = noise_multiplier * 0.3
    return both(on_sum, on_sum / expected_clients)
