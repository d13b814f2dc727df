"""The check of `make_federated_data`, lesson 1."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks.lesson01_federated_data import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, same, shape_of
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
    names = [f"client_{number}" for number in rng.choice(np.arange(100, 1000), rng.integers(6, 9), False)]
    clients = {
        name: tuple(shared.examples(rng, rng.integers(0, 10, size)).values())
        for name, size in zip(
            names, rng.permutation(np.arange(len(names)) + 11 - len(names) // 2), strict=True
        )
    }
    chosen = _out_of_order(rng, names)
    added = 10 * int(rng.integers(1, 10))
    got = answer.ask(
        harness.make_federated_data, clients=clients, client_ids=chosen, added=added, most=shared.ENDLESS
    )
    called = f"make_federated_data(client_data, {describe(chosen)}, preprocess_fn)"
    problem = _list_problem(got, chosen, called)
    yield N_("returns a list with one dataset a client"), problem
    if problem:
        return
    datasets, wanted = got["datasets"], [clients[name] for name in chosen]
    if any(_is_other(element) for dataset in datasets for element in dataset):
        yield N_("takes the clients asked for, in order"), None
        yield N_("preprocesses each of them"), _other_problem(datasets, called)
        return
    yield N_("takes the clients asked for, in order"), _clients_problem(datasets, clients, chosen, called)
    yield N_("preprocesses each of them"), _preprocessed_problem(datasets, wanted, added, called)


def _out_of_order(rng: np.random.Generator, names: list[str]) -> list[str]:
    """Some of the names: not the first ones, and neither in their order, nor sorted, nor in reverse."""
    number = int(rng.integers(3, 5))
    while True:
        chosen = [str(name) for name in rng.choice(names[1:], number, replace=False)]
        in_order = [name for name in names if name in chosen]
        if chosen not in (in_order, in_order[::-1], sorted(chosen), sorted(chosen)[::-1]):
            return chosen


def _list_problem(got: dict, chosen: list[str], called: str) -> Problem | None:
    expected = _("a list of {number} datasets").format(number=len(chosen))
    if "type" in got:
        hint = _(
            "Return a Python list of `tf.data.Dataset`s, one for each client id; TFF takes nothing else."
        )
        return Problem(called, _("an object of type `{type}`").format(type=got["type"]), expected, hint)
    if len(got["datasets"]) != len(chosen):
        hint = _("One dataset for each id in `client_ids`, no more, no fewer.")
        found = _("a list of {number} datasets").format(number=len(got["datasets"]))
        return Problem(called, found, expected, hint)
    if not same(got["client_ids"], chosen):
        hint = _(
            "Go through `client_ids` with `for`, which leaves it whole; work on a copy if you change it."
        )
        spoilt = _("a list `client_ids` that is no longer as it was")
        return Problem(called, spoilt, _("the caller's list, unchanged"), hint)
    return None


def _is_other(element) -> bool:
    """Whether an element is no image with its label, as `preprocess_fn` returns them."""
    return not (
        isinstance(element, dict)
        and set(element) == {"label", "pixels"}
        and shape_of(element["label"]) == ()
        and np.asarray(element["label"]).dtype.kind == "i"
        and shape_of(element["pixels"]) == (shared.SIDE, shared.SIDE)
    )


def _other_problem(datasets: list, called: str) -> Problem:
    other = next(element for dataset in datasets for element in dataset if _is_other(element))
    if isinstance(other, dict) and set(other) == {"label", "pixels"}:
        hint = _("Change nothing else: whoever wrote `preprocess_fn` has batched as they wanted it.")
    else:
        hint = _("Call the argument `preprocess_fn` on each dataset, and no preparation of your own.")
    got = _("a dataset with elements like {element}").format(element=describe(other))
    return Problem(called, got, _("datasets as `preprocess_fn` returns them"), hint)


def _labels(dataset: list) -> list[int]:
    """The labels as they were before they were preprocessed, however often that was."""
    return [int(element["label"]) % 10 for element in dataset]


def _clients_problem(datasets: list, clients: dict, chosen: list[str], called: str) -> Problem | None:
    labels = {name: [int(label) for label in digits] for name, (_pixels, digits) in clients.items()}
    found, wanted = [_labels(dataset) for dataset in datasets], [labels[name] for name in chosen]
    if found != wanted and all(
        one[: len(all_)] == all_[: len(one)] for one, all_ in zip(found, wanted, strict=True)
    ):
        sizes, right = ([len(one) for one in several] for several in (found, wanted))
        return Problem(
            called,
            _("datasets of {sizes} examples").format(sizes=sizes),
            _("datasets of {sizes} examples").format(sizes=right),
            _("Each dataset must hold all examples of its client, each of them once."),
        )
    return judge(
        called,
        found,
        wanted,
        _("Each dataset must hold the examples of its own client, and no others."),
        (
            *(
                (
                    [labels[name] for name in order],
                    _("Right clients, wrong order. Keep the order of `client_ids`."),
                )
                for order in ([name for name in clients if name in chosen], sorted(chosen), chosen[::-1])
            ),
            (
                [labels[name] for name in list(labels)[: len(chosen)]],
                _("These are the first clients. Take those asked for."),
            ),
            *(
                ([one] * len(chosen), _("The same client every time. Does the loop use its variable?"))
                for one in (wanted[0], wanted[-1])
            ),
        ),
        expected=_("the labels {labels}").format(labels=describe(wanted)),
    )


def _preprocessed_problem(datasets: list, wanted: list, added: int, called: str) -> Problem | None:
    """A problem where `preprocess_fn`, which adds `added`, a multiple of ten, was not called just once."""
    expected = _("datasets as `preprocess_fn` returns them")
    numbers = [int(element["label"]) for dataset in datasets for element in dataset]
    if any(number < 10 for number in numbers):
        hint = _("The datasets are raw. Call `preprocess_fn` on each of them.")
        return Problem(called, _("datasets with `label` and `pixels`"), expected, hint)
    if any(number - number % 10 != added for number in numbers):
        hint = _("Call `preprocess_fn` just once on each client's dataset.")
        return Problem(called, _("datasets preprocessed more than once"), expected, hint)
    found = [np.array([element["pixels"] for element in dataset]) for dataset in datasets]
    if [_labels(dataset) for dataset in datasets] == [digits.tolist() for _pixels, digits in wanted] and not (
        same(found, [pixels for pixels, _digits in wanted])
    ):
        hint = _("Change nothing else: hand each client's dataset to `preprocess_fn` as it is.")
        return Problem(called, _("other pixels"), expected, hint)
    return None
