"""What the harnesses of lesson 5 share."""

import tensorflow_federated as tff

from fedgrader.guest.harness.inspect_computation import broadcasts


def signature(answer):
    """What the answer builds: its kind and, for a computation with types, those of parameters and result.

    A computation of several parameters has a list of their types; one of a single parameter, a list of one.
    """
    built = answer()
    if not isinstance(built, tff.framework.ConcreteComputation):
        return {"kind": _kind(built)}
    function = built.type_signature
    return {
        "kind": "computation",
        "parameters": _parameters(function.parameter),
        "result": str(function.result),
    }


def _kind(built):
    if callable(built):  # a computation without types is a polymorphic one; TFF does not export its class
        return "no types" if type(built).__module__.startswith("tensorflow_federated") else "function"
    return "None" if built is None else type(built).__name__


def _parameters(parameter):
    """The types of the parameters as text; several parameters are a structure to TFF."""
    if isinstance(parameter, tff.StructType):
        return [str(part) for part in parameter]
    return [] if parameter is None else [str(parameter)]


def runs(answer, calls):
    """What the computation that the answer builds returns for each list of arguments."""
    computation = answer()
    return [computation(*arguments) for arguments in calls]


def runs_and_sends(answer, calls):
    """What the computation that the answer builds returns for each list of arguments, and its broadcasts."""
    computation = answer()
    return {
        "results": [computation(*arguments) for arguments in calls],
        "broadcasts": broadcasts(computation),
    }
