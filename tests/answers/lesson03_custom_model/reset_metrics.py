"""Answers to `reset_metrics(variables)`."""

import tensorflow as tf
from answers import right, wrong

ZERO = "sets every counter back to zero"
WEIGHTS = "leaves the weights alone"


@right
def by_slice(variables):
    """Takes the last three, and zeros of their shape."""
    for counter in variables[2:]:
        counter.assign(tf.zeros_like(counter))


@right
def subtracts_itself(variables):
    """Subtracts from each counter what it holds."""
    variables.loss_sum.assign_sub(variables.loss_sum)
    variables.num_correct.assign_sub(variables.num_correct)
    variables.num_examples.assign_sub(variables.num_examples)


@right
@tf.function
def multiplies_by_zero(variables):
    """Multiplies by zero, in a `tf.function`, and returns the variables."""
    for name in ("loss_sum", "num_correct", "num_examples"):
        counter = getattr(variables, name)
        counter.assign(0.0 * counter)
    return variables.num_examples


@wrong(ZERO, hint="Replace `raise NotImplementedError`")
def untouched(variables):
    """Has not begun."""
    raise NotImplementedError


@wrong(ZERO, hint="The counters still hold what they held")
def nothing_to_do(variables):
    """Thinks that TFF resets the metrics by itself."""


@wrong(WEIGHTS, hint="The counters still hold what they held")
def does_nothing_and_keeps_the_weights(variables):
    """Hopes to earn a point for leaving the weights alone."""
    return variables


@wrong(ZERO, hint="The counters still hold what they held")
def adds_zero(variables):
    """Confuses `assign_add` with `assign`."""
    for counter in variables[2:]:
        counter.assign_add(0.0)


@wrong(ZERO, hint="would put something else in the variable's place")
def replaces_the_field(variables):
    """Assigns as Python does."""
    variables.num_examples = 0.0


@wrong(ZERO, hint="The counters still hold what they held")
def new_names(variables):
    """Gives names of its own a new value."""
    _kernel, _bias, loss_sum, num_correct, num_examples = variables
    loss_sum = num_correct = num_examples = 0.0  # noqa: F841


@wrong(ZERO, hint="what about `num_examples`?")
def forgets_num_examples(variables):
    """Resets the sums, and not what they are divided by."""
    variables.loss_sum.assign(0.0)
    variables.num_correct.assign(0.0)


@wrong(ZERO, hint="what about `loss_sum`, `num_correct`?")
def resets_num_examples_only(variables):
    """Resets the number of examples, and not the sums."""
    variables.num_examples.assign(0.0)


@wrong(ZERO, hint="A counter starts at 0, not at 1")
def starts_at_one(variables):
    """Fears a division by zero."""
    for counter in variables[2:]:
        counter.assign(1.0)


@wrong(WEIGHTS, hint="are what the model has learnt")
def resets_everything(variables):
    """Resets all there is, the weights included."""
    for variable in variables:
        variable.assign(tf.zeros_like(variable))


@wrong(WEIGHTS, hint="are what the model has learnt")
def resets_the_bias_too(variables):
    """Takes one variable too many."""
    for variable in variables[1:]:
        variable.assign(tf.zeros_like(variable))
