"""The check of `next_fn`, lesson 10."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge, only_if
from fedgrader.checks import maths
from fedgrader.checks.lesson10_private_averaging import shared
from fedgrader.checks.maths import Weights
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import same
from fedgrader.guest.problem import Problem

harness = Harness("lesson10_private_averaging.next_fn")
_TOY_TYPE = "<kernel=float32[2,2],bias=float32[2]>"
_TOY_CLIENTS, _TOY_NOISE = 8, 0.25  # as in the harness


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
    numbers = _numbers(rng)
    round_nums = [0, int(rng.integers(2, 9))]
    got = answer.ask(
        harness.next_fn,
        weights=weights,
        rounds=[*([number, numbers] for number in round_nums), [round_nums[1] + 1, numbers[:1]]],
    )
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
                *only_if(
                    got["type"].endswith("@CLIENTS"),
                    got["type"],
                    _("The state must end at the server, not at the clients."),
                ),
                (f"{_TOY_TYPE}@SERVER", skipped),
            ),
        ),
    )
    quiet, noisy, alone = got["states"]
    quiet_problem = _round_problem(_("next_fn(…) in a round whose noise is zero"), quiet, weights, numbers, 0)
    yield N_("clips each client's update and adds them up, each with the same say"), quiet_problem
    noise_problem = _round_problem(
        _("next_fn(…) in a round with noise"), noisy, weights, numbers, round_nums[1]
    )
    if not (quiet_problem or noise_problem):
        noise_problem = _round_problem(
            _("next_fn(…) in a round with noise and a single client"),
            alone,
            weights,
            numbers[:1],
            round_nums[1] + 1,
        )
    yield N_("adds the noise once, at the server"), noise_problem
    yield (
        N_("sends no more than it must"),
        _broadcast_problem(got["broadcasts"], called) or _upload_problem(got["uploads"], called),
    )


def _numbers(rng: np.random.Generator) -> list[list[float]]:
    """What the toy clients hold: a client moves every weight by the sum of it, and is clipped to length 1.

    Some of them are short of it, with few and with many numbers, and some far beyond; one has nothing.
    """
    kinds = [(0.05, 0.1, 1), (0.03, 0.05, 6), (-9.0, -4.0, 2), (0.1, 0.2, 0)]
    kinds += [(3.0, 5.0, 4)] * int(rng.integers(0, 3))
    some = [rng.uniform(low, high, size).round(3).tolist() for low, high, size in kinds]
    return [some[place] for place in (0, *rng.permutation(np.arange(1, len(some))))]


def _round_problem(
    called: str, got, weights: Weights, clients: list[list[float]], round_num: int
) -> Problem | None:
    sizes, noise = [len(client) for client in clients], _TOY_NOISE * round_num
    raw = [maths.each(lambda w, c=client: np.full_like(w, sum(c)), weights) for client in clients]
    clipped = [_clip(update) for update in raw]
    total, came = shared.total(clipped), len(clients)

    def after(change: Weights) -> dict:
        moved = maths.each(lambda w, c: w + c / _TOY_CLIENTS + 0.1 * c**2, weights, change)
        return {"weights": moved, "round_num": round_num + 1}

    def plus(update: Weights, much: float) -> Weights:
        return maths.each(lambda u: u + much, update)

    def same_after(change: Weights) -> tuple[dict, dict]:
        """What the round returns when the noise is right otherwise, or when there is none."""
        return after(plus(change, noise)), after(change)

    mean = maths.each(lambda t: t / came, total)
    weighted = [maths.each(lambda u, n=n: n * u, update) for n, update in zip(sizes, clipped, strict=True)]
    weighted_mean = maths.each(lambda t: t / sum(sizes), shared.total(weighted))
    before = [_clip(plus(update, noise)) for update in raw]
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
        *((state, by_size) for state in same_after(shared.total(weighted))),
        *((state, unclipped) for state in same_after(shared.total(raw))),
        *((state, clipped_late) for state in same_after(maths.clip(shared.total(raw), 1.0))),
        *((state, backwards) for state in same_after(maths.each(lambda t: -t, total))),
        *(
            (state, weights_summed)
            for state in same_after(maths.each(lambda w, t: came * w + t, weights, shared.total(raw)))
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
            (after(shared.total(before)), early),
            (
                {"weights": plus(after(total)["weights"], noise), "round_num": round_num + 1},
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
        tuple(mistakes) if came > 1 else (),
    )


def _clip(update: Weights) -> Weights:
    return maths.clip(update, 1.0) if maths.norm(update) else update


def _broadcast_problem(broadcasts: list[str], called: str) -> Problem | None:
    if same(broadcasts, [_TOY_TYPE]) or same(sorted(broadcasts), ["float32[2,2]", "float32[2]"]):
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


def _upload_problem(uploads: list[str], called: str) -> Problem | None:
    update = ["float32[2,2]", "float32[2]"]
    if sorted(uploads) == sorted(update):
        return None
    return Problem(
        called=called,
        got=_("an upload of {types}").format(types=", ".join(uploads) or "–"),
        expected=_("an upload of {types} only").format(types=", ".join(update)),
        hint=_(
            "Each client sends its clipped update, once, and nothing else. What goes up beside it goes up "
            "without noise, and is counted by no accountant."
        ),
    )
