"""Mistakes with federated values, and with the operators that take them."""

from fedcourse.i18n import N_

_ARITHMETIC = N_(
    "A federated value stands for numbers somewhere else, so no TensorFlow, numpy or Python "
    "arithmetic works on it. Put the arithmetic into a `@tff.tensorflow.computation` and run "
    "that with `tff.federated_map`."
)

TABLE = (
    (
        TypeError,
        r"should be placed at CLIENTS, but it is placed at SERVER",
        N_(
            "`tff.federated_mean`, `tff.federated_sum` and their like collect what is at the clients; "
            "this value is at the server already."
        ),
    ),
    (
        TypeError,
        r"should be placed at SERVER, but it is placed at CLIENTS",
        N_("Only the server can broadcast; this value is at the clients already."),
    ),
    (
        TypeError,
        r"implicitly convertible to a FederatedType \(got a (?=.*@SERVER)(?=.*@CLIENTS)"
        r"|federated_zip requires all nested FederatedTypes to have the same placement",
        N_(
            "One part of this is at the server, the other at the clients. Send the server's part to the "
            "clients first: `tff.federated_broadcast`."
        ),
    ),
    (
        TypeError,
        r"to be mapped must be .* implicitly convertible to a FederatedType \(got a \(",
        N_("`tff.federated_map` takes the computation first and the value second."),
    ),
    (
        TypeError,
        r"implicitly convertible to a FederatedType \(got a (?P<type>.+)\)",
        N_(
            "Federated operators take values that are at the clients or at the server, as a "
            "`@tff.federated_computation` has them; of `{type}`, some part is nowhere. "
            "`tff.federated_value(…, tff.CLIENTS)`, or `tff.SERVER`, places a constant."
        ),
    ),
    (
        TypeError,
        r"expects a parameter of type (?P<wanted>.+), but member .* of incompatible type (?P<given>.+)\.",
        N_(
            "The computation that you map takes `{wanted}`, and you hand it `{given}`. Compare the "
            "two, piece by piece: is something missing, in another order, or of another name?"
        ),
    ),
    (
        TypeError,
        r"\*\}@CLIENTS is not compatible with the average operator",
        N_(
            "A dataset cannot be averaged or added up. First have each client make a number of it, with "
            "`tff.federated_map`."
        ),
    ),
    (
        TypeError,
        r"is not compatible with the average operator",
        N_(
            "The mean of integers is no integer, so TFF refuses. Turn them into float32 at the clients "
            "first, with `tf.cast` in a `@tff.tensorflow.computation`."
        ),
    ),
    (
        TypeError,
        r"which contains (?P<type>\S+) which is not sum-compatible",
        N_(
            "Only numbers can be summed, and `{type}` is none. At the clients first, turn a bool into a "
            "number with `tf.cast`, and a dataset with `dataset.reduce`."
        ),
    ),
    (
        TypeError,
        r"`zero` to be assignable to type (?P<wanted>.+), but was of incompatible type (?P<given>.+)\.",
        N_(
            "The aggregation begins with `zero`, so it must have the type of what is added up: `{wanted}`, "
            "not `{given}`. For float32 that is `0.0`, not `0`."
        ),
    ),
    (
        TypeError,
        r"`tff\.Value`, found <class '[^']*(?:function|polymorphic_function\.Function)'>",
        N_(
            "TFF maps computations, not plain functions, because it must know the types. Put "
            "`@tff.tensorflow.computation(…)`, with the type of each argument, above the function."
        ),
    ),
    (TypeError, r"`tff\.Value`, found", _ARITHMETIC),
    (TypeError, r"Federated computation values do not support|type Value which has no callable", _ARITHMETIC),
    (TypeError, r"unsupported format string passed to Value\.__format__", _ARITHMETIC),
    (
        TypeError,
        r"Failed to convert elements of .* to Tensor",
        N_(
            "TensorFlow code cannot reach for a federated value outside. Make it an argument: "
            "`tff.federated_map(computation, (first, second))`."
        ),
    ),
    (TypeError, r"unsupported operand .*'Value'|between instances of .*'Value'|not 'Value'", _ARITHMETIC),
    # TensorFlow turns the error of TFF's `len()` into a ValueError.
    ((TypeError, ValueError), r"Operator (?:len|iter|getitem)\(\) is only supported for", _ARITHMETIC),
    (AttributeError, r"`tff\.Value` of non-structural type", _ARITHMETIC),
    (
        AttributeError,
        r"no such attribute '(?P<name>.+)' in this federated tuple. Valid attributes: \((?P<fields>.*)\)",
        N_("The value has no field `{name}`. Its fields are: `{fields}`."),
    ),
)
