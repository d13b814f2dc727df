"""Answers to `unfinalized_metrics(variables)`."""

import collections

import tensorflow as tf
from answers import right, wrong

FORM = "lists the sums behind each metric, in an `OrderedDict`"
SUMS = "reports sums, not ratios"


def report(loss, accuracy, num_examples):
    return collections.OrderedDict(loss=loss, accuracy=accuracy, num_examples=num_examples)


@right
def reads_the_values(variables):
    """Reads each variable."""
    loss_sum, num_correct, n = (variable.read_value() for variable in variables[2:])
    return report([loss_sum, n], [num_correct, n], [n])


@right
def pairs_of_names_and_lists(variables):
    """Builds the OrderedDict from pairs."""
    n = variables.num_examples
    pairs = [("loss", [variables.loss_sum, n]), ("accuracy", [variables.num_correct, n])]
    return collections.OrderedDict([*pairs, ("num_examples", [n])])


@right
@tf.function
def in_a_tf_function(variables):
    """Fills an empty OrderedDict, in a `tf.function`."""
    metrics = collections.OrderedDict()
    for name, total in (("loss", variables.loss_sum), ("accuracy", variables.num_correct)):
        metrics[name] = [tf.identity(total), tf.identity(variables.num_examples)]
    metrics["num_examples"] = [tf.identity(variables.num_examples)]
    return metrics


@wrong(FORM, hint="Replace `raise NotImplementedError`")
def untouched(variables):
    """Has not begun."""
    raise NotImplementedError


@wrong(FORM, hint="The function returned nothing")
def forgot_to_return(variables):
    """Builds the report and drops it."""
    n = variables.num_examples
    report([variables.loss_sum, n], [variables.num_correct, n], [n])


@wrong(FORM, hint="TFF refuses a plain `dict`")
def a_plain_dict(variables):
    """Thinks that a dictionary is a dictionary."""
    n = variables.num_examples
    return {"loss": [variables.loss_sum, n], "accuracy": [variables.num_correct, n], "num_examples": [n]}


@wrong(FORM, hint="The number of examples is forgotten")
def sums_alone(variables):
    """Reports three sums, and nothing to divide by."""
    return report(variables.loss_sum, variables.num_correct, variables.num_examples)


@wrong(FORM, hint="The number of examples is forgotten")
def lists_of_one(variables):
    """Puts each sum into a list, and nothing to divide by."""
    return report([variables.loss_sum], [variables.num_correct], [variables.num_examples])


@wrong(FORM, hint="a list of one")
def a_bare_number(variables):
    """Thinks that a single number needs no list."""
    n = variables.num_examples
    return report([variables.loss_sum, n], [variables.num_correct, n], n)


@wrong(FORM, hint="Right sums, wrong order")
def number_first(variables):
    """Puts the number of examples first."""
    n = variables.num_examples
    return report([n, variables.loss_sum], [n, variables.num_correct], [n])


@wrong(FORM, hint="have changed places")
def swaps_the_metrics(variables):
    """Reports the loss as accuracy."""
    n = variables.num_examples
    return report([variables.num_correct, n], [variables.loss_sum, n], [n])


@wrong(FORM, hint="The metric `num_examples` is missing")
def two_metrics(variables):
    """Leaves the third metric out."""
    n = variables.num_examples
    return collections.OrderedDict(loss=[variables.loss_sum, n], accuracy=[variables.num_correct, n])


@wrong(FORM, hint="Give each list of sums its metric's name")
def a_list_of_lists(variables):
    """Leaves the names out."""
    n = variables.num_examples
    return [[variables.loss_sum, n], [variables.num_correct, n], [n]]


@wrong(FORM, hint="Reporting only reads")
def resets_before_reading(variables):
    """Resets first, since a report should begin afresh."""
    for counter in variables[2:]:
        counter.assign(0.0)
    return reads_the_values(variables)


@wrong(FORM, hint="Reporting must not change the counters")
def resets_after_reading(variables):
    """Resets once the values are read."""
    reported = reads_the_values(variables)
    for counter in variables[2:]:
        counter.assign(0.0)
    return reported


@wrong(SUMS, hint="the division waits until")
def averages(variables):
    """Works the averages out at the client."""
    n = variables.num_examples
    return report([variables.loss_sum / n], [variables.num_correct / n], [n])


@wrong(SUMS, hint="`loss` is worked out already")
def averages_with_their_number(variables):
    """Works the averages out, and sends the number along."""
    n = variables.num_examples
    return report([variables.loss_sum / n, n], [variables.num_correct / n, n], [n])


@wrong(SUMS, hint="`accuracy` is worked out already")
def bare_accuracy(variables):
    """Reports the loss as two sums, and the accuracy as it is shown."""
    n = variables.num_examples
    return report([variables.loss_sum, n], variables.num_correct / n, [n])


@right
def tuples(variables):
    """Puts the sums into tuples, which TFF takes as well."""
    n = variables.num_examples
    return report((variables.loss_sum, n), (variables.num_correct, n), (n,))


@wrong(FORM, hint="The right metrics, in another order")
def number_of_examples_first(variables):
    """Lists the third metric first."""
    n = variables.num_examples
    metrics = report([variables.loss_sum, n], [variables.num_correct, n], [n])
    metrics.move_to_end("num_examples", last=False)
    return metrics


@wrong(FORM, hint="leave everything float32")
def a_whole_number(variables):
    """Reports the number of examples as an integer."""
    n = variables.num_examples
    return report([variables.loss_sum, n], [variables.num_correct, n], [tf.cast(n, tf.int32)])


@wrong(FORM, hint="Reporting only reads: it changes no variable")
def shrinks_the_weights(variables):
    """Lets the weights decay on the way."""
    variables.kernel.assign(0.9 * variables.kernel)
    n = variables.num_examples
    return report([variables.loss_sum, n], [variables.num_correct, n], [n])
