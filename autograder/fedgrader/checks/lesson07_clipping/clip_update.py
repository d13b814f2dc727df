"""The check of `clip_update`, lesson 7."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson07_clipping import shared
from fedgrader.checks.maths import Weights
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.problem import Problem

harness = Harness("lesson07_clipping.clip_update")


@exercise(
    parts={N_("returns the change: trained minus given"): 1, N_("clips the change, not the weights"): 2},
    hints=(
        N_(
            "The server knows where the client started, so only the way from there to the trained weights is "
            "news. How long is that way, and how long may it be?"
        ),
        N_(
            "Subtract first, `trained - server`, leaf by leaf with `tf.nest.map_structure`; then clip what "
            "you have."
        ),
        N_(
            "`update = tf.nest.map_structure(tf.subtract, trained_weights, server_weights)`, then "
            "`clip_by_global_norm(update, max_norm)`."
        ),
    ),
    why=N_(
        "A good model's weights may be long, and after a hundred rounds they will be; how far one client "
        "may move them in one round is another matter. Whatever happened on the phone, bug, broken sensor "
        "or malice, what comes out here is an arrow of at most `max_norm`."
    ),
)
def clip_update(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    server, (limit, other_limit) = shared.weights(rng, norm=rng.uniform(6, 9)), shared.limits(rng)
    updates = [
        shared.weights(rng, norm=limit * rng.uniform(0.3, 0.8)),
        maths.each(np.zeros_like, server),
        shared.weights(rng, norm=other_limit * rng.uniform(4, 8)),
        shared.weights(rng, norm=limit * rng.uniform(4, 8)),
    ]
    limits = [limit, limit, other_limit, limit]
    after = [maths.each(np.add, server, update) for update in updates]
    got = answer.ask(harness.clip_update, server_weights=server, trained=after, max_norms=limits)
    called = [_called(*case) for case in zip(updates, limits, strict=True)]
    of_short, of_same, *of_long = got["results"]
    forms = [
        shared.form_problem(text, result, server) for text, result in zip(called, got["results"], strict=True)
    ]
    yield (
        N_("returns the change: trained minus given"),
        next(filter(None, forms), None)
        or _change_problem(called[0], of_short, server, after[0], limit)
        or judge(
            called[1],
            of_same,
            updates[1],
            _("A client that learnt nothing sends zeros: watch what you divide by."),
        )
        or shared.kept_problem(called[0], got["kept"]),
    )
    if not all(maths.has_form(result, server) for result in got["results"]):
        return
    yield (
        N_("clips the change, not the weights"),
        _update_problem(called[2], of_long[0], server, after[2], limits[2])
        or _update_problem(called[3], of_long[1], server, after[3], limits[3]),
    )


def _called(update: Weights, limit: float) -> str:
    return _(
        "clip_update(server_weights, trained_weights that are {distance} away, max_norm={limit})"
    ).format(distance=f"{maths.norm(update):.3g}", limit=f"{limit:.3g}")


def _change_mistakes(server: Weights, trained: Weights, limit: float) -> tuple:
    update = maths.each(np.subtract, trained, server)
    clipped, added = maths.clip(update, limit), maths.each(np.add, trained, server)
    weights = _("The weights are clipped here. Subtract first, and clip the change.")
    return (
        (maths.each(np.subtract, server, trained), _backwards()),
        (maths.each(lambda u: -u, clipped), _backwards()),
        (trained, _("These are the trained weights. Return the change: trained minus given.")),
        (server, _("These are the server's weights. Return the change: trained minus given.")),
        (maths.clip(trained, limit), weights),
        (maths.each(np.subtract, maths.clip(trained, limit), server), weights),
        (maths.each(np.subtract, maths.clip(trained, limit), maths.clip(server, limit)), weights),
        (added, _the_two_are_added()),
        (maths.clip(added, limit), _the_two_are_added()),
    )


def _the_two_are_added() -> str:
    return _("The two are added. Subtract: the change is trained minus given.")


def _backwards() -> str:
    return _("The update points backwards, from trained to given. It is trained minus given.")


def _change_problem(called: str, got, server: Weights, trained: Weights, limit: float) -> Problem | None:
    update = maths.each(np.subtract, trained, server)
    return judge(
        called,
        got,
        update,
        _("Return trained minus given, leaf by leaf. It is short enough to come out whole."),
        ((maths.scaled_to(update, limit), shared.scaled_up()), *_change_mistakes(server, trained, limit)),
    )


def _update_problem(called: str, got, server: Weights, trained: Weights, limit: float) -> Problem | None:
    update = maths.each(np.subtract, trained, server)
    return judge(
        called,
        got,
        maths.clip(update, limit),
        _("Clip the change, trained minus given, by its global norm."),
        (
            (update, _("The change came out whole, though it is longer than `max_norm`. Clip it.")),
            (
                maths.each(np.add, server, maths.clip(update, limit)),
                _(
                    "This is the server's weights plus the update. Return the update alone; the server adds "
                    "it."
                ),
            ),
            (maths.clip_layers(update, limit), shared.per_layer()),
            (maths.clip_values(update, limit), shared.by_value()),
            (maths.scaled_to(update, 1.0), _("It has length 1 now. It should have length `max_norm`.")),
            (
                maths.each(np.zeros_like, update),
                _(
                    "Zeros came back: that is called zeroing. Clipping shrinks what is too long, and keeps "
                    "it."
                ),
            ),
            *_change_mistakes(server, trained, limit),
        ),
    )
