"""The check of `build_range`, lesson 5."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge, only_if
from fedgrader.checks.lesson05_computations import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, same
from fedgrader.guest.problem import Problem

harness = Harness("lesson05_computations.build_range")


@exercise(
    parts={
        N_("takes a reading from each client and returns a number at the server"): 1,
        N_("returns the highest reading minus the lowest"): 2,
        N_("merges what several clerks have gathered"): 1,
    },
    hints=(
        N_(
            "You are the server, and phones call in one after the other. Which two numbers do you keep on "
            "your notepad? And what is on it before the first call?"
        ),
        N_(
            "The notepad is an `OrderedDict` of `low` and `high`. It starts with infinity in `low` and minus "
            "infinity in `high`, so that any reading replaces both. `tf.minimum` and `tf.maximum` do the "
            "rest, in `accumulate` and in `merge`."
        ),
        N_(
            "`zero` returns `OrderedDict(low=np.float32(np.inf), high=np.float32(-np.inf))`. `accumulate` "
            'takes a notepad and a reading: `low=tf.minimum(so_far["low"], reading)`. `merge` takes two '
            'notepads: `low=tf.minimum(one["low"], other["low"])`. `report` subtracts. Then '
            "`tff.federated_aggregate(readings, zero(), accumulate, merge, report)`."
        ),
    ),
    why=N_(
        "Start, accumulate, merge, report: whatever can be put so can be computed over a million phones, by "
        "many clerks side by side, without anybody keeping the list of readings. Sum, mean, minimum and "
        "maximum are all of this form; so is the clipped and noisy mean of lesson 10."
    ),
)
def build_range(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    built = answer.ask(shared.harness.signature)
    called = "build_range()"
    pair = _("Both extremes arrive at the server. Subtract one from the other, in `report` or with a map.")
    problem = shared.signature_problem(
        called,
        built,
        [shared.READINGS],
        shared.NUMBER,
        (
            (f"({shared.READINGS} -> <low=float32,high=float32>@SERVER)", pair),
            (f"({shared.READINGS} -> <{shared.NUMBER},{shared.NUMBER}>)", pair),
        ),
    )
    yield N_("takes a reading from each client and returns a number at the server"), problem
    if problem:
        return
    places = _places(rng)
    got = answer.ask(shared.harness.runs, calls=[[place] for place in places])
    problems = [_range_problem(one, np.array(place), called) for one, place in zip(got, places, strict=True)]
    problem = next(filter(None, problems), None)
    yield N_("returns the highest reading minus the lowest"), problem
    if problem:
        return
    rest_first, rest_last = answer.ask(harness.runs_by_tree, places=places)
    problems = [
        _merge_problem(one, place, called)
        for tree in (rest_first, rest_last)
        for one, place in zip(tree, places, strict=True)
    ]
    yield N_("merges what several clerks have gathered"), next(filter(None, problems), None)


def _places(rng: np.random.Generator) -> list[list[float]]:
    """Around zero, in a frost, in a kiln; then of one phone, all alike, falling, rising, in a star."""

    def some(low: float, high: float) -> list[float]:
        return shared.temperatures(rng, int(rng.integers(4, 14)), low, high)

    inside = some(-9, 9)
    around = [inside[0], *shared.shuffled(rng, [*inside[1:-1], -9.53, 12.58]), inside[-1]]
    [one] = shared.temperatures(rng, 1, 10, 30)
    star = [float(reading) for reading in rng.integers(2_000_000, 16_000_000, 5)]
    rest = [[one], [-one] * 3, sorted(some(-20, 20))[::-1], sorted(some(40, 80)), star]
    return [around, some(-40, -5), some(1100, 1400), *rest]


def _range_problem(got, readings: np.ndarray, called: str) -> Problem | None:
    low, high = readings.min(), readings.max()
    starts_at_zero = _(
        "An extreme starts at 0, as if some phone had measured 0 degrees. In a frost, and in a kiln, nobody "
        "did. Start with infinity in `low` and minus infinity in `high`."
    )
    starts_too_near = _(
        "An extreme starts at a number that readings can pass. Start with infinity in `low` and minus "
        "infinity in `high`."
    )
    return judge(
        f"{called}({shared.shown(readings)})",
        got,
        float(high - low),
        _("Keep the lowest and the highest reading so far, and subtract the one from the other at the end."),
        (
            (low - high, _("The sign is wrong: the highest minus the lowest.")),
            # Above zero, an extreme that starts at 0 gives the highest reading, too; only that is new there.
            *only_if(low <= 0, high, _("This is the highest reading. Subtract the lowest.")),
            (low, _("This is the lowest reading. Subtract it from the highest.")),
            (high + low, _("You add the two extremes. Subtract the lowest from the highest.")),
            (max(high, 0) - min(low, 0), starts_at_zero),
            (high - readings.mean(), _("You subtract the mean. Subtract the lowest reading.")),
            *(
                (max(high, -far) - min(low, far), starts_too_near)
                for far in (99, 100, 999, 1e3, 9999, 1e4, 1e5, 1e6)
            ),
            (readings.sum(), _("These are all readings, added up. Look for the extremes.")),
            (readings[-1] - readings[0], _("You compare the first and the last. Look at all readings.")),
            (
                -np.inf,
                _(
                    "An extreme stayed where it started. Is `low` kept with `tf.minimum`, and `high` with "
                    "`tf.maximum`?"
                ),
            ),
            (
                np.inf,
                _(
                    "An extreme starts beyond all readings, on the wrong side. Start with infinity in `low` "
                    "and minus infinity in `high`."
                ),
            ),
        ),
    )


def _merge_problem(got, readings: list[float], called: str) -> Problem | None:
    """What is wrong with the range where every reading is gathered by a clerk of its own."""
    want = max(readings) - min(readings)
    if same(got, want):
        return None
    return Problem(
        called=_("{call}, with a clerk for each reading").format(call=f"{called}({shared.shown(readings)})"),
        got=describe(got),
        expected=describe(want),
        hint=_(
            "`accumulate` is right, `merge` forgets something. It takes the notepads of two clerks, and "
            "must keep the lower of the two `low` and the higher of the two `high`."
        ),
    )
