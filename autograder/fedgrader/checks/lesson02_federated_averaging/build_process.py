"""The check of `build_process`, lesson 2."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson02_federated_averaging import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import same
from fedgrader.guest.problem import Problem

harness = Harness("lesson02_federated_averaging.build_process")
_ROUNDS = 2
_OTHER_RATES = (0.01, 0.02, 0.05, 0.1, 0.5, 1.0)  # what a student may write instead
_CLIENT, _SERVER = (
    N_("lets the clients step with `client_rate`"),
    N_("lets the server step with `server_rate`"),
)
_WEIGHED = N_("weighs each client by its number of examples")


@dataclass(frozen=True)
class _AskedProcess:
    """The first weights, the clients' batches, and the two rates."""

    start: dict
    clients: list[list[dict]]
    client_rate: float
    server_rate: float

    @property
    def called(self) -> str:
        return f"build_process(model_fn, client_rate={self.client_rate}, server_rate={self.server_rate})"


def _drawn(rng: np.random.Generator) -> _AskedProcess:
    """Rates that are no student's own, and examples so large that clipping would show."""
    clients = [[shared.batch(rng, size) for size in sizes] for sizes in ((4, 4, 4), (3,), (4, 1))]
    clients = [[batch | {"x": batch["x"] * 4} for batch in client] for client in clients]
    rates = (round(float(rng.uniform(*ends)), 2) for ends in ((0.2, 0.45), (0.6, 0.9)))
    return _AskedProcess(shared.weights(rng), clients, *rates)


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
    asked = _drawn(rng)
    got = answer.ask(
        harness.build_process,
        **asked.start,
        clients=asked.clients,
        client_rate=asked.client_rate,
        server_rate=asked.server_rate,
        num_rounds=_ROUNDS,
    )
    problem = _process_problem(got, asked.called)
    yield N_("builds a learning process"), problem
    if problem:
        return
    problems = _rounds_problems(asked, got["weights"])
    for part in (_CLIENT, _SERVER, _WEIGHED):
        problem = problems.get(part)
        yield part, problem
        if problem and problem.hint == _no_known_mistake():
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
                "one. Leave the `lambda` out, and call `build_sgdm` with its rate."
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
    asked: _AskedProcess, client_rate, server_rate, *, equal=False, client_m=0.0, server_m=0.0
) -> list[dict]:
    """The server's weights after each round; `equal` counts all clients the same, `…_m` are momenta."""
    shares = np.array(
        [1.0 if equal else sum(len(batch["y"]) for batch in client) for client in asked.clients]
    )
    shares = shares / shares.sum()
    weights, velocity, seen = asked.start, maths.each(np.zeros_like, asked.start), []
    for _round in range(_ROUNDS):
        trained = [_on_client(weights, client, client_rate, client_m) for client in asked.clients]
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


def _one_gradient(asked: _AskedProcess) -> list[dict]:
    """Federated SGD: the server steps along the mean gradient of all examples."""
    batches = [batch for client in asked.clients for batch in client]
    whole = {name: np.concatenate([batch[name] for batch in batches]) for name in "xy"}
    weights, seen = asked.start, []
    for _round in range(_ROUNDS):
        gradient = maths.gradient(weights, whole)
        weights = maths.each(lambda w, g: w - asked.server_rate * g, weights, gradient)
        seen.append(weights)
    return seen


def _choices(asked: _AskedProcess) -> Iterator[tuple[dict[str, str], dict]]:
    """What may be chosen for the clients, the server and the weighing: the hint for each part that is chosen
    wrongly, and the arguments of `_federated`.
    """
    c, s = asked.client_rate, asked.server_rate
    no_momentum = _("Leave momentum out: plain gradient descent is asked for.")
    not_clients = _("The clients do not use `client_rate`, but a number of your own.")
    not_servers = _("The server does not use `server_rate`, but a number of your own.")
    taken_whole = _(
        "The server takes the average whole, whatever `server_rate` is. Did you give it an optimizer "
        "of its own? Without one, TFF uses gradient descent with rate 1."
    )
    on_clients = [
        (None, {"client_rate": c}),
        (_("The clients use `server_rate`. They have a rate of their own."), {"client_rate": s}),
        (no_momentum, {"client_rate": c, "client_m": 0.9}),
        *((not_clients, {"client_rate": rate}) for rate in _OTHER_RATES),
    ]
    at_server = [
        (None, {"server_rate": s}),
        (_("The server uses `client_rate`. It has a rate of its own."), {"server_rate": c}),
        (no_momentum, {"server_rate": s, "server_m": 0.9}),
        *((not_servers if rate < 1 else taken_whole, {"server_rate": rate}) for rate in _OTHER_RATES),
    ]
    weighed = [
        (None, {}),
        (
            _(
                "A client with three examples counts as much as one with twelve. The weighted variant is "
                "`build_weighted_fed_avg`."
            ),
            {"equal": True},
        ),
    ]
    for choice in itertools.product(on_clients, at_server, weighed):
        hints = {
            part: hint
            for part, (hint, _how) in zip((_CLIENT, _SERVER, _WEIGHED), choice, strict=True)
            if hint
        }
        yield hints, {name: value for _hint, how in choice for name, value in how.items()}


def _rounds_problems(asked: _AskedProcess, got: list) -> dict[str, Problem]:
    """What is wrong, by the part it costs; the first of several parts where the mistake is not known."""
    choices = list(_choices(asked))
    mistakes = [
        (part, _federated(asked, **how), hint)
        for hints, how in choices
        if len(hints) == 1
        for part, hint in hints.items()
    ]
    mistakes += [
        (_CLIENT, _federated(asked, asked.server_rate, asked.client_rate), _("The two rates are swapped.")),
        (
            _SERVER,
            [asked.start] * _ROUNDS,
            _(
                "The server never moves: so it is with a learning rate of 0, and with a process that only "
                "evaluates. Let it step with `server_rate`."
            ),
        ),
        (
            _CLIENT,
            _one_gradient(asked),
            _(
                "In federated SGD a client sends one gradient and takes no step. In federated averaging it "
                "trains: `build_weighted_fed_avg`."
            ),
        ),
    ]
    called = _("{rounds} rounds of {process}").format(rounds=_ROUNDS, process=asked.called)
    problem = judge(
        called,
        got,
        _federated(asked, asked.client_rate, asked.server_rate),
        _no_known_mistake(),
        tuple((value, hint) for _part, value, hint in mistakes),
    )
    if problem is None:
        return {}
    if part := next((part for part, value, _hint in mistakes if same(got, value)), None):
        return {part: problem}
    several = (hints for hints, how in choices if len(hints) > 1 and same(got, _federated(asked, **how)))
    hints = next(several, {_CLIENT: problem.hint})
    return {part: replace(problem, hint=hint) for part, hint in hints.items()}
