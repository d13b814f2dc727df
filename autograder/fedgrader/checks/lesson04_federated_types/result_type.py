"""The check of `result_type`, lesson 4."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedcourse.signatures import Placed, parse
from fedgrader.checking.exercise import Harness, Step, exercise
from fedgrader.checks.lesson04_federated_types import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.problem import Problem

harness = Harness("lesson04_federated_types.result_type")


@exercise(
    parts={
        N_("broadcast: from the server to all clients"): 1,
        N_("sum and mean: from the clients to the server"): 1,
        N_("map: another value in the same place"): 2,
    },
    hints=(
        N_(
            "A federated type has two parts, `value_type.member` and `value_type.placement`. For each "
            "operator, ask of both: which stays, and which becomes something else?"
        ),
        N_(
            "Broadcast, sum and mean keep the member and change the placement. Map is the other way round: "
            "it keeps the placement, and the new member is `function_type.result`."
        ),
        N_(
            "`tff.FederatedType(value_type.member, tff.CLIENTS, all_equal=True)` for broadcast, "
            "`tff.FederatedType(value_type.member, tff.SERVER)` for sum and mean, "
            "`tff.FederatedType(function_type.result, value_type.placement)` for map."
        ),
    ),
    why=N_(
        "You have written a small part of TFF's own type checker. Notice what it never needed: a value. "
        "Types are known before any phone is asked, so a mistake is found on your desk and not after a night "
        "of training."
    ),
)
def result_type(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    size, other = (int(n) for n in rng.choice(np.arange(2, 60), 2, replace=False))
    struct = f"<kernel=float32[{size},{other}],bias=float32[{other}]>"
    yield (
        N_("broadcast: from the server to all clients"),
        _results_problem(
            answer,
            (
                ("broadcast", f"float32[{size}]@SERVER", f"float32[{size}]@CLIENTS"),
                ("broadcast", f"{struct}@SERVER", f"{struct}@CLIENTS"),
                ("broadcast", "int32@SERVER", "int32@CLIENTS"),
            ),
        ),
    )
    yield (
        N_("sum and mean: from the clients to the server"),
        _results_problem(
            answer,
            (
                ("sum", "{int32}@CLIENTS", "int32@SERVER"),
                ("mean", f"{{{struct}}}@CLIENTS", f"{struct}@SERVER"),
                ("sum", f"float32[{size}]@CLIENTS", f"float32[{size}]@SERVER"),
                ("sum", f"{{{struct}}}@CLIENTS", f"{struct}@SERVER"),
                ("mean", f"{{float64[{other}]}}@CLIENTS", f"float64[{other}]@SERVER"),
                ("mean", "float32@CLIENTS", "float32@SERVER"),
            ),
        ),
    )
    yield (
        N_("map: another value in the same place"),
        _results_problem(
            answer,
            (
                ("map", f"{{float32[{size}]*}}@CLIENTS", f"(float32[{size}]* -> int32)", "{int32}@CLIENTS"),
                (
                    "map",
                    "<float32,int32>@SERVER",
                    f"(<float32,int32> -> float32[{other}])",
                    f"float32[{other}]@SERVER",
                ),
                ("map", f"float32[{size}]@CLIENTS", f"(float32[{size}] -> float32)", "{float32}@CLIENTS"),
                ("map", f"{{float32[{size}]}}@CLIENTS", f"(float32[?] -> {struct})", f"{{{struct}}}@CLIENTS"),
                ("map", f"{struct}@SERVER", f"({struct} -> int32*)", "int32*@SERVER"),
                (
                    "map",
                    f"int32[{other}]@CLIENTS",
                    f"(int32[{other}] -> int32[{other}])",
                    f"{{int32[{other}]}}@CLIENTS",
                ),
            ),
        ),
    )


def _results_problem(answer: AnswerHandle, cases: tuple[tuple[str, ...], ...]) -> Problem | None:
    """The first problem in the types that come back for the cases; the last of each case is what is right."""
    results = answer.ask(harness.result_type, cases=[case[:-1] for case in cases])
    for (operator, value, *function, want), got in zip(cases, results, strict=True):
        called = f'result_type("{operator}", {", ".join([value, *function])})'
        expected = _("the type of the result")
        problem = shared.type_problem(called, got, want, expected, _result_mistakes(operator, value, want))
        if problem:
            return problem
    return None


def _result_mistakes(operator: str, value: str, want: str) -> tuple[tuple[str, str], ...]:
    given, right = parse(value), parse(want)
    if operator == "map" and isinstance(given, Placed) and isinstance(right, Placed):
        return _map_mistakes(given, right)
    unchanged = _("This is the type of what goes in. `{operator}` brings it to another place.")
    return ((value, unchanged.format(operator=operator)),)


def _map_mistakes(given: Placed, right: Placed) -> tuple[tuple[str, str], ...]:
    function_input = _(
        "`{type}` is what goes into the function. What comes out of it is `function_type.result`."
    ).format(type=given.member)
    return (
        (f"{right.member}@{right.placement}", _kept_all_equal()),
        (str(given), function_input),
        (str(Placed(given.member, right.placement, right.all_equal)), function_input),
    )


def _kept_all_equal() -> str:
    return _(
        "Even if every client has the same value, TFF does not look into the function that is mapped: it may "
        "throw dice. So after a map at the clients each has its own: no `all_equal`."
    )
