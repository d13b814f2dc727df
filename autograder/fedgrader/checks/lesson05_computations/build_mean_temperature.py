"""The check of `build_mean_temperature`, lesson 5."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson05_computations import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.problem import Problem


@exercise(
    parts={
        N_("takes a sequence of readings from each client and returns a number at the server"): 1,
        N_("gives every reading the same say, whoever took it"): 2,
        N_("works when a client has no reading"): 1,
    },
    hints=(
        N_(
            "One phone measured once, another a hundred times. Which two numbers must each of them send, so "
            "that the server can work out the mean of all readings?"
        ),
        N_(
            "On the phone: `readings.reduce(0.0, lambda total, reading: total + reading)` is the total; with "
            "`total + 1.0` it is the count. At the server: `tff.federated_sum` of both, and one division in "
            "a `@tff.tensorflow.computation`."
        ),
        N_(
            "`local = tff.federated_map(total_and_count, readings)`, where `total_and_count` returns an "
            "`OrderedDict(total=…, count=…)`; `sums = tff.federated_sum(local)`; `return "
            "tff.federated_map(divide, (sums.total, sums.count))`."
        ),
    ),
    why=N_(
        "A mean of means asks each phone for one opinion; a sum divided by a sum asks each reading. Totals "
        "and counts can be added in any order and by anyone, and a phone with nothing to say adds zero to "
        "both. In lesson 6 the readings become images and the mean becomes a model's weights."
    ),
)
def build_mean_temperature(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    built = answer.ask(shared.harness.signature)
    called = "build_mean_temperature()"
    problem = shared.signature_problem(
        called,
        built,
        [shared.SEQUENCES],
        shared.NUMBER,
        (
            (
                f"({shared.READINGS} -> {shared.NUMBER})",
                _(
                    "Each client has a whole sequence of readings, not one: "
                    "`tff.SequenceType(np.float32)`, the star in `float32*`."
                ),
            ),
            (
                f"({shared.SEQUENCES} -> <{shared.NUMBER},{shared.NUMBER}>)",
                _("Two numbers arrive at the server. Divide one by the other."),
            ),
            (
                f"({shared.SEQUENCES} -> <total=float32,count=float32>@SERVER)",
                _("Two numbers arrive at the server. Divide one by the other."),
            ),
        ),
    )
    yield N_("takes a sequence of readings from each client and returns a number at the server"), problem
    if problem:
        return
    days = [_day(rng), _frosty_day(rng)]
    got = answer.ask(shared.harness.runs, calls=[[day] for day in days])
    problems = [_every_reading_problem(one, day, called) for one, day in zip(got, days, strict=True)]
    yield N_("gives every reading the same say, whoever took it"), next(filter(None, problems), None)
    days = [[*days[0], []], [[], *days[1][:2], [], *days[1][2:], []]]
    got = answer.ask(shared.harness.runs, calls=[[day] for day in days])
    problems = [_no_reading_problem(one, day, called) for one, day in zip(got, days, strict=True)]
    yield N_("works when a client has no reading"), next(filter(None, problems), None)


def _day(rng: np.random.Generator) -> list[list[float]]:
    """The readings of three to five phones: of one, a single cool one; of another, many hot ones.

    Their number is not that of degrees in their mean without its fraction.
    """
    while True:
        many = (int(size) for size in rng.choice(np.arange(2, 9), int(rng.integers(1, 4)), replace=False))
        sizes = [(1, 10), (int(rng.integers(11, 45)), 30), *((size, 20) for size in many)]
        day = [
            shared.temperatures(rng, size, low, low + 9)
            for size, low in (sizes[i] for i in rng.permutation(len(sizes)))
        ]
        readings = np.concatenate(day)
        if int(readings.mean()) != len(readings):
            return day


def _frosty_day(rng: np.random.Generator) -> list[list[float]]:
    """Mostly below zero; one phone measures the same twice, one around zero, and one zero itself."""
    cold = shared.temperatures(rng, int(rng.integers(41, 60)), -40, -10)
    [warm] = shared.temperatures(rng, 1, 1, 20)
    days = [cold, [cold[0], cold[0], cold[1]], [warm, -warm], [0.0], shared.temperatures(rng, 2, 3, 9)]
    return [days[i] for i in rng.permutation(len(days))]


def _every_reading_problem(got, clients: list[list[float]], called: str) -> Problem | None:
    sizes = np.array([len(client) for client in clients])
    totals = np.array([sum(client) for client in clients])
    mean, means = totals.sum() / sizes.sum(), totals / sizes
    floored = _("The fractions are lost. Keep the numbers in float32, and divide with `/`.")
    return judge(
        f"{called}([{', '.join(shared.shown(client) for client in clients)}])",
        got,
        float(mean),
        _("Add up all readings of all clients, add up how many there are, and divide once."),
        (
            (
                means.mean(),
                _(
                    "This is the mean of the clients' means: a phone with one reading counts as much as "
                    "one with many."
                ),
            ),
            (totals.sum(), _("This is the total of all readings. Divide by how many there are.")),
            (float(sizes.sum()), _("This is how many readings there are. What is their mean?")),
            (totals.mean(), _("You divide by the number of clients. Divide by the number of readings.")),
            (means.sum(), _("These are the clients' means, added up. Divide once, at the server.")),
            (
                sizes @ totals / sizes.sum(),
                _(
                    "You average the clients' totals, weighted by their counts, so the counts come in twice. "
                    "A weighted mean takes the clients' means; sums take the totals."
                ),
            ),
            (
                totals @ means / totals.sum(),
                _("The weight is the total of a client's readings. It must be how many they are."),
            ),
            (sizes.sum() / totals.sum(), _("The division is upside down.")),
            (np.floor(mean), floored),
            (sizes @ np.floor(means) / sizes.sum(), floored),
            (
                np.mean([client[0] for client in clients]),
                _("Only each client's first reading was used. `reduce` goes through them all."),
            ),
            (
                np.mean([client[-1] for client in clients]),
                _("Only each client's last reading was used: add each reading to what came before."),
            ),
        ),
    )


def _no_reading_problem(got, clients: list[list[float]], called: str) -> Problem | None:
    total, count = sum(sum(client) for client in clients), sum(len(client) for client in clients)
    silent = sum(not client for client in clients)
    not_a_number = _(
        "A phone without readings divided 0 by 0, which is no number (nan), and nan spoils every sum that it "
        "meets, even with weight 0. Divide once, at the server; or use `tf.math.divide_no_nan` at the phones."
    )
    return judge(
        f"{called}([{', '.join(shared.shown(client) for client in clients)}])",
        got,
        total / count,
        not_a_number
        if maths.is_nan(got)
        else _(
            "A client without readings must not change the mean: it adds 0 to the total and 0 to the count."
        ),
        (
            (
                total / (count + silent),
                _("The phone without readings counts as if it had measured 0 degrees. Its count is 0."),
            ),
        ),
    )
