"""Types as TFF prints them, such as `{float32}@CLIENTS`: read, compared, and told apart in plain words.

It needs neither TensorFlow nor TFF, so checks can use it too.
"""

from fedcourse.signatures.differences import difference
from fedcourse.signatures.guess import guess_type
from fedcourse.signatures.parsing import NotAType, parse
from fedcourse.signatures.types import Function, Placed, Sequence, Struct, Tensor, Type

__all__ = [
    "Function",
    "NotAType",
    "Placed",
    "Sequence",
    "Struct",
    "Tensor",
    "Type",
    "difference",
    "guess_type",
    "parse",
]
