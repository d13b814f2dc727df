"""The table of the errors that the coach knows, put together from one for each kind of mistake."""

from fedcourse.coach.explanations import (
    computations,
    execution,
    federated,
    learning,
    older_names,
    tensorflow_code,
    types,
)

# The error's type or types, a regular expression that finds what its text says whatever the values, and the
# explanation, whose placeholders the expression's named groups fill.
Row = tuple[type[BaseException] | tuple[type[BaseException], ...], str, str]

# In this order, for the first row that fits explains an error: within a table what is special comes before
# what is general, and `execution`, most of whose rows fit errors of any type, comes last.
EXPLANATIONS: tuple[Row, ...] = (
    *federated.TABLE,
    *tensorflow_code.TABLE,
    *types.TABLE,
    *computations.TABLE,
    *learning.TABLE,
    *older_names.TABLE,
    *execution.TABLE,
)
