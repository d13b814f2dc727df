"""Answers to `smallest_noise(epsilon, delta, sampling_probability, num_rounds)`."""

import math

import dp_accounting
from answers import right, wrong
from scipy import optimize

from solutions.lesson10_private_averaging import epsilon_spent
from solutions.lesson10_private_averaging import smallest_noise as reference

KEEPS = "keeps the budget"
NO_MORE = "adds no more noise than it must"


@right
def calibrates(epsilon, delta, sampling_probability, num_rounds):
    """Lets the library search."""

    def all_rounds(noise_multiplier):
        one_round = dp_accounting.PoissonSampledDpEvent(
            sampling_probability, dp_accounting.GaussianDpEvent(noise_multiplier)
        )
        return dp_accounting.SelfComposedDpEvent(one_round, num_rounds)

    return dp_accounting.calibrate_dp_mechanism(
        dp_accounting.rdp.RdpAccountant,
        all_rounds,
        epsilon,
        delta,
        dp_accounting.LowerEndpointAndGuess(0.1, 1.0),
        tol=1e-3,
    )


@right
def by_halves(epsilon, delta, sampling_probability, num_rounds):
    """Takes the middle as it is, and a fixed number of steps."""
    low, high = 0.1, 100.0
    for _ in range(17):
        middle = (low + high) / 2
        if epsilon_spent(middle, sampling_probability, num_rounds, delta) <= epsilon:
            high = middle
        else:
            low = middle
    return high


@right
def in_smaller_and_smaller_steps(epsilon, delta, sampling_probability, num_rounds):
    """Walks up, in steps of one, of a tenth, of a hundredth and of a thousandth."""
    noise = 0.1
    for step in (1.0, 0.1, 0.01, 0.002):
        while epsilon_spent(noise + step, sampling_probability, num_rounds, delta) > epsilon:
            noise += step
    return noise + step


@right
def a_root(epsilon, delta, sampling_probability, num_rounds):
    """Lets scipy find the place where the budget is just spent."""
    return optimize.brentq(
        lambda noise: epsilon_spent(noise, sampling_probability, num_rounds, delta) - epsilon,
        0.1,
        100.0,
        xtol=1e-5,
    )


@wrong(KEEPS, hint="Replace `raise NotImplementedError`")
def untouched(epsilon, delta, sampling_probability, num_rounds):
    """Has not begun."""
    raise NotImplementedError


@wrong(KEEPS, hint="one number")
def both_ends(epsilon, delta, sampling_probability, num_rounds):
    """Returns the whole bracket."""
    enough = reference(epsilon, delta, sampling_probability, num_rounds)
    return 0.99 * enough, enough


@wrong(KEEPS, hint="Just too little")
def the_wrong_end(epsilon, delta, sampling_probability, num_rounds):
    """Returns the end of the bracket that does not keep the budget."""
    too_small, enough = 0.1, 100.0
    while enough > 1.005 * too_small:
        middle = (too_small * enough) ** 0.5
        if epsilon_spent(middle, sampling_probability, num_rounds, delta) > epsilon:
            too_small = middle
        else:
            enough = middle
    return too_small


@wrong(KEEPS, hint="This keeps the budget for one round")
def budget_of_one_round(epsilon, delta, sampling_probability, num_rounds):
    """Forgets the rounds."""
    return reference(epsilon, delta, sampling_probability, 1)


@wrong(KEEPS, hint="You take a root too many")
def a_root_too_many(epsilon, delta, sampling_probability, num_rounds):
    """Takes the multiplier for a variance."""
    return math.sqrt(reference(epsilon, delta, sampling_probability, num_rounds))


@wrong(KEEPS, hint="The budget is overdrawn")
def by_rule_of_thumb(epsilon, delta, sampling_probability, num_rounds):
    """Thinks that a little noise will do."""
    return 0.7


@wrong(NO_MORE, hint="The drawing of clients is forgotten")
def forgets_sampling(epsilon, delta, sampling_probability, num_rounds):
    """Counts as if everybody took part in every round."""
    return reference(epsilon, delta, 1.0, num_rounds)


@wrong(NO_MORE, hint="cut into equal pieces")
def a_piece_a_round(epsilon, delta, sampling_probability, num_rounds):
    """Gives each round an equal piece of the budget."""
    return reference(epsilon / num_rounds, delta, sampling_probability, 1)


@wrong(NO_MORE, hint="This is the variance")
def the_variance(epsilon, delta, sampling_probability, num_rounds):
    """Returns the variance."""
    return reference(epsilon, delta, sampling_probability, num_rounds) ** 2


@wrong(NO_MORE, hint="less noise would do as well")
def whole_numbers(epsilon, delta, sampling_probability, num_rounds):
    """Tries whole numbers only."""
    noise = 1
    while epsilon_spent(noise, sampling_probability, num_rounds, delta) > epsilon:
        noise += 1
    return noise


@wrong(NO_MORE, hint="This is the old rule")
def the_old_formula(epsilon, delta, sampling_probability, num_rounds):
    """Uses the formula of a textbook."""
    return math.sqrt(2 * math.log(1.25 / delta)) / epsilon


@wrong(NO_MORE, hint="from 0.1 to 100")
def a_fixed_difference(epsilon, delta, sampling_probability, num_rounds):
    """Stops when the ends are a hundredth apart, and begins at 1, far above what little noise would do."""
    low, high = 1.0, 100.0
    while high - low > 0.01:
        middle = (low + high) / 2
        if epsilon_spent(middle, sampling_probability, num_rounds, delta) > epsilon:
            low = middle
        else:
            high = middle
    return high


@wrong(KEEPS, hint="from 0.1 to 100")
def up_to_ten(epsilon, delta, sampling_probability, num_rounds):
    """Does not look beyond 10."""
    low, high = 0.1, 10.0
    for _ in range(16):
        middle = (low + high) / 2
        if epsilon_spent(middle, sampling_probability, num_rounds, delta) > epsilon:
            low = middle
        else:
            high = middle
    return high


@wrong(KEEPS, hint="Look everywhere from 0.1 to 100")
def looks_up_to_fifty(epsilon, delta, sampling_probability, num_rounds):
    """Thinks that nobody needs more noise than that."""
    return min(50.0, by_halves(epsilon, delta, sampling_probability, num_rounds))
