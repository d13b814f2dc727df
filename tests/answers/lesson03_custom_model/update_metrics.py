"""Answers to `update_metrics(variables, batch, output)`."""

import tensorflow as tf
from answers import right, wrong

EXAMPLES = "counts the examples"
CORRECT = "counts those that are read right"
LOSS = "adds up the loss, example by example"


def size(batch):
    return tf.cast(tf.shape(batch["y"])[0], tf.float32)


def hits(batch, output):
    guesses = tf.argmax(output.predictions, axis=1, output_type=tf.int32)
    return tf.cast(tf.equal(guesses, batch["y"]), tf.float32)


def add(variables, loss_sum, num_correct, num_examples):
    variables.loss_sum.assign_add(loss_sum)
    variables.num_correct.assign_add(num_correct)
    variables.num_examples.assign_add(num_examples)


@right
def assigns_the_sum(variables, batch, output):
    """Reads, adds and assigns, without `assign_add`."""
    n = tf.cast(output.num_examples, tf.float32)
    variables.loss_sum.assign(variables.loss_sum + output.loss * n)
    variables.num_correct.assign(variables.num_correct + tf.reduce_sum(hits(batch, output)))
    variables.num_examples.assign(variables.num_examples + n)


@right
def losses_again(variables, batch, output):
    """Works the losses out again instead of multiplying their average."""
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=batch["y"], logits=output.predictions)
    add(variables, tf.reduce_sum(losses), tf.reduce_sum(hits(batch, output)), size(batch))


@right
def in_top_k(variables, batch, output):
    """Counts with `tf.math.in_top_k`, inside a `tf.function` of its own that returns something."""

    @tf.function
    def update():
        found = tf.math.in_top_k(targets=batch["y"], predictions=output.predictions, k=1)
        correct = tf.cast(tf.math.count_nonzero(found), tf.float32)
        add(variables, output.loss * size(batch), correct, size(batch))
        return variables.num_examples.read_value()

    return update()


@right
def mean_times_number(variables, batch, output):
    """Takes the batch's accuracy times its number of examples."""
    n = size(batch)
    add(variables, n * output.loss, n * tf.reduce_mean(hits(batch, output)), n)


@wrong(EXAMPLES, hint="Replace `raise NotImplementedError`")
def untouched(variables, batch, output):
    """Has not begun."""
    raise NotImplementedError


@wrong(EXAMPLES, hint="would put something else in the variable's place")
def augmented_assignment(variables, batch, output):
    """Adds with `+=`, as one does to numbers."""
    variables.num_examples += size(batch)


@wrong(EXAMPLES, hint="`num_examples` stays as it was")
def local_names(variables, batch, output):
    """Adds to a Python name, and the variable stays as it was."""
    loss_sum, num_correct, num_examples = variables[2:]
    loss_sum = loss_sum + output.loss * size(batch)
    num_correct = num_correct + tf.reduce_sum(hits(batch, output))
    num_examples = num_examples + size(batch)
    return loss_sum, num_correct, num_examples


@wrong(EXAMPLES, hint="forgets the batch before: `assign` writes over")
def assigns(variables, batch, output):
    """Writes over what is there."""
    variables.loss_sum.assign(output.loss * size(batch))
    variables.num_correct.assign(tf.reduce_sum(hits(batch, output)))
    variables.num_examples.assign(size(batch))


@wrong(LOSS, hint="forgets the batch before: `assign` writes over")
def assigns_the_loss(variables, batch, output):
    """Thinks that the loss to report is the last one."""
    add(variables, 0.0, tf.reduce_sum(hits(batch, output)), size(batch))
    variables.loss_sum.assign(output.loss)


@wrong(CORRECT, hint="`num_correct` forgets the batch before")
def assigns_the_number_of_right_ones(variables, batch, output):
    """Writes over one of the counters."""
    add(variables, output.loss * size(batch), 0.0, size(batch))
    variables.num_correct.assign(tf.reduce_sum(hits(batch, output)))


@wrong(EXAMPLES, hint="This counts batches")
def counts_batches(variables, batch, output):
    """Adds one for each batch."""
    add(variables, output.loss * size(batch), tf.reduce_sum(hits(batch, output)), 1.0)


@wrong(EXAMPLES, hint="not only those that were read right")
def counts_the_right_ones_twice(variables, batch, output):
    """Adds the right ones to both counters."""
    correct = tf.reduce_sum(hits(batch, output))
    add(variables, output.loss * size(batch), correct, correct)


@wrong(EXAMPLES, hint="`num_examples` stays as it was")
def forgets_num_examples(variables, batch, output):
    """Counts what is right and not how many there are."""
    add(variables, output.loss * size(batch), tf.reduce_sum(hits(batch, output)), 0.0)


@wrong(CORRECT, hint="You add up accuracies")
def adds_accuracies(variables, batch, output):
    """Averages before it adds."""
    add(variables, output.loss * size(batch), tf.reduce_mean(hits(batch, output)), size(batch))


@wrong(CORRECT, hint="`==` asks whether two tensors are one and the same object")
def compares_with_two_signs(variables, batch, output):
    """Writes `==`, which is right in eager TensorFlow."""
    guesses = tf.argmax(output.predictions, axis=1, output_type=tf.int32)
    correct = tf.reduce_sum(tf.cast(guesses == batch["y"], tf.float32))
    add(variables, output.loss * size(batch), correct, size(batch))


@wrong(CORRECT, hint="read wrongly")
def counts_errors(variables, batch, output):
    """Counts the examples whose guess differs from the label."""
    add(variables, output.loss * size(batch), tf.reduce_sum(1 - hits(batch, output)), size(batch))


@wrong(EXAMPLES, hint="TensorFlow does not mix")
def forgets_the_cast(variables, batch, output):
    """Adds an integer to a float variable."""
    guesses = tf.argmax(output.predictions, axis=1)
    correct = tf.reduce_sum(tf.cast(tf.equal(guesses, batch["y"]), tf.float32))
    add(variables, output.loss, correct, output.num_examples)


@wrong(LOSS, hint="says as much as the batch of")
def adds_average_losses(variables, batch, output):
    """Adds the batches' averages, each with the same say."""
    add(variables, output.loss, tf.reduce_sum(hits(batch, output)), size(batch))


@wrong(LOSS, hint="Multiply to get the sum back")
def divides_once_more(variables, batch, output):
    """Divides where it should multiply."""
    add(variables, output.loss / size(batch), tf.reduce_sum(hits(batch, output)), size(batch))


@wrong(LOSS, hint="`loss_sum` stays as it was")
def forgets_the_loss(variables, batch, output):
    """Leaves the loss to TFF."""
    add(variables, 0.0, tf.reduce_sum(hits(batch, output)), size(batch))


@right
def in_a_loop(variables, batch, output):
    """Works all three sums out, and adds them in a loop."""
    sums = (output.loss * size(batch), tf.reduce_sum(hits(batch, output)), size(batch))
    for counter, value in zip(variables[2:], sums, strict=True):
        counter.assign(counter + value)


@wrong(EXAMPLES, hint="Only the three counters grow here")
def takes_a_step_too(variables, batch, output):
    """Moves the bias along."""
    add(variables, output.loss * size(batch), tf.reduce_sum(hits(batch, output)), size(batch))
    variables.bias.assign_sub(0.1 * tf.ones(10))


@wrong(EXAMPLES, hint="`num_examples` forgets the batch before")
def begins_anew_with_each_batch(variables, batch, output):
    """Resets the counters before it adds."""
    for counter in variables[2:]:
        counter.assign(0.0)
    add(variables, output.loss * size(batch), tf.reduce_sum(hits(batch, output)), size(batch))


@wrong(CORRECT, hint="whose highest score is at their label")
def scores_above_one_half(variables, batch, output):
    """Takes scores for probabilities, and one half for the threshold."""
    sure = tf.cast(output.predictions > 0.5, tf.float32)
    correct = tf.reduce_sum(sure * tf.one_hot(batch["y"], 10))
    add(variables, output.loss * size(batch), correct, size(batch))
