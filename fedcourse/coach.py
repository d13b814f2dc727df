"""The errors of TensorFlow Federated 0.87 and TensorFlow that a beginner meets, in plain words."""

import re

from fedcourse.i18n import N_, _

_ARITHMETIC = N_(
    "A federated value stands for numbers somewhere else, so no TensorFlow, numpy or Python "
    "arithmetic works on it. Put the arithmetic into a `@tff.tensorflow.computation` and run "
    "that with `tff.federated_map`."
)
_TRACED = N_(
    "A computation is recorded before there is any data, so a tensor in it has no number to "
    "show yet. Use TensorFlow's operations instead of numpy's, of `.numpy()`, `float()` and of "
    "a Python `if`."
)
_VARIABLES = N_(
    "A `tf.Variable`, or an optimizer, made inside `@tf.function` would be made anew at every "
    "call. Do without: `weights = tf.nest.map_structure(…)` gives the new values a name. Or "
    "make it before the inner `@tf.function`."
)
_LOOP = N_(
    "Only a function under `@tf.function` can loop over a dataset in a computation. Put "
    "`@tf.function` above yours, or use `dataset.reduce`."
)

_NUMPY_DTYPES = N_(
    "TFF's types are made of numpy's dtypes: write `np.float32` instead of `tf.float32`. Inside "
    "TensorFlow code `tf.float32` stays."
)
_AS_A_TYPE = r"Unable to interpret an argument of type "

# The error's type, what its text says whatever the values, and the explanation; named groups are filled in.
_EXPLANATIONS: tuple[tuple[type[BaseException], str, str], ...] = (
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
        r"implicitly convertible to a FederatedType \(got a (?=.*@SERVER)(?=.*@CLIENTS)",
        N_(
            "One part of what you map is at the server, the other at the clients. Send the server's "
            "part to the clients first: `tff.federated_broadcast`."
        ),
    ),
    (
        TypeError,
        r"implicitly convertible to a FederatedType \(got a \(",
        N_("`tff.federated_map` takes the computation first and the value second."),
    ),
    (
        TypeError,
        r"implicitly convertible to a FederatedType \(got a (?P<type>.+)\)",
        N_(
            "`tff.federated_map` takes values that are at the clients or at the server; of `{type}`, "
            "some part is nowhere. `tff.federated_value(…, tff.CLIENTS)` places a constant."
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
    (TypeError, _AS_A_TYPE + r"tensorflow\S*DType as a type spec", _NUMPY_DTYPES),
    (NotImplementedError, r"Unexpected `dtype` found: <dtype:", _NUMPY_DTYPES),
    (
        TypeError,
        _AS_A_TYPE + r"\S*PlacementLiteral as a type spec",
        N_("The type comes first, the placement second: `tff.FederatedType(np.float32, tff.CLIENTS)`."),
    ),
    (
        TypeError,
        _AS_A_TYPE + r"type as a type spec",
        N_(
            "Python's `float` and `int` do not say how many bits they have. Write `np.float32` or `np.int32`."
        ),
    ),
    (
        TypeError,
        _AS_A_TYPE + r"(?:int|NoneType) as a type spec",
        N_("A dtype and a shape together are `tff.TensorType(np.float32, [28, 28])`."),
    ),
    (
        TypeError,
        _AS_A_TYPE + r"str as a type spec",
        N_(
            "A text is how TFF prints a type. To make one, write `np.float32`, `tff.TensorType(…)`, "
            "`tff.SequenceType(…)` or `tff.FederatedType(…)`."
        ),
    ),
    (
        TypeError,
        _AS_A_TYPE + r"\S*TensorSpec as a type spec",
        N_("That is TensorFlow's kind of type. `tff.types.tensorflow_to_type(…)` makes TFF's kind of it."),
    ),
    (
        TypeError,
        r"FederatedType\.\S* missing 1 required positional argument: 'placement'",
        N_("Who has it? Say so in the second argument: `tff.CLIENTS` or `tff.SERVER`."),
    ),
    (
        AttributeError,
        r"'str' object has no attribute 'default_all_equal'",
        N_("A placement is `tff.CLIENTS` or `tff.SERVER`, without quotation marks."),
    ),
    (
        ValueError,
        r"Expected a `tff\.\w+` to not contain `tff\.FederatedType`s",
        N_(
            "A placement stands outside, once: first build the struct or the sequence, then place the "
            "whole with `tff.FederatedType(…)`. Of a type that is placed already, take the `.member`."
        ),
    ),
    (
        TypeError,
        r"requires all nested FederatedTypes to have the same placement",
        N_(
            "Only values at the same place can be put together. Send the server's part to the clients "
            "first: `tff.federated_broadcast`."
        ),
    ),
    (
        TypeError,
        r"Failed to serialize a value of dtype <class '(?:numpy\.)?(?P<given>\w+)'> to dtype "
        r"<class '(?:numpy\.)?(?P<wanted>\w+)'>",
        N_("The computation takes {wanted}, and you hand it {given}. TFF does not turn one into the other."),
    ),
    (
        TypeError,
        r"Failed to serialize a value with shape (?P<given>\(.*?\)) to shape (?P<wanted>\(.*?\))",
        N_("The computation takes an array of shape {wanted}, and you hand it one of shape {given}."),
    ),
    (
        TypeError,
        r"Cannot serialize dataset with elements of type (?P<given>.+)\* as TFF type (?P<wanted>.+)\*",
        N_(
            "The elements of your dataset are `{given}`; the computation takes `{wanted}`. Is a `map` "
            "or a `batch` missing, or one too many?"
        ),
    ),
    (
        TypeError,
        r"\*\}@CLIENTS (?:is not compatible with the average operator|which contains .* not sum-compatible)",
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
        r"`tff\.Value`, found <class '[^']*(?:function|polymorphic_function\.Function)'>",
        N_(
            "TFF maps computations, not plain functions, because it must know the types. Put "
            "`@tff.tensorflow.computation(…)`, with the type of each argument, above the function."
        ),
    ),
    (TypeError, r"`tff\.Value`, found", _ARITHMETIC),
    (TypeError, r"Federated computation values do not support|type Value which has no callable", _ARITHMETIC),
    (TypeError, r"unsupported operand .*'Value'|between instances of .*'Value'|not 'Value'", _ARITHMETIC),
    # TensorFlow turns the error of TFF's `len()` into a ValueError.
    ((TypeError, ValueError), r"Operator (?:len|iter)\(\) is only supported for \(possibly", _ARITHMETIC),
    (AttributeError, r"`tff\.Value` of non-structural type", _ARITHMETIC),
    (
        AttributeError,
        r"no such attribute '(?P<name>.+)' in this federated tuple. Valid attributes: \((?P<fields>.*)\)",
        N_("The value has no field `{name}`. Its fields are: {fields}."),
    ),
    (
        AttributeError,
        r"'(?:collections\.)?(?:Ordered)?[Dd]ict' object has no attribute '(?P<name>\w+)'",
        N_(
            'Inside TensorFlow code a structure is an `OrderedDict`: write `["{name}"]`. The dot works '
            "on federated values only."
        ),
    ),
    (
        TypeError,
        r"unsupported operand .*(?:[Dd]ict|'list'|'tuple')",
        N_(
            "A structure of weights is no tensor: arithmetic goes leaf by leaf. "
            "`tf.nest.map_structure(lambda a, b: …, first, second)` does it for you."
        ),
    ),
    (
        (TypeError, ValueError),
        r"unsupported operand .*'NoneType'|None values not supported",
        N_(
            "Something here is `None`. A gradient is, when the tape did not watch: "
            "`tape.watch(weights)` comes before the loss, both inside the `with`. So is `x.shape[0]` "
            "of a batch of unknown size: `tf.shape(x)[0]` is a number."
        ),
    ),
    (
        TypeError,
        r"Tensor is unhashable",
        N_("A tensor cannot be a key, nor be in a set. Turn it into a number first: `int(…)`."),
    ),
    (
        TypeError,
        r"non-all-equal value with placement CLIENTS to be a `list`",
        N_(
            "What is at the clients is a list, with one entry for each of them. Is there one client? "
            "Then `[it]`."
        ),
    ),
    (
        TypeError,
        r"Type `[^@]*` is not assignable to type `[^`]*@(?:CLIENTS|SERVER)",
        N_(
            "You call a computation on federated values as if they were here. "
            "`tff.federated_map(computation, value)` runs it where the values are."
        ),
    ),
    (
        ValueError,
        r"returned `None` \(or didn't explicitly `return`",
        N_("The function returned nothing. End it with `return` and the result."),
    ),
    (RuntimeError, r"only supports Python-style iteration in eager mode", _LOOP),
    (RuntimeError, r"as_numpy_iterator\(\)` is only supported in eager mode", _LOOP),
    (
        RuntimeError,
        r"capture an EagerTensor without building a function",
        N_(
            "A computation cannot take along a tensor or a variable that was made outside. Make it "
            "inside, or pass it as an argument; plain numbers and numpy arrays may come along."
        ),
    ),
    (
        TypeError,
        r"has type (?P<given>\w+) that does not match type (?P<wanted>\w+)",
        N_(
            "TensorFlow does not mix {given} and {wanted}. Turn one into the other: "
            "`tf.cast(value, tf.{wanted})`."
        ),
    ),
    (
        ValueError,
        r"should not modify its Python input arguments",
        N_("Leave the arguments as they are: build a new `OrderedDict` and return that."),
    ),
    (
        ValueError,
        r"'(?P<name>\w+)' must be defined before the loop",
        N_(
            "Give `{name}` a value before the loop. If it is the weights, keep the name `weights`, so "
            "that each batch starts where the last one ended."
        ),
    ),
    (
        NameError,
        r"name '(?P<name>\w+)' is not defined",
        N_(
            "`{name}` is not known here. In a notebook, run the cells above; in a file, put in its "
            "import or its definition."
        ),
    ),
    (AttributeError, r"'(?:Symbolic)?Tensor' object has no attribute 'numpy'", _TRACED),
    (NotImplementedError, r"Cannot convert a symbolic tf\.Tensor", _TRACED),
    (TypeError, r"not 'SymbolicTensor'|Using a symbolic `tf\.Tensor` as a Python", _TRACED),
    (ValueError, r"only supports singleton tf\.Variables created on the first call", _VARIABLES),
    (Exception, r"^Unable to lift tensor", _VARIABLES),
)


def explain(error: BaseException) -> str | None:
    """What `error` means and what to do about it, in the learner's language; None when it is not known."""
    text = " ".join(error_text(error).split())  # TFF breaks the lines of long types
    for kind, pattern, explanation in _EXPLANATIONS:
        match = re.search(pattern, text) if isinstance(error, kind) else None
        if match:
            return _(explanation).format(**match.groupdict())
    return None


def error_text(error: BaseException) -> str:
    """What `error` says; a failure in TFF's worker says it in gRPC's `details`."""
    details = getattr(error, "details", None)
    return str(details()) if callable(details) else str(error)
