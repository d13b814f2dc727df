"""What runs beside an answer to `sample_clients`, lesson 10."""

import numpy as np


def sample_clients(answer, client_ids, probability, seeds):
    """What the answer returns with a generator for each of the seeds."""
    return [answer(list(client_ids), probability, np.random.default_rng(seed)) for seed in seeds]
