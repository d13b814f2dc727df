"""The check of `build_process`, lesson 2."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson02_federated_averaging import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import same
from fedgrader.guest.problem import Problem

harness = Harness("lesson02_federated_averaging.build_process")
_CLIENT_RATE, _SERVER_RATE, _ROUNDS = 0.3, 0.4, 2


@exercise(
    draws=1,  # each takes its time
    parts={
        N_("builds a learning process"): 1,
        N_("lets the clients step with `client_rate`"): 1,
        N_("lets the server step with `server_rate`"): 1,
        N_("weighs each client by its number of examples"): 1,
    },
    hints=(
        N_("Look for `build_weighted_fed_avg` in `tff.learning.algorithms`. It takes three things."),
        N_(
            "An optimizer is made by `tff.learning.optimizers.build_sgdm(rate)`. You need two of them: "
            "`client_optimizer_fn=` and `server_optimizer_fn=`."
        ),
        N_(
            "`tff.learning.algorithms.build_weighted_fed_avg(model_fn, "
            "client_optimizer_fn=tff.learning.optimizers.build_sgdm(client_rate), "
            "server_optimizer_fn=tff.learning.optimizers.build_sgdm(server_rate))`, with `return` before it."
        ),
    ),
    why=N_(
        "One name, four steps: broadcast, client update, weighted average, server update. The client's "
        "optimizer sees gradients of batches; the server's sees one thing a round, the average change of the "
        "clients. Swap either for another, and you have another algorithm: Adam at the server is FedAdam."
    ),
)
def build_process(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    start = shared.weights(rng)
    clients = [[shared.batch(rng, size) for size in sizes] for sizes in ((4, 4, 4), (3,), (4, 1))]
    got = answer.ask(
        harness.build_process,
        **start,
        clients=clients,
        client_rate=_CLIENT_RATE,
        server_rate=_SERVER_RATE,
        num_rounds=_ROUNDS,
    )
    called = f"build_process(model_fn, client_rate={_CLIENT_RATE}, server_rate={_SERVER_RATE})"
    problem = _process_problem(got, called)
    yield N_("builds a learning process"), problem
    if problem:
        return
    part, problem = _rounds_problem(got["weights"], start, clients, called)
    for name in (
        N_("lets the clients step with `client_rate`"),
        N_("lets the server step with `server_rate`"),
        N_("weighs each client by its number of examples"),
    ):
        yield name, problem if name == part else None
        if problem and name == part and problem.hint == _no_known_mistake():
            return  # nothing is known of the parts after it


def _process_problem(got: dict, called: str) -> Problem | None:
    expected = "tff.learning.templates.LearningProcess"
    if "raised" in got:
        keras = _(
            "This is a Keras optimizer, which older tutorials use. Take TFF's own: "
            "`tff.learning.optimizers.build_sgdm(…)`."
        )
        hints = {
            "'SGD'": keras,
            "'Adam'": keras,
            "'function'": _(
                "In spite of its name, `client_optimizer_fn` takes an optimizer, not a function that makes "
                "one. Leave the `lambda` out."
            ),
            "'float'": _("A rate is no optimizer. `tff.learning.optimizers.build_sgdm(rate)` makes one."),
        }
        otherwise = _("Make both optimizers with `tff.learning.optimizers.build_sgdm(…)`.")
        hint = next((hint for name, hint in hints.items() if name in got["raised"]), otherwise)
        return Problem(called, got["raised"], _("an optimizer of `tff.learning.optimizers`"), hint)
    if "type" in got:
        hints = {
            "NoneType": _("Nothing came back. Put `return` before the process."),
            "LearningAlgorithmState": _("This is the first state. Return the process, which can make one."),
        }
        hint = hints.get(got["type"], _("Return what `build_weighted_fed_avg` returns."))
        return Problem(called, _("an object of type `{type}`").format(type=got["type"]), expected, hint)
    return None


def _no_known_mistake() -> str:
    return _(
        "Use plain gradient descent on both sides: `tff.learning.optimizers.build_sgdm(…)`, with "
        "`client_rate` for the clients and `server_rate` for the server, and nothing else."
    )


def _federated(
    start: dict, clients: list, client_rate, server_rate, *, equal=False, client_m=0.0, server_m=0.0
) -> list[dict]:
    """The server's weights after each round; `equal` counts all clients the same, `…_m` are momenta."""
    shares = np.array([1.0 if equal else sum(len(batch["y"]) for batch in client) for client in clients])
    shares = shares / shares.sum()
    weights, velocity, seen = start, maths.each(np.zeros_like, start), []
    for _round in range(_ROUNDS):
        trained = [_on_client(weights, client, client_rate, client_m) for client in clients]
        mean = maths.each(lambda *values: sum(s * v for s, v in zip(shares, values, strict=True)), *trained)
        velocity = maths.each(lambda v, w, m: server_m * v + w - m, velocity, weights, mean)
        weights = maths.each(lambda w, v: w - server_rate * v, weights, velocity)
        seen.append(weights)
    return seen


def _on_client(weights: dict, batches: list[dict], rate: float, momentum: float) -> dict:
    velocity = maths.each(np.zeros_like, weights)
    for batch in batches:
        velocity = maths.each(lambda v, g: momentum * v + g, velocity, maths.gradient(weights, batch))
        weights = maths.each(lambda w, v: w - rate * v, weights, velocity)
    return weights


def _one_gradient(start: dict, clients: list, rate: float) -> list[dict]:
    """Federated SGD: the server steps along the mean gradient of all examples."""
    whole = {name: np.concatenate([batch[name] for client in clients for batch in client]) for name in "xy"}
    weights, seen = start, []
    for _round in range(_ROUNDS):
        weights = maths.each(lambda w, g: w - rate * g, weights, maths.gradient(weights, whole))
        seen.append(weights)
    return seen


def _rounds_problem(got: list, start: dict, clients: list, called: str) -> tuple[str | None, Problem | None]:
    """The part at fault and what is wrong with it."""
    c, s = _CLIENT_RATE, _SERVER_RATE

    def fedavg(*rates, **how):
        return _federated(start, clients, *rates, **how)

    client, server = "lets the clients step with `client_rate`", "lets the server step with `server_rate`"
    weighed = "weighs each client by its number of examples"
    hard_coded = _("The clients do not use `client_rate`, but a number of your own.")
    no_momentum = _("Leave momentum out: plain gradient descent is asked for.")
    mistakes = (
        (client, fedavg(s, c), _("The two rates are swapped.")),
        (server, fedavg(c, c), _("The server uses `client_rate`. It has a rate of its own.")),
        (client, fedavg(s, s), _("The clients use `server_rate`. They have a rate of their own.")),
        *((client, fedavg(rate, s), hard_coded) for rate in (0.01, 0.02, 0.05, 0.1, 0.5, 1.0)),
        (
            server,
            fedavg(c, 1.0),
            _(
                "The server takes the average whole, whatever `server_rate` is. Did you give it an optimizer "
                "of its own? Without one, TFF uses gradient descent with rate 1."
            ),
        ),
        (
            server,
            [start] * _ROUNDS,
            _(
                "The server never moves. With a learning rate of 0 it listens to all clients and ignores "
                "them: use `server_rate`."
            ),
        ),
        (client, fedavg(c, s, client_m=0.9), no_momentum),
        (server, fedavg(c, s, server_m=0.9), no_momentum),
        (
            weighed,
            fedavg(c, s, equal=True),
            _(
                "A client with three examples counts as much as one with twelve. The weighted variant is "
                "`build_weighted_fed_avg`."
            ),
        ),
        (
            client,
            _one_gradient(start, clients, s),
            _(
                "In federated SGD a client sends one gradient and takes no step. In federated averaging it "
                "trains: `build_weighted_fed_avg`."
            ),
        ),
    )
    called = _("{rounds} rounds of {process}").format(rounds=_ROUNDS, process=called)
    problem = judge(
        called,
        got,
        fedavg(c, s),
        _no_known_mistake(),
        tuple((value, hint) for _part, value, hint in mistakes),
    )
    if problem is None:
        return None, None
    part = next((part for part, value, _hint in mistakes if same(got, value)), client)
    return part, problem
