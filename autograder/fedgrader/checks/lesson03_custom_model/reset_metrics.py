"""The check of `reset_metrics`, lesson 3."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks.lesson03_custom_model import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import same
from fedgrader.guest.problem import Problem

harness = Harness("lesson03_custom_model.reset_metrics")


@exercise(
    parts={N_("sets every counter back to zero"): 1, N_("leaves the weights alone"): 1},
    hints=(
        N_("Of the five variables, which were learnt, and which were counted?"),
        N_("Write into a variable with `assign`. Which ones should be 0 afterwards?"),
        N_(
            "`for counter in (variables.loss_sum, variables.num_correct, variables.num_examples):` "
            "and in the "
            "loop `counter.assign(0.0)`."
        ),
    ),
    why=N_(
        "A phone may use one model twice: to train, and to evaluate, say. What was counted the first "
        "time must "
        "not leak into the second. The weights are another matter: they are what all of this is for."
    ),
)
def reset_metrics(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    before = shared.variables(rng, counted=True)
    got = answer.ask(harness.reset_metrics, variables=before)
    called = "reset_metrics(variables)"
    problem = shared.field_problem(called, got)
    if problem:
        yield N_("sets every counter back to zero"), problem
        return
    after = got["result"]
    counters = {name: after[name] for name in shared.COUNTERS}
    weights = {name: after[name] for name in ("kernel", "bias")}
    yield N_("sets every counter back to zero"), _zero_problem(called, counters, before)
    yield (
        N_("leaves the weights alone"),
        # A function that does nothing leaves the weights alone, too; it earns nothing for that.
        _zero_problem(called, counters, before)
        if same(after, before)
        else judge(
            called,
            weights,
            {name: before[name] for name in weights},
            _(
                "`kernel` and `bias` are what the model has learnt. Only `loss_sum`, `num_correct` and "
                "`num_examples` go back to 0."
            ),
        ),
    )


def _zero_problem(called: str, got: dict, before: dict) -> Problem | None:
    stale = [f"`{name}`" for name in shared.COUNTERS if not same(got[name], 0.0)]
    unchanged = all(same(got[name], before[name]) for name in shared.COUNTERS)
    if unchanged:
        hint = _(
            "The counters still hold what they held, so the next report would mix old with new. Write 0 into "
            "each: `variables.num_examples.assign(0.0)`."
        )
    elif all(same(got[name], 2 * before[name]) for name in shared.COUNTERS):
        hint = _("The counters have doubled. Write 0 into them: `assign(0.0)`.")
    elif all(same(got[name], 1.0) for name in shared.COUNTERS):
        hint = _("A counter starts at 0, not at 1: nothing has been counted yet.")
    else:
        hint = _("Not every counter is back at 0: what about {names}?").format(names=", ".join(stale))
    return judge(called, got, dict.fromkeys(shared.COUNTERS, 0.0), hint)
