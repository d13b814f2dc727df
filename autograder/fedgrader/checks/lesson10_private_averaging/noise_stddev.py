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
    calls, no_noise = _calls(rng)
    problems = _problems(answer, calls)
    if not any(problems.values()):  # an answer that divides by the noise is told so above, not by its error
        problems = _problems(answer, [no_noise])
    yield from problems.items()


def _problems(answer: AnswerHandle, calls: list[list[float]]) -> dict[str, Problem | None]:
    """The first problem of each part in these calls; of the first part alone, where the form is wrong."""
    asked = list(zip(calls, answer.ask(harness.noise_stddev, calls=calls), strict=True))
    judges = {
        N_("knows the noise on the sum"): _sum_problem,
        N_("knows the noise on the mean"): _mean_problem,
    }
    if form := next(filter(None, (_form_problem(call, got) for call, got in asked)), None):
        return {next(iter(judges)): form}
    return {
        part: next(filter(None, (judged(call, got) for call, got in asked)), None)
        for part, judged in judges.items()
    }


def _calls(rng: np.random.Generator) -> tuple[list[list[float]], list[float]]:
    """Multipliers, norms and numbers of clients, small, large and not whole; and a call without noise."""
    multiplier, norm = round(float(rng.uniform(1.3, 1.8)), 2), round(float(rng.uniform(0.3, 0.5)), 2)
    clients = int(rng.integers(20, 40)) + 0.7  # an expected number need not be whole
    small = [round(float(x), 3) for x in rng.uniform(0.1, 0.9, 2)]
    large = [round(float(x), 1) for x in rng.uniform(2, 9, 2)]
    calls = [
        [multiplier, norm, clients],
        [small[0], large[0], int(rng.integers(2, 9))],
        [large[1], small[1], 1],
    ]
    return calls, [0, norm, clients]


def _called(call: list[float]) -> str:
    return _(
        "noise_stddev(noise_multiplier={multiplier}, max_norm={norm}, expected_clients={clients})"
    ).format(multiplier=call[0], norm=call[1], clients=call[2])


def _form_problem(call: list[float], got) -> Problem | None:
    fields = {"on_sum", "on_mean"}
    if isinstance(got, dict) and set(got) == fields and {*map(shape_of, got.values())} == {()}:
        return None
    multiplier, norm, clients = call
    wanted = {"on_sum": multiplier * norm, "on_mean": multiplier * norm / clients}
    hint = _("Return an `OrderedDict` with the two fields `on_sum` and `on_mean`, one number each.")
    return Problem(
        called=_called(call),
        got=describe(got),
        expected=describe(wanted),
        hint=shared.unless_nothing(got, hint),
    )


def _sum_problem(call: list[float], got: dict) -> Problem | None:
    multiplier, norm, _clients = call
    return judge(
        _called(call),
        {"on_sum": got["on_sum"]},
        {"on_sum": multiplier * norm},
        _("The noise on the sum is the noise multiplier times the clipping norm."),
        _sum_mistakes(*call) if _tells_apart(call) else (),
    )


def _mean_problem(call: list[float], got: dict) -> Problem | None:
    multiplier, norm, clients = call
    return judge(
        _called(call),
        {"on_mean": got["on_mean"]},
        {"on_mean": multiplier * norm / clients},
        _("The mean is the sum divided by the number of clients, and its noise with it."),
        _mean_mistakes(*call) if _tells_apart(call) else (),
    )


def _tells_apart(call: list[float]) -> bool:
    """Whether no two mistakes give the same: there are many clients, and there is noise."""
    return call[2] > 10 and call[0] > 0


def _sum_mistakes(multiplier: float, norm: float, clients: float) -> tuple:
    on_sum = multiplier * norm
    by_root = _(
        "You multiply by the root of the number of clients. That is the sum of a noise for each client; here "
        "there is one noise, whoever takes part."
    )
    return _field(
        "on_sum",
        (on_sum**2, _("This is the variance. The standard deviation is its root.")),
        (np.sqrt(on_sum), _("You take a root too many: this is already a standard deviation.")),
        (on_sum / clients, _("This is the noise on the mean. On the sum, nothing is divided.")),
        (on_sum * clients, _grows_with_crowd()),
        (on_sum * np.sqrt(clients), by_root),
        (multiplier, _("The clipping norm is missing: the multiplier counts in units of it.")),
        (norm, _("The noise multiplier is missing.")),
        (norm / multiplier, _("You divide by the noise multiplier. More of it is more noise.")),
        (multiplier / norm, _("You divide by the clipping norm. Whoever may shout louder needs more.")),
    )


def _mean_mistakes(multiplier: float, norm: float, clients: float) -> tuple:
    on_sum = multiplier * norm
    return _field(
        "on_mean",
        (on_sum, _("The noise is not divided. Whoever divides the sum divides the noise in it, too.")),
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
        (on_sum**2 / clients**2, _("This is the variance. The standard deviation is its root.")),
        (on_sum / clients**2, _("You divide twice. Once is enough: this is no variance.")),
        (on_sum * clients, _("You multiply where you should divide.")),
        (multiplier / clients, _("The clipping norm is missing: the multiplier counts in units of it.")),
        (
            on_sum // clients,
            _("`//` throws the fraction away. Divide with `/`."),
        ),
        (on_sum / int(clients), shared.whole_number()),
        (on_sum / round(clients), shared.whole_number()),
    )


def _field(name: str, *mistakes: tuple[float, str]) -> tuple:
    return tuple(({name: value}, hint) for value, hint in mistakes)


def _grows_with_crowd() -> str:
    return _(
        "The noise grows with the number of clients. It need only hide one of them, and one changes the sum "
        "by `max_norm` at most."
    )
