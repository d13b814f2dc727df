"""Mistakes with processes, and with what `tff.learning` makes them of: models, optimizers, aggregators."""

from fedcourse.i18n import N_

_MODEL_FN = N_(
    "`tff.learning` makes the model itself, as often as it needs one. Write a function `model_fn` that "
    "builds a Keras model and returns `tff.learning.models.from_keras_model(…)`, and hand over "
    "`model_fn` itself, without parentheses."
)

TABLE = (
    (
        TypeError,
        r"Expected \S*computation_base\.Computation, found function",
        N_(
            "TFF wants a computation here, not a plain function: put `@tff.federated_computation(…)` or "
            "`@tff.tensorflow.computation(…)` above it."
        ),
    ),
    (
        TypeError,
        r"found `initialize_fn` return type: (?P<given>.+) and "
        r"`next_fn` with whole argument type: (?P<wanted>.+)",
        N_(
            "`initialize_fn` makes a state of the type `{given}`, and the first argument of `next_fn` must "
            "have the same type, but `next_fn` takes `{wanted}`. Is the state at the server? "
            "`tff.federated_eval(…, tff.SERVER)` makes it there."
        ),
    ),
    (
        AttributeError,
        r"has no attribute 'initialize'",
        N_(
            "`tff.learning` takes optimizers of its own: `tff.learning.optimizers.build_sgdm(0.02)`, the "
            "object itself. A Keras optimizer will not do, nor will a function that makes one."
        ),
    ),
    (
        TypeError,
        r"Expected \S+AggregationFactory, found (?:function|type|abc\.ABCMeta)\.",
        N_(
            "What you gave makes an aggregator, but is none. Call it, with parentheses, and hand over the "
            "result."
        ),
    ),
    (
        TypeError,
        r"Expected \S+\.WeightedAggregationFactory, found \S+\.(?P<name>\w+)\.",
        N_(
            "This algorithm weighs the clients, and the aggregator `{name}` knows no weights. Either take "
            "`build_unweighted_fed_avg`, or a weighted aggregator: `tff.aggregators.MeanFactory(…)` around a "
            "sum."
        ),
    ),
    (
        TypeError,
        r"Expected \S+\.UnweightedAggregationFactory, found \S+\.(?P<name>\w+)\.",
        N_(
            "This algorithm treats all clients alike, and the aggregator `{name}` wants weights. Either take "
            "`build_weighted_fed_avg`, or an unweighted aggregator: "
            "`tff.aggregators.UnweightedMeanFactory(…)`."
        ),
    ),
    (
        TypeError,
        r"If `model_fn` is not a callable, it must be|When `model_fn` is a callable, it return",
        _MODEL_FN,
    ),
    (ValueError, r"^The first argument to `Layer\.call` must always be passed", _MODEL_FN),
    (
        ValueError,
        r"`keras_model` must not be compiled",
        N_(
            "Leave out `model.compile(…)`: `from_keras_model` takes the loss and the metrics, and the "
            "algorithm takes the optimizer."
        ),
    ),
    (
        ValueError,
        r"The `input_spec` is a .* must contain an entry with key `'",
        N_(
            "Keras models take batches of two parts, `x` and `y`. Rename the parts of the dataset with `map`."
        ),
    ),
    (
        TypeError,
        r"Expected keras\.\S+\.Loss, found",
        N_(
            "The loss must be an object, so parentheses belong to it: "
            "`tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)`. Its name is not enough."
        ),
    ),
    (
        TypeError,
        r"Can't instantiate abstract class (?P<name>\w+) with abstract methods? (?P<methods>.+)",
        N_("The class `{name}` still lacks `{methods}`. Define each of them in it, even if it does little."),
    ),
    (
        AttributeError,
        r"'Learning(?:ProcessOutput|AlgorithmState)' object has no attribute",
        N_(
            "`process.next` returns `state` and `metrics`, and `process.get_model_weights(state)` gives the "
            "model's weights."
        ),
    ),
)
