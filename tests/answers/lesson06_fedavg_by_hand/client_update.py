"""Answers to `client_update(weights, dataset, learning_rate)`."""

import collections

import numpy as np
import tensorflow as tf
from answers import right, wrong

from solutions.lesson06_fedavg_by_hand import initial_weights, loss, predict

FORM = "returns the weights and the number of examples"
ONE_STEP = "takes one step on one batch"
EVERY_BATCH = "trains on every batch, from the weights it is given"
COUNT = "counts the examples, also where there are none"

MADE_OUTSIDE = tf.constant(0.0)


def gradients_of(weights, batch):
    with tf.GradientTape() as tape:
        tape.watch(weights)
        batch_loss = loss(weights, batch)
    return tape.gradient(batch_loss, weights)


def step(weights, gradients, learning_rate):
    return tf.nest.map_structure(lambda w, g: w - learning_rate * g, weights, gradients)


def size(batch):
    return tf.cast(tf.shape(batch["y"])[0], tf.float32)


def output(weights, num_examples):
    return collections.OrderedDict(weights=weights, num_examples=num_examples)


@right
def reduces_the_dataset(weights, dataset, learning_rate):
    """Carries weights and count through `dataset.reduce`, without a loop or `tf.function`."""

    def one_batch(state, batch):
        weights, count = state
        return step(weights, gradients_of(weights, batch), learning_rate), count + size(batch)

    return output(*dataset.reduce((weights, 0.0), one_batch))


@right
def keras_optimizer(weights, dataset, learning_rate):
    """Lets a Keras optimizer move variables, inside an inner `tf.function`."""
    variables = tf.nest.map_structure(tf.Variable, weights)
    optimizer = tf.keras.optimizers.SGD(learning_rate)

    @tf.function
    def train():
        count = 0.0
        for batch in dataset:
            gradients = gradients_of(variables, batch)
            optimizer.apply_gradients(zip(gradients.values(), variables.values(), strict=True))
            count += size(batch)
        return output({name: v.read_value() for name, v in variables.items()}, count)

    return train()


@right
def assigns_in_an_inner_function(weights, dataset, learning_rate):
    """Assigns to variables made outside the inner `tf.function` that loops."""
    variables = tf.nest.map_structure(tf.Variable, weights)

    @tf.function
    def train():
        count = 0
        for batch in dataset:
            for name, gradient in gradients_of(variables, batch).items():
                variables[name].assign_sub(learning_rate * gradient)
            count += len(batch["y"])
        return output(tf.nest.map_structure(tf.identity, variables), count)

    return train()


@right
@tf.function
def gradient_by_hand(weights, dataset, learning_rate):
    """Works the gradient out on paper: scores to probabilities, minus one where the label is."""
    kernel, bias = weights["kernel"], weights["bias"]
    count = 0.0
    for batch in dataset:
        x, n = batch["x"], size(batch)
        scores = tf.matmul(x, kernel) + bias
        error = (tf.nn.softmax(scores) - tf.one_hot(batch["y"], 10)) / n
        kernel -= learning_rate * tf.matmul(x, error, transpose_a=True)
        bias -= learning_rate * tf.reduce_sum(error, axis=0)
        count += n
    return {"weights": {"kernel": kernel, "bias": bias}, "num_examples": count}


@right
@tf.function
def keras_loss(weights, dataset, learning_rate):
    """Takes the loss from Keras and returns the fields in another order, which nobody minds."""
    cross_entropy = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    kernel, bias = weights["kernel"], weights["bias"]
    count = 0.0
    for batch in dataset:
        with tf.GradientTape() as tape:
            tape.watch([kernel, bias])
            scores = predict({"kernel": kernel, "bias": bias}, batch["x"])
            batch_loss = cross_entropy(batch["y"], scores)
        slope, bias_slope = tape.gradient(batch_loss, [kernel, bias])
        kernel, bias = kernel - learning_rate * slope, bias - learning_rate * bias_slope
        count += size(batch)
    return {"num_examples": count, "weights": collections.OrderedDict(kernel=kernel, bias=bias)}


@wrong(FORM, hint="Replace `raise NotImplementedError`")
@tf.function
def untouched(weights, dataset, learning_rate):
    """Has not begun."""
    raise NotImplementedError


@wrong(FORM, hint="The function returned nothing")
@tf.function
def forgot_to_return(weights, dataset, learning_rate):
    """Trains, and keeps the result."""
    for batch in dataset:
        weights = step(weights, gradients_of(weights, batch), learning_rate)


@wrong(FORM, hint="Put `@tf.function` above")
def loops_without_tf_function(weights, dataset, learning_rate):
    """Writes an ordinary Python loop."""
    count = 0.0
    for batch in dataset:
        weights = step(weights, gradients_of(weights, batch), learning_rate)
        count += size(batch)
    return output(weights, count)


@wrong(FORM, hint="with the two fields `weights` and `num_examples`")
@tf.function
def a_pair(weights, dataset, learning_rate):
    """Returns a tuple."""
    count = 0.0
    for batch in dataset:
        weights = step(weights, gradients_of(weights, batch), learning_rate)
        count += size(batch)
    return weights, count


@wrong(FORM, hint="with the two fields `weights` and `num_examples`")
@tf.function
def weights_alone(weights, dataset, learning_rate):
    """Forgets the number of examples."""
    for batch in dataset:
        weights = step(weights, gradients_of(weights, batch), learning_rate)
    return weights


@wrong(FORM, hint="Right fields, wrong order")
@tf.function
def bias_first(weights, dataset, learning_rate):
    """Thinks that the order of the fields does not matter."""
    count = 0.0
    for batch in dataset:
        weights = step(weights, gradients_of(weights, batch), learning_rate)
        count += size(batch)
    return output(collections.OrderedDict(bias=weights["bias"], kernel=weights["kernel"]), count)


@wrong(FORM, hint="`tape.watch(weights)` comes before the loss")
@tf.function
def does_not_watch(weights, dataset, learning_rate):
    """Thinks that the tape watches tensors by itself."""
    count = 0.0
    for batch in dataset:
        with tf.GradientTape() as tape:
            batch_loss = loss(weights, batch)
        weights = step(weights, tape.gradient(batch_loss, weights), learning_rate)
        count += size(batch)
    return output(weights, count)


@wrong(FORM, hint="a tensor or a variable that was made outside")
@tf.function
def counts_from_a_tensor_made_outside(weights, dataset, learning_rate):
    """Takes a constant along that was made before."""
    count = MADE_OUTSIDE
    for batch in dataset:
        weights = step(weights, gradients_of(weights, batch), learning_rate)
        count += size(batch)
    return output(weights, count)


@wrong(FORM, hint="would be made anew at every call")
@tf.function
def variables_inside_tf_function(weights, dataset, learning_rate):
    """Makes variables where none may be made."""
    variables = tf.nest.map_structure(lambda w: tf.Variable(tf.zeros_like(w)), weights)
    count = 0.0
    for batch in dataset:
        for name, gradient in gradients_of(variables, batch).items():
            variables[name].assign_sub(learning_rate * gradient)
        count += size(batch)
    return output(tf.nest.map_structure(tf.identity, variables), count)


@wrong(FORM, hint="goes leaf by leaf")
@tf.function
def subtracts_structures(weights, dataset, learning_rate):
    """Does arithmetic on whole dicts."""
    count = 0.0
    for batch in dataset:
        weights = weights - gradients_of(weights, batch)
        count += size(batch)
    return output(weights, count)


@wrong(FORM, hint="Use TensorFlow's operations instead of numpy's")
def asks_numpy(weights, dataset, learning_rate):
    """Counts with numpy while the computation is being recorded."""
    trained, count = dataset.reduce(
        (weights, 0.0), lambda s, b: (step(s[0], gradients_of(s[0], b), learning_rate), s[1] + size(b))
    )
    return output(trained, np.float32(count))


@wrong(ONE_STEP, hint="Variables that are assigned outside `@tf.function`")
def assigns_outside_tf_function(weights, dataset, learning_rate):
    """Assigns where nothing waits for the assignment, so that the first weights come back for ever."""
    variables = tf.nest.map_structure(tf.Variable, weights)

    def one_batch(state, batch):
        weights, count = state
        return step(weights, gradients_of(weights, batch), learning_rate), count + size(batch)

    trained, count = dataset.reduce((weights, 0.0), one_batch)
    tf.nest.map_structure(lambda variable, new: variable.assign(new), variables, trained)
    return output(variables, count)


@wrong(ONE_STEP, hint="a new value must be given a name")
@tf.function
def drops_the_step(weights, dataset, learning_rate):
    """Computes the new weights and does not keep them."""
    count = 0.0
    for batch in dataset:
        step(weights, gradients_of(weights, batch), learning_rate)
        count += size(batch)
    return output(weights, count)


@wrong(ONE_STEP, hint="Return the trained weights themselves")
@tf.function
def returns_a_delta(weights, dataset, learning_rate):
    """Returns the change, as newer algorithms do."""
    trained, count = weights, 0.0
    for batch in dataset:
        trained = step(trained, gradients_of(trained, batch), learning_rate)
        count += size(batch)
    return output(tf.nest.map_structure(tf.subtract, trained, weights), count)


@wrong(ONE_STEP, hint="minus trained. Return the trained weights themselves")
@tf.function
def returns_a_delta_the_other_way(weights, dataset, learning_rate):
    """Returns the change with the sign of a gradient."""
    trained, count = weights, 0.0
    for batch in dataset:
        trained = step(trained, gradients_of(trained, batch), learning_rate)
        count += size(batch)
    return output(tf.nest.map_structure(tf.subtract, weights, trained), count)


@wrong(ONE_STEP, hint="These are the gradients")
@tf.function
def returns_the_gradients(weights, dataset, learning_rate):
    """Leaves the step to the server."""
    gradients, count = weights, 0.0
    for batch in dataset:
        gradients = gradients_of(weights, batch)
        count += size(batch)
    return output(gradients, count)


@wrong(ONE_STEP, hint="Subtract the gradient, do not add it")
@tf.function
def adds_the_gradient(weights, dataset, learning_rate):
    """Climbs."""
    count = 0.0
    for batch in dataset:
        weights = step(weights, gradients_of(weights, batch), -learning_rate)
        count += size(batch)
    return output(weights, count)


@wrong(ONE_STEP, hint="The step ignores `learning_rate`")
@tf.function
def ignores_the_learning_rate(weights, dataset, learning_rate):
    """Subtracts the gradient as it is."""
    count = 0.0
    for batch in dataset:
        weights = tf.nest.map_structure(tf.subtract, weights, gradients_of(weights, batch))
        count += size(batch)
    return output(weights, count)


@wrong(ONE_STEP, hint="The loss is summed over the batch")
@tf.function
def sums_the_loss(weights, dataset, learning_rate):
    """Writes its own loss, with a sum instead of a mean."""
    count = 0.0
    for batch in dataset:
        with tf.GradientTape() as tape:
            tape.watch(weights)
            scores = predict(weights, batch["x"])
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=batch["y"], logits=scores)
            batch_loss = tf.reduce_sum(losses)
        weights = step(weights, tape.gradient(batch_loss, weights), learning_rate)
        count += size(batch)
    return output(weights, count)


@wrong(ONE_STEP, hint="Start from `weights`, the ones the server sent")
@tf.function
def starts_anew(weights, dataset, learning_rate):
    """Starts from weights of its own instead of the server's."""
    weights, count = initial_weights(), 0.0
    for batch in dataset:
        weights = step(weights, gradients_of(weights, batch), learning_rate)
        count += size(batch)
    return output(weights, count)


@wrong(ONE_STEP, hint="`bias` did not move")
@tf.function
def trains_the_kernel_only(weights, dataset, learning_rate):
    """Forgets the bias."""
    kernel, bias, count = weights["kernel"], weights["bias"], 0.0
    for batch in dataset:
        gradients = gradients_of(collections.OrderedDict(kernel=kernel, bias=bias), batch)
        kernel -= learning_rate * gradients["kernel"]
        count += size(batch)
    return output(collections.OrderedDict(kernel=kernel, bias=bias), count)


@wrong(EVERY_BATCH, hint="Only the first batch was used")
@tf.function
def first_batch_only(weights, dataset, learning_rate):
    """Takes one batch and returns."""
    batch = next(iter(dataset))
    return output(step(weights, gradients_of(weights, batch), learning_rate), size(batch))


@wrong(EVERY_BATCH, hint="Only the last batch counts")
@tf.function
def last_batch_only(weights, dataset, learning_rate):
    """Steps from the first weights each time, so the last step wins."""
    trained, count = weights, 0.0
    for batch in dataset:
        trained = step(weights, gradients_of(weights, batch), learning_rate)
        count += size(batch)
    return output(trained, count)


@wrong(EVERY_BATCH, hint="Every gradient is taken at the first weights")
@tf.function
def gradients_at_the_first_weights(weights, dataset, learning_rate):
    """Moves, but keeps asking for the gradient where it started."""
    trained, count = weights, 0.0
    for batch in dataset:
        trained = step(trained, gradients_of(weights, batch), learning_rate)
        count += size(batch)
    return output(trained, count)


@wrong(EVERY_BATCH, hint="You go through the data twice")
@tf.function
def two_epochs(weights, dataset, learning_rate):
    """Trains for two epochs, and counts one."""
    count = 0.0
    for batch in dataset.repeat(2):
        weights = step(weights, gradients_of(weights, batch), learning_rate)
        count += size(batch)
    return output(weights, count / 2)


@wrong(COUNT, hint="These are batches")
@tf.function
def counts_batches(weights, dataset, learning_rate):
    """Adds 1 for each batch."""
    count = 0.0
    for batch in dataset:
        weights = step(weights, gradients_of(weights, batch), learning_rate)
        count += 1.0
    return output(weights, count)


@wrong(COUNT, hint="Ask each batch how many it has")
@tf.function
def batches_of_ten(weights, dataset, learning_rate):
    """Relies on the lesson's batch size."""
    count = 0.0
    for batch in dataset:
        weights = step(weights, gradients_of(weights, batch), learning_rate)
        count += 10.0
    return output(weights, count)


@wrong(COUNT, hint="size of the last batch")
@tf.function
def size_of_the_last_batch(weights, dataset, learning_rate):
    """Writes `=` where `+=` is due."""
    count = 0.0
    for batch in dataset:
        weights = step(weights, gradients_of(weights, batch), learning_rate)
        count = size(batch)
    return output(weights, count)


@wrong(COUNT, hint="These are pixels")
@tf.function
def counts_pixels(weights, dataset, learning_rate):
    """Counts all numbers in x."""
    count = 0.0
    for batch in dataset:
        weights = step(weights, gradients_of(weights, batch), learning_rate)
        count += tf.cast(tf.size(batch["x"]), tf.float32)
    return output(weights, count)


@wrong(COUNT, hint="The count never grows")
@tf.function
def counts_nothing(weights, dataset, learning_rate):
    """Starts a count and forgets it."""
    count = 0.0
    for batch in dataset:
        weights = step(weights, gradients_of(weights, batch), learning_rate)
    return output(weights, count)


@wrong(FORM, hint="Cast it back with `tf.cast`")
@tf.function
def returns_doubles(weights, dataset, learning_rate):
    """Trains, and turns the weights into float64."""
    count = 0.0
    for batch in dataset:
        weights = step(weights, gradients_of(weights, batch), learning_rate)
        count += size(batch)
    return output(tf.nest.map_structure(lambda w: tf.cast(w, tf.float64), weights), count)


@wrong(ONE_STEP, hint="You always take 0.1 for the learning rate")
@tf.function
def the_lessons_learning_rate(weights, dataset, learning_rate):
    """Takes 0.1, the lesson's rate, and leaves the argument unused."""
    count = 0.0
    for batch in dataset:
        weights = step(weights, gradients_of(weights, batch), 0.1)
        count += size(batch)
    return output(weights, count)


@wrong(EVERY_BATCH, hint="Go through the dataset once")
@tf.function
def five_batches(weights, dataset, learning_rate):
    """Takes no more than five batches."""
    count = 0.0
    for batch in dataset.take(5):
        weights = step(weights, gradients_of(weights, batch), learning_rate)
        count += size(batch)
    return output(weights, count)


@wrong(COUNT, hint="10 examples in each batch")
@tf.function
def at_most_ten_a_batch(weights, dataset, learning_rate):
    """Counts ten examples in a batch, as the lesson's batches have."""
    count = 0.0
    for batch in dataset:
        weights = step(weights, gradients_of(weights, batch), learning_rate)
        count += tf.minimum(size(batch), 10.0)
    return output(weights, count)


@wrong(COUNT, hint="A client without batches trains on nothing")
@tf.function
def at_least_one(weights, dataset, learning_rate):
    """Counts one example where there is none."""
    count = 0.0
    for batch in dataset:
        weights = step(weights, gradients_of(weights, batch), learning_rate)
        count += size(batch)
    return output(weights, tf.maximum(count, 1.0))
