"""What the checks of lesson 10 share."""

import dp_accounting

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


DELTA = 1e-5


def spent(multiplier: float, probability: float, rounds: int) -> float:
    one_round = dp_accounting.PoissonSampledDpEvent(probability, dp_accounting.GaussianDpEvent(multiplier))
    return of_event(dp_accounting.SelfComposedDpEvent(one_round, rounds))


def of_event(event: dp_accounting.DpEvent) -> float:
    return dp_accounting.rdp.RdpAccountant().compose(event).get_epsilon(DELTA)
