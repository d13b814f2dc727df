"""The check of `sample_clients`, lesson 10."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise
from fedgrader.checks.lesson10_private_averaging import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe
from fedgrader.guest.problem import Problem

harness = Harness("lesson10_private_averaging.sample_clients")


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
    client_ids = [f"client_{number:02d}" for number in range(40)]
    probability, times = 0.3, 300
    seeds = [int(seed) for seed in rng.integers(0, 2**31, times)]
    got = answer.ask(harness.sample_clients, client_ids=client_ids, probability=probability, seeds=seeds)
    called = _("sample_clients(40 client ids, probability=0.3, rng), called {times} times").format(
        times=times
    )
    form = _sample_form_problem(called, got, client_ids)
    yield N_("returns clients, and nobody twice"), form
    if form:
        return
    chosen = np.array([[client_id in np.ravel(names) for client_id in client_ids] for names in got])
    yield N_("lets every client toss a coin of its own"), _coins_problem(called, chosen, probability)


def _sample_form_problem(called: str, got: list, client_ids: list[str]) -> Problem | None:
    expected = _("each time a list of some of the 40 client ids")
    for names in got:
        is_list = isinstance(names, list) or (isinstance(names, np.ndarray) and names.ndim == 1)
        if not is_list or not set(np.ravel(names).tolist()) <= set(client_ids):
            hint = shared.unless_nothing(
                names, _("Return the ids of those who take part, a list of strings.")
            )
            return Problem(called=called, got=describe(names), expected=expected, hint=hint)
        if len(set(np.ravel(names).tolist())) < len(names):
            hint = _("Somebody is in the list twice. One client, one coin, one place in the round.")
            return Problem(called=called, got=describe(names), expected=expected, hint=hint)
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
    return Problem(called=called, got=got, expected=expected, hint=hint) if hint else None
