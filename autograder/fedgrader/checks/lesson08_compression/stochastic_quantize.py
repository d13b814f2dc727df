"""The check of `stochastic_quantize`, lesson 8."""

import itertools
from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, same, shape_of
from fedgrader.guest.problem import Problem

harness = Harness("lesson08_compression.stochastic_quantize")
_REPEATS = (300, 10)
_HAIR = 1e-3  # of a level: so far float32 may put a value from where it lies
_RELATED = 0.15  # a correlation of so many pairs by chance is an eighth of it at most
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
    bits = int(rng.integers(4, 9))
    scaled, values = _values(rng, bits, step=rng.uniform(0.01, 0.1))
    tensor = np.tile(values, (*_REPEATS, 1))
    seeds = _seeds(rng)
    codes = answer.ask(harness.stochastic_quantize, values=tensor, bits=bits, seeds=seeds)
    few_bits = int(rng.integers(1, 4))
    few_scaled, few = _values(rng, few_bits, step=rng.uniform(0.5, 5))
    [few_code] = answer.ask(harness.stochastic_quantize, values=few, bits=few_bits, seeds=seeds[:1])
    called, few_called = _called(values, bits), _called(few, few_bits)
    forms = [
        *(_code_problem(called, code, tensor) for code in codes),
        _code_problem(few_called, few_code, few),
    ]
    yield N_("returns levels and their range"), next(filter(None, forms), None)
    if any(forms):
        return
    levels = [np.asarray(code["levels"], dtype=float) for code in codes]
    problems = [
        *(_neighbours_problem(called, one, scaled, bits) for one in levels),
        _neighbours_problem(few_called, np.asarray(few_code["levels"], dtype=float), few_scaled, few_bits),
    ]
    yield N_("rounds to one of the two neighbours"), next(filter(None, problems), None)
    yield (
        N_("is right on average"),
        _average_problem(called, levels, scaled) or _seed_problem(called, levels),
    )
    yield N_("copes with values that are all equal, and with none"), _edge_problem(answer, rng, bits)


def _values(rng: np.random.Generator, bits: int, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Where six values lie among the levels, the ends with them, in any order; and the values."""
    top = 2**bits - 1
    between = rng.integers(0, top, 4) + np.array([0.3, 0.6, 0.8, 0.15])
    scaled = rng.permutation([0.0, *between, float(top)])
    return scaled, (rng.uniform(-5, 5) + step * scaled).astype(np.float32)


def _seeds(rng: np.random.Generator) -> list[list[int]]:
    """A seed, the same again, and two that differ from it in one of their numbers."""
    first, second, more = (int(number) for number in rng.integers(1, 1000, 3))
    return [[first, second], [first, second], [first + more, second], [first, second + more]]


def _called(values: np.ndarray, bits: int) -> str:
    return _("stochastic_quantize(values from {low} to {high}, bits={bits}, seed)").format(
        low=f"{values.min():.3f}", high=f"{values.max():.3f}", bits=bits
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
    elif np.float32 != np.asarray(got["low"]).dtype or np.float32 != np.asarray(got["high"]).dtype:
        hint = _("Leave `low` and `high` in float32: `dequantize` calculates with them and the levels.")
    elif np.asarray(got["levels"]).dtype != np.float32:
        hint = _("Leave the levels in float32, as `quantize` does. They are packed later.")
    return Problem(called=called, got=describe(got), expected=expected, hint=hint) if hint else None


def _neighbours_problem(called: str, levels: np.ndarray, scaled: np.ndarray, bits: int) -> Problem | None:
    """Each level is the floor or the ceiling of where its value lies, or of a hair beside it."""
    below, above = np.maximum(np.floor(scaled - _HAIR), 0), np.minimum(np.ceil(scaled + _HAIR), 2**bits - 1)
    wrong = np.argwhere(~((levels == below) | (levels == above)))
    if not len(wrong):
        return None
    *_place, column = wrong[0]
    level = levels[tuple(wrong[0])]
    return Problem(
        called=called,
        got=_("level {level} for a value that lies at {place}").format(
            level=f"{level:g}", place=f"{scaled[column]:g}"
        ),
        expected=_("level {below} or {above}").format(below=f"{below[column]:g}", above=f"{above[column]:g}"),
        hint=_neighbours_hint(levels, scaled, 2**bits - 1, bits),
    )


def _neighbours_hint(levels: np.ndarray, scaled: np.ndarray, top: int, bits: int) -> str:
    """What to try where a level is none of the two neighbours; the levels of each value are in a column."""
    lowest, highest = levels[..., scaled == 0], levels[..., scaled == top]
    farthest = np.abs(levels - scaled).max()
    if np.isnan(levels).any():
        return _("`NaN` came out: something was divided by zero.")
    if np.mean(lowest == 1) > 0.9 and np.mean(highest == top + 1) > 0.9:
        return _(
            "A value that lies just on a level goes up to the next one. The chance of going up is how far it "
            "is above the floor: 0 there."
        )
    if levels.max() == top + 1:
        return _(
            "With {bits} bits the levels are 0 to {top}: there is one level more than there are steps "
            "between them."
        ).format(bits=bits, top=top)
    if levels.max() <= 1 and levels.min() >= 0:
        return _("The values lie between 0 and 1 now. Stretch them to 0 to 2**bits - 1 before you round.")
    if not np.array_equal(levels, np.round(levels)):
        return _("Levels are whole numbers. This one is not: was it rounded?")
    ends_elsewhere = np.ptp(highest) == 0 and highest.flat[0] != top
    if farthest >= 2 or ends_elsewhere:
        return _("The levels do not spread over 0 to {top}. There are 2**bits of them: use `bits`.").format(
            top=top
        )
    if farthest >= 1:
        return _(
            "It went past the neighbour. Add a random number from 0 to 1 and round *down*; or round down, "
            "and go up by one with the right chance."
        )
    return _("Only the two whole numbers on either side of it may come out.")


def _average_problem(called: str, drawn: list[np.ndarray], scaled: np.ndarray) -> Problem | None:
    levels, *others = drawn
    means = levels.mean(axis=(0, 1))
    if np.abs(means - scaled).max() < _TOLERANCE:
        return _one_for_all(called) if _are_related(levels) else None
    fraction = scaled - np.floor(scaled)

    def near(wanted: np.ndarray) -> bool:
        return bool(np.abs(means - wanted).max() < _TOLERANCE)

    if np.all(levels == levels[0, 0]):
        hint = {
            near(np.floor(scaled)): _("Every value is rounded down, so the average is too low."),
            near(np.ceil(scaled)): _("Every value is rounded up, so the average is too high."),
            near(np.round(scaled)) or near(np.floor(scaled + 0.5)): _(
                "Every value goes to the nearest level, each time, with nothing left to chance. A value at "
                "1.3 has to become 2 in three cases of ten."
            ),
        }.get(True)
        is_fixed = all(np.array_equal(levels, other) for other in others)
        if hint is None or not is_fixed:
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


def _are_related(levels: np.ndarray) -> bool:
    """Whether values that lie side by side, along any dimension, go up and down together."""
    varying = levels[..., levels.std(axis=(0, 1)) > 0]
    errors = (varying - varying.mean(axis=(0, 1))) / varying.std(axis=(0, 1))
    flat = errors.reshape(-1, errors.shape[-1])
    between = np.abs(np.corrcoef(flat.T) - np.eye(flat.shape[1])).max()
    along = [np.mean(errors[1:] * errors[:-1]), np.mean(errors[:, 1:] * errors[:, :-1])]
    return bool(max(between, *np.abs(along)) > _RELATED)


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


def _seed_problem(called: str, levels: list[np.ndarray]) -> Problem | None:
    first, again, *others = levels
    if not np.array_equal(first, again):
        return Problem(
            called=called,
            got=_("different levels for the same seed"),
            expected=_("the same levels for the same seed"),
            hint=_("Draw with `tf.random.stateless_uniform(…, seed)`: it depends on nothing but its seed."),
        )
    pairs = itertools.combinations([first, *others], 2)
    if any(np.array_equal(one, other) for one, other in pairs):
        return Problem(
            called=called,
            got=_("the same levels for two seeds"),
            expected=_("other levels for another seed"),
            hint=_("Use the whole `seed` that is passed in; otherwise all clients make the same errors."),
        )
    return None


def _edge_problem(answer: AnswerHandle, rng: np.random.Generator, bits: int) -> Problem | None:
    value = np.float32(rng.uniform(-5, 5))
    seed, *_others = _seeds(rng)
    for constant in (np.full([2, 3], value), np.array(value)):
        [equal] = answer.ask(harness.stochastic_quantize, values=constant, bits=bits, seeds=[seed])
        if problem := _equal_problem(equal, constant, bits):
            return problem
    return _empty_problem(answer.ask(harness.type_for_none, shape=[0, 4], bits=bits, seed=seed), bits)


def _equal_problem(got, values: np.ndarray, bits: int) -> Problem | None:
    called = _("stochastic_quantize(equal values, shape {shape}, bits={bits}, seed)").format(
        shape=list(values.shape), bits=bits
    )
    if problem := _code_problem(called, got, values):
        return problem
    if np.isnan(got["levels"]).any():
        hint = _(
            "`NaN` came out: `high - low` is zero here. `tf.math.divide_no_nan` makes 0 of such a division."
        )
    else:
        hint = _("When all values are equal, each is the lowest: level 0.")
    return judge(called, got["levels"], np.zeros(values.shape, np.float32), hint)


def _empty_problem(got, bits: int) -> Problem | None:
    if got == {"levels": "float32[0,4]", "low": "float32", "high": "float32"}:
        return None
    return Problem(
        called=_("stochastic_quantize(no values, shape [0, 4], bits={bits}, seed)").format(bits=bits),
        got=describe(got),
        expected=_("levels of the shape [0, 4], and `low` and `high`, all float32"),
        hint=_("Models without non-trainable weights have empty tensors. They come out empty too."),
    )
