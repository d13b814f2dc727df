"""The check of `metric_finalizers`, lesson 3."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks.lesson03_custom_model import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, same
from fedgrader.guest.problem import Problem

harness = Harness("lesson03_custom_model.metric_finalizers")


@exercise(
    parts={
        N_("has a function for each metric, in an `OrderedDict`"): 1,
        N_("works out each metric from its sums"): 1,
        N_("is at ease with a client without examples"): 1,
    },
    hints=(
        N_(
            "Each function gets one thing, a list such as `[loss_sum, num_examples]`. Two of the three "
            "functions do the very same."
        ),
        N_(
            "0 divided by 0 is nan, and one nan spoils every sum it is in. `tf.math.divide_no_nan(a, "
            "b)` gives 0 "
            "instead."
        ),
        N_(
            "`def ratio(sums): return tf.math.divide_no_nan(sums[0], sums[1])`; then return "
            "`collections.OrderedDict(loss=ratio, accuracy=ratio, num_examples=lambda sums: sums[0])`."
        ),
    ),
    why=N_(
        "The functions do not know whose sums they get: one batch's, one client's or everybody's. So "
        "TFF is free "
        "to add up first, over all clients, and call them once, at the server."
    ),
)
def metric_finalizers(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    values = {
        name: float(value)
        for name, value in shared.variables(rng, counted=True).items()
        if name in shared.COUNTERS
    }
    some = {metric: [values[name] for name in names] for metric, names in shared.PAIRS.items()}
    loss, correct = round(float(rng.uniform(0.2, 3.0)), 3), float(rng.integers(0, 2))
    single = {"loss": [loss, 1.0], "accuracy": [correct, 1.0], "num_examples": [1.0]}
    none = {metric: [0.0] * len(sums) for metric, sums in some.items()}
    got = answer.ask(
        harness.metric_finalizers, clients=[shared.floats(some), shared.floats(single), shared.floats(none)]
    )
    problem = _finalizers_problem("metric_finalizers()", got)
    yield N_("has a function for each metric, in an `OrderedDict`"), problem
    if "results" not in got:
        return
    of_some, of_single, of_none = got["results"]
    called = _("the finalizers, called with {sums}")
    yield (
        N_("works out each metric from its sums"),
        _values_problem(called.format(sums=describe(some)), of_some, some)
        or _single_problem(called.format(sums=describe(single)), of_single, single),
    )
    called = _("the finalizers, called with sums that are all 0")
    yield (
        N_("is at ease with a client without examples"),
        judge(
            called,
            of_none,
            dict.fromkeys(shared.PAIRS, 0.0),
            _("0 divided by 0 is nan. `tf.math.divide_no_nan` gives 0 instead.")
            if any(np.isnan(value).any() for value in of_none.values())
            else _("Where nothing was counted, every metric is 0: `tf.math.divide_no_nan(0.0, 0.0)` is 0."),
        )
        or shared.dtypes_problem(called, of_none),
    )


def _finalizers_problem(called: str, got: dict) -> Problem | None:
    expected = "OrderedDict(loss=…, accuracy=…, num_examples=…)"
    if "names" not in got:
        hint = _("Return an `OrderedDict` with the functions `loss`, `accuracy` and `num_examples`.")
        kind = _("an object of type `{type}`").format(type=got["kind"])
        return Problem(
            called, kind, expected, shared.returned_nothing() if got["kind"] == "NoneType" else hint
        )
    if sorted(got["names"]) != sorted(shared.PAIRS):
        hint = _(
            "Every metric that is reported needs a finalizer of its name: `loss`, `accuracy`, `num_examples`."
        )
        return Problem(called, ", ".join(got["names"]), expected, hint)
    if not same(got["not_functions"], []):
        hint = _(
            "Return the functions themselves, without calling them: there are no sums yet to call them with. "
            "TFF calls them later."
        )
        return Problem(called, ", ".join(got["not_functions"]), _("functions"), hint)
    if not same(got["arguments"], []):
        hint = _(
            "A finalizer takes one argument, the list of sums: `def ratio(sums):`, and inside `sums[0]` and "
            "`sums[1]`."
        )
        return Problem(called, ", ".join(got["arguments"]), _("functions of one argument"), hint)
    return None if same(got["kind"], "OrderedDict") else shared.plain_dict_problem(called)


def _values_problem(called: str, got: dict, sums: dict) -> Problem | None:
    wanted = {metric: shared.value(values) for metric, values in sums.items()}
    upside_down = {metric: 1 / wanted[metric] for metric in ("loss", "accuracy")}
    only_sums = {metric: values[0] for metric, values in sums.items()}
    wrong = 1 - wanted["accuracy"]
    mistakes = (
        (wanted | upside_down, _("The division is upside down: the number of examples comes second.")),
        (only_sums, _("These are sums, not averages. Divide the first number by the second.")),
        (
            {metric: values[-1] for metric, values in sums.items()},
            _("This is the number of examples for every metric. Divide the first number by the second."),
        ),
        (
            wanted | {"num_examples": 1.0},
            _("`num_examples` is the count itself. There is nothing to divide."),
        ),
        (
            wanted | {"accuracy": wrong},
            _("This is the share that is wrong. Accuracy is the share that is right."),
        ),
        (
            wanted | {"accuracy": only_sums["accuracy"]},
            _("`accuracy` is still a count. Divide it by the number of examples."),
        ),
        (
            wanted | {"loss": only_sums["loss"]},
            _("`loss` is still a sum. Divide it by the number of examples."),
        ),
        (
            wanted | {"accuracy": 100 * wanted["accuracy"]},
            _("Leave the accuracy between 0 and 1; whoever shows it can turn it into percent."),
        ),
        (
            wanted | {metric: float(np.mean(sums[metric])) for metric in ("loss", "accuracy")},
            _("This is the mean of the two numbers in the list. Divide the first by the second."),
        ),
    )
    return judge(called, got, wanted, _otherwise(), mistakes) or shared.dtypes_problem(called, got)


def _single_problem(called: str, got: dict, sums: dict) -> Problem | None:
    """A problem with the metrics of a client that has one example."""
    wanted = {metric: shared.value(values) for metric, values in sums.items()}
    return judge(called, got, wanted, _otherwise()) or shared.dtypes_problem(called, got)


def _otherwise() -> str:
    return _("`loss` and `accuracy` are the first sum divided by the second; `num_examples` is its only sum.")
