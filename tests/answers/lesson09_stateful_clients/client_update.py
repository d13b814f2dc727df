"""Answers to `client_update(global_weights, client_state, dataset, local_rate, global_rate, passes)`."""

import collections

import tensorflow as tf
from answers import right, wrong

from solutions.lesson09_stateful_clients import gradients, loss

FORM = "returns the update, the new state and the number of ratings"
TASTE = "first moves the taste, with the films held still"
FILMS = "then moves the films, with the new taste held still"
COUNTS = "counts the round and the ratings"


def size(batch):
    return tf.cast(tf.shape(batch["item"])[0], tf.float32)


def minus(one, other):
    return tf.nest.map_structure(tf.subtract, one, other)


def step(weights, for_films, rate):
    return tf.nest.map_structure(lambda w, g: w - rate * g, weights, for_films)


def output(update, taste, rounds, num_examples):
    state = collections.OrderedDict(taste=taste, rounds=rounds)
    return collections.OrderedDict(update=update, client_state=state, num_examples=num_examples)


def moved_taste(global_weights, taste, dataset, rate):
    return dataset.reduce(taste, lambda t, batch: t - rate * gradients(global_weights, t, batch)[1])


def moved_films(global_weights, taste, dataset, rate):
    return dataset.reduce(global_weights, lambda w, batch: step(w, gradients(w, taste, batch)[0], rate))


def count(dataset):
    return dataset.reduce(0.0, lambda total, batch: total + size(batch))


@right
def reduces(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Three reductions instead of two loops."""
    passes = dataset.repeat(local_passes)
    taste = moved_taste(global_weights, client_state["taste"], passes, local_rate)
    trained = moved_films(global_weights, taste, dataset, global_rate)
    return output(minus(trained, global_weights), taste, client_state["rounds"] + 1, count(dataset))


@right
@tf.function
def tapes_of_its_own(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Takes each gradient with a tape that watches one half only, and loops over the passes."""
    taste = client_state["taste"]
    for _pass in tf.range(local_passes):
        for batch in dataset:
            with tf.GradientTape() as tape:
                tape.watch(taste)
                batch_loss = loss(global_weights, taste, batch)
            taste -= local_rate * tape.gradient(batch_loss, taste)
    vectors, bias = global_weights["vectors"], global_weights["bias"]
    num_examples = 0.0
    for batch in dataset:
        with tf.GradientTape() as tape:
            tape.watch([vectors, bias])
            batch_loss = loss({"vectors": vectors, "bias": bias}, taste, batch)
        for_vectors, for_bias = tape.gradient(batch_loss, [vectors, bias])
        vectors = vectors - global_rate * tf.convert_to_tensor(for_vectors)
        bias = bias - global_rate * tf.convert_to_tensor(for_bias)
        num_examples += size(batch)
    update = collections.OrderedDict(
        vectors=vectors - global_weights["vectors"], bias=bias - global_weights["bias"]
    )
    return output(update, taste, client_state["rounds"] + 1, num_examples)


@right
def keras_optimizers(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Two Keras optimizers that move variables inside an inner `tf.function`."""
    taste = tf.Variable(client_state["taste"])
    films = tf.nest.map_structure(tf.Variable, global_weights)
    local, shared = tf.keras.optimizers.SGD(local_rate), tf.keras.optimizers.SGD(global_rate)

    @tf.function
    def train():
        num_examples = 0.0
        for batch in dataset.repeat(local_passes):
            local.apply_gradients([(gradients(global_weights, taste.value(), batch)[1], taste)])
        for batch in dataset:
            weights = tf.nest.map_structure(lambda v: v.read_value(), films)
            for_films, _ = gradients(weights, taste.read_value(), batch)
            shared.apply_gradients(zip(for_films.values(), films.values(), strict=True))
            num_examples += size(batch)
        trained = tf.nest.map_structure(lambda v: v.read_value(), films)
        return output(
            minus(trained, global_weights), taste.read_value(), client_state["rounds"] + 1, num_examples
        )

    return train()


@right
@tf.function
def counts_first(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Adds up the update itself, and counts in a loop of its own."""
    num_examples = tf.constant(0.0)
    for batch in dataset:
        num_examples += size(batch)
    taste = client_state["taste"]
    for batch in dataset.repeat(local_passes):
        taste = taste - local_rate * gradients(global_weights, taste, batch)[1]
    update = tf.nest.map_structure(tf.zeros_like, global_weights)
    for batch in dataset:
        now = tf.nest.map_structure(tf.add, global_weights, update)
        update = step(update, gradients(now, taste, batch)[0], global_rate)
    return output(update, taste, client_state["rounds"] + 1, num_examples)


@wrong(FORM, hint="Replace `raise NotImplementedError`")
@tf.function
def untouched(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Has not begun."""
    raise NotImplementedError


@wrong(FORM, hint="Put `@tf.function` above")
def loops_without_tf_function(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Writes an ordinary Python loop."""
    taste = client_state["taste"]
    for batch in dataset.repeat(local_passes):
        taste -= local_rate * gradients(global_weights, taste, batch)[1]
    return output(global_weights, taste, client_state["rounds"] + 1, 0.0)


@wrong(FORM, hint="with the fields `update`, `client_state` and `num_examples`")
def forgets_the_state(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Returns what lesson 6 returned, and so loses the state."""
    done = reduces(global_weights, client_state, dataset, local_rate, global_rate, local_passes)
    return collections.OrderedDict(update=done["update"], num_examples=done["num_examples"])


@wrong(FORM, hint="`client_state` must be an `OrderedDict` of `taste` and `rounds`")
def returns_the_taste_alone(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Thinks that the taste is all of the state."""
    done = reduces(global_weights, client_state, dataset, local_rate, global_rate, local_passes)
    return done | {"client_state": done["client_state"]["taste"]}


@wrong(FORM, hint="Right fields, wrong order")
def sends_the_state_first(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Orders the fields as they come to mind."""
    done = reduces(global_weights, client_state, dataset, local_rate, global_rate, local_passes)
    order = ("client_state", "update", "num_examples")
    return collections.OrderedDict((name, done[name]) for name in order)


@wrong(TASTE, hint="The taste came back as it went in")
@tf.function
def drops_the_step(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Computes the new taste and does not keep it."""
    taste = client_state["taste"]
    for batch in dataset.repeat(local_passes):
        taste - local_rate * gradients(global_weights, taste, batch)[1]
    trained = moved_films(global_weights, taste, dataset, global_rate)
    return output(minus(trained, global_weights), taste, client_state["rounds"] + 1, count(dataset))


@wrong(TASTE, hint="You start from zeros")
def throws_the_state_away(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Makes a fresh taste each time."""
    fresh = client_state | {"taste": tf.zeros_like(client_state["taste"])}
    return reduces(global_weights, fresh, dataset, local_rate, global_rate, local_passes)


@wrong(TASTE, hint="Subtract the gradient, do not add it")
def climbs(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Adds the taste's gradient."""
    return reduces(global_weights, client_state, dataset, -local_rate, global_rate, local_passes)


@wrong(TASTE, hint="steps with `local_rate`")
def one_rate_for_both(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Uses the global rate everywhere."""
    return reduces(global_weights, client_state, dataset, global_rate, global_rate, local_passes)


@wrong(TASTE, hint="One pass only")
def one_pass(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Forgets `local_passes`."""
    return reduces(global_weights, client_state, dataset, local_rate, global_rate, 1)


@wrong(TASTE, hint="`local_passes` counts passes through all batches")
def takes_passes_for_batches(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Takes `local_passes` batches."""
    taste = moved_taste(global_weights, client_state["taste"], dataset.take(local_passes), local_rate)
    trained = moved_films(global_weights, taste, dataset, global_rate)
    return output(minus(trained, global_weights), taste, client_state["rounds"] + 1, count(dataset))


@wrong(TASTE, hint="The films move in the same loop")
@tf.function
def both_in_one_loop(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Trains both halves at once, as any other model."""
    trained, taste, num_examples = global_weights, client_state["taste"], 0.0
    for batch in dataset:
        for_films, for_taste = gradients(trained, taste, batch)
        trained = step(trained, for_films, global_rate)
        taste -= local_rate * for_taste
        num_examples += size(batch)
    return output(minus(trained, global_weights), taste, client_state["rounds"] + 1, num_examples)


@wrong(FILMS, hint="Both move in the same loop")
@tf.function
def both_in_one_loop_loses_the_films_too(
    global_weights, client_state, dataset, local_rate, global_rate, local_passes
):
    """Trains both halves at once, for all passes."""
    trained, taste = global_weights, client_state["taste"]
    for batch in dataset.repeat(local_passes):
        for_films, for_taste = gradients(trained, taste, batch)
        trained = step(trained, for_films, global_rate)
        taste -= local_rate * for_taste
    return output(minus(trained, global_weights), taste, client_state["rounds"] + 1, count(dataset))


@wrong(TASTE, hint="The films moved first")
def films_first(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Swaps the two halves."""
    trained = moved_films(global_weights, client_state["taste"], dataset, global_rate)
    taste = moved_taste(trained, client_state["taste"], dataset.repeat(local_passes), local_rate)
    return output(minus(trained, global_weights), taste, client_state["rounds"] + 1, count(dataset))


@wrong(TASTE, hint="This is the change of the taste")
def change_of_the_taste(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Treats the taste like the films."""
    done = reduces(global_weights, client_state, dataset, local_rate, global_rate, local_passes)
    taste = done["client_state"]["taste"] - client_state["taste"]
    return output(done["update"], taste, client_state["rounds"] + 1, done["num_examples"])


@wrong(TASTE, hint="The taste moves on in the second loop")
@tf.function
def taste_moves_on(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Keeps learning the taste, where the films as sent are the model."""
    passes = dataset.repeat(local_passes)
    taste = moved_taste(global_weights, client_state["taste"], passes, local_rate)
    trained = moved_films(global_weights, taste, dataset, global_rate)
    taste = moved_taste(global_weights, taste, dataset, local_rate)
    return output(minus(trained, global_weights), taste, client_state["rounds"] + 1, count(dataset))


@wrong(FILMS, hint="the films did not move")
def films_stand_still(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Forgets the second loop."""
    done = reduces(global_weights, client_state, dataset, local_rate, global_rate, local_passes)
    return done | {"update": tf.nest.map_structure(tf.zeros_like, global_weights)}


@wrong(FILMS, hint="the taste the client came with")
def old_taste(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Uses the taste from before the first loop."""
    passes = dataset.repeat(local_passes)
    taste = moved_taste(global_weights, client_state["taste"], passes, local_rate)
    trained = moved_films(global_weights, client_state["taste"], dataset, global_rate)
    return output(minus(trained, global_weights), taste, client_state["rounds"] + 1, count(dataset))


@wrong(FILMS, hint="These are the trained weights")
def trained_weights(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Returns weights, as in lesson 6."""
    done = reduces(global_weights, client_state, dataset, local_rate, global_rate, local_passes)
    return done | {"update": tf.nest.map_structure(tf.add, global_weights, done["update"])}


@wrong(FILMS, hint="The update points backwards")
def backwards(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Subtracts the wrong way round."""
    done = reduces(global_weights, client_state, dataset, local_rate, global_rate, local_passes)
    return done | {"update": tf.nest.map_structure(tf.negative, done["update"])}


@wrong(FILMS, hint="The films step with `global_rate`")
def local_rate_for_both(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Uses the local rate everywhere."""
    return reduces(global_weights, client_state, dataset, local_rate, local_rate, local_passes)


@wrong(FILMS, hint="The films go through the data once")
def films_repeat_too(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Repeats the dataset for both."""
    taste = moved_taste(global_weights, client_state["taste"], dataset.repeat(local_passes), local_rate)
    trained = moved_films(global_weights, taste, dataset.repeat(local_passes), global_rate)
    return output(minus(trained, global_weights), taste, client_state["rounds"] + 1, count(dataset))


@wrong(FILMS, hint="`bias` did not move")
def forgets_the_bias(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Trains the vectors alone."""
    passes = dataset.repeat(local_passes)
    taste = moved_taste(global_weights, client_state["taste"], passes, local_rate)

    def one_batch(weights, batch):
        for_films, _ = gradients(weights, taste, batch)
        moved = weights["vectors"] - global_rate * for_films["vectors"]
        return collections.OrderedDict(vectors=moved, bias=weights["bias"])

    trained = dataset.reduce(global_weights, one_batch)
    right_bias = moved_films(global_weights, taste, dataset, global_rate)["vectors"]
    update = minus(collections.OrderedDict(vectors=right_bias, bias=trained["bias"]), global_weights)
    return output(update, taste, client_state["rounds"] + 1, count(dataset))


@wrong(FILMS, hint="Every gradient is taken at the first weights")
def gradients_at_the_first_weights(
    global_weights, client_state, dataset, local_rate, global_rate, local_passes
):
    """Moves the films, but asks for the gradient where they started."""
    passes = dataset.repeat(local_passes)
    taste = moved_taste(global_weights, client_state["taste"], passes, local_rate)
    trained = dataset.reduce(
        global_weights, lambda w, batch: step(w, gradients(global_weights, taste, batch)[0], global_rate)
    )
    return output(minus(trained, global_weights), taste, client_state["rounds"] + 1, count(dataset))


@wrong(COUNTS, hint="`rounds` is what it was")
def does_not_count_the_round(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Forgets the second part of the state."""
    done = reduces(global_weights, client_state, dataset, local_rate, global_rate, local_passes)
    taste = done["client_state"]["taste"]
    return output(done["update"], taste, client_state["rounds"], done["num_examples"])


@wrong(COUNTS, hint="counts rounds, not passes")
def adds_the_passes(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Counts passes."""
    done = reduces(global_weights, client_state, dataset, local_rate, global_rate, local_passes)
    taste = done["client_state"]["taste"]
    return output(done["update"], taste, client_state["rounds"] + local_passes, done["num_examples"])


@wrong(COUNTS, hint="These are batches")
def counts_batches(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Adds 1 for each batch."""
    done = reduces(global_weights, client_state, dataset, local_rate, global_rate, local_passes)
    return done | {"num_examples": dataset.reduce(0.0, lambda total, _: total + 1.0)}


@wrong(COUNTS, hint="Count in the second loop")
def counts_in_the_first_loop(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Counts every rating once for each pass."""
    done = reduces(global_weights, client_state, dataset, local_rate, global_rate, local_passes)
    return done | {"num_examples": count(dataset.repeat(local_passes))}


@wrong(TASTE, hint="The last batch, which is smaller, was left out")
def drops_the_last_batch_for_the_taste(
    global_weights, client_state, dataset, local_rate, global_rate, local_passes
):
    """Trains the taste on full batches only."""
    full = dataset.take(local_passes)
    done = reduces(global_weights, client_state, full, local_rate, global_rate, local_passes)
    taste = done["client_state"]["taste"]
    trained = moved_films(global_weights, taste, dataset, global_rate)
    return output(minus(trained, global_weights), taste, client_state["rounds"] + 1, count(dataset))


@wrong(TASTE, hint="step against its gradient")
def the_lessons_rates(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Uses the rates and passes of the notebook."""
    return reduces(global_weights, client_state, dataset, 0.2, 0.5, 1)


@wrong(FORM, hint="`rounds` is float32, and must be int32")
def counts_rounds_in_floats(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Adds 1.0 to the rounds."""
    done = reduces(global_weights, client_state, dataset, local_rate, global_rate, local_passes)
    rounds = tf.cast(client_state["rounds"], tf.float32) + 1.0
    return output(done["update"], done["client_state"]["taste"], rounds, done["num_examples"])


@wrong(FORM, hint="`num_examples` is int32, and must be float32")
def counts_ratings_in_integers(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Counts ratings with whole numbers."""
    done = reduces(global_weights, client_state, dataset, local_rate, global_rate, local_passes)
    return done | {"num_examples": tf.cast(done["num_examples"], tf.int32)}


@wrong(FILMS, hint="`vectors` did not move")
def forgets_the_vectors(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Returns the change of the biases, and zeros."""
    done = reduces(global_weights, client_state, dataset, local_rate, global_rate, local_passes)
    still = tf.zeros_like(global_weights["vectors"])
    return done | {"update": collections.OrderedDict(vectors=still, bias=done["update"]["bias"])}


@wrong(COUNTS, hint="The last one is smaller")
def batches_times_the_first_size(
    global_weights, client_state, dataset, local_rate, global_rate, local_passes
):
    """Multiplies the number of batches by the size of the largest."""
    done = reduces(global_weights, client_state, dataset, local_rate, global_rate, local_passes)
    largest = dataset.reduce(0.0, lambda most, batch: tf.maximum(most, size(batch)))
    batches = dataset.reduce(0.0, lambda total, _batch: total + 1.0)
    return done | {"num_examples": largest * batches}


@wrong(COUNTS, hint="the number of ratings the client has")
def at_least_one_rating(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Counts an empty client as one, for fear of a division by 0."""
    done = reduces(global_weights, client_state, dataset, local_rate, global_rate, local_passes)
    return done | {"num_examples": tf.maximum(done["num_examples"], 1.0)}


@wrong(TASTE, hint="Only the first batch was used")
def first_batch_of_each_pass(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Takes a batch for a pass."""
    passes = dataset.take(1).repeat(local_passes)
    taste = moved_taste(global_weights, client_state["taste"], passes, local_rate)
    trained = moved_films(global_weights, taste, dataset, global_rate)
    return output(minus(trained, global_weights), taste, client_state["rounds"] + 1, count(dataset))
