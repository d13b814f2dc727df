"""The check of `sample_clients`, lesson 10."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise
from fedgrader.checks import contract
from fedgrader.checks.lesson10_private_averaging import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe
from fedgrader.guest.problem import Problem

harness = Harness("lesson10_private_averaging.sample_clients")
_TIMES = 300


@exercise(
    parts={
        N_("returns clients, and nobody twice"): 1,
        N_("lets every client toss a coin of its own"): 2,
    },
    hints=(
        N_(
            "Nobody decides how many take part. Each client decides for itself, and knows nothing of the "
            "others."
        ),
        N_(
            "`rng.random()` is a number from 0 to 1, anywhere with the same chance. How often is it below "
            "`probability`?"
        ),
        N_("`[client_id for client_id in client_ids if rng.random() < probability]`"),
    ),
    why=N_(
        "Whether you take part says nothing about whether your neighbour does: that is what the accountant "
        "counts on. With a fixed number of clients, your coming would push somebody else out. And as "
        "nobody knows who stayed at home, nobody can tell for sure that you were there."
    ),
)
def sample_clients(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    count = int(rng.integers(32, 48))
    client_ids = [f"client_{number:02d}" for number in rng.permutation(100)[:count]]
    low, high = ((0.2, 0.4), (0.6, 0.8))[rng.integers(2)]  # far from 1 - probability
    probability = round(float(rng.uniform(low, high)), 2)
    seeds = [int(seed) for seed in rng.integers(0, 2**31, _TIMES)]
    called = _("sample_clients({count} client ids, probability={probability}, rng), called {times} times")

    def ask(probability: float, seeds: list[int]) -> tuple[str, dict]:
        call = called.format(count=count, probability=probability, times=len(seeds))
        return call, answer.ask(
            harness.sample_clients, client_ids=client_ids, probability=probability, seeds=seeds
        )

    call, told = ask(probability, seeds)
    form = _form_problem(call, told, client_ids)
    yield N_("returns clients, and nobody twice"), form
    if form:
        return
    coins = _coins_problem(call, _chosen(told["chosen"], client_ids), probability) or _luck_problem(
        call, told
    )
    for certain in (0.0, 1.0) if coins is None else ():
        call, told = ask(certain, seeds[:50])
        wanted = client_ids if certain else []
        coins = coins or _form_problem(call, told, client_ids) or _certain_problem(call, told, len(wanted))
    yield N_("lets every client toss a coin of its own"), coins


def _ids(names) -> list:
    return np.ravel(names).tolist()


def _chosen(lists: list, client_ids: list[str]) -> np.ndarray:
    """Who is in each of the lists, bool[lists, clients]."""
    return np.array([np.isin(client_ids, _ids(names)) for names in lists])


def _form_problem(called: str, told: dict, client_ids: list[str]) -> Problem | None:
    expected = _("each time a list of some of the {count} client ids").format(count=len(client_ids))
    known = set(client_ids)
    for names in (*told["chosen"], *told["again"]):
        is_list = isinstance(names, list) or (isinstance(names, np.ndarray) and names.ndim == 1)
        hint = None
        if not is_list or not known.issuperset(ids := _ids(names)):
            hint = shared.unless_nothing(
                names, _("Return the ids of those who take part, a list of strings.")
            )
        elif len(set(ids)) < len(ids):
            hint = _("Somebody is in the list twice. One client, one coin, one place in the round.")
        if hint:
            return Problem(called=called, got=describe(names), expected=expected, hint=hint)
    return None if told["left_alone"] is True else contract.changed_input(called, "client_ids")


def _luck_problem(called: str, told: dict) -> Problem | None:
    """A problem where the same `rng` does not give the same clients again."""
    once, again = ([sorted(_ids(names)) for names in told[which]] for which in ("chosen", "again"))
    if once == again:
        return None
    return Problem(
        called=called,
        got=_("other clients with an `rng` of the same seed"),
        expected=_("the same clients with an `rng` of the same seed"),
        hint=_(
            "The coins are not those of `rng`. Take every random number from it, and none from `np.random` "
            "or `random`: with the same seed, the same clients must come."
        ),
    )


def _certain_problem(called: str, told: dict, size: int) -> Problem | None:
    """A problem where there are not `size` clients each time."""
    for names in (*told["chosen"], *told["again"]):
        if len(names) != size:
            return Problem(
                called=called,
                got=_("{count} clients").format(count=len(names)),
                expected=_("{count} clients").format(count=size),
                hint=_("With probability 0 nobody comes, and with probability 1 everybody."),
            )
    return None


def _coins_problem(called: str, chosen: np.ndarray, probability: float) -> Problem | None:
    """A problem where `chosen`, bool[times, clients], is not made of independent coins.

    Every limit is at least six standard deviations away from what independent coins give.
    """
    times, clients = chosen.shape
    counts, shares = chosen.sum(axis=1), chosen.mean(axis=0)
    variance = clients * probability * (1 - probability)
    mean_limit = 7 * np.sqrt(variance / times)
    share_limit = 7 * np.sqrt(probability * (1 - probability) / times)
    size = clients * probability
    got = _("{mean} clients on average, with a standard deviation of {stddev}")
    got = got.format(mean=f"{counts.mean():.1f}", stddev=f"{counts.std():.1f}")
    expected = _("about {mean} clients on average, with a standard deviation of about {stddev}")
    expected = expected.format(mean=f"{size:.0f}", stddev=f"{np.sqrt(variance):.1f}")
    hint = ""
    if (chosen == chosen[0]).all():
        hint = _(
            "The same clients come each time. Use `rng`, which was made for this round; make none yourself."
        )
        if chosen.all() or not chosen.any():
            hint = _("All clients come, or none, each time. Ask `rng` for each of them.")
    elif set(counts) <= {0, clients}:
        hint = _("One coin decides for all. Each client needs a coin of its own.")
    elif (counts == counts[0]).all():
        hint = _(
            "There are always {count} clients. With coins there are sometimes more and sometimes fewer: do "
            "not fix the number."
        ).format(count=counts[0])
    elif not 0.4 * variance < counts.var() < 1.7 * variance:
        hint = _(
            "How many come varies by the wrong amount, so the coins depend on each other. Toss them one by "
            "one."
        )
    elif abs(counts.mean() - (clients - size)) < mean_limit:
        hint = _("Clients come with probability 1 - `probability`. Turn the comparison round.")
    elif abs(counts.mean() - size) > mean_limit:
        hint = _("The wrong number comes. Each client shall come with probability `probability`.")
    elif np.max(np.abs(shares - probability)) > share_limit:
        hint = _("Some clients come more often than others. The chance shall be the same for each.")
    elif _most_alike(chosen) > _alike_limit(times):
        hint = _("Some clients come and stay away together. Each needs a coin of its own.")
    return Problem(called=called, got=got, expected=expected, hint=hint) if hint else None


def _most_alike(chosen: np.ndarray) -> float:
    """The greatest correlation, of any sign, between two clients that do not always do the same."""
    moving = chosen[:, chosen.std(axis=0) > 0].T.astype(float)
    correlation = np.corrcoef(moving) if len(moving) > 1 else np.zeros((1, 1))
    return float(np.max(np.abs(correlation - np.eye(len(correlation)))))


def _alike_limit(times: int) -> float:
    return 7 / np.sqrt(times)
