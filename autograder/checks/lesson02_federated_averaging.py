"""Checks of lesson 2: federated averaging with `tff.learning`."""

from collections.abc import Iterator

import numpy as np

from autograder.answers import AnswerHandle
from autograder.checking import Harness, Step, exercise, judge
from autograder.checks import maths
from autograder.finding import Problem
from autograder.plain import describe, same, shape_of
from fedcourse.i18n import N_, _

harness = Harness("lesson02_federated_averaging")

ACCURACY = "sparse_categorical_accuracy"

# --- the same maths in numpy: a softmax regression of two numbers into three classes ---


def _weights(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {
        "kernel": rng.normal(0, 0.5, (2, 3)).astype(np.float32),
        "bias": rng.normal(0, 0.5, 3).astype(np.float32),
    }


def _batch(rng: np.random.Generator, size: int) -> dict[str, np.ndarray]:
    return {
        "x": rng.normal(0, 1, (size, 2)).astype(np.float32),
        "y": rng.integers(0, 3, size).astype(np.int32),
    }


# --- make_model_fn ---

_SPEC = {"x": "float32[None, 2]", "y": "int32[None]"}


@exercise(
    parts={
        N_("returns a recipe that makes a TFF model"): 1,
        N_("makes a new model at every call"): 2,
        N_("brings the right loss and the right metric"): 1,
    },
    hints=(
        N_(
            "You write a function in a function. The outer one receives the ingredients; the inner one, "
            "`model_fn`, takes no arguments and does all the cooking. Which of the two calls "
            "`build_keras_model`?"
        ),
        N_(
            "Inside `model_fn`, hand four things to `tff.learning.models.from_keras_model`: a Keras model "
            "that was built just now, `loss=`, `input_spec=` and `metrics=`. The network ends in scores, so "
            "the loss needs `from_logits=True`."
        ),
        N_(
            "`def model_fn(): return tff.learning.models.from_keras_model(build_keras_model(), "
            "loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), input_spec=input_spec, "
            "metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])`, and after it, in the outer function, "
            "`return model_fn` without parentheses."
        ),
    ),
    why=N_(
        "TFF calls your recipe several times: once to learn the shapes of the weights, once for the first "
        "weights, once for the code that every client runs. Each time it records what is built. A recipe can "
        "be repeated anywhere, on any phone; a model that exists already exists only here."
    ),
)
def make_model_fn(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    weights, batch = _weights(rng), _batch(rng, 7)
    # Labels that the model gets right and wrong, so that every metric has a value of its own.
    best = maths.scores(weights, batch["x"]).argmax(axis=1)
    batch["y"] = np.where(np.arange(7) < 3, best, (best + 1) % 3).astype(np.int32)
    got = answer.ask(harness.make_model_fn, **weights)
    problem = _recipe_problem(got)
    yield N_("returns a recipe that makes a TFF model"), problem
    if problem:
        return
    problem = _newness_problem(got)
    if problem:
        yield N_("makes a new model at every call"), problem
        return
    said = answer.ask(harness.report, **weights, batch=batch)
    yield N_("makes a new model at every call"), None
    yield (
        N_("brings the right loss and the right metric"),
        _loss_problem(said["loss"], weights, batch) or _metric_problem(said["metrics"]),
    )


def _recipe_problem(got: dict) -> Problem | None:
    called, expected = "make_model_fn(build_keras_model, input_spec)", _("a function without arguments")
    if "type" in got:
        model = _("This is a model. Return the recipe: `return model_fn`, without parentheses.")
        hints = {
            "KerasModel": model,
            "Sequential": model,
            "NoneType": _("Nothing came back. The outer function ends with `return model_fn`."),
        }
        hint = hints.get(got["type"], _("Return the inner function, `model_fn`."))
        return Problem(called, _("an object of type `{type}`").format(type=got["type"]), expected, hint)
    called, expected = "model_fn()", "tff.learning.models.VariableModel"
    if "raised" in got:
        hint = _("Leave `compile` out. The loss goes to TFF, and the optimizers come later, in the process.")
        return Problem(called, got["raised"], expected, hint)
    if "made" in got:
        hints = {
            "Sequential": _(
                "This is a Keras model. TFF wants it wrapped: `tff.learning.models.from_keras_model(…)`."
            ),
            "NoneType": _("`model_fn` itself returned nothing. It needs a `return`, too."),
        }
        hint = hints.get(got["made"], _("Return what `tff.learning.models.from_keras_model` returns."))
        return Problem(called, _("an object of type `{type}`").format(type=got["made"]), expected, hint)
    return judge(
        "model_fn().input_spec",
        got["input_spec"],
        _SPEC,
        _("Hand `input_spec` on as it is: another model may take other batches than yours does."),
    )


def _newness_problem(got: dict) -> Problem | None:
    called, expected = _("model_fn(), called twice"), _("two models that share nothing")
    if got["same_model"] or got["shared_weights"]:
        return Problem(
            called,
            _("twice the same variables"),
            expected,
            _(
                "The model was built outside `model_fn`, once, and every call returns it again. Call "
                "`build_keras_model()` inside `model_fn`."
            ),
        )
    if got["shared_metrics"]:
        return Problem(
            called,
            _("two models with one metric between them"),
            expected,
            _("A metric has variables as well: it counts. Make it inside `model_fn`, next to the model."),
        )
    return None


def _loss_problem(got, weights: dict, batch: dict) -> Problem | None:
    scores, y = maths.scores(weights, batch["x"]), batch["y"]
    rows = np.arange(len(y))
    losses = -np.log(maths.softmax(scores)[rows, y])
    clipped = np.clip(scores, 1e-7, 1 - 1e-7)  # what Keras does to scores that it takes for probabilities
    unscaled = -np.log(clipped[rows, y] / clipped.sum(axis=1))
    twice = -np.log(maths.softmax(maths.softmax(scores))[rows, y])
    return judge(
        _("the loss of a batch of 7 examples"),
        got,
        losses.mean(),
        _("Use `tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)`."),
        (
            (
                unscaled.mean(),
                _(
                    "The network returns scores, not probabilities, and the loss must know: "
                    "`from_logits=True`."
                ),
            ),
            (losses.sum(), _("This is the sum over the batch. Leave the loss's `reduction` as it is.")),
            (
                twice.mean(),
                _("A softmax too many: with `from_logits=True` the loss applies it to the scores itself."),
            ),
        ),
    )


def _metric_problem(got: dict) -> Problem | None:
    """TFF adds the loss and two counts to the metrics by itself."""
    own = {name: value for name, value in got.items() if name not in ("loss", "num_examples", "num_batches")}
    missing = _("The metric is missing: `metrics=[tf.keras.metrics.SparseCategoricalAccuracy()]`.")
    other_name = {name: 3 / 7 for name in own}
    return judge(
        _("the metrics of a batch with 3 of 7 right"),
        own,
        {ACCURACY: 3 / 7},
        _("Report one metric: `tf.keras.metrics.SparseCategoricalAccuracy()`."),
        (
            ({}, missing),
            (
                other_name if len(own) == 1 else None,
                _("Right number, other name. Leave the name as Keras gives it: later cells ask for it."),
            ),
        ),
    )


# --- build_process ---

_CLIENT_RATE, _SERVER_RATE, _ROUNDS = 0.3, 0.4, 2


@exercise(
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
    start = _weights(rng)
    clients = [[_batch(rng, size) for size in sizes] for sizes in ((4, 4, 4), (3,), (4, 1))]
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
        if name == part and problem.hint == _no_known_mistake():
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


# --- run_rounds ---

_CLIENTS, _CHOSEN, _NUM_ROUNDS = 9, 3, 6


@exercise(
    parts={
        N_("returns one output a round"): 1,
        N_("carries the state from round to round"): 1,
        N_("draws different clients, anew each round"): 2,
        N_("draws the same for the same seed"): 1,
    },
    hints=(
        N_(
            "Three things are made before the loop: a generator, a first state, an empty list. In the loop: "
            "draw clients, collect their datasets, run one round, keep what must be kept."
        ),
        N_(
            "`rng = np.random.default_rng(seed)` before the loop; in it, `rng.choice(client_data.client_ids, "
            "clients_per_round, replace=False)`, one dataset for each of them, and `output = "
            "process.next(state, federated_data)`. What does `state` have to be in the next round?"
        ),
        N_(
            "`federated_data = [client_data.create_tf_dataset_for_client(client_id) for client_id in "
            "chosen]`, `output = process.next(state, federated_data)`, `state = output.state`, "
            "`outputs.append(output)`; after the loop, `return outputs`."
        ),
    ),
    why=N_(
        "All that a federated model has learnt is in the state: whoever drops it starts again from nothing. "
        "And the draw is what makes ten phones a round enough, for over the rounds everybody gets a turn. "
        "With one generator, made before the loop, each draw is new and the whole series can be repeated."
    ),
)
def run_rounds(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    seed, first_state = int(rng.integers(1, 1000)), int(rng.integers(100, 900))
    run, again, other = answer.ask(
        harness.run_rounds,
        num_clients=_CLIENTS,
        clients_per_round=_CHOSEN,
        num_rounds=_NUM_ROUNDS,
        seeds=[seed, seed, seed + 1],
        first_state=first_state,
    )
    called = f"run_rounds(process, client_data, {_CHOSEN}, {_NUM_ROUNDS}, {seed})"
    problem = _given_problem(run["given"], called) or _outputs_problem(run, called)
    yield N_("returns one output a round"), problem
    if problem:
        return
    states = [given["state"] for given in run["given"]]
    yield N_("carries the state from round to round"), _states_problem(states, first_state, called)
    draws, repeated, different = ([given["clients"] for given in one["given"]] for one in (run, again, other))
    problem = _draws_problem(draws, called)
    yield N_("draws different clients, anew each round"), problem
    if not problem:
        yield N_("draws the same for the same seed"), _seed_problem(draws, repeated, different, called)


def _given_problem(given: list[dict], called: str) -> Problem | None:
    """Where `process.next` was handed something that TFF would not take."""
    expected = _("process.next(state, a list of datasets), {rounds} times").format(rounds=_NUM_ROUNDS)
    for one in given:
        if isinstance(one["state"], str):
            hints = {
                "method": _("Call it: `process.initialize()`, with parentheses."),
                "LearningProcessOutput": _(
                    "This is the whole output of the round before. The state is in it: `output.state`."
                ),
                "NoneType": _("There is no state. The first one is `process.initialize()`."),
            }
            otherwise = _("The first state is `process.initialize()`, each later one `output.state`.")
            got = _("process.next(an object of type `{type}`, …)").format(type=one["state"])
            return Problem(called, got, expected, hints.get(one["state"], otherwise))
        if isinstance(one["clients"], str):
            names = _(
                "These are the clients' names. Get each one's dataset: "
                "`client_data.create_tf_dataset_for_client(client_id)`."
            )
            hints = {
                "Dataset": _(
                    "One dataset is one client. TFF takes a list with a dataset for each client of the round."
                ),
                "list of str": names,
                "ndarray": names,
            }
            otherwise = _("Hand `process.next` a list of datasets, one for each client of the round.")
            got = _("process.next(state, an object of type `{type}`)").format(type=one["clients"])
            return Problem(called, got, expected, hints.get(one["clients"], otherwise))
    if len(given) == _NUM_ROUNDS:
        return None
    hint = _("Run exactly `num_rounds` rounds: one `process.next` each. Is there a `return` in the loop?")
    return Problem(called, _("{rounds} rounds").format(rounds=len(given)), expected, hint)


def _outputs_problem(run: dict, called: str) -> Problem | None:
    returned = run["returned"]
    expected = _("a list of {rounds} outputs of `process.next`").format(rounds=_NUM_ROUNDS)
    if isinstance(returned, str):
        otherwise = _("Keep what `process.next` returned as it is, state and metrics together.")
        hints = {
            "NoneType": _("Nothing came back. End the function with `return outputs`."),
            "int": _("This is the state alone. Keep every round's output in a list, and return the list."),
            "LearningProcessOutput": _("This is the last output alone. Append each round's to a list."),
            "list of int": _("These are the states alone. Append the whole output: it holds both."),
            "list of OrderedDict": _("These are the metrics alone. Append the whole output: it holds both."),
        }
        got = _("an object of type `{type}`").format(type=returned)
        return Problem(called, got, expected, hints.get(returned, otherwise))
    if returned == list(range(_NUM_ROUNDS)):
        return None
    hints = {
        len(set(returned)) == 1: _("Each entry is the same round. Append inside the loop, once a round."),
        len(returned) == 0: _("The list is empty. Append each round's output."),
    }
    hint = hints.get(True, _("One output for each round, in the order of the rounds."))
    got = _("outputs of the rounds {rounds}").format(rounds=describe([number + 1 for number in returned]))
    return Problem(called, got, expected, hint)


def _states_problem(states: list[int], first: int, called: str) -> Problem | None:
    """The toy process's state is a number that grows by one each round."""
    rounds = [state - first for state in states]
    if rounds == list(range(_NUM_ROUNDS)):
        return None
    started_again = _(
        "Every round starts from the untrained state, so nothing is ever learnt. Before the next round: "
        "`state = output.state`; and call `process.initialize()` only once, before the loop."
    )
    otherwise = _("Each round must start from the state that the round before returned: `output.state`.")
    return Problem(
        called,
        _("rounds that start from states that are {rounds} rounds old").format(rounds=describe(rounds)),
        _("rounds that start from states that are {rounds} rounds old").format(
            rounds=describe(list(range(_NUM_ROUNDS)))
        ),
        started_again if not any(rounds) else otherwise,
    )


def _draws_problem(draws: list[list[int]], called: str) -> Problem | None:
    expected = _("{number} different clients a round, others in other rounds").format(number=_CHOSEN)
    everybody = set(range(_CLIENTS))
    got = _("in the first rounds, the clients {clients}").format(clients=describe(draws[:3]))
    if any(len(set(draw)) < len(draw) for draw in draws):
        if all(len(set(draw)) == 1 for draw in draws):
            hint = _("One client several times over. Does the comprehension use its own variable?")
        else:
            hint = _("Someone takes part twice in a round. Draw with `replace=False`.")
        return Problem(called, got, expected, hint)
    if all(set(draw) == everybody for draw in draws):
        hint = _("Everybody takes part in every round. Draw `clients_per_round` of them.")
        return Problem(called, got, expected, hint)
    if any(len(draw) != _CHOSEN for draw in draws):
        hint = _("`clients_per_round` says how many take part, in each round.")
        return Problem(called, got, expected, hint)
    if all(draw == draws[0] for draw in draws):
        if draws[0] == list(range(_CHOSEN)):
            hint = _("The first clients of the list take every turn. Draw at random, in the loop.")
        else:
            hint = _(
                "The same clients in every round. Draw inside the loop, with a generator that is made before "
                "it: one made in the loop, from the same seed, begins again each time."
            )
        return Problem(called, got, expected, hint)
    # Of nine clients, six fair draws of three leave more than four out once in a million seeds.
    if len(everybody - {client for draw in draws for client in draw}) > 4:
        hint = _("Some clients never get a turn. Draw from all of `client_data.client_ids`.")
        return Problem(called, got, expected, hint)
    return None


def _seed_problem(draws: list, repeated: list, different: list, called: str) -> Problem | None:
    if draws != repeated:
        return Problem(
            called,
            _("other clients when run again with the same seed"),
            _("the same clients for the same seed"),
            _(
                "Make the generator inside the function, from `seed`: `np.random.default_rng(seed)`. One "
                "that lives outside remembers how often it was used; one without a seed draws as it likes."
            ),
        )
    if draws == different:
        return Problem(
            called,
            _("the same clients for another seed"),
            _("a draw that depends on the seed"),
            _("Use the argument `seed`, not a number of your own."),
        )
    return None


# --- evaluate ---

_SEEN, _UNSEEN = "seen clients", "unseen clients"


@exercise(
    parts={
        N_("returns the two accuracies"): 1,
        N_("measures the weights it is given"): 1,
        N_("seen clients: on the pages they kept back"): 1,
        N_("unseen clients: on those who are only in test"): 1,
    },
    hints=(
        N_(
            "An evaluation starts with weights of its own, fresh and untrained. Which of its methods puts "
            "yours in, and does it change the state or return a new one?"
        ),
        N_(
            "`state = evaluation.set_model_weights(evaluation.initialize(), model_weights)`. Both groups are "
            "read from `test`: once for `train.client_ids`, once for `unseen_clients(train, test)`."
        ),
        N_(
            "For each group: `output = evaluation.next(state, "
            "[test.create_tf_dataset_for_client(client_id) for client_id in client_ids])`, and the accuracy "
            'is `output.metrics["client_work"]["eval"]["current_round_metrics"]'
            '["sparse_categorical_accuracy"]`.'
        ),
    ),
    why=N_(
        "The model travelled to every client, was tried on pages that it never trained on, and only counts "
        "came back. Two numbers answer two questions: will it serve the people who helped, and will it serve "
        "the next person who installs it? Mind who is asked, on which pages, with which weights; most wrong "
        "accuracies get one of the three wrong."
    ),
)
def evaluate(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    weights = _weights(rng)
    train, test = _pages_with_distinct_results(rng, weights)
    called = _("evaluate(evaluation, model_weights, train, test) with 3 seen and 2 unseen clients")
    got = answer.ask(harness.evaluate, **weights, train=train, test=test)
    problem = _accuracies_form_problem(got, called)
    yield N_("returns the two accuracies"), problem
    if problem:
        return
    found = _results(weights, train, test)
    problem = _untrained_problem(got, _results(maths.each(np.zeros_like, weights), train, test), called)
    yield N_("measures the weights it is given"), problem
    if problem:
        return
    yield N_("seen clients: on the pages they kept back"), _seen_problem(got[_SEEN], found, called)
    yield (
        N_("unseen clients: on those who are only in test"),
        _unseen_problem(got[_UNSEEN], found, called),
    )


def _pages_with_distinct_results(rng: np.random.Generator, weights: dict) -> tuple[dict, dict]:
    """Clients for training and testing, such that no two of the accuracies one may work out are equal."""
    while True:
        train = {name: _pages(rng, size, weights) for name, size in (("ada", 9), ("bo", 4), ("cem", 6))}
        test = {
            name: _pages(rng, size, weights)
            for name, size in (("ada", 5), ("bo", 3), ("cem", 7), ("dan", 6), ("eve", 11))
        }
        results = _results(weights, train, test) | {
            f"untrained {name}": value
            for name, value in _results(maths.each(np.zeros_like, weights), train, test).items()
        }
        values = np.sort(list(results.values()))
        if np.all(np.diff(values) > 1e-3):
            return train, test


def _pages(rng: np.random.Generator, size: int, weights: dict) -> tuple[np.ndarray, np.ndarray]:
    x = rng.normal(0, 1, (size, 2)).astype(np.float32)
    best = maths.scores(weights, x).argmax(axis=1)
    return x, np.where(rng.random(size) < 0.6, best, rng.integers(0, 3, size)).astype(np.int32)


def _results(weights: dict, train: dict, test: dict) -> dict[str, float]:
    """The accuracies one may work out, whether one should or not, by what they are called here."""
    unseen = [name for name in test if name not in train]
    return {
        "seen": _accuracy(weights, [test[name] for name in train]),
        "unseen": _accuracy(weights, [test[name] for name in unseen]),
        "trained on": _accuracy(weights, list(train.values())),
        "everybody": _accuracy(weights, list(test.values())),
        "seen, mean": float(np.mean([_accuracy(weights, [test[name]]) for name in train])),
        "unseen, mean": float(np.mean([_accuracy(weights, [test[name]]) for name in unseen])),
    }


def _accuracy(weights: dict, clients: list[tuple[np.ndarray, np.ndarray]]) -> float:
    x, y = (np.concatenate(part) for part in zip(*clients, strict=True))
    return float(np.mean(maths.scores(weights, x).argmax(axis=1) == y))


def _accuracies_form_problem(got, called: str) -> Problem | None:
    if isinstance(got, dict) and set(got) == {_SEEN, _UNSEEN}:
        if all(shape_of(value) == () for value in got.values()):
            return None
        hint = _(
            "Each of the two must be one number. The accuracy is deep inside the output's `metrics`: "
            '`["client_work"]["eval"]["current_round_metrics"]["sparse_categorical_accuracy"]`.'
        )
    elif got is None:
        hint = _("Nothing came back. End the function with `return` and a dict.")
    else:
        hint = _('Return a dict with just these two names: `"seen clients"` and `"unseen clients"`.')
    return Problem(called, describe(got), '{"seen clients": float, "unseen clients": float}', hint)


def _untrained_problem(got: dict, untrained: dict, called: str) -> Problem | None:
    if not any(same(value, number) for value in got.values() for number in untrained.values()):
        return None
    return Problem(
        called,
        describe(got),
        _("the accuracies of the weights `model_weights`"),
        _(
            "These are the accuracies of an untrained model: the evaluation's own first weights. Go on with "
            "the state that `evaluation.set_model_weights(state, model_weights)` returns; it leaves the old "
            "one as it was."
        ),
    )


def _mean_of_means() -> str:
    return _(
        "This is the mean of the clients' accuracies. Give all clients of the group to one "
        "`evaluation.next`, so that every page counts the same."
    )


def _seen_problem(got, found: dict, called: str) -> Problem | None:
    return judge(
        f'{called}["{_SEEN}"]',
        got,
        found["seen"],
        _("Read, from `test`, the datasets of all clients in `train.client_ids`."),
        (
            (
                found["trained on"],
                _(
                    "These are the pages the model was trained on. Ask for the same people, but read their "
                    "pages from `test`."
                ),
            ),
            (found["everybody"], _("This is everybody in `test`. Take those who are in `train`, too.")),
            (found["unseen"], _("These are the strangers. The two groups are swapped.")),
            (found["seen, mean"], _mean_of_means()),
        ),
    )


def _unseen_problem(got, found: dict, called: str) -> Problem | None:
    return judge(
        f'{called}["{_UNSEEN}"]',
        got,
        found["unseen"],
        _("Read, from `test`, the datasets of all clients in `unseen_clients(train, test)`."),
        (
            (
                found["everybody"],
                _(
                    "This is everybody in `test`, seen clients too. Take `unseen_clients(train, test)`; and "
                    "if you go on with the state of the first evaluation, read `current_round_metrics`, not "
                    "`total_rounds_metrics`."
                ),
            ),
            (found["seen"], _("These are the seen clients. The strangers are only in `test`.")),
            (found["trained on"], _("These are training pages. Strangers have none.")),
            (found["unseen, mean"], _mean_of_means()),
        ),
    )
