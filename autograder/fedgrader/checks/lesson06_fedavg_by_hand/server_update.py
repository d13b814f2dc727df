"""The check of `server_update`, lesson 6."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson06_fedavg_by_hand import shared
from fedgrader.guest.answers import AnswerHandle

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
    weights, mean, rate = shared.weights(rng), shared.weights(rng), 0.3
    round_num = int(rng.integers(3, 50))
    state = {"weights": weights, "round_num": round_num}
    got = answer.ask(harness.server_update, state=state, mean_weights=mean, learning_rate=rate)
    called = _("server_update(state with round_num={number}, mean_weights, learning_rate=0.3)").format(
        number=round_num
    )
    fields = got if isinstance(got, dict) else {}
    moved = maths.each(lambda w, m: w + rate * (m - w), weights, mean)
    yield (
        N_("moves the weights towards the average"),
        shared.order_problem(called, got, state | {"weights": moved})
        or judge(
            called,
            fields.get("weights", got),
            moved,
            _(
                "Return an `OrderedDict` with `weights` and `round_num`; each weight goes "
                "`learning_rate` of the way from where the server is to the average."
            ),
            (
                ({**moved, "bias": weights["bias"]}, _("`bias` did not move. It has an average of its own.")),
                (
                    maths.each(lambda w, m: (w + m) / 2, weights, mean),
                    _("You always go half of the way. Go `learning_rate` of the way: 0.3 here."),
                ),
                (mean, _("You take the average whole. Go only `learning_rate` of the way: 0.3 here.")),
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
            ),
        ),
    )
    yield (
        N_("counts the round"),
        judge(
            called,
            fields.get("round_num"),
            round_num + 1,
            _("Return the next round's number in the field `round_num`: one more than it was."),
            ((round_num, _("The round's number did not change. Add 1.")),),
        ),
    )
