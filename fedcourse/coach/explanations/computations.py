"""Mistakes with what goes into a computation, and with what comes out."""

from fedcourse.i18n import N_

_BOX = N_(
    "This is the box with the data of all clients. Take some out, as a list: "
    "`[client_data.create_tf_dataset_for_client(client_id) for client_id in client_ids]`."
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

TABLE = (
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
)
