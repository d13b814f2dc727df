"""What runs beside an answer to `sample_clients`, lesson 10."""

import numpy as np


def sample_clients(answer, client_ids, probability, seeds):
    """What the answer returns with a generator for each of the seeds, and again with generators like these.

    Also tells whether it has left the ids alone.
    """
    given = list(client_ids)

    def chosen():
        return [answer(given, probability, np.random.default_rng(seed)) for seed in seeds]

    return {"chosen": chosen(), "again": chosen(), "left_alone": given == client_ids}
