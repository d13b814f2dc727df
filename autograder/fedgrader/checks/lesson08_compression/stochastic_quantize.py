"""The check of `stochastic_quantize`, lesson 8."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, same, shape_of
from fedgrader.guest.problem import Problem

harness = Harness("lesson08_compression.stochastic_quantize")
_REPEATS = 3000
_TOLERANCE = 0.06  # of a level, six standard deviations of a mean of so many coin tosses


@exercise(
    parts={
        N_("returns levels and their range"): 1,
        N_("rounds to one of the two neighbours"): 1,
        N_("is right on average"): 2,
        N_("copes with values that are all equal, and with none"): 1,
    },
    hints=(
        N_(
            "Start from `quantize`. Only the rounding changes: a value at 2.3 becomes 3 with a chance of 0.3 "
            "and 2 with a chance of 0.7. What is that on average?"
        ),
        N_(
            "`tf.floor` gives the neighbour below, and what is above it, from 0 to 1, is the chance of going "
            "up. A uniform random number from 0 to 1 is smaller than 0.3 with a chance of 0.3."
        ),
        N_(
            "`goes_up = tf.random.stateless_uniform(tf.shape(values), seed) < scaled - tf.floor(scaled)`, "
            "a number of its own for each value; the level is the floor plus `tf.cast(goes_up, tf.float32)`."
        ),
    ),
    why=N_(
        "Each value by itself is now rounded worse than before: it may go to the farther neighbour. But the "
        "errors of different values, and of different clients, have nothing to do with each other and a mean "
        "of zero, so in the average of many clients they cancel. Errors that all go the same way never do."
    ),
)
def stochastic_quantize(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    bits, top = 3, 7
    low, step = float(rng.uniform(-5, -1)), float(rng.uniform(0.2, 2))
    scaled = np.array([0.0, 1.3, 2.5, 4.8, 5.15, 7.0])
    values = np.tile(low + step * scaled, (_REPEATS, 1)).astype(np.float32)
    got, again, other = answer.ask(
        harness.stochastic_quantize, values=values, bits=bits, seeds=[[1, 2], [1, 2], [3, 4]]
    )
    called = _("stochastic_quantize(values from {low} to {high}, bits=3, seed)").format(
        low=f"{low:.3f}", high=f"{low + top * step:.3f}"
    )
    form = _code_problem(called, got, values)
    yield N_("returns levels and their range"), form
    if form:
        return
    levels = np.asarray(got["levels"], dtype=float)
    yield N_("rounds to one of the two neighbours"), _neighbours_problem(called, levels, scaled)
    yield (
        N_("is right on average"),
        _average_problem(called, levels, scaled)
        or _seed_problem(
            called, levels, *(np.asarray(code["levels"], dtype=float) for code in (again, other))
        ),
    )
    constant = np.full([2, 3], low, dtype=np.float32)
    [equal] = answer.ask(harness.stochastic_quantize, values=constant, bits=bits, seeds=[[5, 6]])
    nothing = np.zeros([0, 4], dtype=np.float32)
    [empty] = answer.ask(harness.stochastic_quantize, values=nothing, bits=bits, seeds=[[7, 8]])
    yield (
        N_("copes with values that are all equal, and with none"),
        _equal_problem(equal, constant) or _empty_problem(empty, nothing),
    )


def _is_code(got) -> bool:
    return (
        isinstance(got, dict)
        and set(got) == {"levels", "low", "high"}
        and None not in map(shape_of, got.values())
    )


def _code_problem(called: str, got, values: np.ndarray) -> Problem | None:
    low, high = float(values.min()), float(values.max())
    expected = _("levels {type}, low={low}, high={high}").format(
        type=f"float32{list(values.shape)}", low=f"{low:.5g}", high=f"{high:.5g}"
    )
    hint = None
    if not _is_code(got):
        hint = _(
            "Return an `OrderedDict` with the three fields `levels`, `low` and `high`. Without the range "
            "nobody can tell what the levels stand for."
        )
    elif np.shape(got["levels"]) != values.shape:
        hint = _("The levels keep the shape of the values.")
    elif not same([got["low"], got["high"]], [np.float32(low), np.float32(high)]):
        hint = _("`low` and `high` are the smallest and the largest of the values.")
    elif np.asarray(got["levels"]).dtype != np.float32:
        hint = _("Leave the levels in float32, as `quantize` does. They are packed later.")
    return Problem(called=called, got=describe(got), expected=expected, hint=hint) if hint else None


def _neighbours_problem(called: str, levels: np.ndarray, scaled: np.ndarray) -> Problem | None:
    """Each level is the floor or the ceiling of where its value lies; a whole number stays itself."""
    below, above = np.floor(scaled), np.ceil(scaled)
    wrong = np.argwhere(~((levels == below) | (levels == above)))
    if not len(wrong):
        return None
    row, column = wrong[0]
    level = levels[row, column]
    if np.isnan(levels).any():
        hint = _("`NaN` came out: something was divided by zero.")
    elif levels.max() == 8:
        hint = _("With 3 bits the levels are 0 to 7: eight levels, but seven steps between them.")
    elif levels.max() <= 1 and levels.min() >= 0:
        hint = _("The values lie between 0 and 1 now. Stretch them to 0 to 2**bits - 1 before you round.")
    elif not np.array_equal(levels, np.round(levels)):
        hint = _("Levels are whole numbers. This one is not: was it rounded?")
    elif np.abs(levels - scaled).max() >= 1:
        hint = _(
            "It went past the neighbour. Add a random number from 0 to 1 and round *down*; or round down, "
            "and go up by one with the right chance."
        )
    else:
        hint = _("Only the two whole numbers on either side of it may come out.")
    return Problem(
        called=called,
        got=_("level {level} for a value that lies at {place}").format(
            level=f"{level:g}", place=f"{scaled[column]:g}"
        ),
        expected=_("level {below} or {above}").format(below=f"{below[column]:g}", above=f"{above[column]:g}"),
        hint=hint,
    )


def _average_problem(called: str, levels: np.ndarray, scaled: np.ndarray) -> Problem | None:
    means = levels.mean(axis=0)
    if np.abs(means - scaled).max() < _TOLERANCE:
        if _moves_together(levels, scaled):
            return _one_for_all(called)
        return None
    fraction = scaled - np.floor(scaled)

    def near(wanted: np.ndarray) -> bool:
        return bool(np.abs(means - wanted).max() < _TOLERANCE)

    if np.all((levels == levels[0]).all(axis=0)):
        hint = {
            near(np.floor(scaled)): _("Every value is rounded down, so the average is too low."),
            near(np.ceil(scaled)): _("Every value is rounded up, so the average is too high."),
            near(np.round(scaled)) or near(np.floor(scaled + 0.5)): _(
                "Every value goes to the nearest level, each time, with nothing left to chance. A value at "
                "1.3 has to become 2 in three cases of ten."
            ),
        }.get(True)
        if hint is None:
            return _one_for_all(called)
    elif near(np.floor(scaled) + np.where(fraction > 0, 0.5, 0)):
        hint = _(
            "Heads or tails, whatever the value. The chance of going up is how far it is above the floor."
        )
    elif near(np.floor(scaled) + np.where(fraction > 0, 1 - fraction, 0)):
        hint = _("The chances are swapped: a value at 1.3 goes up to 2 in seven cases of ten.")
    else:
        hint = _(
            "A value at 1.3 must become 1 with a chance of 0.7 and 2 with a chance of 0.3: on average 1.3."
        )
    return Problem(
        called=called,
        got=_("levels that are on average {means}").format(means=describe(means.round(2))),
        expected=_("on average {means}").format(means=describe(scaled)),
        hint=hint,
    )


def _moves_together(levels: np.ndarray, scaled: np.ndarray) -> bool:
    """Whether one random number serves a whole row: a value goes up only where larger fractions do too."""
    up = levels > np.floor(scaled)
    by_fraction = np.argsort(scaled - np.floor(scaled))
    ordered = up[:, by_fraction]
    return bool((np.diff(ordered.astype(int), axis=1) >= 0).all())


def _one_for_all(called: str) -> Problem:
    return Problem(
        called=called,
        got=_("values that are all rounded by the same random number"),
        expected=_("a random number for each value"),
        hint=_(
            "One random number serves many values, so their errors go the same way and do not cancel. Draw "
            "as many as there are values: `tf.shape(values)`."
        ),
    )


def _seed_problem(called: str, levels: np.ndarray, again: np.ndarray, other: np.ndarray) -> Problem | None:
    if not np.array_equal(levels, again):
        return Problem(
            called=called,
            got=_("different levels for the same seed"),
            expected=_("the same levels for the same seed"),
            hint=_("Draw with `tf.random.stateless_uniform(…, seed)`: it depends on nothing but its seed."),
        )
    if np.array_equal(levels, other):
        return Problem(
            called=called,
            got=_("the same levels for two seeds"),
            expected=_("other levels for another seed"),
            hint=_("Use the `seed` that is passed in; otherwise all clients make the same errors."),
        )
    return None


def _equal_problem(got, values: np.ndarray) -> Problem | None:
    called = _("stochastic_quantize(six values, all equal, bits=3, seed)")
    if problem := _code_problem(called, got, values):
        return problem
    if np.isnan(got["levels"]).any():
        hint = _(
            "`NaN` came out: `high - low` is zero here. `tf.math.divide_no_nan` makes 0 of such a division."
        )
    else:
        hint = _("When all values are equal, each is the lowest: level 0.")
    return judge(called, got["levels"], np.zeros(values.shape, np.float32), hint)


def _empty_problem(got, values: np.ndarray) -> Problem | None:
    if _is_code(got) and np.shape(got["levels"]) == values.shape:
        return None
    return Problem(
        called=_("stochastic_quantize(no values, shape [0, 4], bits=3, seed)"),
        got=describe(got),
        expected=_("levels of the shape [0, 4]"),
        hint=_("Models without non-trainable weights have empty tensors. They come out empty too."),
    )
