"""What runs beside an answer to `noise_stddev`, lesson 10."""


def noise_stddev(answer, noise_multiplier, max_norm, expected_clients):
    """What the answer returns."""
    return answer(noise_multiplier, max_norm, expected_clients)
