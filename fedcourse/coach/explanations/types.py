"""Mistakes in writing a TFF type."""

from fedcourse.i18n import N_

_NUMPY_TYPES = N_(
    "TFF's types are made of numpy's dtypes: `np.float32`, not `tf.float32`. Only "
    "`tff.tensorflow.computation` takes both."
)
_PLACEMENT = N_(
    "A federated type says what and where: `tff.FederatedType(np.float32, tff.CLIENTS)`, or `tff.SERVER`."
)

TABLE = (
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
)
