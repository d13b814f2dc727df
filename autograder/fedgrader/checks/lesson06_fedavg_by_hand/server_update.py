"""The check of `server_update`, lesson 6."""

from collections.abc import Iterator
from typing import Any, cast

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson06_fedavg_by_hand import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.problem import Problem

harness = Harness("lesson06_fedavg_by_hand.server_update")


@exercise(
    parts={N_("moves the weights towards the average"): 2, N_("counts the round"): 1},
    hints=(
        N_(
            "Draw a line from the server's weights to the clients' average. `learning_rate` says "
            "how far along the line to go."
        ),
        N_(
            "The way from here to there is `mean - weight`. A step of length `learning_rate` "
            "along it starts at `weight`."
        ),
        N_(
            '`tf.nest.map_structure(lambda w, m: w + learning_rate * (m - w), state["weights"], '
            'mean_weights)`, and `state["round_num"] + 1`, in an `OrderedDict` of the structure '
            "of `state`."
        ),
    ),
    why=N_(
        "With `learning_rate` 1 the server simply takes the average: that is federated "
        "averaging as first published. Seen as a step, `mean - weight` plays the part of a "
        "negative gradient, and any optimizer can use it: that is how FedAdam and server "
        "momentum came about."
    ),
)
def server_update(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    problems = [
        _problems(
            answer, shared.weights(rng), shared.weights(rng), round(float(rng.uniform(*rates)), 3), number
        )
        for rates, number in (((0.05, 0.45), int(rng.integers(3, 100))), ((0.55, 0.95), 0))
    ]
    for part, found in zip(
        (N_("moves the weights towards the average"), N_("counts the round")),
        zip(*problems, strict=True),
        strict=True,
    ):
        yield part, next(filter(None, found), None)


def _problems(
    answer: AnswerHandle, weights: dict, mean: dict, rate: float, round_num: int
) -> tuple[Problem | None, Problem | None]:
    """What is wrong with the weights, and with the round's number, of the state that comes back."""
    state = {"weights": weights, "round_num": np.int32(round_num)}
    got = answer.ask(
        harness.server_update, state=state | {"round_num": round_num}, mean_weights=mean, learning_rate=rate
    )
    called = _("server_update(state with round_num={number}, mean_weights, learning_rate={rate})").format(
        number=round_num, rate=rate
    )
    return _move_problem(called, got, state, mean, rate), _round_problem(called, got, state)


def _move_problem(called: str, got: Any, state: dict, mean: dict, rate: float) -> Problem | None:
    """What is wrong with the fields and the weights; weights alone are missed in the other part."""
    weights = state["weights"]
    moved = maths.each(lambda w, m: w + rate * (m - w), weights, mean)
    is_state = isinstance(got, dict) and "weights" in got
    # The type of the round's number belongs to the other part.
    typed = {**got, "round_num": state["round_num"]} if is_state else {}
    compared, wanted = got["weights"] if is_state else got, cast(dict[str, Any], moved)
    if not (is_state or maths.has_form(got, weights)):
        wanted = {"weights": moved, "round_num": int(state["round_num"]) + 1}
    return shared.form_problem(called, typed, state) or judge(
        called,
        compared,
        wanted,
        _(
            "Return an `OrderedDict` with `weights` and `round_num`; each weight goes "
            "`learning_rate` of the way from where the server is to the average."
        ),
        _move_mistakes(weights, mean, moved, rate),
    )


def _move_mistakes(weights: dict, mean: dict, moved: dict, rate: float) -> tuple[tuple[dict, str], ...]:
    return (
        ({**moved, "bias": weights["bias"]}, _("`bias` did not move. It has an average of its own.")),
        (
            maths.each(lambda w, m: (w + m) / 2, weights, mean),
            _("You always go half of the way. Go `learning_rate` of the way: {rate} here.").format(rate=rate),
        ),
        (
            mean,
            _("You take the average whole. Go only `learning_rate` of the way: {rate} here.").format(
                rate=rate
            ),
        ),
        (weights, shared.unchanged()),
        (
            maths.each(lambda w, m: w + rate * m, weights, mean),
            _("`mean_weights` are weights, not a change: the change is `mean - weight`."),
        ),
        (
            maths.each(lambda w, m: w - rate * m, weights, mean),
            _("`mean_weights` are weights, not a gradient: the change is `mean - weight`."),
        ),
        (
            maths.each(lambda w, m: w - rate * (m - w), weights, mean),
            _("You walk away from the average. Check the sign."),
        ),
        (
            maths.each(lambda w, m: rate * (m - w), weights, mean),
            _("This is the step alone. Add it to the server's weights."),
        ),
        (
            maths.each(lambda w, m: rate * w + (1 - rate) * m, weights, mean),
            _("The two shares are swapped: with `learning_rate` 0 the server must stay where it is."),
        ),
    )


def _round_problem(called: str, got: Any, state: dict) -> Problem | None:
    number = got.get("round_num") if isinstance(got, dict) else None
    return judge(
        called,
        number,
        int(state["round_num"]) + 1,
        _("Return the next round's number in the field `round_num`: one more than it was."),
        ((int(state["round_num"]), _("The round's number did not change. Add 1.")),),
    ) or shared.form_problem(called, {"round_num": number}, {"round_num": state["round_num"]})
