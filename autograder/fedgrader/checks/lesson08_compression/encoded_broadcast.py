"""The check of `encoded_broadcast`, lesson 8."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks.lesson08_compression import shared
from fedgrader.guest.answers import AnswerHandle
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
    [model], [decoded] = shared.models(rng, 1)
    got = answer.ask(harness.encoded_broadcast, model=model, num_clients=2)
    called = _("the `next` of encoded_broadcast(value_type, encode, decode)")
    at_clients = {f"{{{shared.MODEL_TYPE}}}@CLIENTS", f"{shared.MODEL_TYPE}@CLIENTS"}
    wanted = got["type"] if got["type"] in at_clients else f"{{{shared.MODEL_TYPE}}}@CLIENTS"
    is_code = "levels=" in got["type"]
    yield (
        N_("is a process that brings the server's value to the clients"),
        judge(
            called,
            got["type"],
            wanted,
            _("The clients have the code, and nobody decoded it: map `decode` at the clients.")
            if is_code
            else _(
                "Return `tff.learning.templates.DistributionProcess(initialize_fn, next_fn)`; its `next_fn` "
                "takes the server's value and returns a value of that type at the clients."
            ),
            (
                ("function", _("This is a Python function. Return the process.")),
                (
                    "ConcreteComputation",
                    _(
                        "This is a computation. Wrap it, together with one that makes the first state, in "
                        "`tff.learning.templates.DistributionProcess`."
                    ),
                ),
                (
                    "MeasuredProcess",
                    _("Almost: a broadcast is a `tff.learning.templates.DistributionProcess`."),
                ),
                (
                    "IterativeProcess",
                    _("Almost: a broadcast is a `tff.learning.templates.DistributionProcess`."),
                ),
            ),
        ),
    )
    if got["type"] not in at_clients:
        return
    yield N_("has each client download the code and no more"), _received_problem(called, got["received"])
    yield (
        N_("leaves the clients with what the code stands for"),
        judge(
            called,
            got["model"],
            decoded,
            _("The clients should have what `decode` makes of the code."),
            ((model, _("The clients have the value as it was. Nobody encoded it.")),),
        ),
    )


def _received_problem(called: str, bits: int | None) -> Problem | None:
    if bits == shared.CODE_BITS:
        return None
    hints = {
        shared.MODEL_BITS: _(
            "The clients download the whole value. What stands inside `tff.federated_broadcast(…)` is what "
            "is sent: put the code there, and decode after it."
        ),
        shared.MODEL_BITS + shared.CODE_BITS: _("The value is sent as well as its code. The code is enough."),
        2 * shared.CODE_BITS: _("The code is sent twice. Broadcast it once and keep what comes out."),
        None: _("What is sent has no fixed size."),
        0: _("Nothing is sent: a value that everybody has cannot come from the server's state."),
    }
    return Problem(
        called=called,
        got=_("{bits} bits downloaded by each client").format(bits=bits),
        expected=_("the {bits} bits of a code").format(bits=shared.CODE_BITS),
        hint=hints.get(bits, _("Broadcast what `encode` returned, once, and nothing else.")),
    )
