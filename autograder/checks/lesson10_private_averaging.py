"""Checks of lesson 10: private averaging."""

from collections.abc import Iterator

import dp_accounting
import numpy as np

from autograder.answers import AnswerHandle
from autograder.checking import Harness, Step, exercise, judge
from autograder.checks import maths
from autograder.checks.maths import Weights
from autograder.finding import Problem
from autograder.plain import describe, shape_of
from fedcourse.i18n import N_, _

harness = Harness("lesson10_private_averaging")

# --- the same maths in numpy: what the answers must return, and what well-known mistakes return instead ---


def _sum(updates: list[Weights]) -> Weights:
    return maths.each(lambda *tensors: sum(tensors), *updates)


def _update(rng: np.random.Generator, norm: float) -> Weights:
    """A random update of a small model, kernel [6, 3] and bias [3], of the global norm `norm`."""
    weights = {"kernel": rng.normal(size=(6, 3)), "bias": 2 * rng.normal(size=3)}
    return maths.scaled_to(weights, norm)


def _unless_nothing(got, hint: str) -> str:
    """`hint`, or, where nothing was returned, the hint that says so."""
    if got is None:
        return _("The function returned nothing. End it with `return` and the result.")
    return hint


# --- noise_stddev ---


@exercise(
    parts={N_("knows the noise on the sum"): 1, N_("knows the noise on the mean"): 2},
    hints=(
        N_(
            "What can one client change in the sum, at most? The noise is that, times the noise multiplier. "
            "It must not depend on how many others there are."
        ),
        N_(
            "The mean is the sum divided by a number. What happens to the standard deviation of a random "
            "number when you divide it by 10?"
        ),
        N_(
            "`on_sum = noise_multiplier * max_norm`, and `on_mean = on_sum / expected_clients`. Return both "
            "in an `OrderedDict`."
        ),
    ),
    why=N_(
        "The noise on the sum hides one client, so it is as large as one client, and does not grow with the "
        "crowd. The mean divides it by the crowd. That is the one good deal of the whole lesson: more "
        "people, less noise for each number, and the same promise to everybody."
    ),
)
def noise_stddev(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    multiplier, norm = round(float(rng.uniform(1.3, 1.8)), 2), round(float(rng.uniform(0.3, 0.5)), 2)
    clients = int(rng.integers(20, 40))
    got = answer.ask(
        harness.noise_stddev, noise_multiplier=multiplier, max_norm=norm, expected_clients=clients
    )
    called = _("noise_stddev(noise_multiplier={multiplier}, max_norm={norm}, expected_clients={clients})")
    called = called.format(multiplier=multiplier, norm=norm, clients=clients)
    on_sum = multiplier * norm
    wanted = {"on_sum": on_sum, "on_mean": on_sum / clients}
    if not (isinstance(got, dict) and set(got) == set(wanted) and {*map(shape_of, got.values())} == {()}):
        hint = _("Return an `OrderedDict` with the two fields `on_sum` and `on_mean`, one number each.")
        problem = Problem(
            called=called, got=describe(got), expected=describe(wanted), hint=_unless_nothing(got, hint)
        )
        yield N_("knows the noise on the sum"), problem
        return
    by_root = _(
        "You multiply by the root of the number of clients. That is the sum of a noise for each client; here "
        "there is one noise, whoever takes part."
    )
    yield (
        N_("knows the noise on the sum"),
        judge(
            called,
            {"on_sum": got["on_sum"]},
            {"on_sum": on_sum},
            _("The noise on the sum is the noise multiplier times the clipping norm."),
            _field(
                "on_sum",
                (on_sum**2, _("This is the variance. The standard deviation is its root.")),
                (np.sqrt(on_sum), _("You take a root too many: this is already a standard deviation.")),
                (on_sum / clients, _("This is the noise on the mean. On the sum, nothing is divided.")),
                (on_sum * clients, _grows_with_crowd()),
                (on_sum * np.sqrt(clients), by_root),
                (multiplier, _("The clipping norm is missing: the multiplier counts in units of it.")),
                (norm, _("The noise multiplier is missing.")),
                (norm / multiplier, _("You divide by the noise multiplier. More of it is more noise.")),
                (
                    multiplier / norm,
                    _("You divide by the clipping norm. Whoever may shout louder needs more."),
                ),
            ),
        ),
    )
    yield (
        N_("knows the noise on the mean"),
        judge(
            called,
            {"on_mean": got["on_mean"]},
            {"on_mean": on_sum / clients},
            _("The mean is the sum divided by the number of clients, and its noise with it."),
            _field(
                "on_mean",
                (
                    on_sum,
                    _("The noise is not divided. Whoever divides the sum divides the noise in it, too."),
                ),
                (
                    on_sum / np.sqrt(clients),
                    _(
                        "You divide by the root. That is right for the mean of many noises; this is one "
                        "noise, divided by a number."
                    ),
                ),
                (
                    on_sum**2 / clients,
                    _("A variance is divided here. Divide the standard deviation, by the same number."),
                ),
                (
                    on_sum**2 / clients**2,
                    _("This is the variance. The standard deviation is its root."),
                ),
                (on_sum / clients**2, _("You divide twice. Once is enough: this is no variance.")),
                (on_sum * clients, _("You multiply where you should divide.")),
                (
                    multiplier / clients,
                    _("The clipping norm is missing: the multiplier counts in units of it."),
                ),
            ),
        ),
    )


def _field(name: str, *mistakes: tuple[float, str]) -> tuple:
    return tuple(({name: value}, hint) for value, hint in mistakes)


def _grows_with_crowd() -> str:
    return _(
        "The noise grows with the number of clients. It need only hide one of them, and one changes the sum "
        "by `max_norm` at most."
    )


# --- private_mean ---


@exercise(
    parts={
        N_("clips each update, and averages"): 1,
        N_("adds noise once, and enough of it"): 2,
        N_("divides by the number of clients that was expected"): 1,
    },
    hints=(
        N_(
            "Four steps, and their order is everything: clip each, add up, one noise, divide. What would "
            "clipping do to noise that is already there?"
        ),
        N_(
            "`tf.nest.map_structure(lambda *tensors: tf.add_n(tensors), *clipped)` adds up a list of "
            "structures. `draw_noise(total)` has standard deviation 1; how large must it be?"
        ),
        N_(
            "`clipped = [clip_by_global_norm(update, max_norm) for update in updates]`; their sum is "
            "`total`; `noise = draw_noise(total)`, called once; then leaf by leaf "
            "`(t + noise_multiplier * max_norm * n) / expected_clients`."
        ),
    ),
    why=N_(
        "Clipping makes sure that nobody changes the sum by more than `max_norm`. The noise is as large as "
        "that, times the multiplier, so the sum with you and the sum without you can hardly be told apart. "
        "Dividing comes last and by a fixed number, because who divides by how many came tells how many came."
    ),
)
def private_mean(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    limit, multiplier, more = 2.0, 1.5, 8
    updates = [_update(rng, norm) for norm in (0.9, 9.0, 16.0, 1.4, 20.0)]
    came = len(updates)
    draws = [{**_update(rng, np.sqrt(21)), "one": np.float32(rng.normal())} for _each in range(3 * came)]
    quiet, noisy, few = answer.ask(
        harness.private_mean,
        updates=updates,
        max_norm=limit,
        runs=[[0.0, float(came)], [multiplier, float(came)], [0.0, float(more)]],
        draws=draws,
    )
    called = _(
        "private_mean(5 updates, max_norm=2, noise_multiplier={multiplier}, expected_clients={clients}, "
        "draw_noise)"
    )
    quiet_call = called.format(multiplier=0, clients=came)
    clips = N_("clips each update, and averages")
    if not maths.has_form(quiet, updates[0]):
        hint = _("Return a dictionary of the form of one update: `kernel` and `bias`.")
        hint, expected = _unless_nothing(quiet, hint), describe(updates[0])
        yield clips, Problem(called=quiet_call, got=describe(quiet), expected=expected, hint=hint)
        return
    yield clips, _quiet_problem(quiet_call, quiet, updates, limit)
    yield (
        N_("adds noise once, and enough of it"),
        _noisy_problem(
            called.format(multiplier=multiplier, clients=came), noisy, updates, limit, multiplier, draws
        ),
    )
    total = _sum([maths.clip(update, limit) for update in updates])
    yield (
        N_("divides by the number of clients that was expected"),
        judge(
            called.format(multiplier=0, clients=more),
            few,
            maths.each(lambda t: t / more, total),
            _("Divide the sum by `expected_clients`, however many updates there are."),
            (
                (
                    maths.each(lambda t: t / came, total),
                    _(
                        "You divide by the number of clients who came. It changes when one client stays "
                        "away, and so gives that client away. Divide by `expected_clients`."
                    ),
                ),
                (total, _not_divided()),
            ),
        ),
    )


def _not_divided() -> str:
    return _("This is the sum. Divide it by `expected_clients`.")


def _quiet_problem(called: str, got, updates: list[Weights], limit: float) -> Problem | None:
    came = len(updates)

    def mean(clipped: list[Weights]) -> Weights:
        return maths.each(lambda t: t / came, _sum(clipped))

    total, raw = _sum([maths.clip(update, limit) for update in updates]), _sum(updates)
    clipped_late = _("The mean is clipped. Clip each update by itself, before they are added up.")
    return judge(
        called,
        got,
        mean([maths.clip(update, limit) for update in updates]),
        _("Without noise, this is the mean of the updates, each clipped to `max_norm` by its global norm."),
        (
            (
                mean([maths.clip_layers(update, limit) for update in updates]),
                _(
                    "`kernel` and `bias` are clipped one by one. Then an update can be longer than "
                    "`max_norm`, and the noise is too small for it. Clip by the global norm."
                ),
            ),
            (
                mean([maths.clip_values(update, limit) for update in updates]),
                _("Each number is cut off by itself. Clip by the global norm, with `clip_by_global_norm`."),
            ),
            (mean(updates), _("Nothing was clipped. What is not limited cannot be hidden by any noise.")),
            (maths.clip(mean(updates), limit), clipped_late),
            (maths.each(lambda t: t / came, maths.clip(raw, limit)), clipped_late),
            (total, _not_divided()),
            (
                mean([maths.scaled_to(update, limit) for update in updates]),
                _("What was short came out longer. Clipping never stretches: use `clip_by_global_norm`."),
            ),
            (maths.each(lambda t: t / came**2, total), _("You divide twice. Once is enough.")),
        ),
    )


def _noisy_problem(
    called: str, got, updates: list[Weights], limit: float, multiplier: float, draws: list[dict]
) -> Problem | None:
    came, stddev = len(updates), multiplier * limit
    clipped = [maths.clip(update, limit) for update in updates]
    total = _sum(clipped)
    noises = [{name: draw[name] for name in total} for draw in draws]

    def mean(noise: Weights, scale: float) -> Weights:
        return maths.each(lambda t, n: (t + scale * n) / came, total, noise)

    # The noise may be added or subtracted: that is one and the same distribution.
    if not judge("", got, mean(noises[0], -stddev), ""):
        return None
    for_each = _sum(noises[:came])
    too_early = [
        maths.clip(maths.each(lambda u, n: u + stddev * n, update, noise), limit)
        for update, noise in zip(updates, noises, strict=False)
    ]
    same_noise = _("All numbers get the same noise. Draw one for each: `draw_noise(total)`.")
    no_noise = _("There is no noise in it.")
    return judge(
        called,
        got,
        mean(noises[0], stddev),
        _(
            "Draw noise once, for the sum, and multiply it by `noise_multiplier * max_norm` before you "
            "divide by `expected_clients`."
        ),
        (
            (mean(noises[0], 0.0), no_noise),
            (
                mean(for_each, stddev),
                _(
                    "Each client gets a noise of its own, so there are {clients} in the sum. Add one, to the "
                    "sum: it need only hide one client."
                ).format(clients=came),
            ),
            (
                mean(noises[0], came * stddev),
                _(
                    "The noise on the mean is as large as it should be on the sum. Do you add it after "
                    "dividing, or once for each client? Add it to the sum, once, and divide both."
                ),
            ),
            (
                maths.each(lambda t: t / came, _sum(too_early)),
                _(
                    "The noise comes before the clipping, and the clipping takes most of it away again. Clip "
                    "first."
                ),
            ),
            (
                maths.each(lambda t, n: (t + stddev * n / came) / came, total, noises[0]),
                _("The noise is divided twice, so it is too small. Divide the noisy sum once."),
            ),
            (
                maths.each(lambda t, n: t / came + stddev * n / np.sqrt(came), total, noises[0]),
                _("The noise is divided by a root. Divide sum and noise by the same number."),
            ),
            (
                mean(noises[0], stddev**2),
                _("The noise is multiplied by the variance. Multiply it by the standard deviation."),
            ),
            (
                mean(noises[0], np.sqrt(stddev)),
                _("You take a root too many: `noise_multiplier * max_norm` is a standard deviation already."),
            ),
            (
                mean(noises[0], multiplier),
                _("The clipping norm is missing in the noise: the multiplier counts in units of `max_norm`."),
            ),
            (mean(noises[0], limit), _("The noise multiplier is missing in the noise.")),
            (mean(noises[0], 1.0), _("The noise has standard deviation 1. Multiply it by what it must be.")),
            (mean(maths.each(lambda n: np.full_like(n, draws[0]["one"]), noises[0]), stddev), same_noise),
            (
                maths.clip(mean(noises[0], stddev), limit),
                _("The noisy mean is clipped. Clip the updates, not what comes out."),
            ),
            (
                maths.each(lambda n: stddev * n / came, noises[0]),
                _("This is the noise alone. Add it to the sum of the clipped updates."),
            ),
        ),
    )


# --- sample_clients ---


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
            hint = _unless_nothing(names, _("Return the ids of those who take part, a list of strings."))
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


# --- next_fn ---

_TOY_TYPE = "<kernel=float32[2,2],bias=float32[2]>"
_TOY_CLIENTS, _TOY_NOISE = 5, 0.25  # as in the harness


@exercise(
    parts={
        N_("is a round: the server's state in, the server's state out"): 1,
        N_("clips each client's update and adds them up, each with the same say"): 1,
        N_("adds the noise once, at the server"): 1,
        N_("sends no more than it must"): 1,
    },
    hints=(
        N_(
            "Lesson 7's round, with two changes: what the clients send is added up, not averaged, and there "
            "is a step between the sum and `server_work`. Who divides, and by what?"
        ),
        N_(
            "`tff.federated_sum` adds up. `add_noise` wants the sum and `server_state.round_num`; both are "
            "at the server, and so is what comes out of `tff.federated_map(add_noise, (…, …))`."
        ),
        N_(
            "After training and clipping: `total = tff.federated_sum(updates)`, `noisy = "
            "tff.federated_map(add_noise, (total, server_state.round_num))`, and `tff.federated_map("
            "server_work, (server_state, noisy))`."
        ),
    ),
    why=N_(
        "The clients clip, because only there is one update alone. The server adds the noise, once, because "
        "only there is the sum. And nobody asks how many examples a client has: that number would be a "
        "secret that goes up without noise, and a megaphone as well."
    ),
)
def next_fn(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    weights = {
        "kernel": rng.normal(size=(2, 2)).astype(np.float32),
        "bias": rng.normal(size=2).astype(np.float32),
    }
    # A toy client moves every weight by the sum of its numbers, and an update is clipped to length 1.
    clients = [
        [round(float(x), 3) for x in rng.uniform(low, high, size)]
        for low, high, size in ((0.05, 0.1, 1), (0.03, 0.05, 6), (-9.0, -4.0, 2))
    ]
    got = answer.ask(harness.next_fn, weights=weights, clients=clients, round_nums=[0, 3])
    called = "next_fn(server_state, client_data, client_work, clip_work, add_noise, server_work)"
    skipped = _("The server's own step is missing. Give the noisy sum to `server_work`.")
    yield (
        N_("is a round: the server's state in, the server's state out"),
        judge(
            called,
            got["type"],
            f"<weights={_TOY_TYPE},round_num=int32>@SERVER",
            _("Return what `server_work` returns: the state, placed at the server."),
            (
                (
                    got["type"] if got["type"].endswith("@CLIENTS") else None,
                    _("The state must end at the server, not at the clients."),
                ),
                (f"{_TOY_TYPE}@SERVER", skipped),
            ),
        ),
    )
    quiet, noisy = got["states"]
    yield (
        N_("clips each client's update and adds them up, each with the same say"),
        _round_problem(_("next_fn(…) in a round whose noise is zero"), quiet, weights, clients, 0),
    )
    yield (
        N_("adds the noise once, at the server"),
        _round_problem(_("next_fn(…) in a round with noise"), noisy, weights, clients, 3),
    )
    yield N_("sends no more than it must"), _broadcast_problem(got["broadcasts"], called)


def _round_problem(
    called: str, got, weights: Weights, clients: list[list[float]], round_num: int
) -> Problem | None:
    sizes, noise = [len(client) for client in clients], _TOY_NOISE * round_num
    raw = [maths.each(lambda w, c=client: np.full_like(w, sum(c)), weights) for client in clients]
    clipped = [maths.clip(update, 1.0) for update in raw]
    total, came = _sum(clipped), len(clients)

    def after(change: Weights) -> dict:
        moved = maths.each(lambda w, c: w + c / _TOY_CLIENTS, weights, change)
        return {"weights": moved, "round_num": round_num + 1}

    def plus(update: Weights, much: float) -> Weights:
        return maths.each(lambda u: u + much, update)

    def same_after(change: Weights) -> tuple[dict, dict]:
        """What the round returns when the noise is right otherwise, or when there is none."""
        return after(plus(change, noise)), after(change)

    mean = maths.each(lambda t: t / came, total)
    weighted = [maths.each(lambda u, n=n: n * u, update) for n, update in zip(sizes, clipped, strict=True)]
    weighted_mean = maths.each(lambda t: t / sum(sizes), _sum(weighted))
    before = [maths.clip(plus(update, noise), 1.0) for update in raw]
    each_noisy = _("Every client adds noise, so it is in the sum {clients} times. Add it once, to the sum.")
    each_noisy = each_noisy.format(clients=came)
    by_size = _(
        "The clients are weighed by their number of examples. Then one client can change the sum by more "
        "than the clipping norm. Give each the same say."
    )
    averaged = _(
        "The updates are averaged, and `server_work` divides once more. Use `tff.federated_sum`: the divisor "
        "is fixed, and is not the number of clients who came."
    )
    early = _(
        "The noise comes before the clipping, and the clipping takes it away again. Clip first, at the "
        "clients; add the noise to the sum, at the server."
    )
    unclipped = _("Nothing was clipped. Map `clip_work` over the clients' trained weights.")
    clipped_late = _("The sum is clipped, after everybody is in it. Clip each update, at the clients.")
    backwards = _(
        "The updates point backwards. `clip_work` takes the given weights first, then the trained ones."
    )
    weights_summed = _("Trained weights are added up. Add up updates: what `clip_work` returns.")
    mistakes = [
        *((state, averaged) for state in same_after(mean)),
        *((state, by_size) for state in same_after(weighted_mean)),
        *((state, by_size) for state in same_after(_sum(weighted))),
        *((state, unclipped) for state in same_after(_sum(raw))),
        *((state, clipped_late) for state in same_after(maths.clip(_sum(raw), 1.0))),
        *((state, backwards) for state in same_after(maths.each(lambda t: -t, total))),
        *(
            (state, weights_summed)
            for state in same_after(maths.each(lambda w, t: came * w + t, weights, _sum(raw)))
        ),
    ]
    if noise:
        mistakes += [
            (
                after(total),
                _("There is no noise in it. Map `add_noise` over the sum, at the server."),
            ),
            (after(plus(total, came * noise)), each_noisy),
            (after(plus(total, (came + 1) * noise)), each_noisy),
            (after(plus(total, 2 * noise)), _("The noise is added twice. Once a round is what is counted.")),
            (after(_sum(before)), early),
            (
                after(plus(total, _TOY_CLIENTS * noise)),
                _(
                    "The noise is added to the new weights, after the division, and is too large for them. "
                    "Add it to the sum, and let `server_work` divide both."
                ),
            ),
        ]
    return judge(
        called,
        got,
        after(plus(total, noise)),
        _(
            "Train and clip at the clients, add the updates up, add the noise at the server, and give the "
            "noisy sum to `server_work`."
        ),
        tuple(mistakes),
    )


def _broadcast_problem(broadcasts: list[str], called: str) -> Problem | None:
    if sorted(broadcasts) in ([_TOY_TYPE], ["float32[2,2]", "float32[2]"]):
        return None
    hint = _(
        "Every client downloads what you broadcast. Broadcast `server_state.weights`, once; "
        "the rest of the state is the server's own business."
    )
    if len(broadcasts) > 1 and set(broadcasts) == {_TOY_TYPE}:
        hint = _("The weights go down more than once. Give what you broadcast a name, and use it twice.")
    return Problem(
        called=called,
        got=_("a broadcast of {types}").format(types=", ".join(broadcasts) or "–"),
        expected=_("one broadcast, of the weights alone: {types}").format(types=_TOY_TYPE),
        hint=hint,
    )


# --- epsilon_spent ---

_DELTA = 1e-5


def _spent(multiplier: float, probability: float, rounds: int) -> float:
    one_round = dp_accounting.PoissonSampledDpEvent(probability, dp_accounting.GaussianDpEvent(multiplier))
    return _of_event(dp_accounting.SelfComposedDpEvent(one_round, rounds))


def _of_event(event: dp_accounting.DpEvent) -> float:
    return dp_accounting.rdp.RdpAccountant().compose(event).get_epsilon(_DELTA)


@exercise(
    parts={
        N_("knows what one noisy sum gives away"): 1,
        N_("adds up the rounds as the accountant does"): 1,
        N_("counts in that clients are drawn"): 2,
    },
    hints=(
        N_(
            "Three events, one inside the other, like Russian dolls: a noisy sum; of clients that were "
            "drawn; many times over. Which doll is the innermost?"
        ),
        N_(
            "`GaussianDpEvent(noise_multiplier)` is one noisy sum. `PoissonSampledDpEvent(probability, "
            "event)` is drawing clients for it. `SelfComposedDpEvent(event, count)` does it `count` times."
        ),
        N_(
            "`accountant = dp_accounting.rdp.RdpAccountant()`, then `accountant.compose("
            "dp_accounting.SelfComposedDpEvent(dp_accounting.PoissonSampledDpEvent(sampling_probability, "
            "dp_accounting.GaussianDpEvent(noise_multiplier)), num_rounds))`, and return "
            "`accountant.get_epsilon(delta)`."
        ),
    ),
    why=N_(
        "The accountant never saw a weight. It needs to know the noise, the drawing and the number of "
        "rounds, and nothing of the data or the model. That is why the promise holds for every client, also "
        "the strangest, and against everything that anybody will ever do with the model."
    ),
)
def epsilon_spent(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    multiplier = round(float(rng.uniform(1.2, 1.6)), 2)
    probability, rounds = round(float(rng.uniform(0.03, 0.06)), 3), int(rng.integers(40, 70))
    runs = [[multiplier, 1.0, 1], [multiplier, 1.0, rounds], [multiplier, probability, rounds]]
    got = answer.ask(harness.epsilon_spent, runs=runs, delta=_DELTA)
    calls = [
        _(
            "epsilon_spent(noise_multiplier={multiplier}, sampling_probability={probability}, "
            "num_rounds={rounds}, delta=1e-5)"
        ).format(multiplier=run[0], probability=run[1], rounds=run[2])
        for run in runs
    ]
    once, often, drawn = (_spent(*run) for run in runs)
    yield (
        N_("knows what one noisy sum gives away"),
        judge(
            calls[0],
            got[0],
            once,
            _unless_nothing(
                got[0],
                _(
                    "Compose a `GaussianDpEvent(noise_multiplier)`, and ask for `get_epsilon(delta)`, one "
                    "number."
                ),
            ),
            (
                (
                    _spent(multiplier**2, 1.0, 1),
                    _("The event gets the variance. Give it the noise multiplier, a standard deviation."),
                ),
                (
                    _spent(multiplier**0.5, 1.0, 1),
                    _("You take a root too many: the multiplier is no variance."),
                ),
                (
                    _spent(1 / multiplier, 1.0, 1),
                    _("The multiplier is upside down: more noise must give a smaller epsilon."),
                ),
                (0.0, _("Nothing was composed. An accountant that saw nothing says 0.")),
                (
                    np.sqrt(2 * np.log(1.25 / _DELTA)) / multiplier,
                    _("This is the old rule for one Gaussian noise. Ask the accountant: it knows more."),
                ),
            ),
        ),
    )
    yield (
        N_("adds up the rounds as the accountant does"),
        judge(
            calls[1],
            got[1],
            often,
            _("Compose the event of a round `num_rounds` times, and ask for epsilon once, at the end."),
            (
                (once, _("Only one round is counted. Every round gives something away: compose them all.")),
                (
                    rounds * once,
                    _(
                        "The epsilons of the rounds are added up. That is true but wasteful: compose the "
                        "events, and ask for epsilon at the end."
                    ),
                ),
                (
                    np.sqrt(rounds) * once,
                    _("You multiply by the root. Let the accountant compose the rounds."),
                ),
                (
                    _spent(multiplier, 1.0, rounds + 1),
                    _("One round too many is composed. Is something composed twice?"),
                ),
            ),
        ),
    )
    yield (
        N_("counts in that clients are drawn"),
        judge(
            calls[2],
            got[2],
            drawn,
            _("Wrap the noise of a round in a `PoissonSampledDpEvent`, and compose that `num_rounds` times."),
            (
                (
                    often,
                    _(
                        "The drawing is forgotten: this is what it costs if everybody takes part in every "
                        "round."
                    ),
                ),
                (
                    _of_event(
                        dp_accounting.PoissonSampledDpEvent(
                            probability,
                            dp_accounting.SelfComposedDpEvent(
                                dp_accounting.GaussianDpEvent(multiplier), rounds
                            ),
                        )
                    ),
                    _(
                        "Here the clients are drawn once, for all rounds. They are drawn afresh in every "
                        "round: put the sampling inside, and the repeating outside."
                    ),
                ),
                (
                    probability * often,
                    _(
                        "Epsilon is multiplied by the probability. Drawing helps more, or less: ask the "
                        "accountant."
                    ),
                ),
                (
                    _spent(multiplier, 1.0, max(1, round(probability * rounds))),
                    _(
                        "You count the rounds in which a client takes part on average. Somebody is drawn "
                        "more often: use `PoissonSampledDpEvent`."
                    ),
                ),
                (
                    rounds * _spent(multiplier, probability, 1),
                    _(
                        "The epsilons of the rounds are added up. That is true but wasteful: compose the "
                        "events, and ask for epsilon at the end."
                    ),
                ),
                (_spent(multiplier, probability, 1), _("Only one round is counted. Compose them all.")),
            ),
        ),
    )


# --- smallest_noise ---


@exercise(
    parts={N_("keeps the budget"): 2, N_("adds no more noise than it must"): 1},
    hints=(
        N_(
            "More noise, smaller epsilon. So it is like looking up a word in a dictionary: open it "
            "in the middle, and see which half it is in."
        ),
        N_(
            "Keep two numbers: one with too little noise, one with enough. Try one between them with "
            "`epsilon_spent`, and let it replace one of the two. Stop when they are less than 1 % apart."
        ),
        N_(
            "`while enough > 1.005 * too_small:` try `middle = (too_small * enough) ** 0.5`; if "
            "`epsilon_spent(middle, sampling_probability, num_rounds, delta) > epsilon`, then `too_small = "
            "middle`, else `enough = middle`. Return `enough`."
        ),
    ),
    why=N_(
        "In the world outside the budget comes first: somebody decides what may be given away, and the noise "
        "follows from it. Whether the model is still good is the last question and not the first. If it is "
        "not, the honest ways out are more clients, fewer rounds or a smaller model, but no larger epsilon."
    ),
)
def smallest_noise(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    # Ranges in which no mistake gives the number of another one.
    probability, rounds = round(float(rng.uniform(0.03, 0.04)), 3), int(rng.integers(50, 60))
    best = float(rng.uniform(1.2, 1.36))
    epsilon = _spent(best, probability, rounds)
    got = answer.ask(
        harness.smallest_noise,
        epsilon=epsilon,
        delta=_DELTA,
        sampling_probability=probability,
        num_rounds=rounds,
    )
    called = _(
        "smallest_noise(epsilon={epsilon}, delta=1e-5, sampling_probability={probability}, "
        "num_rounds={rounds})"
    ).format(epsilon=f"{epsilon:.3f}", probability=probability, rounds=rounds)
    keeps, no_more = N_("keeps the budget"), N_("adds no more noise than it must")
    if shape_of(got) != () or not 0 < float(got) < 1e6:
        hint = _unless_nothing(got, _("Return a noise multiplier: one number, greater than 0."))
        yield keeps, Problem(called=called, got=describe(got), expected=f"{best:.3f}", hint=hint)
        return
    noise = float(got)
    spent = _spent(noise, probability, rounds)

    def problem(otherwise: str) -> Problem:
        hints = _noise_mistakes(noise, best, epsilon, probability, rounds)
        return Problem(
            called=called,
            got=_("{noise}, which spends an epsilon of {spent}").format(
                noise=f"{noise:.4g}", spent=f"{spent:.3g}"
            ),
            expected=_("{noise}, or at most 1 % more").format(noise=f"{best:.4g}"),
            hint=next(hints, otherwise),
        )

    too_much = _(
        "The budget is overdrawn. Test your answer with `epsilon_spent`: it must not exceed `epsilon`."
    )
    yield keeps, problem(too_much) if spent > 1.001 * epsilon else None
    wasteful = _("It keeps the budget, but less noise would do as well. Look for the smallest.")
    yield no_more, problem(wasteful) if noise > 1.011 * best else None


def _smallest(epsilon: float, probability: float) -> float:
    """The smallest noise multiplier from 1 to 100 that keeps the budget `epsilon` for one round."""
    low, high = 1.0, 100.0
    while high > 1.01 * low:
        middle = (low * high) ** 0.5
        low, high = (middle, high) if _spent(middle, probability, 1) > epsilon else (low, middle)
    return high


def _noise_mistakes(
    noise: float, best: float, epsilon: float, probability: float, rounds: int
) -> Iterator[str]:
    """The hints of those mistakes that give just this noise."""

    def near(one: float, other: float) -> bool:
        return abs(one - other) < 0.03 * abs(other)

    if 0.97 * best < noise < best:
        yield _("Just too little: of the two ends of your bracket, return the one that keeps the budget.")
    if near(_spent(noise, 1.0, rounds), epsilon):
        yield _("The drawing of clients is forgotten, so there is more noise than needed. Pass it on.")
    if near(_spent(noise, probability, 1), epsilon):
        yield _("This keeps the budget for one round. It must last for all of them: pass on `num_rounds`.")
    if near(noise, _smallest(epsilon / rounds, probability)):
        yield _(
            "The budget is cut into equal pieces, one a round. Rounds compose better than that: pass on "
            "`num_rounds`, and compare all that is spent with `epsilon`."
        )
    if near(np.sqrt(2 * np.log(1.25 / _DELTA)) / epsilon, noise):
        yield _("This is the old rule for one Gaussian noise. It knows nothing of rounds or of drawing.")
    if near(best**2, noise):
        yield _("This is the variance. Return the noise multiplier, which is a standard deviation.")
    if near(best**0.5, noise):
        yield _("You take a root too many. The noise multiplier is what `epsilon_spent` takes.")
