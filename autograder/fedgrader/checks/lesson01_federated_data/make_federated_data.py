"""The check of `make_federated_data`, lesson 1."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks.lesson01_federated_data import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe
from fedgrader.guest.problem import Problem

harness = Harness("lesson01_federated_data.make_federated_data")


@exercise(
    parts={
        N_("returns a list with one dataset a client"): 1,
        N_("takes the clients asked for, in order"): 1,
        N_("preprocesses each of them"): 1,
    },
    hints=(
        N_(
            "How many datasets should come out for three client ids? Of what type is the thing that "
            "holds them?"
        ),
        N_("`client_data.create_tf_dataset_for_client(client_id)` gives one client's dataset."),
        N_(
            "A list comprehension: "
            "`[preprocess_fn(client_data.create_tf_dataset_for_client(client_id)) for client_id in "
            "client_ids]`."
        ),
    ),
    why=N_(
        "A Python list of datasets is federated data in a simulation: each place in the list "
        "plays one phone. The moment the datasets are concatenated, nobody can tell any more whose "
        "data is whose, and nothing is federated."
    ),
)
def make_federated_data(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    sizes = {"ada": 3, "bo": 4, "cem": 1, "dan": 2, "eve": 5}
    labels = {name: [int(x) for x in rng.integers(0, 10, size)] for name, size in sizes.items()}
    clients = {name: tuple(shared.examples(rng, digits).values()) for name, digits in labels.items()}
    chosen = ["dan", "ada", "eve"]
    got = answer.ask(harness.make_federated_data, clients=clients, client_ids=chosen, most=shared.ENDLESS)
    called = 'make_federated_data(client_data, ["dan", "ada", "eve"], preprocess_fn)'
    problem = _list_problem(got, called)
    yield N_("returns a list with one dataset a client"), problem
    if problem:
        return
    content = [
        [int(number) for element in dataset for number in np.ravel(_label(element))]
        for dataset in got["datasets"]
    ]
    found = [[number % 10 for number in dataset] for dataset in content]
    yield N_("takes the clients asked for, in order"), _clients_problem(found, labels, chosen, called)
    yield N_("preprocesses each of them"), _preprocessed_problem(got["datasets"], content, called)


def _label(element):
    return element["label"] if isinstance(element, dict) else element


def _list_problem(got: dict, called: str) -> Problem | None:
    expected = _("a list of 3 datasets")
    if "type" in got:
        hint = _(
            "Return a Python list of `tf.data.Dataset`s, one for each client id; TFF takes nothing else."
        )
        return Problem(called, _("an object of type `{type}`").format(type=got["type"]), expected, hint)
    if len(got["datasets"]) == 3:
        return None
    hint = _("One dataset for each id in `client_ids`, no more, no fewer.")
    return Problem(
        called, _("a list of {number} datasets").format(number=len(got["datasets"])), expected, hint
    )


def _clients_problem(found: list, labels: dict, chosen: list[str], called: str) -> Problem | None:
    wanted = [labels[name] for name in chosen]
    in_order = [labels[name] for name in sorted(chosen)]
    return judge(
        called,
        found,
        wanted,
        _("Each dataset must hold the examples of its own client, and no others."),
        (
            (in_order, _("Right clients, wrong order. Keep the order of `client_ids`.")),
            (
                [labels[name] for name in list(labels)[:3]],
                _("These are the first clients. Take those asked for."),
            ),
            ([wanted[0]] * 3, _("The same client three times. Does the loop use its variable?")),
            ([wanted[-1]] * 3, _("The same client three times. Does the loop use its variable?")),
        ),
        expected=_("the labels {labels}").format(labels=describe(wanted)),
    )


def _preprocessed_problem(datasets: list, content: list[list[int]], called: str) -> Problem | None:
    """`preprocess_fn` adds 10 to each label, so the tens say how often it was called."""
    expected = _("datasets as `preprocess_fn` returns them")
    if any(isinstance(element, dict) for dataset in datasets for element in dataset):
        hint = _("The datasets are raw. Call `preprocess_fn` on each of them.")
        return Problem(called, _("datasets with `label` and `pixels`"), expected, hint)
    times = {number // 10 for dataset in content for number in dataset}
    if times != {1}:
        hint = _("Call `preprocess_fn` just once on each client's dataset.")
        return Problem(called, _("datasets preprocessed more than once"), expected, hint)
    if any(np.shape(element) for dataset in datasets for element in dataset):
        hint = _("Change nothing else: whoever wrote `preprocess_fn` has batched as they wanted it.")
        return Problem(called, _("batches"), expected, hint)
    return None
