"""What the checks of lesson 10 share."""

from functools import cache

import dp_accounting
import numpy as np

from fedcourse.i18n import _
from fedgrader.checks import maths
from fedgrader.checks.maths import Weights


def total(updates: list[Weights]) -> Weights:
    return maths.each(lambda *tensors: sum(tensors), *updates)


def unless_nothing(got, hint: str) -> str:
    """`hint`, or, where nothing was returned, the hint that says so."""
    if got is None:
        return _("The function returned nothing. End it with `return` and the result.")
    return hint


def whole_number() -> str:
    return _("The expected number of clients is an average and need not be whole. Divide by it as it is.")


def small_delta(rng: np.random.Generator) -> float:
    """A delta of two digits, well below or well above one in a hundred thousand."""
    low, high = ((-7.0, -5.5), (-4.5, -3.0))[rng.integers(2)]
    return float(f"{10 ** rng.uniform(low, high):.1e}")


@cache
def spent(multiplier: float, probability: float, rounds: int, delta: float) -> float:
    """The epsilon of so many rounds, with clients drawn afresh in each."""
    one_round = dp_accounting.PoissonSampledDpEvent(probability, dp_accounting.GaussianDpEvent(multiplier))
    return _of_event(dp_accounting.SelfComposedDpEvent(one_round, rounds), delta)


@cache
def spent_drawn_once(multiplier: float, probability: float, rounds: int, delta: float) -> float:
    """The epsilon of so many rounds, with the same clients in all of them."""
    all_rounds = dp_accounting.SelfComposedDpEvent(dp_accounting.GaussianDpEvent(multiplier), rounds)
    return _of_event(dp_accounting.PoissonSampledDpEvent(probability, all_rounds), delta)


def _of_event(event: dp_accounting.DpEvent, delta: float) -> float:
    return dp_accounting.rdp.RdpAccountant().compose(event).get_epsilon(delta)
