"""What fails when a computation runs: shapes, values out of range, operators that the runtime lacks."""

from fedcourse.i18n import N_

_SHAPES = N_(
    "Two tensors do not fit together: {first} meets {second}. Print the `.shape` of both before the line "
    "that joins them."
)
_RANGE = N_(
    "{value} is out of range: only 0, 1 and so on, below {count}, will do. Is it a label that the model has "
    "no output for, or an index beyond the end?"
)
_NO_OPERATOR = N_(
    "The runtime of this course lacks an operator that this computation uses. It runs no secure sums, no "
    "distributed differential privacy and no `tff.sequence_sum`: use `tff.federated_sum`, and "
    "`dataset.reduce` for a dataset."
)

TABLE = (
    (TypeError, r"serialize a value with shape (?P<first>\(.*?\)) to shape (?P<second>\(.*?\))\.", _SHAPES),
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
