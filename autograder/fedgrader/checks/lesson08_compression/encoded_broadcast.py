"""The check of `encoded_broadcast`, lesson 8."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks.lesson08_compression import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import shape_of
from fedgrader.guest.problem import Problem

harness = Harness("lesson08_compression.encoded_broadcast")


@exercise(
    parts={
        N_("is a process that brings the server's value to the clients"): 1,
        N_("has each client download the code and no more"): 2,
        N_("leaves the clients with what the code stands for"): 1,
    },
    hints=(
        N_(
            "Now the way down. Follow the server's value: where is it encoded, what crosses the network, and "
            "where is it decoded?"
        ),
        N_(
            "Three operators in a row: `tff.federated_map` at the server, `tff.federated_broadcast`, "
            "`tff.federated_map` at the clients. The process is a "
            "`tff.learning.templates.DistributionProcess`."
        ),
        N_(
            "`codes = tff.federated_broadcast(tff.federated_map(encode, value))`, then "
            "`received = tff.federated_map(decode, codes)`; the rest is as in `encoded_sum`."
        ),
    ),
    why=N_(
        "What comes before the broadcast runs at the server, once; what comes after it runs on every phone. "
        "The broadcast itself moves exactly what it is given. So the whole art is the order of "
        "three lines, and the meter sees at once when it is wrong, while the accuracy never would."
    ),
)
def encoded_broadcast(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    yield from shared.until_a_problem(_steps(answer, rng, toy) for toy in shared.TYPES)


def _steps(answer: AnswerHandle, rng: np.random.Generator, toy: shared.ToyType) -> list[Step]:
    """The parts that the answer comes to with a value of one type."""
    number, (value, decoded) = int(rng.integers(2, 12)), toy.draw(rng)
    got = answer.ask(harness.encoded_broadcast, value_type=toy.text, value=value, num_clients=number)
    called = _("the `next` of encoded_broadcast({type}, encode, decode)").format(type=toy.text)
    kind = _kind_problem(called, got["type"], toy.text)
    steps = [(N_("is a process that brings the server's value to the clients"), kind)]
    if kind:
        return steps
    received = _received_problem(called, got["received"], toy)
    values = _value_problem(called, got["values"], value, decoded, number)
    return [
        *steps,
        (N_("has each client download the code and no more"), received),
        (N_("leaves the clients with what the code stands for"), values),
    ]


def _kind_problem(called: str, got, value_type: str) -> Problem | None:
    at_clients = {f"{{{value_type}}}@CLIENTS", f"{value_type}@CLIENTS"}
    almost = _("Almost: a broadcast is a `tff.learning.templates.DistributionProcess`.")
    computation = _(
        "This is a computation. Wrap it, together with one that makes the first state, in "
        "`tff.learning.templates.DistributionProcess`."
    )
    return judge(
        called,
        got,
        got if isinstance(got, str) and got in at_clients else f"{{{value_type}}}@CLIENTS",
        _("The clients have the code, and nobody decoded it: map `decode` at the clients.")
        if isinstance(got, str) and "levels=" in got
        else _(
            "Return `tff.learning.templates.DistributionProcess(initialize_fn, next_fn)`; its `next_fn` "
            "takes the server's value and returns a value of that type at the clients."
        ),
        (
            ("function", _("This is a Python function. Return the process.")),
            ("ConcreteComputation", computation),
            ("MeasuredProcess", almost),
            ("IterativeProcess", almost),
            ("AggregationProcess", almost),
        ),
    )


def _value_problem(
    called: str, got, value: shared.Value, decoded: shared.Value, number: int
) -> Problem | None:
    return judge(
        called,
        got,
        [decoded] * number,
        _("The clients should have what `decode` makes of the code."),
        (([value] * number, _("The clients have the value as it was. Nobody encoded it.")),),
    )


def _received_problem(called: str, bits: int | None, toy: shared.ToyType) -> Problem | None:
    if shape_of(bits) == () and bits == toy.code_bits:
        return None
    hints = {
        toy.bits: _(
            "The clients download the whole value. What stands inside `tff.federated_broadcast(…)` is what "
            "is sent: put the code there, and decode after it."
        ),
        toy.bits + toy.code_bits: _("The value is sent as well as its code. The code is enough."),
        2 * toy.code_bits: _("The code is sent twice. Broadcast it once and keep what comes out."),
        None: _("What is sent has no fixed size."),
        0: _("Nothing is sent: a value that everybody has cannot come from the server's state."),
    }
    return Problem(
        called=called,
        got=_("{bits} bits downloaded by each client").format(bits=bits),
        expected=_("the {bits} bits of a code").format(bits=toy.code_bits),
        hint=hints.get(bits, _("Broadcast what `encode` returned, once, and nothing else.")),
    )
