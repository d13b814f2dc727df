"""What runs beside an answer to `smallest_noise`, lesson 10."""


def smallest_noise(answer, epsilon, delta, sampling_probability, num_rounds):
    """What the answer returns."""
    return answer(epsilon, delta, sampling_probability, num_rounds)
