"""Answers to `preprocess(dataset, epochs, batch_size, seed)`."""

import collections

import numpy as np
import tensorflow as tf
from answers import right, wrong

FORM = "makes x and y, with flat images"
SIZES = "makes batches of the right size"
EPOCHS = "goes through every example once an epoch"
SHUFFLED = "shuffles examples, not batches"
ANEW = "orders every epoch anew, but repeatably"


def to_example(element):
    return collections.OrderedDict(x=tf.reshape(element["pixels"], [784]), y=element["label"])


@right
def shuffles_first(dataset, epochs, batch_size, seed):
    """Shuffles before it maps, and uses -1 for the flat length."""

    def flat(element):
        return {"x": tf.reshape(element["pixels"], [-1]), "y": element["label"]}

    return dataset.shuffle(500, seed).map(flat).batch(batch_size).repeat(epochs).prefetch(1)


@right
def flattens_batches(dataset, epochs, batch_size, seed):
    """Maps at the very end, on whole batches."""

    def flat(batch):
        return collections.OrderedDict(x=tf.reshape(batch["pixels"], [-1, 784]), y=batch["label"])

    return dataset.shuffle(1000, seed=seed).batch(batch_size).repeat(epochs).map(flat)


@right
def concatenates_epochs(dataset, epochs, batch_size, seed):
    """Builds each epoch with a seed of its own and joins them in a loop."""
    examples = dataset.map(to_example)
    joined = None
    for epoch in range(epochs):
        one = examples.shuffle(1000, seed=1000 * seed + epoch).batch(batch_size)
        joined = one if joined is None else joined.concatenate(one)
    return joined


@right
def generator_of_numpy_batches(dataset, epochs, batch_size, seed):
    """Cuts and permutes numpy arrays, and makes a dataset of them at the end."""
    elements = list(dataset.as_numpy_iterator())
    x = np.stack([element["pixels"].ravel() for element in elements])
    y = np.stack([element["label"] for element in elements])

    def batches():
        rng = np.random.default_rng(seed)
        for _ in range(epochs):
            order = rng.permutation(len(y))
            for start in range(0, len(y), batch_size):
                chosen = order[start : start + batch_size]
                yield {"x": x[chosen], "y": y[chosen]}

    signature = {"x": tf.TensorSpec([None, 784]), "y": tf.TensorSpec([None], tf.int32)}
    return tf.data.Dataset.from_generator(batches, output_signature=signature)


@wrong(FORM, hint="Replace `raise NotImplementedError`")
def untouched(dataset, epochs, batch_size, seed):
    """Has not begun."""
    raise NotImplementedError


@wrong(FORM, hint="Return the `tf.data.Dataset`")
def forgot_to_return(dataset, epochs, batch_size, seed):
    """Builds the pipeline and drops it."""
    dataset.map(to_example).shuffle(1000, seed=seed).batch(batch_size).repeat(epochs)


@wrong(FORM, hint="it leaves the old dataset as it was")
def methods_in_place(dataset, epochs, batch_size, seed):
    """Thinks that the methods change the dataset."""
    dataset.map(to_example)
    dataset.shuffle(1000, seed=seed)
    dataset.batch(batch_size)
    dataset.repeat(epochs)
    return dataset


@wrong(FORM, hint="without turning it into something else")
def list_of_batches(dataset, epochs, batch_size, seed):
    """Collects the batches in a list."""
    return list(dataset.map(to_example).shuffle(1000, seed=seed).batch(batch_size).repeat(epochs))


@wrong(FORM, hint="two fields `x` and `y`")
def pairs(dataset, epochs, batch_size, seed):
    """Makes (x, y) tuples, as Keras takes them."""
    examples = dataset.map(lambda element: (tf.reshape(element["pixels"], [784]), element["label"]))
    return examples.shuffle(1000, seed=seed).batch(batch_size).repeat(epochs)


@wrong(FORM, hint="Flatten each image")
def square_images(dataset, epochs, batch_size, seed):
    """Renames the fields only."""
    examples = dataset.map(lambda element: collections.OrderedDict(x=element["pixels"], y=element["label"]))
    return examples.shuffle(1000, seed=seed).batch(batch_size).repeat(epochs)


@wrong(FORM, hint="Flatten each image")
def one_flat_batch(dataset, epochs, batch_size, seed):
    """Flattens a batch as if it were one image."""
    batches = dataset.shuffle(1000, seed=seed).batch(batch_size).repeat(epochs)
    return batches.map(lambda b: collections.OrderedDict(x=tf.reshape(b["pixels"], [-1]), y=b["label"]))


@wrong(FORM, hint="Batch them")
def forgot_to_batch(dataset, epochs, batch_size, seed):
    """Leaves single images."""
    return dataset.map(to_example).shuffle(1000, seed=seed).repeat(epochs)


@wrong(FORM, hint="one dimension too many")
def column_of_labels(dataset, epochs, batch_size, seed):
    """Makes y a column, as some tutorials do."""

    def to_column(element):
        return collections.OrderedDict(
            x=tf.reshape(element["pixels"], [784]), y=tf.reshape(element["label"], [1])
        )

    return dataset.map(to_column).shuffle(1000, seed=seed).batch(batch_size).repeat(epochs)


@wrong(FORM, hint="`x` must stay float32")
def double_precision(dataset, epochs, batch_size, seed):
    """Wants more digits."""

    def cast(element):
        example = to_example(element)
        return collections.OrderedDict(x=tf.cast(example["x"], tf.float64), y=example["y"])

    return dataset.map(cast).shuffle(1000, seed=seed).batch(batch_size).repeat(epochs)


@wrong(FORM, hint="`y` must stay int32")
def float_labels(dataset, epochs, batch_size, seed):
    """Makes everything a float."""

    def cast(element):
        example = to_example(element)
        return collections.OrderedDict(x=example["x"], y=tf.cast(example["y"], tf.float32))

    return dataset.map(cast).shuffle(1000, seed=seed).batch(batch_size).repeat(epochs)


@wrong(FORM, hint="The pixels' values have changed")
def divides_by_255(dataset, epochs, batch_size, seed):
    """Scales pixels out of habit."""

    def scale(element):
        example = to_example(element)
        return collections.OrderedDict(x=example["x"] / 255, y=example["y"])

    return dataset.map(scale).shuffle(1000, seed=seed).batch(batch_size).repeat(epochs)


@wrong(SHUFFLED, hint="Whole batches are shuffled")
def shuffles_after_batching(dataset, epochs, batch_size, seed):
    """Changes the places of `shuffle` and `batch`."""
    return dataset.map(to_example).batch(batch_size).shuffle(1000, seed=seed).repeat(epochs)


@wrong(SHUFFLED, hint="Nothing is shuffled in the first epoch")
def no_shuffle(dataset, epochs, batch_size, seed):
    """Forgets to shuffle."""
    return dataset.map(to_example).batch(batch_size).repeat(epochs)


@wrong(SHUFFLED, hint="the shuffle buffer is too small")
def buffer_of_one_batch(dataset, epochs, batch_size, seed):
    """Takes the shuffle buffer for the batch."""
    return dataset.map(to_example).shuffle(batch_size, seed=seed).batch(batch_size).repeat(epochs)


@wrong(SIZES, hint="A batch mixes two epochs")
def repeats_before_batching(dataset, epochs, batch_size, seed):
    """Changes the places of `batch` and `repeat`."""
    return dataset.map(to_example).shuffle(1000, seed=seed).repeat(epochs).batch(batch_size)


@wrong(SIZES, hint="drop_remainder")
def drops_the_rest(dataset, epochs, batch_size, seed):
    """Wants batches of one size."""
    shuffled = dataset.map(to_example).shuffle(1000, seed=seed)
    return shuffled.batch(batch_size, drop_remainder=True).repeat(epochs)


@wrong(SIZES, hint="One epoch came out")
def no_repeat(dataset, epochs, batch_size, seed):
    """Forgets the epochs."""
    return dataset.map(to_example).shuffle(1000, seed=seed).batch(batch_size)


@wrong(SIZES, hint="already includes the first")
def one_repeat_more(dataset, epochs, batch_size, seed):
    """Counts repetitions, not passes."""
    return dataset.map(to_example).shuffle(1000, seed=seed).batch(batch_size).repeat(epochs + 1)


@wrong(SIZES, hint="The whole dataset became one batch")
def one_big_batch(dataset, epochs, batch_size, seed):
    """Uses a number that is large enough."""
    return dataset.map(to_example).shuffle(1000, seed=seed).batch(1000).repeat(epochs)


@wrong(EPOCHS, hint="`repeat` before `shuffle` mixes the epochs")
def repeats_first(dataset, epochs, batch_size, seed):
    """Repeats before anything else."""
    return dataset.repeat(epochs).map(to_example).shuffle(1000, seed=seed).batch(batch_size)


@wrong(EPOCHS, hint="Use `repeat(epochs)`")
def repeats_for_ever(dataset, epochs, batch_size, seed):
    """Leaves the number of epochs to whoever reads the dataset."""
    return dataset.map(to_example).shuffle(1000, seed=seed).batch(batch_size).repeat()


@wrong(EPOCHS, hint="Images and labels went separate ways")
def shuffles_images_and_labels_apart(dataset, epochs, batch_size, seed):
    """Shuffles x and y each by itself."""
    x = dataset.map(lambda element: tf.reshape(element["pixels"], [784])).shuffle(1000, seed=seed)
    y = dataset.map(lambda element: element["label"]).shuffle(1000, seed=seed + 1)
    examples = tf.data.Dataset.zip((x, y)).map(lambda x, y: collections.OrderedDict(x=x, y=y))
    return examples.batch(batch_size).repeat(epochs)


@wrong(ANEW, hint="Let `shuffle` shuffle again at each repetition")
def same_order_every_epoch(dataset, epochs, batch_size, seed):
    """Thinks that repeatable means the same in every epoch."""
    shuffled = dataset.map(to_example).shuffle(1000, seed=seed, reshuffle_each_iteration=False)
    return shuffled.batch(batch_size).repeat(epochs)


@wrong(ANEW, hint="Hand the seed on")
def no_seed(dataset, epochs, batch_size, seed):
    """Forgets the seed."""
    return dataset.map(to_example).shuffle(1000).batch(batch_size).repeat(epochs)


@wrong(ANEW, hint="Use the argument `seed`")
def seed_of_its_own(dataset, epochs, batch_size, seed):
    """Writes a favourite number."""
    return dataset.map(to_example).shuffle(1000, seed=42).batch(batch_size).repeat(epochs)


def prepared(dataset, epochs, batch_size, seed, to_element=to_example, buffer=1000):
    """The pipeline as it should be, with another element or another buffer."""
    return dataset.map(to_element).shuffle(buffer, seed=seed).batch(batch_size).repeat(epochs)


@right
def caches_before_it_shuffles(dataset, epochs, batch_size, seed):
    """Caches what is mapped, which changes nothing, and needs a buffer of a hundred."""
    return dataset.map(to_example).cache().shuffle(100, seed=seed).batch(batch_size).repeat(epochs)


@right
def flat_map_over_epochs(dataset, epochs, batch_size, seed):
    """Makes the epochs with `flat_map`, each from a seed of its own."""

    def epoch(number):
        return dataset.map(to_example).shuffle(1000, seed=100 * seed + number).batch(batch_size)

    return tf.data.Dataset.range(epochs).flat_map(epoch)


@wrong(FORM, hint="changed places")
def columns_first(dataset, epochs, batch_size, seed):
    """Flattens each image column by column."""

    def to_element(element):
        return collections.OrderedDict(
            x=tf.reshape(tf.transpose(element["pixels"]), [784]), y=element["label"]
        )

    return prepared(dataset, epochs, batch_size, seed, to_element)


@wrong(FORM, hint="the order of the fields is part of the type")
def labels_first(dataset, epochs, batch_size, seed):
    """Puts the label first."""

    def to_element(element):
        return collections.OrderedDict(y=element["label"], x=tf.reshape(element["pixels"], [784]))

    return prepared(dataset, epochs, batch_size, seed, to_element)


@wrong(FORM, hint="The pixels' values have changed")
def rounded_greys(dataset, epochs, batch_size, seed):
    """Rounds the pixels to two digits."""

    def to_element(element):
        flat = tf.reshape(element["pixels"], [784])
        return collections.OrderedDict(x=tf.round(flat * 100) / 100, y=element["label"])

    return prepared(dataset, epochs, batch_size, seed, to_element)


@wrong(SIZES, hint="Each epoch is cut into batches of `batch_size`")
def the_lessons_batch_size(dataset, epochs, batch_size, seed):
    """Makes batches of twenty, as the cell below does."""
    return prepared(dataset, epochs, 20, seed)


@wrong(EPOCHS, hint="Repeat the dataset `epochs` times, and drop nothing")
def first_forty_examples(dataset, epochs, batch_size, seed):
    """Takes no more than forty examples."""
    return prepared(dataset.take(40), epochs, batch_size, seed)


@wrong(SHUFFLED, hint="the shuffle buffer is too small")
def buffer_of_forty(dataset, epochs, batch_size, seed):
    """Takes forty, the number of writers, for the buffer."""
    return prepared(dataset, epochs, batch_size, seed, buffer=40)


@wrong(ANEW, hint="Let `shuffle` shuffle again at each repetition")
def two_orders_in_turn(dataset, epochs, batch_size, seed):
    """Has two orders for all epochs."""
    joined = None
    for epoch in range(epochs):
        one = dataset.map(to_example).shuffle(1000, seed=2 * seed + epoch % 2).batch(batch_size)
        joined = one if joined is None else joined.concatenate(one)
    return joined


@wrong(ANEW, hint="Use the argument `seed`")
def seeds_the_first_epoch_alone(dataset, epochs, batch_size, seed):
    """Uses the seed for the first epoch, and fixed ones afterwards."""
    examples = dataset.map(to_example)
    joined = examples.shuffle(1000, seed=seed).batch(batch_size)
    for epoch in range(1, epochs):
        joined = joined.concatenate(examples.shuffle(1000, seed=5000 + epoch).batch(batch_size))
    return joined
