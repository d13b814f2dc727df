"""Answers to `forward_pass(variables, batch)`."""

import collections
import operator

import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

from solutions.lesson03_custom_model import predict

FORM = "returns a `BatchOutput` with ten scores for each image"
LOSS = "averages the loss over the batch"
COUNT = "says how many examples there are"

BatchOutput = tff.learning.models.BatchOutput


def losses_of(scores, batch):
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=batch["y"], logits=scores)


def output(scores, loss, batch):
    return BatchOutput(loss=loss, predictions=scores, num_examples=tf.shape(batch["y"])[0])


@right
def keras_loss(variables, batch):
    """Lets Keras average."""
    scores = predict(variables, batch["x"])
    cross_entropy = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return output(scores, cross_entropy(batch["y"], scores), batch)


@right
def by_hand(variables, batch):
    """Writes softmax and logarithm out, and counts in float32."""
    scores = tf.linalg.matmul(batch["x"], variables.kernel) + variables.bias
    right_scores = tf.gather(scores, batch["y"], batch_dims=1)
    n = tf.reduce_sum(tf.ones_like(right_scores))
    loss = tf.reduce_sum(tf.reduce_logsumexp(scores, axis=1) - right_scores) / n
    return BatchOutput(loss, scores, n)


@right
@tf.function
def one_hot_and_len(variables, batch):
    """One-hot labels, and `len`, which AutoGraph makes into an operation."""
    scores = predict(variables, batch["x"])
    losses = tf.nn.softmax_cross_entropy_with_logits(labels=tf.one_hot(batch["y"], 10), logits=scores)
    return BatchOutput(loss=tf.reduce_mean(losses), predictions=scores, num_examples=len(batch["y"]))


@right
def probabilities_to_a_loss_that_wants_them(variables, batch):
    """Applies softmax for a loss that wants probabilities, and returns the scores."""
    scores = predict(variables, batch["x"])
    losses = tf.keras.losses.sparse_categorical_crossentropy(batch["y"], tf.nn.softmax(scores))
    return output(scores, tf.reduce_mean(losses), batch)


@wrong(FORM, hint="Replace `raise NotImplementedError`")
def untouched(variables, batch):
    """Has not begun."""
    raise NotImplementedError


@wrong(FORM, hint="The function returned nothing")
def forgot_to_return(variables, batch):
    """Works it all out and drops it."""
    scores = predict(variables, batch["x"])
    output(scores, tf.reduce_mean(losses_of(scores, batch)), batch)


@wrong(FORM, hint="Return a `tff.learning.models.BatchOutput(")
def a_dict(variables, batch):
    """Returns the right fields in the wrong box."""
    scores = predict(variables, batch["x"])
    return collections.OrderedDict(output(scores, tf.reduce_mean(losses_of(scores, batch)), batch)._asdict())


@wrong(FORM, hint="Return a `tff.learning.models.BatchOutput(")
def the_loss_alone(variables, batch):
    """Thinks that the loss is all there is to a forward pass."""
    return tf.reduce_mean(losses_of(predict(variables, batch["x"]), batch))


@wrong(FORM, hint="softmax has been applied")
def softmax_before_the_loss(variables, batch):
    """Turns the scores into probabilities, and hands them to a loss that wants scores."""
    probabilities = tf.nn.softmax(predict(variables, batch["x"]))
    return output(probabilities, tf.reduce_mean(losses_of(probabilities, batch)), batch)


@wrong(LOSS, hint="Softmax is applied twice")
def from_logits_of_probabilities(variables, batch):
    """Returns scores, and yet applies softmax for the loss."""
    scores = predict(variables, batch["x"])
    return output(scores, tf.reduce_mean(losses_of(tf.nn.softmax(scores), batch)), batch)


@wrong(FORM, hint="These are the guessed digits")
def guesses_instead_of_scores(variables, batch):
    """Thinks that predictions are digits."""
    scores = predict(variables, batch["x"])
    guesses = tf.argmax(scores, axis=1, output_type=tf.int32)
    return output(guesses, tf.reduce_mean(losses_of(scores, batch)), batch)


@wrong(FORM, hint="`predictions` is missing")
def no_predictions(variables, batch):
    """Leaves the predictions out, since training does not need them."""
    scores = predict(variables, batch["x"])
    return BatchOutput(loss=tf.reduce_mean(losses_of(scores, batch)), num_examples=tf.shape(batch["y"])[0])


@wrong(FORM, hint="`forward_pass` only looks")
def counts_as_well(variables, batch):
    """Counts the examples right away, and then again in the next exercise."""
    scores = predict(variables, batch["x"])
    variables.num_examples.assign_add(tf.cast(tf.shape(batch["y"])[0], tf.float32))
    return output(scores, tf.reduce_mean(losses_of(scores, batch)), batch)


@wrong(FORM, hint="would put something else in the variable's place")
def stores_in_a_field(variables, batch):
    """Puts the count into the variables' field."""
    scores = predict(variables, batch["x"])
    variables.num_examples = tf.shape(batch["y"])[0]
    return output(scores, tf.reduce_mean(losses_of(scores, batch)), batch)


@wrong(LOSS, hint="summed over the batch")
def summed_loss(variables, batch):
    """Adds the losses up."""
    scores = predict(variables, batch["x"])
    return output(scores, tf.reduce_sum(losses_of(scores, batch)), batch)


@wrong(LOSS, hint="one loss an example")
def a_loss_an_example(variables, batch):
    """Does not reduce the losses."""
    scores = predict(variables, batch["x"])
    return output(scores, losses_of(scores, batch), batch)


@wrong(LOSS, hint="The sign is upside down")
def likelihood_instead_of_loss(variables, batch):
    """Averages the logarithms of the right probabilities, and forgets the minus."""
    scores = predict(variables, batch["x"])
    return output(scores, -tf.reduce_mean(losses_of(scores, batch)), batch)


@wrong(LOSS, hint="over the ten digits too")
def averages_over_the_digits(variables, batch):
    """Multiplies with one-hot labels and averages over everything."""
    scores = predict(variables, batch["x"])
    loss = -tf.reduce_mean(tf.one_hot(batch["y"], 10) * tf.nn.log_softmax(scores))
    return output(scores, loss, batch)


@wrong(LOSS, hint="It has no slope")
def accuracy_for_a_loss(variables, batch):
    """Thinks that the loss is what one wants to know."""
    scores = predict(variables, batch["x"])
    guesses = tf.argmax(scores, axis=1, output_type=tf.int32)
    return output(scores, tf.reduce_mean(tf.cast(tf.equal(guesses, batch["y"]), tf.float32)), batch)


@wrong(LOSS, hint="This is a squared error")
def squared_error(variables, batch):
    """Measures the distance between probabilities and one-hot labels."""
    scores = predict(variables, batch["x"])
    return output(scores, tf.reduce_mean((tf.nn.softmax(scores) - tf.one_hot(batch["y"], 10)) ** 2), batch)


@wrong(COUNT, hint="`num_examples` is missing")
def no_num_examples(variables, batch):
    """Forgets the field, which is optional after all."""
    scores = predict(variables, batch["x"])
    return BatchOutput(loss=tf.reduce_mean(losses_of(scores, batch)), predictions=scores)


@wrong(COUNT, hint="`.shape[0]` is `None`")
def static_shape(variables, batch):
    """Asks for the shape that is known while the model is recorded."""
    scores = predict(variables, batch["x"])
    loss = tf.reduce_mean(losses_of(scores, batch))
    return BatchOutput(loss=loss, predictions=scores, num_examples=batch["y"].shape[0])


@wrong(COUNT, hint="These are pixels")
def counts_pixels(variables, batch):
    """Takes the second size of the shape."""
    scores = predict(variables, batch["x"])
    loss = tf.reduce_mean(losses_of(scores, batch))
    return BatchOutput(loss=loss, predictions=scores, num_examples=tf.shape(batch["x"])[1])


@wrong(COUNT, hint="These are all scores")
def counts_scores(variables, batch):
    """Takes the size of the predictions."""
    scores = predict(variables, batch["x"])
    loss = tf.reduce_mean(losses_of(scores, batch))
    return BatchOutput(loss=loss, predictions=scores, num_examples=tf.size(scores))


@right
def values_by_name(variables, batch):
    """Takes image and labels out with `itemgetter`, and divides a sum by a size."""
    x, y = operator.itemgetter("x", "y")(batch)
    scores = tf.nn.bias_add(tf.matmul(x, variables.kernel), variables.bias)
    losses = losses_of(scores, batch)
    return BatchOutput(tf.reduce_sum(losses) / tf.cast(tf.size(y), tf.float32), scores, tf.size(y))


@wrong(FORM, hint="`forward_pass` only looks")
def begins_to_count_again(variables, batch):
    """Sets the counters back to 0 first."""
    for counter in variables[2:]:
        counter.assign(0.0)
    scores = predict(variables, batch["x"])
    return output(scores, tf.reduce_mean(losses_of(scores, batch)), batch)


@wrong(FORM, hint="float32[n, 10]")
def squeezes_the_scores(variables, batch):
    """Drops the first dimension of a batch of one."""
    scores = predict(variables, batch["x"])
    return output(tf.squeeze(scores), tf.reduce_mean(losses_of(scores, batch)), batch)


@wrong(LOSS, hint="leave everything float32")
def double_precision(variables, batch):
    """Wants more digits."""
    scores = predict(variables, batch["x"])
    return output(scores, tf.cast(tf.reduce_mean(losses_of(scores, batch)), tf.float64), batch)


@wrong(COUNT, hint="This is 10, however large the batch")
def the_lessons_batch_size(variables, batch):
    """Writes the lesson's BATCH_SIZE."""
    scores = predict(variables, batch["x"])
    return BatchOutput(loss=tf.reduce_mean(losses_of(scores, batch)), predictions=scores, num_examples=10)
