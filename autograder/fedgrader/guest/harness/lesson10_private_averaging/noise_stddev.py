"""What runs beside an answer to `noise_stddev`, lesson 10."""


def noise_stddev(answer, calls):
    """What the answer returns for each call: a noise multiplier, a norm and a number of clients."""
    return [answer(*call) for call in calls]
