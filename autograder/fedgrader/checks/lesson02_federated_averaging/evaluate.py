"""The check of `evaluate`, lesson 2."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson02_federated_averaging import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, same, shape_of
from fedgrader.guest.problem import Problem

harness = Harness("lesson02_federated_averaging.evaluate")
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
    weights = shared.weights(rng)
    train, test = _pages_with_distinct_results(rng, weights)
    called = _(
        "evaluate(evaluation, model_weights, train, test) with {seen} seen and {unseen} unseen clients"
    )
    called = called.format(seen=len(train), unseen=len(test) - len(train))
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
        seen, unseen = _names(rng)
        sizes = dict(zip(seen + unseen, rng.permutation(np.arange(9, 21))[: len(seen + unseen)], strict=True))
        train = {name: _pages(rng, sizes[name] + 3, weights) for name in sorted(seen)}
        test = {name: _pages(rng, sizes[name], weights) for name in sorted(sizes)}
        untrained = _results(maths.each(np.zeros_like, weights), train, test)
        results = [*_results(weights, train, test).values(), *untrained.values()]
        values = np.sort([*results, *_fewer_pages(weights, test, seen, unseen), 0.0, 1.0])
        if np.all(np.diff(values) > 1e-3):
            return train, test


def _names(rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """Seen and unseen clients, who are not told apart by their places among all."""
    while True:
        names = [f"client_{number}" for number in rng.permutation(np.arange(10, 100))[: rng.integers(5, 8)]]
        seen, unseen, everybody = names[:-2], names[-2:], sorted(names)
        if unseen[0] not in (everybody[0], everybody[-1]) and unseen[1] not in (everybody[0], everybody[-1]):
            return seen, unseen


def _fewer_pages(weights: dict, test: dict, *groups: list[str]) -> list[float]:
    """The accuracies on a group's first client, on its last, and on the first batch of each client."""
    clients = [[test[name] for name in sorted(group)] for group in groups]
    parts = [
        part for group in clients for part in (group[:1], group[-1:], [(x[:4], y[:4]) for x, y in group])
    ]
    return [_accuracy(weights, part) for part in parts]


def _pages(rng: np.random.Generator, size: int, weights: dict) -> tuple[np.ndarray, np.ndarray]:
    x = rng.normal(0, 1, (size, 2)).astype(np.float32)
    best = maths.scores(weights, x).argmax(axis=1)
    return x, np.where(rng.random(size) < 0.6, best, rng.integers(0, 3, size)).astype(np.int32)


def _results(weights: dict, train: dict, test: dict) -> dict[str, float]:
    """The accuracies one may work out, whether one should or not, by what they are called here."""
    unseen = [name for name in test if name not in train]
    everybody = list(test)
    return {
        "seen": _accuracy(weights, [test[name] for name in train]),
        "unseen": _accuracy(weights, [test[name] for name in unseen]),
        "trained on": _accuracy(weights, list(train.values())),
        "everybody": _accuracy(weights, list(test.values())),
        "first": _accuracy(weights, [test[name] for name in everybody[: len(train)]]),
        "last": _accuracy(weights, [test[name] for name in everybody[len(train) :]]),
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


def _by_place() -> str:
    return _(
        "A client's place in `test.client_ids` does not say who is a stranger. Whoever is in "
        "`train.client_ids` has been seen."
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
            (
                found["everybody"],
                _(
                    "This is everybody in `test`. Take those who are in `train`, too; and if you go on with "
                    "the state of the first evaluation, read `current_round_metrics`, not "
                    "`total_rounds_metrics`."
                ),
            ),
            (found["first"], _by_place()),
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
            (found["last"], _by_place()),
            (found["seen"], _("These are the seen clients. The strangers are only in `test`.")),
            (found["trained on"], _("These are training pages. Strangers have none.")),
            (found["unseen, mean"], _mean_of_means()),
        ),
    )
