"""The errors of TensorFlow Federated 0.87 and TensorFlow that a beginner meets, in plain words."""

import contextlib
import re
import sys

from fedcourse.i18n import N_, _

EXPLANATION = "fedcourse-explanation"  # in the metadata of an output, says that it came from here

# What older tutorials call it, and what TFF 0.87 does.
_RENAMED = {
    "tf_computation": "tff.tensorflow.computation",
    "type_at_clients": "tff.FederatedType(…, tff.CLIENTS)",
    "type_at_server": "tff.FederatedType(…, tff.SERVER)",
    "NamedTupleType": "tff.StructType",
    "federated_apply": "tff.federated_map",
    "build_federated_averaging_process": "tff.learning.algorithms.build_weighted_fed_avg",
    "build_federated_evaluation": "tff.learning.algorithms.build_fed_eval",
    "build_federated_sgd_process": "tff.learning.algorithms.build_fed_sgd",
    "from_keras_model": "tff.learning.models.from_keras_model",
    "from_compiled_keras_model": "tff.learning.models.from_keras_model",
    "assign_weights_to_keras_model": "weights.assign_weights_to(keras_model)",
    "Model": "tff.learning.models.VariableModel",
    "BatchOutput": "tff.learning.models.BatchOutput",
    "ModelWeights": "tff.learning.models.ModelWeights",
    "ClientData": "tff.simulation.datasets.ClientData",
    "FromTensorSlicesClientData": "tff.simulation.datasets.TestClientData",
    "set_local_execution_context": "tff.backends.native.set_sync_local_cpp_execution_context",
    "set_local_python_execution_context": "tff.backends.native.set_sync_local_cpp_execution_context",
}

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

_MIXED = N_(
    "TensorFlow does not mix {given} and {wanted}. Turn one into the other: `tf.cast(value, tf.{wanted})`."
)
_PLACEMENT = N_(
    "A federated type says what and where: `tff.FederatedType(np.float32, tff.CLIENTS)`, or `tff.SERVER`."
)
_NUMPY_TYPES = N_(
    "TFF's types are made of numpy's dtypes: `np.float32`, not `tf.float32`. Only "
    "`tff.tensorflow.computation` takes both."
)
_KERAS_OUTSIDE = N_(
    "A Keras model that was made outside cannot come along, for its weights are variables. Build it "
    "inside the function that uses it."
)
_MODEL_FN = N_(
    "`tff.learning` makes the model itself, as often as it needs one. Write a function `model_fn` that "
    "builds a Keras model and returns `tff.learning.models.from_keras_model(…)`, and hand over "
    "`model_fn` itself, without parentheses."
)
_BOX = N_(
    "This is the box with the data of all clients. Take some out, as a list: "
    "`[client_data.create_tf_dataset_for_client(client_id) for client_id in client_ids]`."
)
_RANGE = N_(
    "{value} is out of range: only 0, 1 and so on, below {count}, will do. Is it a label that the model has "
    "no output for, or an index beyond the end?"
)
_SHAPES = N_(
    "Two tensors do not fit together: {first} meets {second}. Print the `.shape` of both before the line "
    "that joins them."
)
_RESULT = N_(
    "A computation cannot return a `{type}`, nor a dataclass of any kind. TensorFlow code returns tensors, a "
    "federated computation federated values; or an `OrderedDict`, a list, a tuple or a `NamedTuple` of them."
)
_ARGUMENTS = N_(
    "The number of arguments is wrong: `{type}` is all that this computation takes. There is one type in the "
    "decorator for each argument of the function, and one value for each in the call."
)
_PART = N_(
    "TFF expects more parts here than it got. Is an argument missing, or a field? "
    "`process.next(state, data)` takes two."
)
_NO_OPERATOR = N_(
    "The runtime of this course lacks an operator that this computation uses. It runs no secure sums, no "
    "distributed differential privacy and no `tff.sequence_sum`: use `tff.federated_sum`, and "
    "`dataset.reduce` for a dataset."
)

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
    (TypeError, r"non-all-equal value .* found a value of Python type <class '[^']*ClientData'>", _BOX),
    (TypeError, r"ClientData' object is not (?:subscriptable|iterable)", _BOX),
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
    (RuntimeError, r"^Exception encountered when calling layer.*capture an EagerTensor", _KERAS_OUTSIDE),
    (
        RuntimeError,
        r"capture an EagerTensor without building a function",
        N_(
            "A computation cannot take along a tensor or a variable that was made outside. Make it "
            "inside, or pass it as an argument; plain numbers and numpy arrays may come along."
        ),
    ),
    (TypeError, r"has type (?P<wanted>float\w+) that does not match type (?P<given>int\w+)", _MIXED),
    (TypeError, r"has type (?P<given>\w+) that does not match type (?P<wanted>\w+)", _MIXED),
    (TypeError, r"must have the same dtype, got tf\.(?P<wanted>float\w+) != tf\.(?P<given>\w+)", _MIXED),
    (TypeError, r"must have the same dtype, got tf\.(?P<given>\w+) != tf\.(?P<wanted>\w+)", _MIXED),
    (
        ValueError,
        r"should not modify its Python input arguments",
        N_("Leave the arguments as they are: build a new `OrderedDict` and return that."),
    ),
    (
        ValueError,
        r"'(?P<name>\w+)' (?:must be defined|is not allowed to be None) before the loop",
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
    # Types.
    (TypeError, r"argument of type \S+\.DType as a type spec", _NUMPY_TYPES),
    (NotImplementedError, r"Unexpected `dtype` found: <dtype:", _NUMPY_TYPES),
    (
        TypeError,
        r"argument of type \S*(?:Spec|Dataset) as a type spec",
        N_(
            "TensorFlow describes a dataset in its own way. In TFF's, the type is "
            "`tff.SequenceType(tff.types.tensorflow_to_type(dataset.element_spec))`."
        ),
    ),
    (
        TypeError,
        r"argument of type \S*PlacementLiteral as a type spec",
        N_("The type comes first, the placement second: `tff.FederatedType(np.float32, tff.CLIENTS)`."),
    ),
    (
        TypeError,
        r"argument of type type as a type spec",
        N_(
            "Python's `float` and `int` do not say how many bits they have. Write `np.float32` or `np.int32`."
        ),
    ),
    (
        TypeError,
        r"argument of type (?:int|NoneType) as a type spec",
        N_("A dtype and a shape together are `tff.TensorType(np.float32, [28, 28])`."),
    ),
    (
        TypeError,
        r"argument of type str as a type spec",
        N_(
            "A text is how TFF prints a type. To make one, write `np.float32`, `tff.TensorType(…)`, "
            "`tff.SequenceType(…)` or `tff.FederatedType(…)`."
        ),
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
        r"Unable to interpret an argument of type (?P<type>\S+) as a type spec",
        N_(
            "TFF cannot read a type out of a `{type}`. Types are `np.float32` and its like, "
            "`tff.TensorType(np.float32, [2])`, or an `OrderedDict`, a list or a tuple of types."
        ),
    ),
    (TypeError, r"FederatedType\S* missing .* argument: 'placement'", _PLACEMENT),
    (
        AttributeError,
        r"'str' object has no attribute 'default_all_equal'",
        N_("A placement is `tff.CLIENTS` or `tff.SERVER`, without quotation marks."),
    ),
    # What goes into a computation, and what comes out.
    (Exception, r"Cannot capture a result of an unsupported type (?P<type>[\w.]*\w)", _RESULT),
    (NotImplementedError, r"Unexpected type found: <class '(?P<type>[\w.]+)'>", _RESULT),
    (
        TypeError,
        r"Unable to convert a Python object of type (?P<type>\S+) into an `Struct`",
        N_(
            "TFF expects a structure of several parts here and got a `{type}`. Is an argument missing? An "
            "`OrderedDict`, a list, a tuple or a `NamedTuple` is a structure; a dataclass is not."
        ),
    ),
    (
        TypeError,
        r"Parameter type (?P<type>.+) is compatible only with a single positional argument",
        _ARGUMENTS,
    ),
    (
        TypeError,
        r"the same number of parameters\. Found parameter type (?P<type>.+)\.$",
        _ARGUMENTS,
    ),
    (
        TypeError,
        r"Cannot serialize dataset with elements of type (?P<given>.+)\* as TFF type (?P<wanted>.+)\*\.",
        N_(
            "The dataset's elements are `{given}`, and `{wanted}` is expected. Compare the two, piece by "
            "piece: is the dataset batched, are names, shapes and dtypes the same? `?` stands for any size."
        ),
    ),
    (
        TypeError,
        r"Cannot serialize Python type (?P<type>\S+) as TFF type .*\*\.",
        N_("Each client's data must be a `tf.data.Dataset`, not a `{type}`."),
    ),
    (
        TypeError,
        r"serialize a value of d?type <class '(?:numpy\.)?(?P<given>\w+)'> "
        r"to dtype <class 'numpy\.(?P<wanted>\w+)'>",
        N_(
            "The value is of the type `{given}`, and `{wanted}` is expected; TFF does not convert by itself. "
            "`np.{wanted}(value)` does."
        ),
    ),
    (TypeError, r"serialize a value with shape (?P<first>\(.*?\)) to shape (?P<second>\(.*?\))\.", _SHAPES),
    (
        TypeError,
        r"Trying to serialize LearningProcessOutput",
        N_(
            "`process.next` returns two things, and only the first is the state. Take them apart: "
            "`state, metrics = process.next(state, data)`."
        ),
    ),
    (
        TypeError,
        r"Trying to serialize ModelWeights",
        N_(
            "These are a model's weights, and a process takes its own state: "
            "`state = process.set_model_weights(process.initialize(), weights)`."
        ),
    ),
    (TypeError, r"Cannot serialize a struct value of \d+ elements to a struct type requiring", _PART),
    (IndexError, r"Element index \d+ is out of range, `Struct` has", _PART),
    (
        ValueError,
        r"Conflicting cardinalities for CLIENTS: (?P<first>\d+) vs (?P<second>\d+)",
        N_(
            "How many clients are there, {first} or {second}? Every list of what is at the clients must have "
            "one entry for each of them."
        ),
    ),
    (
        ValueError,
        r"Attempting to deserialize federated value with no data",
        N_(
            "No client takes part, so there is nothing to show. TFF counts the clients in the arguments; "
            "where none tells it, `runtime.start(default_num_clients=3)` does."
        ),
    ),
    # Operators and processes.
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
        r"which contains (?P<type>\S+) which is not sum-compatible",
        N_(
            "Only numbers can be summed, and `{type}` is none. At the clients first, turn a bool into a "
            "number with `tf.cast`, and a dataset with `dataset.reduce`."
        ),
    ),
    (
        TypeError,
        r"Expected \S*computation_base\.Computation, found function",
        N_(
            "TFF wants a computation here, not a plain function: put `@tff.federated_computation(…)` or "
            "`@tff.tensorflow.computation(…)` above it."
        ),
    ),
    (
        TypeError,
        r"found `initialize_fn` return type: (?P<given>.+) and "
        r"`next_fn` with whole argument type: (?P<wanted>.+)",
        N_(
            "`initialize_fn` makes a state of the type `{given}`, and the first argument of `next_fn` must "
            "have the same type, but `next_fn` takes `{wanted}`. Is the state at the server? "
            "`tff.federated_eval(…, tff.SERVER)` makes it there."
        ),
    ),
    # tff.learning.
    (
        AttributeError,
        r"has no attribute 'initialize'",
        N_(
            "`tff.learning` takes optimizers of its own: `tff.learning.optimizers.build_sgdm(0.02)`, the "
            "object itself. A Keras optimizer will not do, nor will a function that makes one."
        ),
    ),
    (
        TypeError,
        r"Expected \S+AggregationFactory, found (?:function|type|abc\.ABCMeta)\.",
        N_(
            "What you gave makes an aggregator, but is none. Call it, with parentheses, and hand over the "
            "result."
        ),
    ),
    (
        TypeError,
        r"Expected \S+\.WeightedAggregationFactory, found \S+\.(?P<name>\w+)\.",
        N_(
            "This algorithm weighs the clients, and the aggregator `{name}` knows no weights. Either take "
            "`build_unweighted_fed_avg`, or a weighted aggregator: `tff.aggregators.MeanFactory(…)` around a "
            "sum."
        ),
    ),
    (
        TypeError,
        r"Expected \S+\.UnweightedAggregationFactory, found \S+\.(?P<name>\w+)\.",
        N_(
            "This algorithm treats all clients alike, and the aggregator `{name}` wants weights. Either take "
            "`build_weighted_fed_avg`, or an unweighted aggregator: "
            "`tff.aggregators.UnweightedMeanFactory(…)`."
        ),
    ),
    (
        TypeError,
        r"If `model_fn` is not a callable, it must be|When `model_fn` is a callable, it return",
        _MODEL_FN,
    ),
    (ValueError, r"^The first argument to `Layer\.call` must always be passed", _MODEL_FN),
    (ValueError, r"Your Layer or Model is in an invalid state", _KERAS_OUTSIDE),
    (
        ValueError,
        r"`keras_model` must not be compiled",
        N_(
            "Leave out `model.compile(…)`: `from_keras_model` takes the loss and the metrics, and the "
            "algorithm takes the optimizer."
        ),
    ),
    (
        ValueError,
        r"The `input_spec` is a .* must contain an entry with key `'",
        N_(
            "Keras models take batches of two parts, `x` and `y`. Rename the parts of the dataset with `map`."
        ),
    ),
    (
        TypeError,
        r"Expected keras\.\S+\.Loss, found",
        N_(
            "The loss must be an object, so parentheses belong to it: "
            "`tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)`. Its name is not enough."
        ),
    ),
    (
        TypeError,
        r"Can't instantiate abstract class (?P<name>\w+) with abstract methods? (?P<methods>.+)",
        N_("The class `{name}` still lacks `{methods}`. Define each of them in it, even if it does little."),
    ),
    (
        AttributeError,
        r"'Learning(?:ProcessOutput|AlgorithmState)' object has no attribute",
        N_(
            "`process.next` returns `state` and `metrics`, and `process.get_model_weights(state)` gives the "
            "model's weights."
        ),
    ),
    (
        AttributeError,
        rf"module 'tensorflow_federated[\w.]*' has no attribute '(?P<name>{'|'.join(_RENAMED)})'",
        N_("`{name}` is from an older TFF. In TFF 0.87, write `{now}`."),
    ),
    (
        AttributeError,
        r"module 'tensorflow_federated[\w.]*' has no attribute '(?P<name>\w+)'",
        N_(
            "TFF 0.87 has no `{name}` in this place. Is it spelled right? If it comes from a tutorial, that "
            "is for another version: names moved, and some are gone."
        ),
    ),
    # Loops and branches in TensorFlow code.
    (
        ValueError,
        r"'(?P<name>\w+)' must also be initialized in the (?:else|main) branch",
        N_("Give `{name}` a value in both branches of the `if`, or before it."),
    ),
    (
        NotImplementedError,
        r"a return statement cannot be placed inside this TensorFlow loop",
        N_(
            "No `return` in a loop over a dataset: keep the result under a name, and return it after the "
            "loop."
        ),
    ),
    (
        Exception,
        r"is out of scope and cannot be used here",
        N_(
            "A tensor that was made inside a loop or a function is used outside of it; a Python list cannot "
            "carry it out. Give it a name before the loop and renew that in each step."
        ),
    ),
    (
        TypeError,
        r"`tf\.data\.Dataset` only supports `len` in eager mode|Dataset' object is not subscriptable",
        N_(
            "A dataset is a stream: it has no length here, and no numbered places. Loop over it, or use "
            "`dataset.reduce(0, lambda count, example: count + 1)`, which counts."
        ),
    ),
    # While it runs, and TensorFlow's shapes.
    (Exception, r"Incompatible shapes: (?P<first>\[.*?\]) vs\. (?P<second>\[.*?\])", _SHAPES),
    (ValueError, r"Dimensions must be equal, but are (?P<first>\d+) and (?P<second>\d+)", _SHAPES),
    (
        ValueError,
        r"axis -1 of input shape to have value (?P<second>\d+), "
        r"but received input with shape (?P<first>\(.*?\))",
        _SHAPES,
    ),
    (
        ValueError,
        r"the layer: expected shape=(?P<second>\(.*?\)), found shape=(?P<first>\(.*?\))",
        _SHAPES,
    ),
    (
        ValueError,
        r"variable shape (?P<first>\(.*?\)), and the assigned value shape (?P<second>\(.*?\)) are",
        _SHAPES,
    ),
    (
        Exception,
        r"Received a label value of (?P<value>-?\d+) .* valid range of \[0, (?P<count>\d+)\)",
        _RANGE,
    ),
    (Exception, r"indices\S* = (?P<value>-?\d+) is not in \[0, (?P<count>\d+)\)", _RANGE),
    (Exception, r"does not support intrinsic URI|^Cannot embed a federated value", _NO_OPERATOR),
    (
        Exception,
        r"No OpKernel was registered to support Op '(?:Eager)?PyFunc'",
        N_(
            "No Python runs at the clients, only TensorFlow's operations, so `tf.py_function` and "
            "`tf.numpy_function` cannot be used."
        ),
    ),
)


def explain(error: BaseException) -> str | None:
    """What `error` means and what to do about it, in the learner's language; None when it is not known."""
    text = " ".join(error_text(error).split())  # TFF breaks the lines of long types
    for kind, pattern, explanation in _EXPLANATIONS:
        match = re.search(pattern, text) if isinstance(error, kind) else None
        if match:
            values = match.groupdict()
            return _(explanation).format(**values, now=_RENAMED.get(values.get("name", "")))
    return None


def error_text(error: BaseException) -> str:
    """What `error` says; a failure in TFF's worker says it in gRPC's `details`."""
    details = getattr(error, "details", None)
    return str(details()) if callable(details) else str(error)


class Explanation:
    """An explanation that a notebook shows as Markdown, in its own colours, and a terminal as text."""

    def __init__(self, text: str):
        self._heading, self._text = _("The error above, in plain words:"), text

    def __repr__(self) -> str:
        return f"{self._heading}\n{self._text}"

    def _repr_markdown_(self) -> str:
        return f"> **{self._heading}**\n>\n> {self._text}"


def start() -> None:
    """From now on, explain below its traceback every error of a cell that the coach knows; may be repeated.

    Tracebacks stay as they are. Outside IPython nothing happens.
    """
    ipython = sys.modules.get("IPython")  # loaded, if this runs in it
    shell = ipython and ipython.get_ipython()
    if shell:
        with contextlib.suppress(ValueError):  # it is not there the first time
            shell.events.unregister("post_run_cell", _explain_below)
        shell.events.register("post_run_cell", _explain_below)


def _explain_below(result) -> None:
    """Show what the error of `result`, the outcome of a cell, means; IPython has shown the traceback."""
    from IPython.display import display  # only IPython calls this

    error = getattr(result, "error_in_exec", None)  # an interrupted cell has no result
    explanation = None
    with contextlib.suppress(Exception):  # an error may fail even to say what it is
        explanation = error and explain(error)
    if explanation:
        display(Explanation(explanation), metadata={EXPLANATION: True})
