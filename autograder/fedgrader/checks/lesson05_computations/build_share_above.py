"""The check of `build_share_above`, lesson 5."""

from collections.abc import Callable, Iterator
from typing import SupportsFloat

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Step, exercise, judge
from fedgrader.checks.lesson05_computations import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.problem import Problem


@exercise(
    parts={
        N_("takes the server's threshold and the clients' readings, and returns a number at the server"): 1,
        N_("returns the share of the readings that are above the threshold"): 2,
        N_("broadcasts the threshold, once, and nothing else"): 1,
    },
    hints=(
        N_(
            "A phone can answer only one question: is my reading above the threshold? What must it be told "
            "first, and in which form is its answer easy to average?"
        ),
        N_(
            "Send the threshold down with `tff.federated_broadcast`. Map a `@tff.tensorflow.computation` of "
            "two numbers over it and the readings; it returns 1.0 or 0.0, a "
            "`tf.cast(reading > threshold, tf.float32)`. The mean of ones and zeros is a share."
        ),
        N_(
            "`threshold_at_clients = tff.federated_broadcast(threshold)`; then `return "
            "tff.federated_mean(tff.federated_map(is_above, (threshold_at_clients, readings)))`. The "
            "decorator takes two types: `tff.FederatedType(np.float32, tff.SERVER)` and "
            "`tff.FederatedType(np.float32, tff.CLIENTS)`."
        ),
    ),
    why=N_(
        "One number went down and a one or a zero came up. The server knows the share, and no phone's "
        "temperature. And because the threshold is a parameter, not a number baked into the recording, the "
        "same computation answers for 25 degrees, for 30, and for tomorrow's idea."
    ),
)
def build_share_above(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    built = answer.ask(shared.harness.signature)
    called = "build_share_above()"
    problem = shared.signature_problem(
        called,
        built,
        [shared.NUMBER, shared.READINGS],
        shared.NUMBER,
        (
            (
                f"({shared.READINGS} -> {shared.NUMBER})",
                _(
                    "The threshold is no parameter. A Python number that you use inside is recorded once and "
                    "stays for ever; let the server pass the threshold in, and broadcast it."
                ),
            ),
            (
                f"(<{shared.READINGS},{shared.READINGS}> -> {shared.NUMBER})",
                _(
                    "The threshold is at the server when this begins: "
                    "`tff.FederatedType(np.float32, tff.SERVER)`."
                ),
            ),
        ),
    )
    yield (
        N_("takes the server's threshold and the clients' readings, and returns a number at the server"),
        problem,
    )
    if problem:
        return
    size = int(rng.choice([7, 9, 11, 13]))
    # Whole tenths: what is close to the threshold comes among the others.
    ordered = sorted(round(10 * tenth, 1) for tenth in shared.temperatures(rng, size, 2, 4))
    readings, thresholds = shared.shuffled(rng, ordered), [ordered[-3], ordered[1]]
    others = _other_calls(rng)
    calls = [*((threshold, readings) for threshold in thresholds), *others]
    got = answer.ask(shared.harness.runs_and_sends, calls=[list(call) for call in calls])
    problems = [
        _share_problem(got | {"results": got["results"][:2]}, np.array(readings), thresholds, called),
        *(_other_problem(one, *call, called) for one, call in zip(got["results"][2:], others, strict=True)),
    ]
    yield (
        N_("returns the share of the readings that are above the threshold"),
        next(filter(None, problems), None),
    )
    yield (
        N_("broadcasts the threshold, once, and nothing else"),
        _broadcast_problem(got["broadcasts"], called),
    )


def _other_calls(rng: np.random.Generator) -> list[tuple[float, list[float]]]:
    """Thresholds and readings: a frost; none above; all above; one phone; close to the threshold."""
    frost = shared.temperatures(rng, int(rng.integers(12, 20)), -40, 10)
    few = shared.temperatures(rng, int(rng.integers(2, 7)), 15, 35)
    near = shared.temperatures(rng, 1, 5, 30)[0]
    around = [near + step / 100 for step in (-60, -30, -15, -4, -1, 0, 1, 2, 20, 40, 70)]
    return [
        (float(rng.integers(-30, -20)) - 0.375, frost),
        (max(few), few),
        (min(few) - 0.25, few),
        (few[0] - 0.125, few[:1]),
        (near, shared.shuffled(rng, around)),
    ]


def _other_problem(got, threshold: float, readings: list[float], called: str) -> Problem | None:
    return judge(
        f"{called}({threshold:g}, {shared.shown(readings)})",
        got,
        float(np.mean(np.array(readings) > threshold)),
        _(
            "Compare each reading as it is with the threshold as it is, whatever their signs, and average "
            "over as many phones as there are."
        ),
    )


def _share_problem(got: dict, readings: np.ndarray, thresholds: list[float], called: str) -> Problem | None:
    def each(function: Callable[[float], SupportsFloat]) -> list[float]:
        return [float(function(threshold)) for threshold in thresholds]

    size = len(readings)
    first, second = (f"{called}({threshold:g}, {shared.shown(readings)})" for threshold in thresholds)
    captured = _(
        "The answer does not depend on the threshold that the server passes in. A number from outside is "
        "recorded once and stays for ever: broadcast the parameter, and compare with that."
    )
    return judge(
        _("{first} and {second}").format(first=first, second=second),
        got["results"],
        each(lambda threshold: np.mean(readings > threshold)),
        captured
        if not got["broadcasts"]
        else _("Each phone says 1.0 if its reading is above the threshold and 0.0 if not; average that."),
        (
            (
                each(lambda threshold: np.mean(readings >= threshold)),
                _("A reading that equals the threshold is not above it: `>`, not `>=`."),
            ),
            (
                each(lambda threshold: np.mean(readings < threshold)),
                _(
                    "This is the share below the threshold. Does your comparison get its two numbers in the "
                    "order in which it names them?"
                ),
            ),
            (
                each(lambda threshold: np.mean(readings <= threshold)),
                _("This is the share of the readings that are not above the threshold."),
            ),
            (
                each(lambda threshold: np.sum(readings > threshold)),
                _("This is how many are above. Divide by how many there are; a mean does that."),
            ),
            (
                each(lambda threshold: 100 * np.mean(readings > threshold)),
                _("This is in percent. Return a number between 0 and 1."),
            ),
            (
                each(lambda threshold: readings.mean() > threshold),
                _(
                    "You average first and compare afterwards. Compare at the clients, then average the "
                    "answers."
                ),
            ),
            (
                each(lambda threshold: readings[readings > threshold].mean()),
                _("This is the mean of the readings above the threshold. Average ones and zeros instead."),
            ),
            (
                each(lambda threshold: np.mean(readings - threshold)),
                _("These are differences. Turn the comparison into 1.0 or 0.0 first, then average."),
            ),
            (
                each(lambda threshold: np.sum(readings > threshold) // size),
                captured
                if not got["broadcasts"]
                else _("`//` throws the fraction away. Divide with `/`, in float32."),
            ),
        ),
    )


def _broadcast_problem(broadcasts: list[str], called: str) -> Problem | None:
    if broadcasts == ["float32"]:
        return None
    if not broadcasts:
        hint = _("Nothing is sent down, so no phone can know the server's threshold.")
    elif set(broadcasts) == {"float32"}:
        hint = _("The same number goes down more than once. Broadcast it once, and use that value twice.")
    else:
        hint = _("Every client downloads what you broadcast. Send the threshold alone.")
    return Problem(
        called=called,
        got=_("a broadcast of {types}").format(types=", ".join(broadcasts) or "–"),
        expected=_("one broadcast, of the threshold alone: float32"),
        hint=hint,
    )
