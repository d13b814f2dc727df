"""Mistakes in TensorFlow code that TFF traces."""

from fedcourse.i18n import N_

_LOOP = N_(
    "Only a function under `@tf.function` can loop over a dataset in a computation. Put "
    "`@tf.function` above yours, or use `dataset.reduce`."
)
_KERAS_OUTSIDE = N_(
    "A Keras model that was made outside cannot come along, for its weights are variables. Build it "
    "inside the function that uses it."
)
_MIXED = N_(
    "TensorFlow does not mix {given} and {wanted}. Turn one into the other: `tf.cast(value, tf.{wanted})`."
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

TABLE = (
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
    (RuntimeError, r"only supports Python-style iteration in eager mode", _LOOP),
    (RuntimeError, r"as_numpy_iterator\(\)` is only supported in eager mode", _LOOP),
    (RuntimeError, r"^Exception encountered when calling layer.*capture an EagerTensor", _KERAS_OUTSIDE),
    (ValueError, r"Your Layer or Model is in an invalid state", _KERAS_OUTSIDE),
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
)
