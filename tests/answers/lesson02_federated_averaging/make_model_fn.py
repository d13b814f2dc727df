"""Answers to `make_model_fn(build_keras_model, input_spec)`."""

import collections
import functools

import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

RECIPE = "returns a recipe that makes a TFF model"
NEW = "makes a new model at every call"
LOSS = "brings the right loss and the right metric"


def loss():
    return tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def metrics():
    return [tf.keras.metrics.SparseCategoricalAccuracy()]


def wrap(keras_model, input_spec, **changes):
    """The TFF model, with some of its ingredients changed."""
    ingredients = {"loss": loss(), "input_spec": input_spec, "metrics": metrics()} | changes
    return tff.learning.models.from_keras_model(keras_model, **ingredients)


@right
def a_lambda(build_keras_model, input_spec):
    """Writes the recipe in one line."""
    return lambda: wrap(build_keras_model(), input_spec)


@right
def loss_made_outside(build_keras_model, input_spec):
    """Makes the loss once: it has no variables, so it may be shared; the metric is handed over as a class."""
    cross_entropy = loss()

    def recipe():
        keras_model = build_keras_model()
        return tff.learning.models.from_keras_model(
            keras_model, cross_entropy, input_spec, metrics=[tf.keras.metrics.SparseCategoricalAccuracy]
        )

    return recipe


@right
def a_partial(build_keras_model, input_spec):
    """Uses `functools.partial` for the inner function."""

    def model_from(builder, spec):
        return wrap(builder(), spec)

    return functools.partial(model_from, build_keras_model, input_spec)


@right
def clones_a_template(build_keras_model, input_spec):
    """Builds one outside, and clones its layers, not its variables, in each call."""
    template = build_keras_model()
    return lambda: wrap(tf.keras.models.clone_model(template), input_spec)


@wrong(RECIPE, hint="Replace `raise NotImplementedError`")
def untouched(build_keras_model, input_spec):
    """Has not begun."""
    raise NotImplementedError


@wrong(RECIPE, hint="The outer function ends with `return model_fn`")
def forgot_to_return(build_keras_model, input_spec):
    """Defines the recipe and keeps it."""

    def model_fn():
        return wrap(build_keras_model(), input_spec)


@wrong(RECIPE, hint="`model_fn` itself returned nothing")
def inner_forgot_to_return(build_keras_model, input_spec):
    """Makes the model in the recipe, and drops it."""

    def model_fn():
        wrap(build_keras_model(), input_spec)

    return model_fn


@wrong(RECIPE, hint="This is a model. Return the recipe")
def calls_the_recipe(build_keras_model, input_spec):
    """Returns `model_fn()` with parentheses."""

    def model_fn():
        return wrap(build_keras_model(), input_spec)

    return model_fn()


@wrong(RECIPE, hint="This is a model. Return the recipe")
def a_keras_model(build_keras_model, input_spec):
    """Returns the Keras model itself."""
    return build_keras_model()


@wrong(RECIPE, hint="TFF wants it wrapped")
def does_not_wrap(build_keras_model, input_spec):
    """Thinks that TFF takes Keras models."""
    return build_keras_model


@wrong(RECIPE, hint="Leave `compile` out")
def compiles(build_keras_model, input_spec):
    """Compiles the model, as Keras wants it."""

    def model_fn():
        keras_model = build_keras_model()
        keras_model.compile("sgd", loss())
        return wrap(keras_model, input_spec)

    return model_fn


@wrong(RECIPE, hint="Hand `input_spec` on")
def a_spec_of_its_own(build_keras_model, input_spec):
    """Writes the lesson's own shapes down."""
    spec = collections.OrderedDict(x=tf.TensorSpec([None, 784]), y=tf.TensorSpec([None], tf.int32))
    return lambda: wrap(build_keras_model(), spec)


@wrong(NEW, hint="The model was built outside `model_fn`")
def built_outside(build_keras_model, input_spec):
    """Builds the Keras model once, and captures it."""
    keras_model = build_keras_model()
    return lambda: wrap(keras_model, input_spec)


@wrong(NEW, hint="The model was built outside `model_fn`")
def wrapped_outside(build_keras_model, input_spec):
    """Makes everything once, and returns it each time."""
    model = wrap(build_keras_model(), input_spec)
    return lambda: model


@wrong(NEW, hint="The model was built outside `model_fn`")
def cached(build_keras_model, input_spec):
    """Wants to save time."""

    @functools.cache
    def model_fn():
        return wrap(build_keras_model(), input_spec)

    return model_fn


@wrong(NEW, hint="A metric has variables as well")
def metric_outside(build_keras_model, input_spec):
    """Makes the metric once, outside."""
    shared = metrics()
    return lambda: wrap(build_keras_model(), input_spec, metrics=shared)


@wrong(NEW, hint="A computation cannot take along a tensor or a variable that was made outside")
def copies_weights_of_one_outside(build_keras_model, input_spec):
    """Builds anew, but copies the weights from variables that live outside."""
    template = build_keras_model()

    def model_fn():
        keras_model = build_keras_model()
        for new, old in zip(keras_model.trainable_variables, template.trainable_variables, strict=True):
            new.assign(old)
        return wrap(keras_model, input_spec)

    return model_fn


@wrong(LOSS, hint="The network returns scores, not probabilities")
def probabilities_expected(build_keras_model, input_spec):
    """Forgets `from_logits`."""
    return lambda: wrap(build_keras_model(), input_spec, loss=tf.keras.losses.SparseCategoricalCrossentropy())


@wrong(LOSS, hint="This is the sum over the batch")
def summed_loss(build_keras_model, input_spec):
    """Adds the losses of the batch up."""
    summed = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")
    return lambda: wrap(build_keras_model(), input_spec, loss=summed)


@wrong(LOSS, hint="A softmax too many")
def adds_a_softmax(build_keras_model, input_spec):
    """Puts a softmax on top, and leaves `from_logits` at True."""

    def model_fn():
        keras_model = build_keras_model()
        keras_model.add(tf.keras.layers.Softmax())
        return wrap(keras_model, input_spec)

    return model_fn


@wrong(LOSS, hint="The metric is missing")
def no_metric(build_keras_model, input_spec):
    """Asks for the loss alone."""
    return lambda: wrap(build_keras_model(), input_spec, metrics=None)


@wrong(LOSS, hint="Right number, other name")
def metric_by_another_name(build_keras_model, input_spec):
    """Names the metric as Keras' `compile` would."""
    return lambda: wrap(
        build_keras_model(), input_spec, metrics=[tf.keras.metrics.SparseCategoricalAccuracy("accuracy")]
    )


@wrong(LOSS, hint="Report one metric")
def another_metric(build_keras_model, input_spec):
    """Counts a digit as right when it is among the two best guesses."""
    return lambda: wrap(
        build_keras_model(), input_spec, metrics=[tf.keras.metrics.SparseTopKCategoricalAccuracy(2)]
    )


@wrong(RECIPE, hint="Hand `input_spec` on")
def fields_in_another_order(build_keras_model, input_spec):
    """Writes the labels first."""
    spec = collections.OrderedDict(y=input_spec["y"], x=input_spec["x"])
    return lambda: wrap(build_keras_model(), spec)


@wrong(RECIPE, hint="Hand `input_spec` on")
def a_pair_of_specs(build_keras_model, input_spec):
    """Makes the pair of it that Keras' own `fit` takes."""
    return lambda: wrap(build_keras_model(), (input_spec["x"], input_spec["y"]))


@wrong(RECIPE, hint="`model_fn` takes no arguments")
def the_inner_function_has_arguments(build_keras_model, input_spec):
    """Gives the inner function what the outer one has already."""

    def model_fn(build_keras_model):
        return wrap(build_keras_model(), input_spec)

    return model_fn


@wrong(RECIPE, hint="returned another function")
def a_recipe_for_a_recipe(build_keras_model, input_spec):
    """Wraps the recipe once more, without calling it."""

    def model_fn():
        return wrap(build_keras_model(), input_spec)

    return lambda: model_fn


@wrong(LOSS, hint="have `Sparse` in their names")
def labels_as_vectors(build_keras_model, input_spec):
    """Takes the loss for labels that are one-hot vectors."""
    cross_entropy = tf.keras.losses.CategoricalCrossentropy(from_logits=True)
    return lambda: wrap(build_keras_model(), input_spec, loss=cross_entropy)


@wrong(LOSS, hint="is one too many")
def one_metric_more(build_keras_model, input_spec):
    """Reports the loss once more, as a metric."""

    def model_fn():
        cross_entropy = tf.keras.metrics.SparseCategoricalCrossentropy(from_logits=True)
        return wrap(build_keras_model(), input_spec, metrics=[*metrics(), cross_entropy])

    return model_fn
