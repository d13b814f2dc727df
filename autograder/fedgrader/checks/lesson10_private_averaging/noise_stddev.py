"""The check of `noise_stddev`, lesson 10."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks.lesson10_private_averaging import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, shape_of
from fedgrader.guest.problem import Problem

harness = Harness("lesson10_private_averaging.noise_stddev")


@exercise(
    parts={N_("knows the noise on the sum"): 1, N_("knows the noise on the mean"): 2},
    hints=(
        N_(
            "What can one client change in the sum, at most? The noise is that, times the noise multiplier. "
            "It must not depend on how many others there are."
        ),
        N_(
            "The mean is the sum divided by a number. What happens to the standard deviation of a random "
            "number when you divide it by 10?"
        ),
        N_(
            "`on_sum = noise_multiplier * max_norm`, and `on_mean = on_sum / expected_clients`. Return both "
            "in an `OrderedDict`."
        ),
    ),
    why=N_(
        "The noise on the sum hides one client, so it is as large as one client, and does not grow with the "
        "crowd. The mean divides it by the crowd. That is the one good deal of the whole lesson: more "
        "people, less noise for each number, and the same promise to everybody."
    ),
)
def noise_stddev(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    multiplier, norm = round(float(rng.uniform(1.3, 1.8)), 2), round(float(rng.uniform(0.3, 0.5)), 2)
    clients = int(rng.integers(20, 40))
    got = answer.ask(
        harness.noise_stddev, noise_multiplier=multiplier, max_norm=norm, expected_clients=clients
    )
    called = _("noise_stddev(noise_multiplier={multiplier}, max_norm={norm}, expected_clients={clients})")
    called = called.format(multiplier=multiplier, norm=norm, clients=clients)
    on_sum = multiplier * norm
    wanted = {"on_sum": on_sum, "on_mean": on_sum / clients}
    if not (isinstance(got, dict) and set(got) == set(wanted) and {*map(shape_of, got.values())} == {()}):
        hint = _("Return an `OrderedDict` with the two fields `on_sum` and `on_mean`, one number each.")
        problem = Problem(
            called=called, got=describe(got), expected=describe(wanted), hint=shared.unless_nothing(got, hint)
        )
        yield N_("knows the noise on the sum"), problem
        return
    by_root = _(
        "You multiply by the root of the number of clients. That is the sum of a noise for each client; here "
        "there is one noise, whoever takes part."
    )
    yield (
        N_("knows the noise on the sum"),
        judge(
            called,
            {"on_sum": got["on_sum"]},
            {"on_sum": on_sum},
            _("The noise on the sum is the noise multiplier times the clipping norm."),
            _field(
                "on_sum",
                (on_sum**2, _("This is the variance. The standard deviation is its root.")),
                (np.sqrt(on_sum), _("You take a root too many: this is already a standard deviation.")),
                (on_sum / clients, _("This is the noise on the mean. On the sum, nothing is divided.")),
                (on_sum * clients, _grows_with_crowd()),
                (on_sum * np.sqrt(clients), by_root),
                (multiplier, _("The clipping norm is missing: the multiplier counts in units of it.")),
                (norm, _("The noise multiplier is missing.")),
                (norm / multiplier, _("You divide by the noise multiplier. More of it is more noise.")),
                (
                    multiplier / norm,
                    _("You divide by the clipping norm. Whoever may shout louder needs more."),
                ),
            ),
        ),
    )
    yield (
        N_("knows the noise on the mean"),
        judge(
            called,
            {"on_mean": got["on_mean"]},
            {"on_mean": on_sum / clients},
            _("The mean is the sum divided by the number of clients, and its noise with it."),
            _field(
                "on_mean",
                (
                    on_sum,
                    _("The noise is not divided. Whoever divides the sum divides the noise in it, too."),
                ),
                (
                    on_sum / np.sqrt(clients),
                    _(
                        "You divide by the root. That is right for the mean of many noises; this is one "
                        "noise, divided by a number."
                    ),
                ),
                (
                    on_sum**2 / clients,
                    _("A variance is divided here. Divide the standard deviation, by the same number."),
                ),
                (
                    on_sum**2 / clients**2,
                    _("This is the variance. The standard deviation is its root."),
                ),
                (on_sum / clients**2, _("You divide twice. Once is enough: this is no variance.")),
                (on_sum * clients, _("You multiply where you should divide.")),
                (
                    multiplier / clients,
                    _("The clipping norm is missing: the multiplier counts in units of it."),
                ),
            ),
        ),
    )


def _field(name: str, *mistakes: tuple[float, str]) -> tuple:
    return tuple(({name: value}, hint) for value, hint in mistakes)


def _grows_with_crowd() -> str:
    return _(
        "The noise grows with the number of clients. It need only hide one of them, and one changes the sum "
        "by `max_norm` at most."
    )
