"""The check of `build_add_half`, lesson 5."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Step, exercise, judge
from fedgrader.checks.lesson05_computations import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.problem import Problem


@exercise(
    parts={
        N_("takes a reading from each client and leaves the result there"): 1,
        N_("adds half a degree to each reading"): 2,
    },
    hints=(
        N_(
            "You need two computations, one in the other's service. Which one does arithmetic, and which one"
            " says where?"
        ),
        N_(
            "The inner one is a `@tff.tensorflow.computation(np.float32)` that returns `reading + 0.5`. The "
            "outer one is a `@tff.federated_computation` of a federated type, and calls "
            "`tff.federated_map`."
        ),
        N_(
            "Above the outer function: `@tff.federated_computation(tff.FederatedType(np.float32, "
            "tff.CLIENTS))`. In it: `return tff.federated_map(add_half_to_one, readings)`. And at the very "
            "end, return the outer function's name."
        ),
    ),
    why=N_(
        "The inner computation knows one number and no phone. The outer one knows where the numbers are and "
        "no arithmetic. So the same half degree is added at three phones or at three million, and no reading "
        "leaves any of them."
    ),
)
def build_add_half(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    built = answer.ask(shared.harness.signature)
    called = "build_add_half()"
    problem = shared.signature_problem(
        called,
        built,
        [shared.READINGS],
        shared.READINGS,
        (
            (
                f"({shared.READINGS} -> {shared.NUMBER})",
                _(
                    "You bring the readings together at the server. Each client's own reading is to be "
                    "corrected, where it is."
                ),
            ),
            (
                f"({shared.READINGS} -> float32@CLIENTS)",
                _(
                    "A broadcast gives all clients one and the same number: `float32@CLIENTS`, without "
                    "braces. Each must keep its own: map, and do not average."
                ),
            ),
            (
                f"({shared.NUMBER} -> {shared.NUMBER})",
                _("You add at the server. The readings are at the clients: `tff.CLIENTS`."),
            ),
        ),
    )
    yield N_("takes a reading from each client and leaves the result there"), problem
    if problem:
        return
    places = _places(rng)
    got = answer.ask(shared.harness.runs, calls=[[place] for place in places])
    problems = [_half_problem(one, np.array(place), called) for one, place in zip(got, places, strict=True)]
    yield N_("adds half a degree to each reading"), next(filter(None, problems), None)


def _places(rng: np.random.Generator) -> list[list[float]]:
    """The readings of three sets of phones: of a few, of many from frost to heat, of a single one."""
    few = shared.temperatures(rng, int(rng.integers(3, 8)), 15, 35)
    many = [
        reading
        for size, low, high in ((5, -60, -20), (4, -20, 0), (6, 0, 40), (3, 40, 900))
        for reading in shared.temperatures(rng, size, low, high)
    ]
    return [few, shared.shuffled(rng, [*many, 0.0]), shared.temperatures(rng, 1, -20, 0)]


def _half_problem(got, readings: np.ndarray, called: str) -> Problem | None:
    def listed(values) -> list[float]:
        return [float(value) for value in np.broadcast_to(values, readings.shape)]

    return judge(
        f"{called}({shared.shown(readings)})",
        got,
        listed(readings + 0.5),
        _("Each client's own reading comes back, 0.5 higher."),
        (
            (listed(readings), _("The readings came back as they were. Add 0.5, and return the sum.")),
            (listed(readings - 0.5), _("You take half a degree away. Add it.")),
            (listed(readings * 1.5), _("You add half of the reading. Add half a degree: 0.5.")),
            (listed(readings / 2), _("You halve the readings. Add half a degree: 0.5.")),
            (listed(readings + 1), _("Half a degree is added twice.")),
            (listed(0.5), _("This is the half alone. Add it to the reading.")),
            (
                listed(readings.mean() + 0.5),
                _(
                    "Every client got the mean of all, plus a half. Each must keep its own reading: map, and "
                    "do not average."
                ),
            ),
            (
                listed(readings.sum() + 0.5),
                _("Every client got the sum of all, plus a half. Each must keep its own reading."),
            ),
        ),
    )
