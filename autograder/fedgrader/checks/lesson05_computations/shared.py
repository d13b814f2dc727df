"""What the checks of lesson 5 share."""

from collections.abc import Iterable, Sequence

import numpy as np

from fedcourse.i18n import _
from fedgrader.checking.exercise import Harness
from fedgrader.guest.plain import same
from fedgrader.guest.problem import Problem

harness = Harness("lesson05_computations.shared")
_SHOWN_READINGS = 16
READINGS, SEQUENCES, NUMBER = "{float32}@CLIENTS", "{float32*}@CLIENTS", "float32@SERVER"


def _type_text(parameters: Sequence[str], result: str) -> str:
    """A signature as TFF writes it, without the parameters' names."""
    taken = parameters[0] if len(parameters) == 1 else f"<{','.join(parameters)}>" if parameters else ""
    return f"({taken} -> {result})"


def signature_problem(
    called: str, built: dict, parameters: list[str], result: str, mistakes: tuple[tuple[str, str], ...] = ()
) -> Problem | None:
    """None for a computation of the wanted type; `mistakes` pairs other types with hints that name them."""
    wanted = _type_text(parameters, result)
    if not same(built["kind"], "computation"):
        return Problem(
            called=called,
            got=_no_computation(built["kind"]),
            expected=wanted,
            hint=_no_computation_hint(built["kind"]),
        )
    got = _type_text(built["parameters"], built["result"])
    if got == wanted:
        return None
    hint = next((hint for text, hint in mistakes if text == got), None)
    return Problem(
        called=called,
        got=got,
        expected=wanted,
        hint=hint or _type_hint(built["parameters"], built["result"], parameters, result),
    )


def _no_computation(kind: str) -> str:
    if kind == "None":
        return kind
    if kind == "no types":
        return _("a computation without types")
    return _("an object of type `{type}`").format(type=kind)


def _no_computation_hint(kind: str) -> str:
    if kind == "None":
        return _("The function returned nothing. End it with `return` and the result.")
    if kind == "function":
        return _(
            "You return an ordinary Python function, which no phone can run. Put "
            "`@tff.federated_computation(…)` above it, with the type of each argument."
        )
    if kind == "no types":
        return _(
            "The computation knows no types, so it cannot be recorded yet. Write them into the decorator's "
            "parentheses: `@tff.federated_computation(tff.FederatedType(…))`."
        )
    return _(
        "Return the computation itself, not what comes out of calling it: `return` its name, without "
        "parentheses."
    )


def _type_hint(got: list[str], got_result: str, parameters: list[str], result: str) -> str:
    """What the difference between two signatures says about the answer."""
    if not any("@" in text for text in [*got, got_result]):
        return _(
            "This is the TensorFlow part alone: its type has no placement. Map it with `tff.federated_map` "
            "in a `@tff.federated_computation`, and return that one."
        )
    if got != parameters and sorted(got) == sorted(parameters):
        return _("Right parameters, wrong order. Keep the order of the docstring: it is part of the type.")
    if len(got) != len(parameters):
        return _("Count the parameters. The decorator takes one type for each, in order.")
    if got == parameters and "CLIENTS" in got_result and "SERVER" in result:
        return _("Every client keeps a result of its own here. Bring them together at the server.")
    if got == parameters and "SERVER" in got_result and "CLIENTS" in result:
        return _("The result is at the server. It must stay where the readings are: at the clients.")
    if got_result.startswith("float64"):
        return _(
            "A whole number divided by a whole number is a float64 in TensorFlow. Turn them into float32 "
            "first: `tf.cast(…, tf.float32)`."
        )
    if got != parameters and [_elsewhere(text) for text in got] == [_elsewhere(text) for text in parameters]:
        return _("A parameter has the wrong placement. The clients hold readings, the server holds the rest.")
    if got != parameters:
        return _(
            "The parameters are of another type than asked for. A reading is `np.float32`; a sequence of "
            "them is `tff.SequenceType(np.float32)`."
        )
    return _("Return one single float32, and nothing beside it.")


def _elsewhere(text: str) -> str:
    """A federated type without its placement."""
    return text.split("@")[0].strip("{}")


def temperatures(rng: np.random.Generator, size: int, low: float, high: float) -> list[float]:
    """`size` different readings, in hundredths of a degree."""
    hundredths = rng.choice(np.arange(round(100 * low), round(100 * high)), size, replace=False)
    return [float(hundredth) / 100 for hundredth in hundredths]


def shuffled(rng: np.random.Generator, readings: Iterable[float]) -> list[float]:
    return [float(reading) for reading in rng.permutation(list(readings))]


def shown(readings: Iterable[float]) -> str:
    """The readings; of many, the first and the last."""
    texts = [f"{reading:g}" for reading in readings]
    if len(texts) > _SHOWN_READINGS:
        texts = [*texts[: _SHOWN_READINGS - 2], "…", texts[-1]]
    return "[" + ", ".join(texts) + "]"
