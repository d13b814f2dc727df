"""Answers to `client_update(weights, dataset, learning_rate, max_norm)`."""

import collections

import tensorflow as tf
from answers import right, wrong

from solutions.lesson07_clipping import clip_by_global_norm, global_norm, loss

FREE = "trains as in lesson 6 while no gradient is too long"
CLIPS = "clips the gradient of each batch"
COUNT = "counts the examples"


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


def trained_with(clip, weights, dataset, learning_rate):
    """Lesson 6's training, with `clip` between gradient and step."""

    def one_batch(state, batch):
        weights, count = state
        gradients = clip(gradients_of(weights, batch))
        return step(weights, gradients, learning_rate), count + size(batch)

    return output(*dataset.reduce((weights, 0.0), one_batch))


@right
def reduces_the_dataset(weights, dataset, learning_rate, max_norm):
    """Carries weights and count through `dataset.reduce`."""
    return trained_with(lambda g: clip_by_global_norm(g, max_norm), weights, dataset, learning_rate)


@right
@tf.function
def tensorflow_clips(weights, dataset, learning_rate, max_norm):
    """Takes TensorFlow's own clipping, on lists."""
    kernel, bias = weights["kernel"], weights["bias"]
    count = 0.0
    for batch in dataset:
        with tf.GradientTape() as tape:
            tape.watch([kernel, bias])
            batch_loss = loss({"kernel": kernel, "bias": bias}, batch)
        gradients, _ = tf.clip_by_global_norm(tape.gradient(batch_loss, [kernel, bias]), max_norm)
        kernel, bias = kernel - learning_rate * gradients[0], bias - learning_rate * gradients[1]
        count += size(batch)
    return output(collections.OrderedDict(kernel=kernel, bias=bias), count)


@right
def keras_optimizer(weights, dataset, learning_rate, max_norm):
    """Clips, and lets a Keras optimizer move variables inside an inner `tf.function`."""
    variables = tf.nest.map_structure(tf.Variable, weights)
    optimizer = tf.keras.optimizers.SGD(learning_rate)

    @tf.function
    def train():
        count = 0.0
        for batch in dataset:
            gradients = clip_by_global_norm(gradients_of(variables, batch), max_norm)
            optimizer.apply_gradients(zip(gradients.values(), variables.values(), strict=True))
            count += size(batch)
        return output({name: v.read_value() for name, v in variables.items()}, count)

    return train()


@right
@tf.function
def shortens_the_learning_rate(weights, dataset, learning_rate, max_norm):
    """Shortens the learning rate instead of the gradient."""
    count = 0.0
    for batch in dataset:
        gradients = gradients_of(weights, batch)
        norm = global_norm(gradients)
        rate = learning_rate
        if norm > max_norm:
            rate = learning_rate * max_norm / norm
        weights = step(weights, gradients, rate)
        count += size(batch)
    return output(weights, count)


@wrong(FREE, hint="Replace `raise NotImplementedError`")
@tf.function
def untouched(weights, dataset, learning_rate, max_norm):
    """Has not begun."""
    raise NotImplementedError


@wrong(FREE, hint="Put `@tf.function` above")
def loops_without_tf_function(weights, dataset, learning_rate, max_norm):
    """Writes an ordinary Python loop."""
    count = 0.0
    for batch in dataset:
        weights = step(weights, clip_by_global_norm(gradients_of(weights, batch), max_norm), learning_rate)
        count += size(batch)
    return output(weights, count)


@wrong(FREE, hint="with the two fields `weights` and `num_examples`")
def weights_alone(weights, dataset, learning_rate, max_norm):
    """Forgets the number of examples."""
    return reduces_the_dataset(weights, dataset, learning_rate, max_norm)["weights"]


@wrong(FREE, hint="This is the change")
def returns_the_change(weights, dataset, learning_rate, max_norm):
    """Returns the update already."""
    trained = reduces_the_dataset(weights, dataset, learning_rate, max_norm)
    update = tf.nest.map_structure(tf.subtract, trained["weights"], weights)
    return output(update, trained["num_examples"])


@wrong(FREE, hint="Every gradient was scaled to length 1")
def normalizes(weights, dataset, learning_rate, max_norm):
    """Takes only the direction of each gradient."""

    def unit(gradients):
        return tf.nest.map_structure(lambda g: g / global_norm(gradients), gradients)

    return trained_with(unit, weights, dataset, learning_rate)


@wrong(FREE, hint="Clipping never stretches")
def scales_up(weights, dataset, learning_rate, max_norm):
    """Gives every gradient the length `max_norm`."""

    def to_length(gradients):
        return tf.nest.map_structure(lambda g: g * max_norm / global_norm(gradients), gradients)

    return trained_with(to_length, weights, dataset, learning_rate)


@wrong(FREE, hint="Subtract the gradient, do not add it")
def adds_the_gradient(weights, dataset, learning_rate, max_norm):
    """Climbs."""
    return reduces_the_dataset(weights, dataset, -learning_rate, max_norm)


@wrong(FREE, hint="Only the first batch was used")
def first_batch_only(weights, dataset, learning_rate, max_norm):
    """Takes one batch and returns."""
    return reduces_the_dataset(weights, dataset.take(1), learning_rate, max_norm)


@wrong(FREE, hint="The step ignores `learning_rate`")
def ignores_the_learning_rate(weights, dataset, learning_rate, max_norm):
    """Thinks that clipping takes the place of the learning rate."""
    return reduces_the_dataset(weights, dataset, 1.0, max_norm)


@wrong(FREE, hint="must be given a name")
@tf.function
def drops_the_step(weights, dataset, learning_rate, max_norm):
    """Computes the new weights and does not keep them."""
    count = 0.0
    for batch in dataset:
        step(weights, clip_by_global_norm(gradients_of(weights, batch), max_norm), learning_rate)
        count += size(batch)
    return output(weights, count)


@wrong(CLIPS, hint="Nothing was clipped")
def lesson_six(weights, dataset, learning_rate, max_norm):
    """Hands in lesson 6 again."""
    return trained_with(lambda g: g, weights, dataset, learning_rate)


@wrong(CLIPS, hint="Nothing was clipped")
@tf.function
def drops_the_clipped_gradient(weights, dataset, learning_rate, max_norm):
    """Clips, and does not keep the result."""
    count = 0.0
    for batch in dataset:
        gradients = gradients_of(weights, batch)
        clip_by_global_norm(gradients, max_norm)
        weights = step(weights, gradients, learning_rate)
        count += size(batch)
    return output(weights, count)


@wrong(CLIPS, hint="each by its own norm")
def clips_per_layer(weights, dataset, learning_rate, max_norm):
    """Clips kernel and bias one by one."""

    def clip(gradients):
        return tf.nest.map_structure(lambda g: tf.clip_by_norm(g, max_norm), gradients)

    return trained_with(clip, weights, dataset, learning_rate)


@wrong(CLIPS, hint="Each number is cut off by itself")
def clips_by_value(weights, dataset, learning_rate, max_norm):
    """Cuts each number of the gradient off."""

    def clip(gradients):
        return tf.nest.map_structure(lambda g: tf.clip_by_value(g, -max_norm, max_norm), gradients)

    return trained_with(clip, weights, dataset, learning_rate)


@wrong(CLIPS, hint="You clip the step")
@tf.function
def clips_the_step(weights, dataset, learning_rate, max_norm):
    """Multiplies by the learning rate first."""
    count = 0.0
    for batch in dataset:
        moves = tf.nest.map_structure(lambda g: learning_rate * g, gradients_of(weights, batch))
        weights = step(weights, clip_by_global_norm(moves, max_norm), 1.0)
        count += size(batch)
    return output(weights, count)


@wrong(CLIPS, hint="The whole update is clipped, once, at the end")
def clips_the_whole_update(weights, dataset, learning_rate, max_norm):
    """Trains freely, and clips how far it came."""
    trained = lesson_six(weights, dataset, learning_rate, max_norm)
    update = tf.nest.map_structure(tf.subtract, trained["weights"], weights)
    update = clip_by_global_norm(update, max_norm)
    return output(tf.nest.map_structure(tf.add, weights, update), trained["num_examples"])


@wrong(CLIPS, hint="The weights themselves are clipped")
@tf.function
def clips_the_weights(weights, dataset, learning_rate, max_norm):
    """Clips the weights after every step."""
    count = 0.0
    for batch in dataset:
        weights = clip_by_global_norm(step(weights, gradients_of(weights, batch), learning_rate), max_norm)
        count += size(batch)
    return output(weights, count)


@wrong(CLIPS, hint="The long gradient was thrown away")
def throws_long_gradients_away(weights, dataset, learning_rate, max_norm):
    """Leaves a batch out whose gradient is too long."""

    def zero(gradients):
        fits = tf.cast(global_norm(gradients) <= max_norm, tf.float32)
        return tf.nest.map_structure(lambda g: g * fits, gradients)

    return trained_with(zero, weights, dataset, learning_rate)


@wrong(CLIPS, hint="Every gradient is taken at the first weights")
@tf.function
def gradients_at_the_first_weights(weights, dataset, learning_rate, max_norm):
    """Moves, but keeps asking for the gradient where it started."""
    trained, count = weights, 0.0
    for batch in dataset:
        trained = step(trained, clip_by_global_norm(gradients_of(weights, batch), max_norm), learning_rate)
        count += size(batch)
    return output(trained, count)


@wrong(COUNT, hint="These are batches")
def counts_batches(weights, dataset, learning_rate, max_norm):
    """Adds 1 for each batch."""
    trained = reduces_the_dataset(weights, dataset, learning_rate, max_norm)
    return output(trained["weights"], dataset.reduce(0.0, lambda count, _: count + 1.0))


@wrong(COUNT, hint="The examples of the clipped batch are missing")
@tf.function
def does_not_count_clipped_batches(weights, dataset, learning_rate, max_norm):
    """Thinks that a clipped batch must not count."""
    count = 0.0
    for batch in dataset:
        gradients = gradients_of(weights, batch)
        if global_norm(gradients) <= max_norm:
            count += size(batch)
        weights = step(weights, clip_by_global_norm(gradients, max_norm), learning_rate)
    return output(weights, count)


@wrong(COUNT, hint="size of the last batch")
@tf.function
def size_of_the_last_batch(weights, dataset, learning_rate, max_norm):
    """Writes `=` where `+=` is due."""
    count = 0.0
    for batch in dataset:
        weights = step(weights, clip_by_global_norm(gradients_of(weights, batch), max_norm), learning_rate)
        count = size(batch)
    return output(weights, count)


def training_on(change):
    """The right answer, but for a change of the dataset."""

    def answer(weights, dataset, learning_rate, max_norm):
        return reduces_the_dataset(weights, change(dataset), learning_rate, max_norm)

    return answer


@wrong(FREE, hint="for each batch, new weight")
def four_batches(weights, dataset, learning_rate, max_norm):
    """Takes as many batches as the mad phone has."""
    return training_on(lambda data: data.take(4))(weights, dataset, learning_rate, max_norm)


@wrong(FREE, hint="for each batch, new weight")
def ten_batches(weights, dataset, learning_rate, max_norm):
    """Takes ten batches at most."""
    return training_on(lambda data: data.take(10))(weights, dataset, learning_rate, max_norm)


@wrong(COUNT, hint="Add up the number of examples")
def at_least_one_example(weights, dataset, learning_rate, max_norm):
    """Fears the division by zero of a client without data."""
    trained = reduces_the_dataset(weights, dataset, learning_rate, max_norm)
    return output(trained["weights"], tf.maximum(trained["num_examples"], 1.0))


@right
@tf.function
def the_gradient_by_hand(weights, dataset, learning_rate, max_norm):
    """Differentiates by hand, for ten digits as the docstring has them."""
    kernel, bias, count = weights["kernel"], weights["bias"], 0.0
    for batch in dataset:
        error = (tf.nn.softmax(batch["x"] @ kernel + bias) - tf.one_hot(batch["y"], 10)) / size(batch)
        gradients = [tf.transpose(batch["x"]) @ error, tf.reduce_sum(error, 0)]
        (by_kernel, by_bias), _ = tf.clip_by_global_norm(gradients, max_norm)
        kernel, bias = kernel - learning_rate * by_kernel, bias - learning_rate * by_bias
        count += size(batch)
    return output(collections.OrderedDict(kernel=kernel, bias=bias), count)
