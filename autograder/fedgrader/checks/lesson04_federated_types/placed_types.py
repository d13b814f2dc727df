"""The check of `placed_types`, lesson 4."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise
from fedgrader.checks.lesson04_federated_types import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.problem import Problem

harness = Harness("lesson04_federated_types.placed_types")


@exercise(
    parts={
        N_("says what the server and what each client has"): 1,
        N_("tells what all clients share from what each has of its own"): 1,
        N_("writes the type of the round"): 2,
    },
    hints=(
        N_(
            "Ask of each value: who has it? If the clients have it, ask once more: is it the same at all of "
            "them, for sure?"
        ),
        N_(
            "`tff.FederatedType(type, placement)`; with `all_equal=True` as a third argument the braces "
            "disappear. `tff.FunctionType(parameter, result)` is a computation; several named parameters are "
            "one struct."
        ),
        N_(
            "`received_weights` is `tff.FederatedType(weights, tff.CLIENTS, all_equal=True)`. `one_round` is "
            "`tff.FunctionType(collections.OrderedDict(server_weights=…, client_data=…), …)` and its result "
            "is of the type of `server_weights`."
        ),
    ),
    why=N_(
        "The type of a round says more than many a privacy policy: datasets go in at the clients, and what "
        "comes out at the server is weights. A round's result has the type of its first parameter, so that "
        "it can be put in again: that is what makes rounds of it."
    ),
)
def placed_types(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    models = _models(rng)
    got = [answer.ask(harness.placed_types, weights=weights, batch=batch) for weights, batch in models]
    problems = [
        shared.no_dictionary(_called(*model), types) for model, types in zip(models, got, strict=True)
    ]
    problem = next(filter(None, problems), None)
    if problem:
        yield N_("says what the server and what each client has"), problem
        return
    for part, part_problem in (
        (N_("says what the server and what each client has"), _who_problem),
        (N_("tells what all clients share from what each has of its own"), _equal_problem),
        (N_("writes the type of the round"), _round_problem),
    ):
        problems = [part_problem(*model, types) for model, types in zip(models, got, strict=True)]
        yield part, next(filter(None, problems), None)


def _models(rng: np.random.Generator) -> list[tuple[str, str]]:
    """Types of weights and of batches: of a model like lesson 1's, and of one with other fields."""
    n, m, k = (int(size) for size in rng.choice(np.arange(2, 60), 3, replace=False))
    return [
        (f"<kernel=float32[{n},{m}],bias=float32[{m}]>", f"<x=float32[?,{n}],y=int32[?]>"),
        (f"<float32[{k}],<scale=float32,steps=int32[{m}]>>", f"<label=int32[?],pixels=float32[?,{k},{k}]>"),
    ]


def _called(weights: str, batch: str) -> str:
    return f"placed_types({weights}, {batch})"


def _who_problem(weights: str, batch: str, got: dict) -> Problem | None:
    called = _called(weights, batch)
    return shared.field_problem(
        called, got, "server_weights", f"{weights}@SERVER", _("weights that the server has")
    ) or shared.field_problem(
        called,
        got,
        "client_data",
        f"{{{batch}*}}@CLIENTS",
        _("datasets of batches, each client having its own"),
    )


def _equal_problem(weights: str, batch: str, got: dict) -> Problem | None:
    called = _called(weights, batch)
    return shared.field_problem(
        called, got, "received_weights", f"{weights}@CLIENTS", _("weights, the same at every client")
    ) or shared.field_problem(
        called, got, "trained_weights", f"{{{weights}}}@CLIENTS", _("weights, other ones at each client")
    )


def _round_problem(weights: str, batch: str, got: dict) -> Problem | None:
    """Parts that are wrong by themselves, and have been named already, may be wrong in here."""
    own_weights, own_data = (
        got[name] if shared.is_type(got.get(name)) else right
        for name, right in (("server_weights", f"{weights}@SERVER"), ("client_data", f"{{{batch}*}}@CLIENTS"))
    )
    return shared.field_problem(
        _called(weights, batch),
        got,
        "one_round",
        f"(<server_weights={own_weights},client_data={own_data}> -> {own_weights})",
        _("a computation: the server's weights and the clients' data in, new weights at the server out"),
    )
