"""What runs beside an answer to `sample_clients`, lesson 1."""

import numpy as np


def sample_clients(answer, client_ids, num_clients, rounds, seed):
    """The answer's choice for each round, and the list of ids as the answer left it."""
    choices = [answer(client_ids, num_clients, round_num, seed) for round_num in rounds]
    return {"choices": [_ids(choice) for choice in choices], "client_ids": client_ids}


def _ids(choice):
    return (
        [str(item) for item in choice]
        if isinstance(choice, list | tuple | np.ndarray)
        else type(choice).__name__
    )
