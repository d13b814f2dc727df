"""The check of `encoded_sum`, lesson 8."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks.lesson08_compression import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import same
from fedgrader.guest.problem import Problem

harness = Harness("lesson08_compression.encoded_sum")


def _sum(models: list[shared.Model]) -> shared.Model:
    return {name: np.sum([model[name] for model in models], axis=0) for name in ("kernel", "bias")}


@exercise(
    parts={
        N_("is a process that brings the clients' values to the server"): 1,
        N_("adds up what the codes stand for"): 2,
        N_("has each client send its code and no more"): 1,
        N_("merges what several servers have gathered"): 1,
    },
    hints=(
        N_(
            "Follow one client's value: `encode` on the phone, the code crosses the network, and whoever "
            "adds up decodes it first. Which operator of lesson 5 lets you say how to add?"
        ),
        N_(
            "`tff.federated_aggregate(codes, zero(), accumulate, merge, report)`. `accumulate` takes the sum "
            "so far and one code; `merge` takes two sums. A TFF computation may call `decode` inside."
        ),
        N_(
            "`accumulate(so_far, code)` returns `tf.nest.map_structure(tf.add, so_far, decode(code))`; "
            "`merge` adds two sums the same way; `report` returns its argument. `next_fn` returns "
            "`tff.templates.MeasuredProcessOutput(state, total, tff.federated_value((), tff.SERVER))`."
        ),
    ),
    why=N_(
        "Codes of different clients have different ranges: level 3 of one is not level 3 of another, so "
        "codes cannot be added. Somebody must decode before adding, and it must not be the phone, for what "
        "crosses the network is what the phone maps last. `federated_aggregate` decodes on the way, one "
        "client at a time, so that not even the server keeps them all."
    ),
)
def encoded_sum(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    models, decoded = shared.models(rng, 3)
    got = answer.ask(harness.encoded_sum, groups=[models, models[:1]])
    called = _("the `next` of encoded_sum(value_type, encode, decode) with three clients, and with one")
    kind = N_("is a process that brings the clients' values to the server")
    yield (
        kind,
        judge(
            called,
            got["type"],
            f"{shared.MODEL_TYPE}@SERVER",
            _(
                "Return `tff.templates.AggregationProcess(initialize_fn, next_fn)` whose result has the type "
                "of one client's value, at the server."
            ),
            (
                (
                    "function",
                    _("This is a Python function. Return `tff.templates.AggregationProcess(…)`."),
                ),
                (
                    "ConcreteComputation",
                    _(
                        "This is a computation. Wrap it, together with one that makes the first state, in "
                        "`tff.templates.AggregationProcess`."
                    ),
                ),
                (
                    "IterativeProcess",
                    _("Almost: a factory makes a `tff.templates.AggregationProcess`."),
                ),
            ),
        ),
    )
    if got["type"] != f"{shared.MODEL_TYPE}@SERVER":
        return
    yield N_("adds up what the codes stand for"), _sums_problem(called, got["sums"], models, decoded)
    yield N_("has each client send its code and no more"), _sent_problem(called, got["sent"])
    merged = _sums_problem(called, got["sums_by_tree"], models, decoded)
    if merged and same(got["sums_by_tree"], got["sums"]):
        merged = Problem(merged.called, merged.got, merged.expected, _("First make the sum itself right."))
    elif merged:
        merged = Problem(
            called=_("the same, with each client gathered by a server of its own, and the servers merged"),
            got=merged.got,
            expected=merged.expected,
            hint=_(
                "`merge` gets two sums that different servers have gathered, and must add them up; neither "
                "may be lost, and nothing may be added twice."
            ),
        )
    yield N_("merges what several servers have gathered"), merged


def _sums_problem(
    called: str, got, models: list[shared.Model], decoded: list[shared.Model]
) -> Problem | None:
    def of(values: list[shared.Model]) -> list[shared.Model]:
        return [_sum(values), _sum(values[:1])]

    def means(values: list[shared.Model]) -> list[shared.Model]:
        total, single = of(values)
        return [{name: value / len(values) for name, value in total.items()}, single]

    lasts = [decoded[-1], decoded[0]]
    return judge(
        called,
        got,
        of(decoded),
        _("The result is the sum of what `decode` makes of each client's code, tensor by tensor."),
        (
            (of(models), _("This is the sum of the values as they were. Nobody encoded them.")),
            (means(decoded), _("This is the mean. A sum is asked for: `MeanFactory` divides later.")),
            (
                means(models),
                _("This is the mean of the values as they were, not the sum of what the codes stand for."),
            ),
            (
                lasts,
                _(
                    "Only one client is left. `accumulate` adds the new value to `so_far` and returns the "
                    "sum."
                ),
            ),
            (
                [{name: value + 1 for name, value in total.items()} for total in of(decoded)],
                _("Everything is too large by 1. The sum must start from zero."),
            ),
            (
                [{name: np.zeros_like(value) for name, value in total.items()} for total in of(decoded)],
                _("All zeros. `accumulate` must return the sum so far *plus* the new value."),
            ),
        ),
    )


def _sent_problem(called: str, bits: int | None) -> Problem | None:
    if bits == shared.CODE_BITS:
        return None
    hints = {
        shared.MODEL_BITS: _(
            "Decoded on the phone, the value is as large as before. Send the code, and decode where the sum "
            "is made: in `accumulate`."
        ),
        shared.MODEL_BITS + shared.CODE_BITS: _("The value is sent as well as its code. The code is enough."),
        None: _("What is sent has no fixed size."),
        0: _("Nothing is sent. Use `tff.federated_aggregate`."),
    }
    return Problem(
        called=called,
        got=_("{bits} bits sent by each client").format(bits=bits),
        expected=_("the {bits} bits of a code").format(bits=shared.CODE_BITS),
        hint=hints.get(bits, _("Each client sends what `encode` returned, once, and nothing else.")),
    )
