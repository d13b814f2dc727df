"""The check of `ink_spread`, lesson 4."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks.lesson04_federated_types import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.problem import Problem

harness = Harness("lesson04_federated_types.ink_spread")


@exercise(
    parts={
        N_("returns two values, both at the server"): 1,
        N_("measures the spread"): 2,
        N_("counts all pages"): 1,
    },
    hints=(
        N_(
            "Mend one error, run, read the next. Write the type of each variable beside it: where is it, and "
            "what is it?"
        ),
        N_(
            "The function comes first in `tff.federated_map`, and its arguments in the order of its own "
            "type. What the server has must be broadcast before the clients can use it. Whole numbers are "
            "added up, not averaged."
        ),
        N_(
            "`center = tff.federated_mean(tff.federated_map(mean_ink, client_pages))`, then "
            "`tff.federated_map(distance, (client_pages, tff.federated_broadcast(center)))`, and "
            "`tff.federated_mean` of that; `tff.federated_sum` for the counts."
        ),
    ),
    why=N_(
        "You mended code you had not run once on data, by reading types. The mean went down to the clients "
        "because the pages could not come up: a value that is needed in two places travels, and the type "
        "shows which one did."
    ),
)
def ink_spread(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    clients = _clients(rng)
    got = answer.ask(harness.ink_spread, clients=clients)
    called = _(
        "ink_spread(client_pages, mean_ink, distance, count_pages), clients with {sizes} pages"
    ).format(sizes=", ".join(str(len(client)) for client in clients))
    problem = _two_values_problem(called, got["type"])
    yield N_("returns two values, both at the server"), problem
    value = got["value"]
    if problem and not (isinstance(value, dict) and set(value) == {"spread", "num_pages"}):
        return
    yield N_("measures the spread"), _spread_problem(called, value["spread"], clients)
    counts = [len(client) for client in clients]
    pages = sum(counts)
    yield (
        N_("counts all pages"),
        judge(
            called,
            {"num_pages": value["num_pages"]},
            {"num_pages": pages},
            _("Add up the clients' counts with `tff.federated_sum`."),
            (
                (
                    {"num_pages": counts},
                    _("These are the counts of the single clients. Add them up: `tff.federated_sum`."),
                ),
                ({"num_pages": max(counts)}, _("This is the largest client's count. Add up all of them.")),
                ({"num_pages": min(counts)}, _("This is the smallest client's count. Add up all of them.")),
                (
                    {"num_pages": pages / len(counts)},
                    _("This is the mean of the counts. Their sum is asked for."),
                ),
                ({"num_pages": len(counts)}, _("This is the number of clients. Add up their pages.")),
            ),
        ),
    )


def _clients(rng: np.random.Generator) -> list[list[float]]:
    """The pages of each client; a center of its own, or one weighted by pages, shows in the spread."""
    while True:
        clients = [
            [round(float(x), 3) for x in rng.uniform(i, i + 1, n)] for i, n in enumerate(_sizes(rng), start=1)
        ]
        toy = _Toy(clients)
        others = (toy.distances(toy.means), toy.distances(toy.weighted_mean))
        if all(abs(other.mean() - toy.right.mean()) > 0.01 for other in others):
            return clients


def _sizes(rng: np.random.Generator) -> list[int]:
    """How many pages each client has; all that is easily returned instead of their sum differs."""
    while True:
        number = int(rng.integers(3, 7))
        sizes = [int(size) for size in rng.choice(np.arange(1, 16), number, replace=False)]
        if len({sum(sizes), max(sizes), min(sizes), sum(sizes) / number, number}) == 5:
            return sizes


def _two_values_problem(called: str, got: str) -> Problem | None:
    want = "<spread=float32@SERVER,num_pages=int32@SERVER>"
    at_clients = _(
        "Each client still has a `{name}` of its own. Bring them together at the server with "
        "`tff.federated_mean` or `tff.federated_sum`."
    )
    told = tuple(
        (f"<spread={spread},num_pages={num_pages}>", at_clients.format(name=name))
        for spread, num_pages, name in (
            ("{float32}@CLIENTS", "int32@SERVER", "spread"),
            ("{float32}@CLIENTS", "{int32}@CLIENTS", "spread"),
            ("float32@SERVER", "{int32}@CLIENTS", "num_pages"),
        )
    )
    averaged = _("A mean of pages is not how many there are. Add the counts up: `tff.federated_sum`.")
    alone = _("Return both: `collections.OrderedDict(spread=…, num_pages=…)`.")
    return shared.type_problem(
        called,
        got,
        want,
        _("`spread`, a float32 at the server, and `num_pages`, an int32 at the server"),
        (
            *told,
            ("<spread=float32@SERVER,num_pages=float32@SERVER>", averaged),
            ("float32@SERVER", alone),
            ("int32@SERVER", alone),
        ),
    )


class _Toy:
    """A toy page is a number, its ink the square; the toy `distance` is |sum of the pages - center|."""

    def __init__(self, clients: list[list[float]]):
        self.sizes, self._sums = (np.array([f(client) for client in clients]) for f in (len, sum))
        inks = np.array([np.sum(np.square(client)) for client in clients])
        self.means, self.weighted_mean = inks / self.sizes, inks.sum() / self.sizes.sum()
        self.right = self.distances(self.means.mean())

    def distances(self, center: float | np.ndarray) -> np.ndarray:
        """How far each client is from its center, or all from one."""
        return np.abs(self._sums - center)


def _spread_problem(called: str, got: Any, clients: list[list[float]]) -> Problem | None:
    toy = _Toy(clients)
    sizes, means, right = toy.sizes, toy.means, toy.right
    return judge(
        called,
        {"spread": got},
        {"spread": right.mean()},
        _(
            "Average the clients' inks, broadcast that mean, let each client measure its distance from it, "
            "and average the distances."
        ),
        (
            (
                {"spread": right.tolist()},
                _("These are the distances of the single clients. Average them at the server."),
            ),
            ({"spread": right.sum()}, _("These are the distances, added up. Average them.")),
            ({"spread": means.mean()}, _("This is the mean ink itself. How far are the clients from it?")),
            ({"spread": right.max()}, _("This is the largest distance. Their mean is asked for.")),
            ({"spread": right.min()}, _("This is the smallest distance. Their mean is asked for.")),
            (
                {"spread": toy.distances(means.sum()).mean()},
                _("Your center is the sum of the clients' inks. Average them."),
            ),
            (
                {"spread": toy.distances(toy.weighted_mean).mean()},
                _("Your center is weighted by the number of pages. Here each client counts the same."),
            ),
            (
                {"spread": float(right @ sizes / sizes.sum())},
                _("You weighted the distances by the number of pages. Here each client counts the same."),
            ),
            (
                {"spread": toy.distances(means).mean()},
                _("Each client is measured against its own mean. Send all of them the same center."),
            ),
        ),
    )
