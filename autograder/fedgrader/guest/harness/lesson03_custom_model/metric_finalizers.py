"""What runs beside an answer to `metric_finalizers`, lesson 3."""

import inspect

import tensorflow_federated as tff

from fedgrader.guest.harness.lesson03_custom_model import shared


def metric_finalizers(answer, clients):
    """What the answer's functions make of each client's sums, and the name of the type that holds them.

    "not_functions" names those that are none, "arguments" those that do not take one argument.
    """
    finalizers = answer()
    kind = type(finalizers).__name__
    if not isinstance(finalizers, dict):
        return {"kind": kind}
    not_functions = [name for name, function in finalizers.items() if not callable(function)]
    arguments = [name for name, function in finalizers.items() if name not in not_functions]
    arguments = [name for name in arguments if not _takes_one(finalizers[name])]
    found = {"kind": kind, "names": list(finalizers), "not_functions": not_functions, "arguments": arguments}
    if not_functions or arguments or set(finalizers) != set(shared.UNFINALIZED):
        return found

    # One computation a finalizer: those that TFF makes of Keras metrics share variables named `total` and
    # `count` within a computation, and then one metric may show the other's value.
    computations = {
        name: _finalizer(finalizers[name], shared.UNFINALIZED[name]) for name in shared.UNFINALIZED
    }
    results = [
        {name: finalize(list(client[name])) for name, finalize in computations.items()} for client in clients
    ]
    return {**found, "results": results}


def _finalizer(function, sums):
    return tff.tensorflow.computation(lambda unfinalized: function(unfinalized), sums)


def _takes_one(function):
    try:
        inspect.signature(function).bind([])
    except TypeError:
        return False
    except ValueError:  # some of Python's own, such as `operator.itemgetter(0)`, have no signature
        return True
    return True
