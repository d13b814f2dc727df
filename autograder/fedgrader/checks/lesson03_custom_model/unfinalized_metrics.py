"""The check of `unfinalized_metrics`, lesson 3."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks.lesson03_custom_model import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, same
from fedgrader.guest.problem import Problem

harness = Harness("lesson03_custom_model.unfinalized_metrics")


@exercise(
    parts={
        N_("lists the sums behind each metric, in an `OrderedDict`"): 1,
        N_("reports sums, not ratios"): 1,
    },
    hints=(
        N_("Which sums must somebody know to work out the accuracy? Which for the loss? For the number?"),
        N_(
            "The accuracy is `num_correct` divided by `num_examples`, so report both, in this order, "
            "and divide "
            "nothing yet."
        ),
        N_(
            "`collections.OrderedDict(loss=[variables.loss_sum, variables.num_examples], accuracy=[…, …], "
            "num_examples=[variables.num_examples])`."
        ),
    ),
    why=N_(
        "Five numbers leave the phone, and every one is a sum over its examples. Sums of many phones "
        "add up to "
        "the sums over all of them; ratios do not. That is why TFF keeps a metric in two halves."
    ),
)
def unfinalized_metrics(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    variables = shared.variables(rng, counted=True)
    got = answer.ask(harness.unfinalized_metrics, variables=variables)
    called = _("unfinalized_metrics(variables) after {count} examples").format(
        count=int(variables["num_examples"])
    )
    values = {name: float(variables[name]) for name in shared.COUNTERS}
    wanted = {metric: [values[name] for name in names] for metric, names in shared.PAIRS.items()}
    ratios = {metric: shared.value(sums) for metric, sums in wanted.items()}
    form = N_("lists the sums behind each metric, in an `OrderedDict`")
    problem = shared.field_problem(called, got) or _report_problem(called, got, wanted, ratios)
    if "sets_a_field" in got or got["kind"] == "NoneType":
        yield form, problem
        return
    [reported], [after] = got["result"], got["variables"]
    ratio_problem = _ratio_problem(called, reported, wanted, ratios)
    yield (
        form,
        None
        if ratio_problem
        else (problem or _order_problem(called, reported) or _reset_problem(called, after, variables)),
    )
    yield N_("reports sums, not ratios"), ratio_problem or problem


def _ratio_problem(called: str, got, wanted: dict, ratios: dict) -> Problem | None:
    """A problem where a loss or an accuracy is among what is reported, alone or with a number beside it."""
    told = got if isinstance(got, dict) else {}
    for metric in ("loss", "accuracy"):
        value = told.get(metric)
        first = value[0] if isinstance(value, list) and value else value
        if first is not None and same(first, ratios[metric]):
            return Problem(
                called=called,
                got=describe({metric: value}),
                expected=describe({metric: wanted[metric]}),
                hint=_(
                    "`{metric}` is worked out already, and phones' ratios cannot be added up. Report "
                    "the two sums; "
                    "the division waits until the sums of all phones are together."
                ).format(metric=metric),
            )
    return None


def _report_problem(called: str, got: dict, wanted: dict, ratios: dict) -> Problem | None:
    if got["kind"] == "NoneType":
        return Problem(called, got="None", expected=describe(wanted), hint=shared.returned_nothing())
    [reported] = got["result"]
    if not same(got["kind"], "OrderedDict") and same(reported, wanted):
        return shared.plain_dict_problem(called)
    flat = {metric: sums[0] for metric, sums in wanted.items()}
    return judge(
        called,
        reported,
        wanted,
        _(
            "Return an `OrderedDict` of lists: `loss` with `loss_sum` and `num_examples`, `accuracy` with "
            "`num_correct` and `num_examples`, `num_examples` with itself."
        ),
        (
            (
                flat,
                _(
                    "The number of examples is forgotten: from a sum alone nobody can work out an average. "
                    "Report `[loss_sum, num_examples]`, and likewise for the accuracy."
                ),
            ),
            (
                {metric: sums[:1] for metric, sums in wanted.items()},
                _(
                    "The number of examples is forgotten: from a sum alone nobody can work out an average. "
                    "Report `[loss_sum, num_examples]`, and likewise for the accuracy."
                ),
            ),
            (
                wanted | {"num_examples": wanted["num_examples"][0]},
                _("Put `num_examples` into a list too, a list of one: then every metric has a list of sums."),
            ),
            (
                {metric: sums[::-1] for metric, sums in wanted.items()},
                _("Right sums, wrong order: first what is divided, then what it is divided by."),
            ),
            (
                wanted | {"loss": wanted["accuracy"], "accuracy": wanted["loss"]},
                _("`loss` and `accuracy` have changed places."),
            ),
            (
                {metric: wanted[metric] for metric in ("loss", "accuracy")},
                _("The metric `num_examples` is missing: how many examples stand behind the other two."),
            ),
            (
                [wanted["loss"], wanted["accuracy"], wanted["num_examples"]],
                _("Give each list of sums its metric's name: return an `OrderedDict`."),
            ),
            (
                {metric: [0.0] * len(sums) for metric, sums in wanted.items()},
                _("The counters were set to 0 before they were read. Reporting only reads."),
            ),
        ),
    )


def _order_problem(called: str, reported: dict) -> Problem | None:
    """A problem where the right sums are of another type: in another order, or no float32."""
    if list(reported) != list(shared.PAIRS):
        return Problem(
            called,
            ", ".join(reported),
            ", ".join(shared.PAIRS),
            _("The right metrics, in another order. Order is part of a type, and TFF looks at it."),
        )
    sums = [(metric, value) for metric, values in reported.items() for value in values]
    return next(filter(None, (shared.dtype_problem(called, *one) for one in sums)), None)


def _reset_problem(called: str, after: dict, before: dict) -> Problem | None:
    left, values = ({name: each[name] for name in shared.COUNTERS} for each in (after, before))
    problem = judge(
        called, left, values, _("Reporting must not change the counters; `reset_metrics` is there for that.")
    )
    if problem or all(same(after[name], before[name]) for name in ("kernel", "bias")):
        return problem
    return Problem(
        called,
        _("other values in {names}").format(names="`kernel`, `bias`"),
        _("`kernel` and `bias` as they were"),
        _("Reporting only reads: it changes no variable."),
    )
