"""Reference solutions of lesson 3: a model from scratch."""

import collections

import tensorflow as tf
import tensorflow_federated as tff

Variables = collections.namedtuple("Variables", ["kernel", "bias", "loss_sum", "num_correct", "num_examples"])


def make_variables():
    """New variables: a softmax regression's weights, kernel [784, 10] and bias [10], and three counters."""
    return Variables(
        kernel=tf.Variable(tf.zeros([784, 10])),
        bias=tf.Variable(tf.zeros([10])),
        loss_sum=tf.Variable(0.0, trainable=False),
        num_correct=tf.Variable(0.0, trainable=False),
        num_examples=tf.Variable(0.0, trainable=False),
    )


def predict(variables, x):
    """Ten scores (logits) for each image of a batch: float32[n, 784] in, float32[n, 10] out."""
    return tf.matmul(x, variables.kernel) + variables.bias


def forward_pass(variables, batch):
    """What the model makes of one batch; it changes no variable.

    Args:
      variables: a `Variables`; only `kernel` and `bias` are used.
      batch: OrderedDict(x=float32[n, 784], y=int32[n]), images and the digits they are meant to be.

    Returns:
      A `tff.learning.models.BatchOutput` of
        loss: the cross-entropy, averaged over the batch's examples, a float32 scalar;
        predictions: ten scores (logits) for each image, float32[n, 10];
        num_examples: n, an int32 scalar.
    """
    scores = predict(variables, batch["x"])
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=batch["y"], logits=scores)
    return tff.learning.models.BatchOutput(
        loss=tf.reduce_mean(losses), predictions=scores, num_examples=tf.shape(batch["y"])[0]
    )


def update_metrics(variables, batch, output):
    """Add one batch to the three counters, which are float32 scalars.

    Args:
      variables: a `Variables`. Grown by this batch are
        loss_sum: the loss of each example, added up;
        num_correct: how many examples were read right, that is, have their highest score at their label;
        num_examples: how many examples there were.
      batch: OrderedDict(x=float32[n, 784], y=int32[n]).
      output: what `forward_pass` returned for this batch.
    """
    guesses = tf.argmax(output.predictions, axis=1, output_type=tf.int32)
    num_examples = tf.cast(output.num_examples, tf.float32)
    variables.loss_sum.assign_add(output.loss * num_examples)
    variables.num_correct.assign_add(tf.reduce_sum(tf.cast(tf.equal(guesses, batch["y"]), tf.float32)))
    variables.num_examples.assign_add(num_examples)


def reset_metrics(variables):
    """Set the three counters of `variables`, a `Variables`, back to 0; what was learnt stays."""
    for counter in (variables.loss_sum, variables.num_correct, variables.num_examples):
        counter.assign(0.0)


def unfinalized_metrics(variables):
    """What a client reports: for each metric, the sums from which its value can be worked out.

    Args:
      variables: a `Variables`; its counters are read, and stay as they are.

    Returns:
      OrderedDict(loss=[loss_sum, num_examples], accuracy=[num_correct, num_examples],
      num_examples=[num_examples]), float32 scalars all.
    """
    return collections.OrderedDict(
        loss=[variables.loss_sum, variables.num_examples],
        accuracy=[variables.num_correct, variables.num_examples],
        num_examples=[variables.num_examples],
    )


def metric_finalizers():
    """How the value of each metric is worked out from its sums.

    Returns:
      An OrderedDict of three functions: `loss`, `accuracy` and `num_examples`. Each takes one argument, the
      list of sums (float32 scalars) that `unfinalized_metrics` reports under its name, and returns a float32
      scalar: the loss of the average example, the share of examples read right, and the number of examples.
      Where there are no examples, all three are 0.
    """

    def ratio(sums):
        return tf.math.divide_no_nan(sums[0], sums[1])

    return collections.OrderedDict(loss=ratio, accuracy=ratio, num_examples=lambda sums: sums[0])


def aggregate_metrics(unfinalized, finalize):
    """The metrics over all examples of all clients, as the body of a federated computation.

    Args:
      unfinalized: a federated value at the clients, what `unfinalized_metrics` returns at each of them.
      finalize: a TFF computation from unfinalized metrics to OrderedDict(loss, accuracy, num_examples).

    Returns:
      OrderedDict(loss, accuracy, num_examples), three float32 scalars, a federated value at the server.
    """
    return tff.federated_map(finalize, tff.federated_sum(unfinalized))
