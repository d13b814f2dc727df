"""What runs beside an answer to `epsilon_spent`, lesson 10."""


def epsilon_spent(answer, runs, delta):
    """What the answer returns for each run: a noise multiplier, a probability and a number of rounds."""
    return [answer(*run, delta) for run in runs]
