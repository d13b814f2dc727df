"""Answers to `epsilon_spent(noise_multiplier, sampling_probability, num_rounds, delta)`."""

import math

import dp_accounting
from answers import right, wrong
from dp_accounting import GaussianDpEvent, PoissonSampledDpEvent, SelfComposedDpEvent

ONE = "knows what one noisy sum gives away"
ROUNDS = "adds up the rounds as the accountant does"
DRAWN = "counts in that clients are drawn"


def spent(event, delta):
    return dp_accounting.rdp.RdpAccountant().compose(event).get_epsilon(delta)


@right
def composes_in_a_loop(noise_multiplier, sampling_probability, num_rounds, delta):
    """Tells the accountant of one round after the other."""
    accountant = dp_accounting.rdp.RdpAccountant()
    one_round = PoissonSampledDpEvent(sampling_probability, GaussianDpEvent(noise_multiplier))
    for _ in range(num_rounds):
        accountant.compose(one_round)
    return accountant.get_epsilon(delta)


@right
def composes_with_a_count(noise_multiplier, sampling_probability, num_rounds, delta):
    """Uses the count of `compose`."""
    accountant = dp_accounting.rdp.RdpAccountant()
    event = PoissonSampledDpEvent(sampling_probability, GaussianDpEvent(noise_multiplier))
    accountant.compose(event, num_rounds)
    epsilon, _order = accountant.get_epsilon_and_optimal_order(delta)
    return epsilon


@right
def a_list_of_rounds(noise_multiplier, sampling_probability, num_rounds, delta):
    """Composes a list of events."""
    one_round = PoissonSampledDpEvent(sampling_probability, GaussianDpEvent(noise_multiplier))
    return spent(dp_accounting.ComposedDpEvent([one_round] * num_rounds), delta)


@wrong(ONE, hint="Replace `raise NotImplementedError`")
def untouched(noise_multiplier, sampling_probability, num_rounds, delta):
    """Has not begun."""
    raise NotImplementedError


@wrong(ONE, hint="The function returned nothing")
def forgot_to_return(noise_multiplier, sampling_probability, num_rounds, delta):
    """Works it out and keeps it."""
    composes_with_a_count(noise_multiplier, sampling_probability, num_rounds, delta)


@wrong(ONE, hint="The event gets the variance")
def variance_for_standard_deviation(noise_multiplier, sampling_probability, num_rounds, delta):
    """Gives the event the variance."""
    return composes_with_a_count(noise_multiplier**2, sampling_probability, num_rounds, delta)


@wrong(ONE, hint="one number")
def a_pair(noise_multiplier, sampling_probability, num_rounds, delta):
    """Returns epsilon and delta."""
    return composes_with_a_count(noise_multiplier, sampling_probability, num_rounds, delta), delta


@wrong(ONE, hint="Nothing was composed")
def never_composes(noise_multiplier, sampling_probability, num_rounds, delta):
    """Makes the event and forgets to tell the accountant."""
    SelfComposedDpEvent(
        PoissonSampledDpEvent(sampling_probability, GaussianDpEvent(noise_multiplier)), num_rounds
    )
    return dp_accounting.rdp.RdpAccountant().get_epsilon(delta)


@wrong(ONE, hint="This is the old rule")
def the_old_formula(noise_multiplier, sampling_probability, num_rounds, delta):
    """Uses the formula of a textbook."""
    return math.sqrt(2 * math.log(1.25 / delta)) / noise_multiplier


@wrong(ROUNDS, hint="Only one round is counted")
def one_round_only(noise_multiplier, sampling_probability, num_rounds, delta):
    """Forgets the rounds."""
    return spent(PoissonSampledDpEvent(sampling_probability, GaussianDpEvent(noise_multiplier)), delta)


@wrong(ROUNDS, hint="The epsilons of the rounds are added up")
def adds_up_epsilons(noise_multiplier, sampling_probability, num_rounds, delta):
    """Multiplies the epsilon of a round by the number of rounds."""
    one_round = PoissonSampledDpEvent(sampling_probability, GaussianDpEvent(noise_multiplier))
    return num_rounds * spent(one_round, delta)


@wrong(ROUNDS, hint="You multiply by the root")
def root_of_the_rounds(noise_multiplier, sampling_probability, num_rounds, delta):
    """Multiplies the epsilon of a round by the root of the number of rounds."""
    one_round = PoissonSampledDpEvent(sampling_probability, GaussianDpEvent(noise_multiplier))
    return math.sqrt(num_rounds) * spent(one_round, delta)


@wrong(DRAWN, hint="The drawing is forgotten")
def forgets_sampling(noise_multiplier, sampling_probability, num_rounds, delta):
    """Forgets that not everybody takes part."""
    return spent(SelfComposedDpEvent(GaussianDpEvent(noise_multiplier), num_rounds), delta)


@wrong(DRAWN, hint="drawn once, for all rounds")
def sampled_once(noise_multiplier, sampling_probability, num_rounds, delta):
    """Puts the sampling around the repeating."""
    all_rounds = SelfComposedDpEvent(GaussianDpEvent(noise_multiplier), num_rounds)
    return spent(PoissonSampledDpEvent(sampling_probability, all_rounds), delta)


@wrong(DRAWN, hint="Epsilon is multiplied by the probability")
def multiplies_by_the_probability(noise_multiplier, sampling_probability, num_rounds, delta):
    """Thinks that half the clients means half the epsilon."""
    return sampling_probability * forgets_sampling(noise_multiplier, 1.0, num_rounds, delta)


@wrong(DRAWN, hint="in which a client takes part on average")
def counts_rounds_on_average(noise_multiplier, sampling_probability, num_rounds, delta):
    """Counts only the rounds in which a client takes part on average."""
    rounds = max(1, round(sampling_probability * num_rounds))
    return spent(SelfComposedDpEvent(GaussianDpEvent(noise_multiplier), rounds), delta)


@wrong(ONE, hint="This is epsilon for a delta of 1e-05")
def a_delta_of_its_own(noise_multiplier, sampling_probability, num_rounds, delta):
    """Ignores delta."""
    return composes_with_a_count(noise_multiplier, sampling_probability, num_rounds, 1e-5)
