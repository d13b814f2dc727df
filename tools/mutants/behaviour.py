"""Mutants that leave the solution's text alone: they change what it is given, and what it gives back."""

import collections
import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from tools.mutants.leaves import changed, is_same, is_symbolic, leaves, on_numbers
from tools.mutants.mutant import Mutant

Change = Callable[[Any], Any]
_SEEDS = ("seed", "rng", "round_num")


class NoDifference(Exception):
    """This change has nothing to change here."""


class Effect:
    """Counts the calls at which a mutant did something else than the solution."""

    def __init__(self) -> None:
        self.differences = 0

    def of(self, change: Change, value: Any) -> Any:
        """`change` of the value; the value itself where that makes no difference."""
        try:
            new = change(value)
        except NoDifference:
            return value
        if is_same(value, new):
            return value
        self.differences += 1
        return new


# --- what is given ---


def _first_only(value: Any) -> Any:
    return (
        value.take(1) if hasattr(value, "take") and hasattr(value, "element_spec") else _cut(value, slice(1))
    )


def _without_last(value: Any) -> Any:
    if hasattr(value, "element_spec"):
        count = value.reduce(np.int64(0), lambda total, _: total + 1)
        return value.take(count - 1)
    return _cut(value, slice(-1))


def _without_first(value: Any) -> Any:
    return value.skip(1) if hasattr(value, "element_spec") else _cut(value, slice(1, None))


def _twice(value: Any) -> Any:
    if hasattr(value, "element_spec"):
        return value.concatenate(value)
    if isinstance(value, list) and value:
        return [*value, value[0]]
    raise NoDifference


def _cut(value: Any, part: slice) -> Any:
    if isinstance(value, list | tuple) and len(value) > 1:
        return value[part]
    if isinstance(value, np.ndarray) and value.ndim and len(value) > 1:
        return value[part]
    raise NoDifference


def _numbers(change: Change) -> Change:
    """`change` on each number of a value; raises NoDifference where there is none."""

    def on_all(value: Any) -> Any:
        found = False
        for path, leaf in list(leaves(value)):
            try:
                new = on_numbers(leaf, change)
            except TypeError:
                continue
            found, value = True, changed(value, path, lambda _old, new=new: new)
        if not found:
            raise NoDifference
        return value

    return on_all


def _tensor_changes() -> dict[str, Change]:
    import tensorflow as tf

    def floating(change: Change) -> Change:
        return lambda x: tf.cast(change(tf.cast(x, tf.float64)), x.dtype)

    return {
        "without its sign": floating(tf.abs),
        "with what is negative as 0": floating(tf.nn.relu),
        "times 2": floating(lambda x: x * 2),
        "times 100": floating(lambda x: x * 100),
        "1 percent larger": floating(lambda x: x * 1.01),
        "plus 1": floating(lambda x: x + 1),
        "rounded to a whole number": floating(tf.round),
    }


def _input_changes() -> dict[str, Change]:
    return {
        "only the first of": _first_only,
        "all but the last of": _without_last,
        "all but the first of": _without_first,
        "one more time the first of": _twice,
        **{f"{words}:": _numbers(change) for words, change in _tensor_changes().items()},
    }


def _in_place(value: Any) -> None:
    """Spoil what was handed over."""
    if isinstance(value, np.ndarray) and value.size and value.flags.writeable:
        value += value.dtype.type(1)
    elif isinstance(value, list) and value:
        value.pop()
    elif isinstance(value, dict) and value:
        value.popitem()
    else:
        raise NoDifference


def _given(reference: Callable, effect: Effect, place: int, change: Change) -> Callable:
    @functools.wraps(reference)
    def answer(*arguments):
        arguments = [effect.of(change, one) if index == place else one for index, one in enumerate(arguments)]
        return reference(*arguments)

    return answer


def _remembering(reference: Callable, effect: Effect, place: int, which: str) -> Callable:
    """One argument is that of the first call, or of the one before."""
    seen: list[Any] = []

    @functools.wraps(reference)
    def answer(*arguments):
        arguments = list(arguments)
        with suppress(NoDifference):
            seen.append(_kept(arguments[place]))
            remembered = seen[0] if which == "first" else seen[max(0, len(seen) - 2)]
            arguments[place] = effect.of(lambda _now: remembered, arguments[place])
        return reference(*arguments)

    return answer


def _kept(value: Any) -> Any:
    """A value that outlives its call. Raises NoDifference for one that TensorFlow or TFF only traces:
    whatever is remembered of it is, once it runs, the same placeholder again.
    """
    if any(is_symbolic(leaf) for _path, leaf in leaves(value)):
        raise NoDifference
    return value


def _spoiling(reference: Callable, effect: Effect, place: int) -> Callable:
    @functools.wraps(reference)
    def answer(*arguments):
        result = reference(*arguments)
        with suppress(NoDifference):
            _in_place(_kept(arguments[place]))
            effect.differences += 1
        return result

    return answer


def _swapped(reference: Callable, effect: Effect, one: int, other: int) -> Callable:
    @functools.wraps(reference)
    def answer(*arguments):
        arguments = list(arguments)
        effect.differences += not is_same(arguments[one], arguments[other])
        arguments[one], arguments[other] = arguments[other], arguments[one]
        return reference(*arguments)

    return answer


def _fixed(reference: Callable, effect: Effect, place: int, value: Any) -> Callable:
    return _given(reference, effect, place, lambda _old: value)


# --- what comes back ---


def _result_changes() -> dict[str, Change]:
    import tensorflow as tf

    casts = {
        f"as {dtype.name}": lambda x, dtype=dtype: tf.cast(x, dtype)
        for dtype in (tf.float64, tf.float32, tf.int64, tf.int32)
    }
    return {
        **{words: _numbers(change) for words, change in (casts | _tensor_changes()).items()},
        "fields in another order": _reversed_fields,
        "a list for a tuple, or the other way": _other_sequence,
        "a plain dictionary": _plain,
        "in another order": _reversed_list,
        "a plain function for a computation": _plain_function,
        "not a number": _numbers(lambda x: x * tf.cast(np.nan, x.dtype) if x.dtype.is_floating else x),
    }


def _reversed_fields(value: Any) -> Any:
    if isinstance(value, Mapping) and len(value) > 1:
        return type(value)(reversed(list(value.items())))
    raise NoDifference


def _other_sequence(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, tuple) and not hasattr(value, "_asdict"):
        return list(value)
    raise NoDifference


def _plain(value: Any) -> Any:
    if isinstance(value, collections.OrderedDict):
        return dict(value)
    raise NoDifference


def _reversed_list(value: Any) -> Any:
    if isinstance(value, list | tuple) and len(value) > 1:
        return type(value)(reversed(value))
    if isinstance(value, np.ndarray) and value.ndim and len(value) > 1:
        return value[::-1].copy()
    raise NoDifference


def _plain_function(value: Any) -> Any:
    if callable(value) and hasattr(value, "type_signature"):
        return lambda *arguments: value(*arguments)
    raise NoDifference


def _returned(reference: Callable, effect: Effect, change: Change) -> Callable:
    @functools.wraps(reference)
    def answer(*arguments):
        return effect.of(change, reference(*arguments))

    return answer


def _cached(reference: Callable, effect: Effect) -> Callable:
    """The result of the first call, always."""
    kept: list[Any] = []

    @functools.wraps(reference)
    def answer(*arguments):
        result = reference(*arguments)
        with suppress(NoDifference):
            kept.append(_kept(result))
            return effect.of(lambda _now: kept[0], result)
        return result

    return answer


# --- all of them ---


def behaviour_mutants(exercise: str, definition: str, parameters: list[str]) -> Iterator[Mutant]:
    """Mutants that wrap the solution; `parameters` are the names of its arguments."""
    function = exercise.split(".")[1]

    def mutant(kind: str, name: str, wrap: Callable, *how: Any) -> Mutant:
        def make(load: Callable) -> tuple[Callable, Effect]:
            effect = Effect()
            return wrap(getattr(load(definition), function), effect, *how), effect

        return Mutant(exercise, kind, name, make)

    for place, name in enumerate(parameters):
        if name in _SEEDS:  # another one is as good
            yield mutant("arguments", f"`{name}` ignored", _fixed, place, 0)
            continue
        for words, change in _input_changes().items():
            yield mutant("data", f"{words} `{name}`", _given, place, change)
        yield mutant("arguments", f"`{name}` of the first call", _remembering, place, "first")
        yield mutant("arguments", f"`{name}` of the call before", _remembering, place, "before")
        yield mutant("arguments", f"`{name}` changed in place", _spoiling, place)
        for other in range(place + 1, len(parameters)):
            yield mutant("arguments", f"`{name}` and `{parameters[other]}` swapped", _swapped, place, other)
    for words, change in _result_changes().items():
        yield mutant("contract", f"the result {words}", _returned, change)
    yield mutant("arguments", "the result of the first call", _cached)
