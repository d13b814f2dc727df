"""Checks of lesson 8: compression, and what a round costs."""

import math
from collections.abc import Iterator

import numpy as np

from autograder.answers import AnswerHandle
from autograder.checking import Harness, Step, exercise, judge
from autograder.finding import Problem
from autograder.plain import describe, same, shape_of
from fedcourse.digits import written_digits
from fedcourse.i18n import N_, _

harness = Harness("lesson08_compression")

Model = dict[str, np.ndarray]


def _listed(numbers: list) -> list[int | None]:
    """Whole numbers as they are, None for anything else."""
    whole = [
        None if isinstance(n, dict | list | str | bool | type(None)) or np.shape(n) else float(n)
        for n in numbers
    ]
    return [int(n) if n is not None and n == int(n) else None for n in whole]


# --- bits_of_type ---


@exercise(
    parts={
        N_("counts the bits of a tensor"): 1,
        N_("knows other dtypes, and single numbers"): 1,
        N_("adds up a struct, however deep"): 1,
    },
    hints=(
        N_(
            "How many numbers does `float32[784,10]` have, and how many bits does each take? And `int64`, "
            "which has no shape at all, is how many numbers?"
        ),
        N_(
            "`tff.structure.flatten(type_spec)` lists the tensor types of a struct; of a tensor type it "
            "makes a list of one. Each has a `shape` and a `dtype`."
        ),
        N_(
            "For each tensor: `int(np.prod(tensor.shape)) * 8 * np.dtype(tensor.dtype).itemsize`. `sum` them "
            "up. The product of an empty shape is 1, and that is right."
        ),
    ),
    why=N_(
        "A type says before anything runs what a value will weigh. That is why the cost of a round can be "
        "counted without training: it is the types of what crosses the network, times the number of clients. "
        "Note what does not count: whether the numbers are interesting."
    ),
)
def bits_of_type(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    rows, columns, items = (int(n) for n in rng.integers(5, 40, size=3))
    yield (
        N_("counts the bits of a tensor"),
        _bits_problem(
            answer,
            [f"float32[{rows},{columns}]"],
            [32 * rows * columns],
            (
                ([rows * columns], _("These are the elements. Each of them takes 32 bits.")),
                ([4 * rows * columns], _("These are bytes. A byte is 8 bits.")),
                (
                    [32 * (rows + columns)],
                    _("Multiply the sizes of the dimensions; a table is not a margin."),
                ),
                ([32 * rows], _("This counts the first dimension only.")),
            ),
        ),
    )
    types = [f"uint8[{items}]", "int64", f"float16[2,{items}]", "bool"]
    counts, wanted = np.array([items, 1, 2 * items, 1]), [8 * items, 64, 32 * items, 8]
    no_shape = _("A single number has the shape `()`: no dimensions, and yet one element.")
    yield (
        N_("knows other dtypes, and single numbers"),
        _bits_problem(
            answer,
            types,
            wanted,
            (
                (list(32 * counts), _("Not all dtypes take 32 bits: look at `tensor.dtype`.")),
                ([8 * items, 0, 32 * items, 0], no_shape),
                (list(32 * counts * [1, 0, 1, 0]), no_shape),
                (
                    [8 * items, 64, 32 * items, 1],
                    _("On the network a `bool` takes a whole byte: ask `np.dtype(…).itemsize`."),
                ),
            ),
        ),
    )
    model = f"<trainable=<float32[{rows},{columns}],float32[{columns}]>,non_trainable=<>>"
    deep = f"<{model},int32>"
    size = 32 * (rows * columns + columns)
    yield (
        N_("adds up a struct, however deep"),
        _bits_problem(
            answer,
            [model, deep, "<>"],
            [size, size + 32, 0],
            (
                (
                    [32 * rows * columns, 32 * rows * columns, 0],
                    _("This counts the first tensor only. Add up all of them."),
                ),
            ),
        ),
    )


def _bits_problem(
    answer: AnswerHandle, types: list[str], wanted: list[int], mistakes: tuple
) -> Problem | None:
    got = answer.ask(harness.bits_of_type, types=types)
    called = ", ".join(f"bits_of_type({text})" for text in types)
    if isinstance(got, dict):
        hint = _(
            "A struct may hold structs, and a struct has neither `shape` nor `dtype`. "
            "`tff.structure.flatten` finds the tensors at any depth."
        )
        return Problem(called=called, got=got["raised"], expected=describe(wanted), hint=hint)
    if _listed(got) == wanted:
        return None
    return judge(
        called,
        got,
        [float(n) for n in wanted] if same(got, wanted) else wanted,
        _("Elements times bits of the dtype, for each tensor, and the sum of it all, as one whole number."),
        (
            ([None] * len(got), _("The function returned nothing. End it with `return` and the result.")),
            *mistakes,
        ),
    )


# --- stochastic_quantize ---

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
    return hint and Problem(called=called, got=describe(got), expected=expected, hint=hint)


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


# --- encoded_sum and encoded_broadcast ---

_MODEL_TYPE = "<kernel=float32[4,3],bias=float32[3]>"
_MODEL_BITS = 15 * 32
_LEVELS = 15
_CODE_BITS = 12 * 8 + 2 * 32 + 3 * 32  # levels in a byte each, low and step, and the bias


def _models(rng: np.random.Generator, number: int) -> tuple[list[Model], list[Model]]:
    """Models, and what their codes stand for: kernels rounded to 16 levels of a range of their own."""
    models, decoded = [], []
    for _number in range(number):
        low, step = rng.uniform(-3, 0), rng.uniform(0.1, 2)
        levels = rng.permutation([0, 15, *rng.integers(1, 15, size=10)]).reshape(4, 3)
        jitter = np.where((levels == 0) | (levels == 15), 0, rng.choice([-0.3, 0.3], size=(4, 3)))
        bias = rng.normal(size=3)
        models.append({"kernel": np.float32(low + step * (levels + jitter)), "bias": np.float32(bias)})
        decoded.append({"kernel": np.float32(low + step * levels), "bias": np.float32(bias)})
    return models, decoded


def _sum(models: list[Model]) -> Model:
    return {name: np.sum([model[name] for model in models], axis=0) for name in ("kernel", "bias")}


@exercise(
    parts={
        N_("is a process that brings the clients' values to the server"): 1,
        N_("adds up what the codes stand for"): 2,
        N_("has each client send its code and no more"): 1,
        N_("merges what several servers have gathered"): 1,
    },
    hints=(
        N_(
            "Follow one client's value: `encode` on the phone, the code crosses the network, and whoever "
            "adds up decodes it first. Which operator of lesson 5 lets you say how to add?"
        ),
        N_(
            "`tff.federated_aggregate(codes, zero(), accumulate, merge, report)`. `accumulate` takes the sum "
            "so far and one code; `merge` takes two sums. A TFF computation may call `decode` inside."
        ),
        N_(
            "`accumulate(so_far, code)` returns `tf.nest.map_structure(tf.add, so_far, decode(code))`; "
            "`merge` adds two sums the same way; `report` returns its argument. `next_fn` returns "
            "`tff.templates.MeasuredProcessOutput(state, total, tff.federated_value((), tff.SERVER))`."
        ),
    ),
    why=N_(
        "Codes of different clients have different ranges: level 3 of one is not level 3 of another, so "
        "codes cannot be added. Somebody must decode before adding, and it must not be the phone, for what "
        "crosses the network is what the phone maps last. `federated_aggregate` decodes on the way, one "
        "client at a time, so that not even the server keeps them all."
    ),
)
def encoded_sum(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    models, decoded = _models(rng, 3)
    got = answer.ask(harness.encoded_sum, groups=[models, models[:1]])
    called = _("the `next` of encoded_sum(value_type, encode, decode) with three clients, and with one")
    kind = N_("is a process that brings the clients' values to the server")
    yield (
        kind,
        judge(
            called,
            got["type"],
            f"{_MODEL_TYPE}@SERVER",
            _(
                "Return `tff.templates.AggregationProcess(initialize_fn, next_fn)` whose result has the type "
                "of one client's value, at the server."
            ),
            (
                (
                    "function",
                    _("This is a Python function. Return `tff.templates.AggregationProcess(…)`."),
                ),
                (
                    "ConcreteComputation",
                    _(
                        "This is a computation. Wrap it, together with one that makes the first state, in "
                        "`tff.templates.AggregationProcess`."
                    ),
                ),
                (
                    "IterativeProcess",
                    _("Almost: a factory makes a `tff.templates.AggregationProcess`."),
                ),
            ),
        ),
    )
    if got["type"] != f"{_MODEL_TYPE}@SERVER":
        return
    yield N_("adds up what the codes stand for"), _sums_problem(called, got["sums"], models, decoded)
    yield N_("has each client send its code and no more"), _sent_problem(called, got["sent"])
    merged = _sums_problem(called, got["sums_by_tree"], models, decoded)
    if merged and same(got["sums_by_tree"], got["sums"]):
        merged = Problem(merged.called, merged.got, merged.expected, _("First make the sum itself right."))
    elif merged:
        merged = Problem(
            called=_("the same, with each client gathered by a server of its own, and the servers merged"),
            got=merged.got,
            expected=merged.expected,
            hint=_(
                "`merge` gets two sums that different servers have gathered, and must add them up; neither "
                "may be lost, and nothing may be added twice."
            ),
        )
    yield N_("merges what several servers have gathered"), merged


def _sums_problem(called: str, got, models: list[Model], decoded: list[Model]) -> Problem | None:
    def of(values: list[Model]) -> list[Model]:
        return [_sum(values), _sum(values[:1])]

    def means(values: list[Model]) -> list[Model]:
        total, single = of(values)
        return [{name: value / len(values) for name, value in total.items()}, single]

    lasts = [decoded[-1], decoded[0]]
    return judge(
        called,
        got,
        of(decoded),
        _("The result is the sum of what `decode` makes of each client's code, tensor by tensor."),
        (
            (of(models), _("This is the sum of the values as they were. Nobody encoded them.")),
            (means(decoded), _("This is the mean. A sum is asked for: `MeanFactory` divides later.")),
            (
                means(models),
                _("This is the mean of the values as they were, not the sum of what the codes stand for."),
            ),
            (
                lasts,
                _(
                    "Only one client is left. `accumulate` adds the new value to `so_far` and returns the "
                    "sum."
                ),
            ),
            (
                [{name: value + 1 for name, value in total.items()} for total in of(decoded)],
                _("Everything is too large by 1. The sum must start from zero."),
            ),
            (
                [{name: np.zeros_like(value) for name, value in total.items()} for total in of(decoded)],
                _("All zeros. `accumulate` must return the sum so far *plus* the new value."),
            ),
        ),
    )


def _sent_problem(called: str, bits: int | None) -> Problem | None:
    if bits == _CODE_BITS:
        return None
    hints = {
        _MODEL_BITS: _(
            "Decoded on the phone, the value is as large as before. Send the code, and decode where the sum "
            "is made: in `accumulate`."
        ),
        _MODEL_BITS + _CODE_BITS: _("The value is sent as well as its code. The code is enough."),
        None: _("What is sent has no fixed size."),
        0: _("Nothing is sent. Use `tff.federated_aggregate`."),
    }
    return Problem(
        called=called,
        got=_("{bits} bits sent by each client").format(bits=bits),
        expected=_("the {bits} bits of a code").format(bits=_CODE_BITS),
        hint=hints.get(bits, _("Each client sends what `encode` returned, once, and nothing else.")),
    )


@exercise(
    parts={
        N_("is a process that brings the server's value to the clients"): 1,
        N_("has each client download the code and no more"): 2,
        N_("leaves the clients with what the code stands for"): 1,
    },
    hints=(
        N_(
            "Now the way down. Follow the server's value: where is it encoded, what crosses the network, and "
            "where is it decoded?"
        ),
        N_(
            "Three operators in a row: `tff.federated_map` at the server, `tff.federated_broadcast`, "
            "`tff.federated_map` at the clients. The process is a "
            "`tff.learning.templates.DistributionProcess`."
        ),
        N_(
            "`codes = tff.federated_broadcast(tff.federated_map(encode, value))`, then "
            "`received = tff.federated_map(decode, codes)`; the rest is as in `encoded_sum`."
        ),
    ),
    why=N_(
        "What comes before the broadcast runs at the server, once; what comes after it runs on every phone. "
        "The broadcast itself moves exactly what it is given. So the whole art is the order of "
        "three lines, and the meter sees at once when it is wrong, while the accuracy never would."
    ),
)
def encoded_broadcast(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    [model], [decoded] = _models(rng, 1)
    got = answer.ask(harness.encoded_broadcast, model=model, num_clients=2)
    called = _("the `next` of encoded_broadcast(value_type, encode, decode)")
    at_clients = {f"{{{_MODEL_TYPE}}}@CLIENTS", f"{_MODEL_TYPE}@CLIENTS"}
    wanted = got["type"] if got["type"] in at_clients else f"{{{_MODEL_TYPE}}}@CLIENTS"
    is_code = "levels=" in got["type"]
    yield (
        N_("is a process that brings the server's value to the clients"),
        judge(
            called,
            got["type"],
            wanted,
            _("The clients have the code, and nobody decoded it: map `decode` at the clients.")
            if is_code
            else _(
                "Return `tff.learning.templates.DistributionProcess(initialize_fn, next_fn)`; its `next_fn` "
                "takes the server's value and returns a value of that type at the clients."
            ),
            (
                ("function", _("This is a Python function. Return the process.")),
                (
                    "ConcreteComputation",
                    _(
                        "This is a computation. Wrap it, together with one that makes the first state, in "
                        "`tff.learning.templates.DistributionProcess`."
                    ),
                ),
                (
                    "MeasuredProcess",
                    _("Almost: a broadcast is a `tff.learning.templates.DistributionProcess`."),
                ),
                (
                    "IterativeProcess",
                    _("Almost: a broadcast is a `tff.learning.templates.DistributionProcess`."),
                ),
            ),
        ),
    )
    if got["type"] not in at_clients:
        return
    yield N_("has each client download the code and no more"), _received_problem(called, got["received"])
    yield (
        N_("leaves the clients with what the code stands for"),
        judge(
            called,
            got["model"],
            decoded,
            _("The clients should have what `decode` makes of the code."),
            ((model, _("The clients have the value as it was. Nobody encoded it.")),),
        ),
    )


def _received_problem(called: str, bits: int | None) -> Problem | None:
    if bits == _CODE_BITS:
        return None
    hints = {
        _MODEL_BITS: _(
            "The clients download the whole value. What stands inside `tff.federated_broadcast(…)` is what "
            "is sent: put the code there, and decode after it."
        ),
        _MODEL_BITS + _CODE_BITS: _("The value is sent as well as its code. The code is enough."),
        2 * _CODE_BITS: _("The code is sent twice. Broadcast it once and keep what comes out."),
        None: _("What is sent has no fixed size."),
        0: _("Nothing is sent: a value that everybody has cannot come from the server's state."),
    }
    return Problem(
        called=called,
        got=_("{bits} bits downloaded by each client").format(bits=bits),
        expected=_("the {bits} bits of a code").format(bits=_CODE_BITS),
        hint=hints.get(bits, _("Broadcast what `encode` returned, once, and nothing else.")),
    )


# --- within_budget ---

_BUDGET_BITS = 8 * 2**20
_MOST_VISITS, _MOST_ROUNDS = 120, 30
_TARGET = 0.75


def _mib(bits: float) -> str:
    return f"{bits / 8 / 2**20:.2f} MiB"


@exercise(
    parts={
        N_("says what to train, with how many clients and for how long"): 1,
        N_("costs at most 1 MiB"): 2,
        N_("reads 75 % of strangers' digits"): 2,
    },
    hints=(
        N_(
            "Plain federated averaging costs 61 KiB for each visit of a client, half of it down, half of it "
            "up: 16 visits, and the budget is gone. What have you built to make visits cheaper?"
        ),
        N_(
            "Encode both ways: `model_distributor=encoded_broadcast(…)` and "
            "`model_aggregator=tff.aggregators.MeanFactory(EncodedSum(…))`. The kernel has 7,840 numbers, so "
            "a threshold of 10,000 would leave it as it is."
        ),
        N_(
            "8 bits both ways make a visit cost about 17.6 KiB: 58 visits. Five clients a round for eleven "
            "rounds, with a client rate of 0.1, pass 80 %. Fewer bits up buy you more rounds."
        ),
    ),
    why=N_(
        "You have spent a budget instead of chasing an accuracy: fewer bits a visit, so more visits. There "
        "are other ways to save, such as fewer clients, longer work on the phone, or smaller models, and "
        "they all trade the same three things: bits, time and accuracy. Measure all three, or you compare "
        "nothing."
    ),
)
def within_budget(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    # The clients' order is always the same: what a plan reaches while learning, it reaches when graded.
    # The digits' names change, all of them, so that weights which the answer brings along are worth nothing.
    renamed = (np.arange(10) + rng.integers(1, 10)) % 10
    got = answer.ask(
        harness.within_budget,
        budget_bits=_BUDGET_BITS,
        most_visits=_MOST_VISITS,
        most_rounds=_MOST_ROUNDS,
        renamed=renamed,
        turns=_turns(),
    )
    called = _("within_budget(model_fn)")
    yield N_("says what to train, with how many clients and for how long"), _plan_problem(called, got)
    if _plan_problem(called, got):
        return
    yield N_("costs at most 1 MiB"), _budget_problem(called, got)
    if "weights" not in got:
        return
    accuracy = float(np.median([_accuracy(kernel, bias, renamed) for kernel, bias in got["weights"]]))
    yield N_("reads 75 % of strangers' digits"), _accuracy_problem(called, got, accuracy)


def _turns() -> list[str]:
    train, _test = written_digits()
    return [str(client) for client in np.random.default_rng(8).permutation(list(train))]


def _accuracy(kernel: np.ndarray, bias: np.ndarray, renamed: np.ndarray) -> float:
    """The share of the unseen clients' digits, called by their new names, that the weights tell."""
    train, test = written_digits()
    strangers = [pages for client, pages in test.items() if client not in train]
    x = np.concatenate([pages["pixels"].reshape(-1, 784) for pages in strangers])
    y = renamed[np.concatenate([pages["label"] for pages in strangers])]
    return float(np.mean(np.argmax(x @ kernel + bias, axis=1) == y))


def _plan_problem(called: str, got: dict) -> Problem | None:
    if "type" in got:
        return Problem(
            called=called,
            got=got["type"],
            expected="(LearningProcess, clients_per_round, num_rounds)",
            hint=_(
                "Return three things in this order: the learning process, how many clients a round, and how "
                "many rounds; both are whole numbers above zero."
            ),
        )
    visits = got["clients"] * got["rounds"]
    if got["clients"] > len(_turns()) or visits > _MOST_VISITS or got["rounds"] > _MOST_ROUNDS:
        return Problem(
            called=called,
            got=_("{clients} clients a round, {rounds} rounds").format(
                clients=got["clients"], rounds=got["rounds"]
            ),
            expected=_("at most {most} clients a round, {rounds} rounds and {visits} visits in all").format(
                most=len(_turns()), rounds=_MOST_ROUNDS, visits=_MOST_VISITS
            ),
            hint=_("There are only so many clients, and the check has only so much time: plan for less."),
        )
    return None


def _budget_problem(called: str, got: dict) -> Problem | None:
    down, up = got["down"], got["up"]
    if down + up <= _BUDGET_BITS:
        return None
    if math.isclose(down, up, rel_tol=0.02):
        raw = down >= 7850 * 32 * got["clients"] * got["rounds"]
        hint = (
            _("Nothing is compressed, in either direction.")
            if raw
            else _("Both ways are compressed, so now there is too much of it: fewer rounds, clients or bits.")
        )
    elif down > up:
        hint = _("The way up is compressed, the way down is not. The budget counts both.")
    else:
        hint = _("The way down is compressed, the way up is not. The budget counts both.")
    return Problem(
        called=called,
        got=_("{down} down and {up} up; it was not trained").format(down=_mib(down), up=_mib(up)),
        expected=_("at most {budget} in all").format(budget=_mib(_BUDGET_BITS)),
        hint=hint,
    )


def _accuracy_problem(called: str, got: dict, accuracy: float) -> Problem | None:
    if accuracy >= _TARGET:
        return None
    left = 1 - (got["down"] + got["up"]) / _BUDGET_BITS
    if accuracy < 0.2:
        hint = _(
            "The model has learnt next to nothing. Look at both learning rates, and at what arrives at the "
            "clients: are there levels enough?"
        )
    elif left > 0.3:
        hint = _("There is budget left: {share} of it. Train for more rounds.").format(share=f"{left:.0%}")
    else:
        hint = _(
            "The budget is spent, and it is not enough. Make each visit cheaper, with fewer bits or in both "
            "directions, or make it count for more, with another client rate."
        )
    return Problem(
        called=called,
        got=_("{accuracy} for {cost}").format(accuracy=f"{accuracy:.1%}", cost=_mib(got["down"] + got["up"])),
        expected=_("at least {target}").format(target=f"{_TARGET:.0%}"),
        hint=hint,
    )
