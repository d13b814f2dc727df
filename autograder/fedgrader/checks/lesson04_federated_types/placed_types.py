"""The check of `placed_types`, lesson 4."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise
from fedgrader.checks.lesson04_federated_types import shared
from fedgrader.guest.answers import AnswerHandle

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
    features, labels = (int(n) for n in rng.choice(np.arange(2, 60), 2, replace=False))
    weights = f"<kernel=float32[{features},{labels}],bias=float32[{labels}]>"
    batch = f"<x=float32[?,{features}],y=int32[?]>"
    got = answer.ask(harness.placed_types, weights=weights, batch=batch)
    called = "placed_types(weights, batch)"
    problem = shared.no_dictionary(called, got)
    if problem:
        yield N_("says what the server and what each client has"), problem
        return
    at_server, data = f"{weights}@SERVER", f"{{{batch}*}}@CLIENTS"
    yield (
        N_("says what the server and what each client has"),
        shared.field_problem(called, got, "server_weights", at_server, _("weights that the server has"))
        or shared.field_problem(
            called, got, "client_data", data, _("datasets of batches, each client having its own")
        ),
    )
    yield (
        N_("tells what all clients share from what each has of its own"),
        shared.field_problem(
            called, got, "received_weights", f"{weights}@CLIENTS", _("weights, the same at every client")
        )
        or shared.field_problem(
            called, got, "trained_weights", f"{{{weights}}}@CLIENTS", _("weights, other ones at each client")
        ),
    )
    # As above: parts that are wrong by themselves may be wrong in here.
    own_weights, own_data = (
        got[name] if shared.is_type(got.get(name)) else right
        for name, right in (("server_weights", at_server), ("client_data", data))
    )
    yield (
        N_("writes the type of the round"),
        shared.field_problem(
            called,
            got,
            "one_round",
            f"(<server_weights={own_weights},client_data={own_data}> -> {own_weights})",
            _("a computation: the server's weights and the clients' data in, new weights at the server out"),
        ),
    )
